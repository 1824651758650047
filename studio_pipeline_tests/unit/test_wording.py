"""Names, amounts and foreign text in a message read the same wherever the message comes from."""

from __future__ import annotations

from decimal import Decimal

import pytest

from studio_pipeline import wording


def test_a_column_of_money_shows_cents_until_an_amount_would_vanish() -> None:
    assert wording.places_for([Decimal("4.039998"), None, Decimal("150")]) == 2
    assert wording.places_for([Decimal("0.0042"), Decimal("150")]) == 4
    assert wording.usd(Decimal("1234.5")) == "$1,234.50"
    assert wording.usd(None) == "–"


@pytest.mark.parametrize(
    ("amount", "told"), [("0", "$0.00"), ("1234.5", "$1,234.50"), ("0.5", "$0.50"), ("0.00415", "$0.0042")]
)
def test_an_amount_in_a_sentence_never_vanishes(amount: str, told: str) -> None:
    assert wording.dollars(Decimal(amount)) == told


def test_names_in_any_script_survive_and_control_characters_do_not() -> None:
    assert wording.plain("منارة 灯台 🌊") == "منارة 灯台 🌊"
    assert wording.plain("a\x1b[31mb\nc\u202ed\ud800") == "a [31mb c d "


def test_a_long_name_is_shortened_on_one_line() -> None:
    assert wording.clipped("a\nb" + "c" * 10_000, 10) == "a bcccccc…"


def test_the_nearest_name_is_only_offered_when_it_is_near() -> None:
    shots = ["animated.s01.k1", "animated.s03.k2"]
    assert wording.did_you_mean("animated.s3.k2", shots) == "Did you mean animated.s03.k2?"
    assert wording.did_you_mean("Budget-USD", ["budget_usd", "title"]) == "Did you mean budget_usd?"
    assert wording.did_you_mean("photo", ["photoreal", "static"]) == "Did you mean photoreal?"
    assert wording.did_you_mean("zebra", shots) == ""
    assert wording.did_you_mean("", shots) == ""
