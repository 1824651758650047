from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from studio_pipeline.budget.rate_cards import PriceLine, RateCards
from studio_pipeline.errors import BadInput, UnknownPrice
from studio_pipeline.orchestration.tiers import load_tiers
from studio_pipeline.settings import ASSETS_DIR

CARD = """\
vendor: painter
models:
  painter/oil:
    unit: picture
    price_usd: "0.03"
    simulated: true
    source: a price list
    valid_from: 2026-11-01
    review_after: 2027-05-01
  painter/ink:
    unit: second
    price_usd: "0.333333"
    simulated: false
    source: a price list
    valid_from: 2026-11-01
    review_after: 2027-05-01
"""


def cards(folder: Path, text: str) -> RateCards:
    (folder / "painter").mkdir(exist_ok=True)
    (folder / "painter" / "rate_card.yaml").write_text(text, encoding="utf-8")
    return RateCards.load(folder)


def test_a_price_is_the_quantity_times_the_line_and_says_where_it_comes_from(tmp_path):
    quote = cards(tmp_path, CARD).quote("painter", "painter/oil", Decimal(4))
    assert quote.expected_usd == quote.max_usd == Decimal("0.12")
    assert quote.simulated
    assert "painter/oil" in quote.source
    assert "a price list" in quote.source


def test_a_fraction_of_a_micro_dollar_is_rounded_up_so_that_a_reservation_is_never_too_small(tmp_path):
    quote = cards(tmp_path, CARD).quote("painter", "painter/ink", Decimal("2.5"))
    assert quote.max_usd == Decimal("0.833333")  # 0.8333325
    assert not quote.simulated


def test_an_unknown_model_means_no_call_and_names_the_models_that_have_a_price(tmp_path):
    with pytest.raises(UnknownPrice, match=r"painter/wax.*painter/ink, painter/oil"):
        cards(tmp_path, CARD).quote("painter", "painter/wax", Decimal(1))


def test_an_unknown_vendor_means_no_call_and_says_which_file_is_missing(tmp_path):
    with pytest.raises(UnknownPrice, match=r"sculptor.*painter.*sculptor/rate_card"):
        cards(tmp_path, CARD).quote("sculptor", "sculptor/clay", Decimal(1))


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ('price_usd: "0.03"', 'price_usd: "-0.03"', "price_usd.*greater than or equal to 0"),
        ('price_usd: "0.03"', "price_usd: .nan", "price_usd"),
        ('price_usd: "0.03"', 'price_usd: "NaN"', "price_usd"),
        ('price_usd: "0.03"', "price_usd: 0.03", "quotes"),
        ('price_usd: "0.03"', "price_usd:", "price_usd"),
        ("unit: picture", "unit: pound", "unit"),
        ("unit: picture", "unti: picture", "unit"),
        ("review_after: 2027-05-01", "review_after: 2026-05-01", "review_after"),
        ("    source: a price list\n", "", "source"),
    ],
)
def test_a_hole_in_a_card_is_named_by_file_line_and_field(tmp_path, good, bad, words):
    with pytest.raises(BadInput, match=words) as told:
        cards(tmp_path, CARD.replace(good, bad, 1))
    file, _, line = told.value.where.rpartition(":")
    assert file.endswith("painter/rate_card.yaml")
    assert 3 <= int(line) <= 9


def test_the_line_named_is_the_one_with_the_fault(tmp_path):
    with pytest.raises(BadInput) as told:
        cards(tmp_path, CARD.replace('"0.333333"', '"-1"'))
    assert told.value.where.endswith("painter/rate_card.yaml:12")


@pytest.mark.parametrize("text", ["", "a: [", "vendor: painter", "vendor: painter\nmodels: []", "- 1", "\x00"])
def test_a_file_that_is_no_card_is_refused_by_name(tmp_path, text):
    with pytest.raises(BadInput, match="painter/rate_card"):
        cards(tmp_path, text)


def test_two_cards_of_one_vendor_are_refused(tmp_path):
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "rate_card.yaml").write_text(CARD)
    with pytest.raises(BadInput, match="two rate cards"):
        cards(tmp_path, CARD)


@pytest.mark.parametrize("quantity", [Decimal("-1"), Decimal("NaN"), Decimal("Infinity")])
def test_an_impossible_quantity_has_no_price(tmp_path, quantity):
    with pytest.raises(BadInput, match="quantity"):
        cards(tmp_path, CARD).quote("painter", "painter/oil", quantity)


@pytest.mark.parametrize("day", [date(2027, 5, 1), date(2027, 5, 2)])
def test_a_price_past_its_date_means_no_call_until_a_person_accepts_it(tmp_path, day):
    accepted: set[str] = set()
    told = cards(tmp_path, CARD)
    aging = RateCards(told._rates, accepted=lambda: accepted, today=lambda: day)
    if day == date(2027, 5, 1):
        assert aging.quote("painter", "painter/ink", Decimal(1))
        return
    with pytest.raises(UnknownPrice, match=r"painter/ink was to be looked at again.*--accept-stale-prices"):
        aging.quote("painter", "painter/ink", Decimal(1))
    accepted.update(aging.stale())
    assert aging.quote("painter", "painter/ink", Decimal(1)).max_usd == Decimal("0.333333")
    assert list(aging.stale()) == ["painter/ink at 0.333333 since 2026-11-01"]


def test_a_simulated_price_does_not_age(tmp_path):
    aging = RateCards(cards(tmp_path, CARD)._rates, today=lambda: date(2099, 1, 1))
    assert aging.quote("painter", "painter/oil", Decimal(1)).max_usd == Decimal("0.03")


def test_beside_a_vendor_that_charges_what_nobody_charges_for_is_free(tmp_path):
    cards(tmp_path, CARD)
    quote = RateCards.load(tmp_path, simulate=False).quote("painter", "painter/oil", Decimal(7))
    assert quote.expected_usd == quote.max_usd == 0
    assert quote.simulated


def test_a_price_that_depends_on_the_work_is_reserved_at_its_highest(tmp_path):
    quote = cards(tmp_path, CARD.replace('"0.333333"', '"0.30"\n    max_price_usd: "0.40"')).quote(
        "painter", "painter/ink", Decimal(2)
    )
    assert (quote.expected_usd, quote.max_usd) == (Decimal("0.6"), Decimal("0.8"))


def test_the_vendors_of_this_machine_charge_nobody_and_services_do():
    packaged = RateCards.load(ASSETS_DIR / "vendors")
    for tier in load_tiers(ASSETS_DIR / "tiers.yaml"):
        for model in (*tier.image_models, *tier.video_models):
            line: PriceLine = packaged.line(model.partition("/")[0], model)
            assert line.simulated == model.startswith("storyboard/"), model
            assert line.review_after > date(2026, 11, 1)
