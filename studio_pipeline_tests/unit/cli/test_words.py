"""Amounts, times and names as a person, and a program, reads them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.cli import words


@pytest.mark.parametrize(
    ("amount", "told"),
    [("0", "0.00"), ("12.5", "12.50"), ("0.0335", "0.0335"), ("1E+3", "1000.00"), ("5.800006", "5.800006")],
)
def test_money_in_json_is_exact_and_never_short_of_cents(amount: str, told: str) -> None:
    assert words.money(Decimal(amount)) == told


def test_money_nobody_knows_is_null_not_zero() -> None:
    assert words.money(None) is None


@given(st.decimals(min_value=0, max_value=10**6, places=6))
def test_money_in_json_reads_back_as_the_same_amount(amount: Decimal) -> None:
    assert Decimal(words.money(amount) or "") == amount


@pytest.mark.parametrize(
    ("duration_s", "told"), [(0.4, "0 s"), (59.6, "1 min 0 s"), (102, "1 min 42 s"), (7380, "2 h 3 min")]
)
def test_durations_read_naturally(duration_s: float, told: str) -> None:
    assert words.seconds(duration_s) == told


def test_counting_bends_the_noun() -> None:
    assert [words.count(1, "shot"), words.count(3, "shot"), words.count(2, "copy", "copies")] == [
        "1 shot",
        "3 shots",
        "2 copies",
    ]


def test_a_path_below_here_is_shown_short_and_any_other_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert words.shown(tmp_path / "home" / "film.mp4") == "home/film.mp4"
    assert words.shown(Path("/elsewhere/film.mp4")) == "/elsewhere/film.mp4"
