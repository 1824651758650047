"""Handing in: what cannot be made is refused before anything is written, and a person's choice stands."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from studio_pipeline.budget.envelopes import pilot_envelope, production_envelope, slate_envelope
from studio_pipeline.budget.purchase import Account, PurchaseOrder
from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.editorial.cut import CUT_NAMES, check_cut_name
from studio_pipeline.errors import BadInput, OutOfBudget
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.orchestration.partitions import PRODUCTIONS
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.settings import settings
from studio_pipeline.stages.planning.slate import Slate
from studio_pipeline.stages.planning.submission import check, hand_in, new_production, new_slate

LAMP: dict[str, Any] = {"title": "Lamp", "concept": "A lamp is lit.", "duration_s": 10, "budget_usd": 20}


@pytest.fixture
def home(tmp_path: Path) -> StudioHome:
    root = tmp_path / "home"
    return StudioHome(root=str(root), artifacts_url=str(root / "artifacts"), ledger_url=f"sqlite:///{root}/l.sqlite3")


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def brief(**changes: Any) -> Brief:
    return Brief(**{**LAMP, "budget_usd": Decimal(20), **changes})


def launch(job: Any, home: StudioHome, instance: dg.DagsterInstance, op: str, **config: Any) -> str:
    """Run a job of the UI and return the words it failed with, if it failed."""
    done = job.execute_in_process(
        run_config={"ops": {op: {"config": config}}}, resources={"home": home}, instance=instance, raise_on_error=False
    )
    failed = [event.step_failure_data for event in done.all_events if event.is_step_failure]
    return failed[0].user_failure_data.description if failed and failed[0].user_failure_data else str(failed or "")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"choose": "Pace!"}, "No cut is ever called “Pace!”"),
        ({"choose": "paces"}, "Did you mean pace?"),
        ({"budget_usd": 0.01}, "at least $"),
        ({"duration_s": 0}, "duration_s"),
    ],
)
def test_the_job_new_production_refuses_before_anything_is_written(
    home: StudioHome, instance: dg.DagsterInstance, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    (tmp_path / "story.txt").write_text("The lamp went out. Mara climbed the stairs. She lit it again.\n" * 9)
    asked = {**LAMP, "story": str(tmp_path / "story.txt"), **changes}
    del asked["concept"]
    choose = asked.pop("choose", "")
    assert words in launch(new_production, home, instance, "submit_brief", brief=asked, choose=choose)
    assert not home.path.exists()
    assert instance.get_dynamic_partitions(PRODUCTIONS) == []


def test_the_job_new_production_hands_in_with_the_cut_to_deliver(
    home: StudioHome, instance: dg.DagsterInstance
) -> None:
    assert launch(new_production, home, instance, "submit_brief", brief=LAMP, choose="pace") == ""
    assert instance.get_dynamic_partitions(PRODUCTIONS) == ["lamp"]
    choice = home.orders.choice("lamp")
    assert choice is not None
    assert choice.cut == "pace"


def test_a_slate_leaves_a_persons_choice_alone_and_fills_in_a_missing_one(
    home: StudioHome, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    for name in ("Lamp", "Reef"):
        (tmp_path / f"{name}.yaml").write_text(
            f"title: {name}\nconcept: It is lit.\nduration_s: 10\nbudget_usd: 20\n", encoding="utf-8"
        )
    slate = tmp_path / "night.slate.yaml"
    slate.write_text("name: night\nbriefs: [Lamp.yaml, Reef.yaml]\nchoose: recommended\n", encoding="utf-8")
    hand_in(brief(), home, instance, choose="pace")
    assert launch(new_slate, home, instance, "submit_slate", path=str(slate)) == ""
    chosen = {name: home.orders.choice(name) for name in ("lamp", "reef")}
    assert {name: choice.cut for name, choice in chosen.items() if choice} == {"lamp": "pace", "reef": "recommended"}


NIGHT = slate_envelope("night")


def night(budget_usd: str | None = "30") -> Slate:
    return Slate(name="night", briefs=(), budget_usd=None if budget_usd is None else Decimal(budget_usd))


def buy(home: StudioHome, production: str, usd: str, tier: str = "static") -> None:
    """Buy something as any command or daemon does: nobody names the slate."""
    amount = Decimal(usd)
    own = (production_envelope(production), pilot_envelope(production, tier))
    home.ledger.set_caps({name: max(Decimal(100), home.ledger.caps().get(name, Decimal(0))) for name in own})
    number = len(home.ledger.entries(production)) + 1
    order = PurchaseOrder(
        identity=f"{sum(map(ord, production)):032x}{number:032x}",
        account=Account(production=production, place=f"{tier}.s01.k{number}", stage="shooting", envelopes=own),
        vendor="reel",
        model="reel/fast",
        take=1,
        quote=Quote(expected_usd=amount, max_usd=amount, simulated=False, source="tag"),
    )
    entry = home.ledger.submitting(home.ledger.reserve(order).entry)
    entry = home.ledger.submitted(entry, f"{production} {number}")
    home.ledger.settle(entry, amount, MediaRef(sha256="0" * 64, suffix=".mp4", size_bytes=1))


@pytest.fixture
def ledgered(home: StudioHome) -> StudioHome:
    """A home whose folder is there, as Dagster's own storage lies in it."""
    home.path.mkdir()
    return home


