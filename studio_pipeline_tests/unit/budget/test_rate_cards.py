from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from studio_pipeline.budget.rate_cards import PriceLine, RateCards
from studio_pipeline.errors import BadInput, UnknownPrice
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


def test_the_packaged_cards_price_every_model_of_every_tier_and_charge_nobody():
    import yaml

    packaged = RateCards.load(ASSETS_DIR / "vendors")
    for tier in yaml.safe_load((ASSETS_DIR / "tiers.yaml").read_text(encoding="utf-8"))["tiers"]:
        for model in (tier["image_model"], tier["video_model"]):
            line: PriceLine = packaged.line(model.partition("/")[0], model)
            assert line.simulated
            assert line.review_after > date(2026, 11, 1)
