"""``studio calibrate``: how far the studio's ratings can be trusted, by clips that people have rated."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from studio_pipeline.cli.options import common_options, json_option

if TYPE_CHECKING:
    from pathlib import Path

    from studio_pipeline.orchestration.minds import Mind
    from studio_pipeline.orchestration.quality import Calibration
    from studio_pipeline.orchestration.studio_home import StudioHome
    from studio_pipeline.stages.reviewing.calibration import Fit
    from studio_pipeline.stages.reviewing.screening import Screened

PRODUCTION = "calibration--of-ratings"
"""Under this name the ledger has what a judge charges for it. No film is called so: one dash joins a title's words."""


@click.command("calibrate")
@click.argument("ratings", metavar="RATINGS")
@click.option(
    "--budget-usd", metavar="USD", help="The most that a judge may charge for it; needed where one is in use."
)
@json_option
@common_options
def command(ratings: str, budget_usd: str | None, as_json: bool) -> int:
    """Hold the studio's ratings against those of people.

    RATINGS is a YAML or CSV file of clips and what people rate them, 0 to 100, as examples/calibration/ratings.yaml.
    Every clip is inspected as a shot would be: measured, and seen by the judge where a language model is in use.

    The outcome is kept in the studio home: the judge's ratings are read through it from then on, and who decides about
    takes and pilots knows how far a rating is off.
    """
    from pathlib import Path

    from studio_pipeline.orchestration.home import open_home
    from studio_pipeline.orchestration.quality import quality, write_calibration
    from studio_pipeline.orchestration.studio_home import build_home
    from studio_pipeline.settings import settings
    from studio_pipeline.stages.planning.yaml_file import read_file
    from studio_pipeline.stages.reviewing.calibration import fit
    from studio_pipeline.stages.reviewing.ratings_file import MOST_BYTES, by_clip, read_opinions
    from studio_pipeline.stages.reviewing.screening import calibrated, check_clips, screen

    path = Path(ratings)
    opinions = read_opinions(
        _text(read_file(path, what="ratings file", most_bytes=MOST_BYTES, todo_if_huge="")), where=path
    )
    clips = by_clip(opinions, path.parent, where=path)
    facts = check_clips(clips, where=path)
    rules, here = quality().inspection, settings()
    cap_usd = _usd(budget_usd)
    open_home(here)
    home = build_home(here)
    mind = _mind(home, cap_usd)
    before_usd = _spent(home)
    with click.progressbar(length=len(clips), label="Looking at the clips", file=_stderr(as_json)) as bar:
        screened = screen(clips, facts, mind=mind, store=home.media, rules=rules, on_clip=lambda done: bar.update(1))
    fitted = fit([one.sample for one in screened], judge_weight=rules.judge_weight)
    calibration = calibrated(fitted, screened, mind=mind, raters=[one.rater for one in opinions])
    kept = write_calibration(here.home, calibration)
    told = _told(calibration, fitted, screened, kept, _spent(home) - before_usd)
    if as_json:
        click.echo(json.dumps(told, indent=2))
    else:
        _print(calibration, fitted, told)
    return 0


def _text(data: bytes) -> str:
    from studio_pipeline.errors import BadInput

    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("The ratings file is not UTF-8 text", todo="Save it as UTF-8.") from None


def _usd(text: str | None) -> Decimal | None:
    import re

    from studio_pipeline.errors import BadInput

    if text is None:
        return None
    if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text) is None or not Decimal(text):
        raise BadInput(f"“{text[:40]}” is no amount of money", where="--budget-usd", todo="Give US dollars, such as 2.")
    return Decimal(text)


def _stderr(quiet: bool) -> Any:
    import io
    import sys

    return io.StringIO() if quiet or not sys.stderr.isatty() else sys.stderr


def _spent(home: StudioHome) -> Decimal:
    return home.ledger.totals(PRODUCTION).settled_usd