def test_a_slates_cap_holds_for_whatever_its_productions_buy_later(
    ledgered: StudioHome, instance: dg.DagsterInstance
) -> None:
    for title in ("Lamp", "Reef"):
        hand_in(brief(title=title), ledgered, instance, slate=night())
    buy(ledgered, "lamp", "18")
    buy(ledgered, "reef", "11")
    with pytest.raises(OutOfBudget, match=r"slate:night has \$1.00 left.*Raise budget_usd of the slate"):
        buy(ledgered, "lamp", "2")
    assert ledgered.ledger.balance(NIGHT).settled_usd == 29


def test_a_brief_that_could_spend_more_than_the_slate_has_left_is_refused_before_anything_is_written(
    ledgered: StudioHome, instance: dg.DagsterInstance
) -> None:
    hand_in(brief(), ledgered, instance, slate=night())
    buy(ledgered, "lamp", "18")
    with pytest.raises(OutOfBudget, match=r"The slate has \$12.00 left and the brief may spend \$20.00.*night, reef"):
        hand_in(brief(title="Reef"), ledgered, instance, slate=night())
    assert ledgered.orders.productions() == ["lamp"]
    assert ledgered.ledger.enrolled("reef") == []


def test_going_on_with_a_slate_is_not_refused_by_what_the_production_itself_has_spent(
    ledgered: StudioHome, instance: dg.DagsterInstance
) -> None:
    hand_in(brief(), ledgered, instance, slate=night("20"))
    buy(ledgered, "lamp", "18")
    check(brief(), ledgered, slate=night("20"))
    assert hand_in(brief(), ledgered, instance, slate=night("20")) == "lamp"


def test_what_a_production_spent_before_it_was_in_the_slate_is_not_taken_for_the_others_money(
    ledgered: StudioHome, instance: dg.DagsterInstance
) -> None:
    hand_in(brief(), ledgered, instance)
    buy(ledgered, "lamp", "15")
    hand_in(brief(title="Reef"), ledgered, instance, slate=night())
    buy(ledgered, "reef", "19")
    with pytest.raises(OutOfBudget, match=r"The slate has \$11.00 left"):
        check(brief(), ledgered, slate=night())


def test_a_slate_without_a_budget_caps_nothing(ledgered: StudioHome, instance: dg.DagsterInstance) -> None:
    hand_in(brief(), ledgered, instance, slate=night(None))
    assert ledgered.ledger.enrolled("lamp") == []


