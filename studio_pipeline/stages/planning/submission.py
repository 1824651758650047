"""How a production starts: a brief is checked and handed in, by a command or by one of the two jobs here.

``new_production`` takes one brief, ``new_slate`` those of a slate, every night if wanted. Both only hand in; the
sensors do the rest. One brief of a slate that cannot be used does not stop the others.
"""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg

from studio_pipeline.budget.envelopes import slate_envelope
from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.budget.purchase import HELD, PAID
from studio_pipeline.editorial.cut import check_cut_name
from studio_pipeline.errors import BadInput, OutOfBudget, StudioError
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.story import Story
from studio_pipeline.orchestration.cells import as_failure
from studio_pipeline.orchestration.estimate import estimate
from studio_pipeline.orchestration.grid import every_tier, tiers, tiers_out_of_reach
from studio_pipeline.orchestration.partitions import PRODUCTIONS
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.providers import factory
from studio_pipeline.providers.capabilities import vendor_of
from studio_pipeline.settings import RULES, environment, settings
from studio_pipeline.stages.planning.brief import brief_from_mapping, read_brief
from studio_pipeline.stages.planning.producer import strategize
from studio_pipeline.stages.planning.slate import Slate, read_slate
from studio_pipeline.wording import usd


def check(brief: Brief, home: StudioHome, *, choose: str | None = None, slate: Slate | None = None) -> None:
    """Refuse what could only fail later, when money is spent or a production stands there that nobody can make.

    Raises:
        BadInput: for a cut that nobody will propose, a budget no tier can be made with, a language that nobody in use
            can translate into or speak.
        OutOfBudget: when the slate has less left than the brief may spend.
    """
    if choose is not None:
        check_cut_name(choose)
    if home.orders.brief(brief.production) != brief:
        check_tiers(brief)
        strategize(brief, Story(), tiers(), estimate(home, brief).expected_usd)
    if not brief.rehearse:
        _check_vendors()
        check_dubs(brief)
    if slate is not None and slate.budget_usd is not None:
        _check_slate(brief, home.ledger, slate, slate.budget_usd)


def _check_slate(brief: Brief, ledger: Ledger, slate: Slate, cap_usd: Decimal) -> None:
    envelope = slate_envelope(slate.name)
    used, own = ledger.balance(envelope), ledger.statement(brief.production)
    paid = [entry for entry in own.entries if envelope in own.paid_from.get(entry.id, ())]
    spent_here = sum((entry.settled_usd or Decimal(0) for entry in paid if entry.state in PAID), Decimal(0))
    spent_here += sum((entry.max_usd for entry in paid if entry.state in HELD), Decimal(0))
    left = max(cap_usd - used.settled_usd - used.reserved_usd + spent_here, Decimal(0))
    if brief.budget_usd > left:
        raise OutOfBudget(
            f"The slate has {usd(left)} left and the brief may spend {usd(brief.budget_usd)}",
            where=f"{slate.name}, {brief.production}",
            todo="Raise budget_usd of the slate, or lower that of the brief.",
        )


def _check_vendors() -> None:
    """Refuse to begin with a vendor that could not be asked, before the others are paid."""
    named = sorted(factory.in_use(settings().providers))
    if lacking := [words for vendor in named if (words := factory.lacks(vendor, environment()))]:
        raise BadInput(
            "; ".join(lacking),
            where="environment, or .env",
            todo="Set it, or name other vendors. Prices and a rehearsal need no key.",
        )


def check_tiers(brief: Brief) -> None:
    """Refuse a brief whose tiers the vendors in use do not make. Raises ``BadInput``."""
    out = tiers_out_of_reach()
    wanted = [name for name in brief.tiers or () if name in out]
    if not wanted and tiers():
        return
    reasons = "; ".join(f"{name}: {out[name]}" for name in wanted or out)
    raise BadInput(
        f"The vendors in use cannot shoot {', '.join(wanted) or 'any tier'}",
        where=reasons,
        todo="Name other vendors, or tiers that they make.",
    )


def check_dubs(brief: Brief) -> None:
    """Refuse a brief whose further languages nobody in use can translate into, or speak. Raises ``BadInput``."""
    if not brief.dubs:
        return
    wanted, used = ", ".join(brief.dubs), settings().providers
    if all(name == RULES for name in factory.listed("language", used["language"])):
        raise BadInput(
            f"`dubs` asks for the film in {wanted}, and nothing is translated without a language model",
            where="LANGUAGE_PROVIDER",
            todo="Set ANTHROPIC_API_KEY, or name a model in LANGUAGE_PROVIDER; or make one production a language, each "
            "with its `language`.",
        )
    voices = [factory.own_model("voice", vendor) for vendor in factory.listed("voice", used["voice"])]
    known = {name: factory.vendors()[vendor_of(name)].models.get(name) for name in voices}
    able = [model for model in known.values() if model is not None]
    if len(able) < len(known):  # one of them speaks whatever it is asked to, as silence does
        return
    if unspoken := [language for language in brief.dubs if not any(model.speaks(language) for model in able)]:
        spoken = sorted({language for model in able for language in model.languages})
        raise BadInput(
            f"`dubs` asks for {', '.join(unspoken)}, which {' and '.join(voices)} cannot speak",
            where="VOICE_PROVIDER",
            todo=f"Name another voice, or languages that it speaks: {', '.join(spoken)}.",
        )