def _mind(home: StudioHome, cap_usd: Decimal | None) -> Mind | None:
    """The judge in use, with so much more to spend; ``None`` where only measures rate."""
    from studio_pipeline.budget.envelopes import production_envelope
    from studio_pipeline.errors import BadInput
    from studio_pipeline.film.brief import Brief
    from studio_pipeline.film.cells import Cell
    from studio_pipeline.orchestration.resources import LanguageResource
    from studio_pipeline.settings import settings
    from studio_pipeline.stages.reviewing.inspector_mind import FUNCTION

    language = LanguageResource(provider=settings().language_provider, home=home)
    if not language.models_in_use:
        return None
    if cap_usd is None:
        raise BadInput(
            "A judge is in use, and it is not said what it may charge",
            where="--budget-usd",
            todo="Give the most it may cost, such as --budget-usd 2; or LANGUAGE_PROVIDER=rules to calibrate measures.",
        )
    envelope = production_envelope(PRODUCTION)
    now = home.ledger.balance(envelope)
    home.ledger.set_caps({envelope: now.settled_usd + now.reserved_usd + cap_usd})
    # No simple brief: the judge that is calibrated is the one of films that matter.
    brief = Brief(title=PRODUCTION, concept="-", duration_s=60, budget_usd=cap_usd, quality_mode="high")
    mind = language.mind(FUNCTION, brief, Cell(production=PRODUCTION), "reviewing")
    if mind is not None and not mind.sees:
        raise BadInput("No language model in use takes pictures", todo="Name one that does in LANGUAGE_PROVIDER.")
    return mind


def _told(
    calibration: Calibration, fitted: Fit, screened: list[Screened], kept: Path, paid_usd: Decimal
) -> dict[str, Any]:
    from studio_pipeline.cli.words import money
    from studio_pipeline.stages.reviewing.calibration import verdict

    low, high = calibration.rank_interval
    return {
        "judge": calibration.judge,
        "clips": len(screened),
        "judged": sum(bool(one.judge) for one in screened),
        "raters": list(calibration.raters),
        "rank_correlation": calibration.rank_correlation,
        "rank_interval": [low, high],
        "judge_correlation": _rounded(fitted.judge_correlation),
        "measures_correlation": _rounded(fitted.measures_correlation),
        "noise_points": calibration.noise_points,
        "rater_sd_points": calibration.rater_sd_points,
        "fit": calibration.fit,
        "knots": [list(knot) for knot in calibration.knots],
        "verdict": verdict(
            calibration.rank_correlation, calibration.rank_interval, calibration.noise_points, len(screened)
        ),
        "paid_usd": money(paid_usd),
        "calibration": str(kept),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _print(calibration: Calibration, fitted: Fit, told: dict[str, Any]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from studio_pipeline.cli.report import console, fields, indented, table, text

    out = console()
    out.print(Text.assemble(("Ratings against people's", "bold"), (f"  {told['judge']}, {told['clips']} clips", "dim")))
    out.print()
    made = table(
        "clip", "people", "judge", "measured", "studio", "off", numbers=("people", "judge", "measured", "studio", "off")
    )
    for one in sorted(calibration.clips, key=lambda clip: -clip.people):
        judge = "–" if one.judge is None else f"{one.judge:.0f}"
        off = f"{one.rating - one.people:+.0f}"
        made.add_row(text(one.clip), f"{one.people:.0f}", judge, f"{one.measured:.0f}", f"{one.rating:.0f}", off)
    out.print(indented(made))
    out.print()
    out.print(Padding(text(told["verdict"]), (0, 0, 0, 2)))
    out.print()
    low, high = calibration.rank_interval
    differ = calibration.rater_sd_points
    fields(
        out,
        [
            ("rank correlation", f"{calibration.rank_correlation:.2f} (95 %: {low:.2f} to {high:.2f})"),
            ("of the judge alone", _two_places(fitted.judge_correlation)),
            ("of measures alone", _two_places(fitted.measures_correlation)),
            ("noise of a rating", f"± {calibration.noise_points:.1f} points"),
            ("people differ by", f"± {differ:.1f} points" if differ is not None else "nobody knows: one rating a clip"),
            ("curve", _curve(calibration)),
            ("paid", f"${told['paid_usd']}"),
            ("kept in", told["calibration"]),
        ],
    )


def _two_places(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _curve(calibration: Calibration) -> str:
    if not calibration.knots:
        return "none: measured ratings stay as they are"
    shown = ", ".join(f"{said} → {calibration.of(said):.0f}" for said in (0, 25, 50, 75, 100))
    return f"{calibration.fit}: {shown}"