def test_the_job_new_slate_enrols_every_production_and_refuses_only_the_one_too_dear(
    ledgered: StudioHome, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    for name, usd in (("Lamp", 20), ("Reef", 31), ("Cave", 20)):
        (tmp_path / f"{name}.yaml").write_text(
            f"title: {name}\nconcept: It is lit.\nduration_s: 10\nbudget_usd: {usd}\n", encoding="utf-8"
        )
    slate = tmp_path / "night.slate.yaml"
    slate.write_text("name: night\nbriefs: [Lamp.yaml, Reef.yaml, Cave.yaml]\nbudget_usd: 30\n", encoding="utf-8")
    told = launch(new_slate, ledgered, instance, "submit_slate", path=str(slate))
    assert "1 of 3 briefs of the slate were refused" in told
    assert "Reef.yaml: The slate has $30.00 left and the brief may spend $31.00" in told
    assert ledgered.orders.productions() == ["cave", "lamp"]
    buy(ledgered, "lamp", "19")
    with pytest.raises(OutOfBudget, match="slate:night"):
        buy(ledgered, "cave", "12")


def test_a_brief_that_stands_is_not_priced_again(
    home: StudioHome, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prices that rose since do not keep a production that was begun from going on."""
    hand_in(brief(), home, instance)
    monkeypatch.setattr(
        "studio_pipeline.stages.planning.submission.estimate",
        lambda *_: SimpleNamespace(expected_usd=lambda *_: Decimal(10**6)),
    )
    assert hand_in(brief(), home, instance) == "lamp"
    with pytest.raises(BadInput, match="cannot pay"):
        hand_in(brief(budget_usd=Decimal(21)), home, instance)


@pytest.mark.parametrize("name", ["", "../x", "Pace", "x" * 99, "recommend\x00ed"])
def test_a_name_no_cut_can_have_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        check_cut_name(name)


def test_every_cut_the_editor_can_propose_can_be_chosen_beforehand() -> None:
    assert [check_cut_name(name) for name in ("recommended", *CUT_NAMES)] == ["recommended", *CUT_NAMES]


def test_a_vendor_without_its_key_is_refused_before_another_one_is_paid(
    home: StudioHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAL_KEY", "a key")
    monkeypatch.setattr(
        "studio_pipeline.stages.planning.submission.settings",
        lambda: SimpleNamespace(providers={"image": "fal", "video": "runway"}),
    )
    with pytest.raises(BadInput, match="Runway needs RUNWAYML_API_SECRET, which is not set"):
        check(brief(), home)
    check(brief(rehearse=True), home)


DUBBED = brief(dubs=("hi", "de"))


@pytest.fixture
def thinking(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A language model and the debug voice are in use."""
    monkeypatch.setenv("LANGUAGE_PROVIDER", "anthropic")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k")
    monkeypatch.setenv("VOICE_PROVIDER", "espeak")
    settings.cache_clear()
    yield monkeypatch
    settings.cache_clear()


def test_dubs_without_a_language_model_are_refused_with_the_way_out(
    home: StudioHome, instance: dg.DagsterInstance
) -> None:
    with pytest.raises(BadInput, match=r"hi, de, and nothing is translated.*Set ANTHROPIC_API_KEY.*one production a"):
        hand_in(DUBBED, home, instance)
    assert home.orders.productions() == []


@pytest.mark.usefixtures("thinking")
def test_dubs_are_taken_where_somebody_translates_and_somebody_speaks(
    home: StudioHome, instance: dg.DagsterInstance
) -> None:
    assert hand_in(DUBBED, home, instance) == "lamp"


def test_a_language_that_no_voice_in_use_speaks_is_refused_with_those_it_does(
    home: StudioHome, thinking: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        BadInput, match=r"asks for ja, which espeak/debug cannot speak.*VOICE_PROVIDER.*: af, .* hi, .*zh"
    ):
        check(brief(dubs=("hi", "ja")), home)
    check(brief(dubs=("zh-HK", "pt-BR", "no")), home)
    thinking.setenv("VOICE_PROVIDER", "silence,espeak")
    settings.cache_clear()
    check(brief(dubs=("ja",)), home)  # a film without a voice has captions in any language
    thinking.setenv("VOICE_PROVIDER", "elevenlabs,espeak")
    thinking.setenv("ELEVENLABS_API_KEY", "k")
    settings.cache_clear()
    check(brief(dubs=("ja",), budget_usd=Decimal(50)), home)


def test_a_rehearsal_may_ask_for_dubs_since_it_makes_none(home: StudioHome) -> None:
    check(brief(dubs=("hi",), rehearse=True), home)
