"""How a drive ended decides the exit code and which failures a person still has to hear of."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studio_pipeline.budget.purchase import Totals
from studio_pipeline.cli.notices import Notice
from studio_pipeline.cli.report import console, print_next, print_troubles
from studio_pipeline.cli.result import Result
from studio_pipeline.cli.retake import Retaken, _compare, _Look, _print
from studio_pipeline.cli.standing import Standing
from studio_pipeline.cli.troubles import Trouble, told
from studio_pipeline.errors import ProviderFailed
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.orchestration.artifacts import Absent, Header
from studio_pipeline.orchestration.call_sheet import CallSheet
from studio_pipeline.orchestration.drive import Driven, RunTrouble
from studio_pipeline.orchestration.facts import Facts

SHOT = "pilot_clips/animated.s01.k1"
NO_MONEY, NO_ANSWER = Trouble("no money", 3), Trouble("no answer", 4)


def result(state: str, *troubles: Trouble, **sheet: Any) -> Result:
    return Result(
        production="lamp",
        brief=Brief(title="Lamp", concept="A lamp.", duration_s=10, budget_usd=Decimal(20)),
        sheet=CallSheet("lamp", state, **sheet),  # type: ignore[arg-type]
        facts=Facts("lamp"),
        film=None,
        folder=Path("films/lamp"),
        cap_usd=None,
        totals=Totals(),
        pilots=(),
        cuts=None,
        chosen=None,
        troubles=troubles,
    )


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        (result("delivered"), 0),
        (result("awaiting_choice"), 0),
        (result("partial", unaffordable=(SHOT,)), 3),
        (result("partial", NO_MONEY, blocked=(SHOT,)), 3),
        (result("partial", NO_ANSWER, blocked=(SHOT,)), 4),
        (result("partial", NO_ANSWER, blocked=(SHOT,), unaffordable=(SHOT,)), 4),
        (result("partial", blocked=(SHOT,)), 4),
        (result("failed", NO_ANSWER, blocked=("scenes/animated",)), 4),
        (result("failed", NO_MONEY, blocked=("narration/animated.s01",)), 3),
        (result("failed", NO_ANSWER, blocked=("edls",), unaffordable=(SHOT,)), 3),
        (result("failed", NO_ANSWER, blocked=("edls",)), 4),
        (result("partial", flagged=(SHOT,)), 4),
        (result("partial", flagged=(SHOT,), unaffordable=(SHOT.replace("k1", "k2"),)), 4),
        (result("failed"), 4),
        (result("working"), 4),
    ],
)
def test_the_exit_code_says_how_it_ended(ended: Result, code: int) -> None:
    assert ended.exit_code == code


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("pilot:lamp|animated has $1 left", "raise budget_usd in the brief"),
        ("production:lamp has $1 left", "raise budget_usd in the brief"),
        ("slate:night has $1 left", "raise budget_usd of the slate"),
        ("day:2026-11-21 has $1 left", "go on tomorrow, or raise STUDIO_DAY_CAP_USD"),
    ],
)
def test_who_runs_out_of_money_is_told_which_purse_was_empty(
    capsys: pytest.CaptureFixture[str], reason: str, words: str
) -> None:
    absent = Absent(kind="unaffordable", reason=reason, needed_usd=Decimal(2))
    facts = Facts("lamp", headers={SHOT: Header("d", {}, {}, absent, "1")})
    print_next(console(), replace(result("partial", unaffordable=(SHOT,)), facts=facts))
    assert words in capsys.readouterr().out


def test_a_flagged_shot_is_asked_for_by_a_retake_because_going_on_does_nothing_for_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    flagged = result("partial", flagged=("music/animated", SHOT))
    print_next(console(), flagged)
    told = capsys.readouterr().out
    assert "studio retake lamp animated.s01.k1" in told
    assert "studio produce lamp" not in told
    assert standing(flagged).way_on == "studio retake lamp animated.s01.k1"
    assert standing(result("partial", flagged=(SHOT,), blocked=("narration/animated.s02",))).way_on == (
        "studio produce lamp"
    )
    assert standing(result("delivered")).way_on is None


def standing(of: Result) -> Standing:
    return Standing(of, stale={}, missing=(), wanted=(), freshness_usd=Decimal(0))


def test_the_status_shows_all_that_went_otherwise_where_a_run_shows_the_first_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    notices = tuple(Notice(f"animated.s{number:02}", f"drawn otherwise, reason {number}") for number in range(1, 21))
    of = replace(result("delivered"), notices=notices)
    print_troubles(console(), of)
    assert "and 12 more: studio status shows all" in capsys.readouterr().out
    standing(of).print()
    assert capsys.readouterr().out.count("drawn otherwise") == 20
    assert len(standing(of).as_json()["notices"]) == 20


def test_nothing_unknown_is_told_as_zero() -> None:
    unknown = result("failed").as_json()
    assert unknown["cap_usd"] is None
    assert unknown["film"] is None
    assert unknown["duration_s"] is None
    assert unknown["simulated"] is None
    assert unknown["deliverables"] == {}


def _driven(state: str, blocked: tuple[str, ...], *troubles: tuple[str, str]) -> Driven:
    return Driven(
        sheet=CallSheet("lamp", state, blocked=blocked),  # type: ignore[arg-type]
        facts=Facts("lamp"),
        troubles=[RunTrouble("shoot", cells, ProviderFailed(message), "") for cells, message in troubles],
    )


def test_what_was_mended_by_trying_again_is_not_told() -> None:
    assert told(_driven("delivered", (), ("animated.s01.k1:animated.s02.k1", "no answer"))) == ()


def test_of_a_blocked_shot_the_last_failure_is_told_once() -> None:
    ended = _driven(
        "partial",
        (SHOT,),
        ("animated.s01.k1:animated.s02.k1", "no answer"),
        ("animated.s01.k1:animated.s01.k1", "no answer"),
        ("animated.s02.k1:animated.s02.k1", "mended later"),
        ("animated.s01.k1:animated.s01.k1", "refused"),
    )
    assert [trouble.words for trouble in told(ended)] == ["shooting animated.s01.k1: refused."]


def test_a_retake_tells_what_is_new_what_is_the_same_again_and_what_nobody_touched() -> None:
    def header(digest: str, **inputs: str) -> Header:
        return Header(digest, inputs, {}, None, "1")

    before = _Look(
        headers={SHOT: header("a"), "qa_scores/animated.s01": header("q", clip="a"), "music/animated": header("m")},
        settled_usd=Decimal("1.00"),
        take=1,
        rating=60.0,
        film_digest="f",
    )
    after = replace(
        before,
        headers={SHOT: header("b"), "qa_scores/animated.s01": header("q", clip="b"), "music/animated": header("m")},
        settled_usd=Decimal("1.19"),
        take=2,
    )
    retaken = _compare(before, after, Cell.parse("lamp|animated.s01.k1"), "closer")
    assert (retaken.remade, retaken.same_again, retaken.untouched) == ((SHOT,), 1, 1)
    assert (retaken.cost_usd, retaken.take, retaken.film_changed) == (Decimal("0.19"), 2, False)


def test_a_retake_is_told_with_its_rating_before_and_after(capsys: pytest.CaptureFixture[str]) -> None:
    retaken = Retaken(
        shot="animated.s01.k1",
        note="closer",
        take=2,
        remade=(SHOT,),
        same_again=0,
        untouched=9,
        cost_usd=Decimal("0.19"),
        rating_before=79.2,
        rating=None,
        film_changed=True,
    )
    _print(retaken, result("delivered"), took_s=3.0)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert {"asked for closer", "rating 79 → –", f"re-made {SHOT}", "kept 9 artifacts untouched"} <= {*lines}