def hand_in(
    brief: Brief,
    home: StudioHome,
    instance: dg.DagsterInstance,
    *,
    choose: str | None = None,
    unless_chosen: str | None = None,
    slate: Slate | None = None,
) -> str:
    """Write the brief down and give its production a partition; returns the production's name.

    Args:
        choose: the cut that a person wants.
        unless_chosen: the cut to choose where nobody has chosen one.
        slate: the slate it belongs to, whose cap holds for everything that is bought from now on.

    Raises:
        BadInput, OutOfBudget: as ``check`` does; nothing is written then.
    """
    choose = choose or (unless_chosen if home.orders.choice(brief.production) is None else None)
    check(brief, home, choose=choose, slate=slate)
    if slate is not None and slate.budget_usd is not None:
        home.ledger.set_caps({slate_envelope(slate.name): slate.budget_usd})
        home.ledger.enrol(brief.production, slate_envelope(slate.name))
    home.orders.hand_in(brief)
    if choose:
        home.orders.choose(brief.production, choose)
    instance.add_dynamic_partitions(PRODUCTIONS, [brief.production])
    return brief.production


def brief_rules(home: StudioHome | None = None) -> dict[str, Any]:
    """What reading a brief needs to know of this studio. Without a home the story is read and not kept."""
    return {
        "put_story": _not_kept if home is None else partial(home.media.put_bytes, suffix=".txt"),
        "tiers": [tier.name for tier in every_tier()],
        "max_story_chars": settings().max_story_chars,
    }


def _not_kept(story: bytes) -> MediaRef:
    return MediaRef(sha256=hashlib.sha256(story).hexdigest(), suffix=".txt", size_bytes=len(story))


def _submit(read: Callable[..., Brief], home: StudioHome, instance: dg.DagsterInstance, **given: Any) -> str:
    """Hand in the brief that ``read`` reads: once keeping nothing, so that a refused brief leaves no story behind."""
    check(read(**brief_rules()), home, choose=given.get("choose"), slate=given.get("slate"))
    return hand_in(read(**brief_rules(home)), home, instance, **given)


class NewProduction(dg.Config):
    """A brief, as its YAML file would say it."""

    brief: dict[str, Any]
    """Keys as in a brief file: title, concept or story (a path on this machine), duration_s, budget_usd …"""
    choose: str = ""
    """Name of the cut to deliver without asking, e.g. ``recommended``; empty: wait for a person."""


@dg.op(description="Checks the brief, writes it down, and gives its production a partition.")
def submit_brief(context: dg.OpExecutionContext, config: NewProduction, home: StudioHome) -> None:
    read = partial(brief_from_mapping, config.brief, where="run config", base_dir=Path.cwd())
    try:
        name = _submit(read, home, context.instance, choose=config.choose or None)
    except StudioError as error:
        raise as_failure(error) from error
    context.log.info(f"Production {name} is handed in; the sensors take it from here.")


FIRST_BRIEF = {
    "title": "Two waves",
    "concept": "How waves break on the shore, and why they foam.",
    "duration_s": 20,
    "budget_usd": 40,
}
"""What the launchpad opens with: a brief that can be launched as it is, to be written over."""


@dg.job(
    description="Start a production: write its brief into the run config and launch.",
    config={"ops": {"submit_brief": {"config": {"brief": FIRST_BRIEF, "choose": ""}}}},
)
def new_production() -> None:
    submit_brief()


class SlateFile(dg.Config):
    """Which slate to hand in."""

    path: str = "examples/nightly.slate.yaml"
    """Relative to the folder that Dagster was started in."""


@dg.op(description="Hands in every brief of a slate that can be used, and names the ones that cannot.")
def submit_slate(context: dg.OpExecutionContext, config: SlateFile, home: StudioHome) -> None:
    refused = []
    try:
        slate = read_slate(Path(config.path))
    except StudioError as error:
        raise as_failure(error) from error
    for path in slate.briefs:
        try:
            name = _submit(partial(read_brief, path), home, context.instance, unless_chosen=slate.choose, slate=slate)
            context.log.info(f"{path.name}: production {name} is handed in.")
        except StudioError as error:
            context.log.error(f"{path.name}: {error}")
            refused.append(f"{path.name}: {error}")
    if refused:
        raise as_failure(
            BadInput(
                f"{len(refused)} of {len(slate.briefs)} briefs of the slate were refused; the others are under way",
                where="; ".join(refused),
                todo="Correct them and hand them in again.",
            )
        )


@dg.job(description="Hand in a whole slate of briefs; each goes its own way, one failure stops no other.")
def new_slate() -> None:
    submit_slate()


nightly_slate = dg.ScheduleDefinition(
    name="nightly_slate",
    job=new_slate,
    cron_schedule="0 2 * * *",
    description="Hands in examples/nightly.slate.yaml every night at two; switch it on in the UI.",
)

JOBS = [new_production, new_slate]
SCHEDULES = [nightly_slate]
