from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.budget.amounts import rounded_up
from studio_pipeline.budget.rate_cards import PriceLine, RateCards
from studio_pipeline.budget.token_prices import Tokens
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


MIND = """\
vendor: painter
models:
  painter/haiku:
    unit: million_tokens
    price_usd: "0.10"
    output_price_usd: "0.50"
    cache_read_price_usd: "0.01"
    cache_write_price_usd: "0.125"
    batch_share: "0.5"
    long_above_tokens: 100000
    long_share: "5"
    simulated: false
    source: a price list
    valid_from: 2026-11-01
    review_after: 2027-05-01
"""


def mind(folder: Path, text: str = MIND, **more: Any) -> RateCards:
    told = cards(folder, text)
    return RateCards(told._rates, **more)


def test_what_a_call_cost_follows_from_its_tokens_and_is_rounded_up(tmp_path):
    used = Tokens(input_tokens=1000, output_tokens=200, cache_read_tokens=3000, cache_write_tokens=40)
    exact = (1000 * Decimal("0.1") + 200 * Decimal("0.5") + 3000 * Decimal("0.01") + 40 * Decimal("0.125")) / 10**6
    assert exact == Decimal("0.000235")
    assert mind(tmp_path).tokens_usd("painter", "painter/haiku", used) == exact
    assert mind(tmp_path).tokens_usd("painter", "painter/haiku", used, batch=True) == Decimal("0.000118")


@pytest.mark.parametrize(("prompt", "times"), [(100_000, 1), (100_001, 5)])
def test_all_of_a_call_with_a_long_prompt_costs_more_also_what_came_from_the_cache(tmp_path, prompt, times):
    used = Tokens(input_tokens=1, output_tokens=10_000, cache_read_tokens=prompt - 1)
    exact = (Decimal("0.1") + (prompt - 1) * Decimal("0.01") + 10_000 * Decimal("0.5")) / 10**6
    assert mind(tmp_path).tokens_usd("painter", "painter/haiku", used) == rounded_up(exact * times)


def test_a_quote_by_tokens_expects_half_of_the_longest_answer_and_holds_for_all_of_it_written_to_the_cache(tmp_path):
    quote = mind(tmp_path).quote_tokens("painter", "painter/haiku", 1000, 400)
    assert quote.expected_usd == Decimal("0.0002")
    assert quote.max_usd == Decimal("0.000325")
    assert quote.by_use
    assert "$0.10 in and $0.50 out per million tokens since 2026-11-01" in quote.source


@given(
    st.tuples(*[st.integers(0, 150_000)] * 4),
    st.integers(0, 3000),
    st.integers(0, 50_000),
    st.booleans(),
)
def test_no_use_within_the_bounds_costs_more_than_the_most_that_was_quoted(counts, more_in, more_out, batch):
    plain, out, read, write = counts
    used = Tokens(input_tokens=plain, output_tokens=out, cache_read_tokens=read, cache_write_tokens=write)
    line = PriceLine.model_validate(yaml.safe_load(MIND)["models"]["painter/haiku"])
    card = RateCards({"painter": {"painter/haiku": line}}, today=lambda: date(2026, 11, 21))
    most_in = used.prompt_tokens + more_in
    quote = card.quote_tokens(
        "painter", "painter/haiku", used.prompt_tokens, out + more_out, most_prompt_tokens=most_in, batch=batch
    )
    assert card.tokens_usd("painter", "painter/haiku", used, batch=batch) <= quote.max_usd
    assert quote.expected_usd <= quote.max_usd


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ('    output_price_usd: "0.50"\n', "", "output_price_usd"),
        ("unit: million_tokens", "unit: call", "only a line of unit million_tokens"),
        ('output_price_usd: "0.50"', "output_price_usd: 0.5", "output_price_usd.*quotes"),
        ('batch_share: "0.5"', 'batch_share: "1.5"', "batch_share"),
        ('batch_share: "0.5"', 'batch_share: "0"', "batch_share"),
        ('    long_share: "5"\n', "", "go together"),
        ('long_share: "5"', 'long_share: "0.9"', "long_share"),
        ('batch_share: "0.5"', 'max_price_usd: "7"', "bounded by its tokens"),
    ],
)
def test_a_hole_in_a_line_by_tokens_is_named_by_file_and_field(tmp_path, good, bad, words):
    with pytest.raises(BadInput, match=words) as told:
        cards(tmp_path, MIND.replace(good, bad, 1))
    assert "painter/rate_card.yaml:" in told.value.where


def test_a_line_by_tokens_has_no_price_for_a_quantity_and_the_other_way_about(tmp_path):
    with pytest.raises(BadInput, match="by its tokens"):
        mind(tmp_path).quote("painter", "painter/haiku", Decimal(1))
    with pytest.raises(UnknownPrice, match="no price by the token"):
        cards(tmp_path, CARD).quote_tokens("painter", "painter/oil", 1, 1)


def test_an_old_price_by_tokens_means_no_call_and_still_prices_what_was_called(tmp_path):
    old = mind(tmp_path, today=lambda: date(2027, 6, 1))
    with pytest.raises(UnknownPrice, match="looked at again"):
        old.quote_tokens("painter", "painter/haiku", 1, 1)
    assert old.tokens_usd("painter", "painter/haiku", Tokens(input_tokens=10, output_tokens=0)) == Decimal("0.000001")


@pytest.mark.parametrize(("simulate", "price"), [(True, Decimal("0.0001")), (False, Decimal(0))])
def test_tokens_that_nobody_charges_cost_nothing_beside_a_vendor_that_charges(tmp_path, simulate, price):
    free = mind(tmp_path, MIND.replace("simulated: false", "simulated: true"), simulate=simulate)
    assert free.tokens_usd("painter", "painter/haiku", Tokens(input_tokens=1000, output_tokens=0)) == price
    quote = free.quote_tokens("painter", "painter/haiku", 1000, 0)
    assert (quote.expected_usd, quote.simulated) == (price, True)
