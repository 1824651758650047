"""Money as people write it and ask for it: settings, budgets, old prices, quotes, and purchases nobody answered to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from studio_pipeline.budget.ledger import Ledger, pilot_envelope, production_envelope
from studio_pipeline.budget.purchase import Account, Entry, PurchaseOrder
from studio_pipeline.budget.rate_cards import Quote, RateCards
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.orchestration import grid
from studio_pipeline.settings import settings

GOOD = "title: Lamp\nconcept: A lamp is lit.\nduration_s: 10\nbudget_usd: 20\n"


@pytest.fixture(autouse=True)
def tiers_read_anew() -> Iterator[None]:
    """The tiers in reach are read once a process; here every test has its own vendors."""
    kept = (settings, grid.tiers, grid.tiers_out_of_reach)
    for cache in kept:
        cache.cache_clear()
    yield
    for cache in kept:
        cache.cache_clear()


# Budgets


@pytest.mark.parametrize(
    "value", ["-1", ".nan", ".inf", "-.inf", "1e12", "1.0e+12", "5 EUR", "€5", "$5", "1_000_000_0"]
)
def test_a_budget_that_is_no_amount_of_dollars_is_refused(studio, refused, value: str) -> None:
    told = refused(studio("produce", studio.brief(GOOD.replace("20", value))), 2)
    assert "budget_usd" in told
    assert "brief.yaml" in told
    assert not studio.home.exists()


def test_a_budget_in_another_currency_is_told_the_one_there_is(studio, refused) -> None:
    told = refused(studio("produce", studio.brief(GOOD.replace("budget_usd", "budget_eur"))), 2)
    assert "`budget_eur` is no key of a brief" in told
    assert "budget_usd" in told


@pytest.mark.parametrize("value", ["-1", ".nan", "€5", "0"])
def test_a_slates_budget_that_is_no_amount_is_refused(studio, refused, value: str) -> None:
    studio.brief(GOOD)
    slate = studio.brief(f"name: night\nbriefs: [brief.yaml]\nbudget_usd: {value}\n", "night.yaml")
    assert "budget_usd" in refused(studio("batch", slate), 2)


# Settings


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("VIDEO_PROVIDER", "nobody", "“nobody” is no video vendor"),
        ("VIDEO_PROVIDER", "runwai", "Did you mean runway?"),
        ("VIDEO_PROVIDER", "fal/nothing", "has no video model “fal/nothing”"),
        ("VIDEO_PROVIDER", "storyboard,nobody", "“nobody” is no video vendor"),
        ("VIDEO_PROVIDER", "elevenlabs", "“elevenlabs” is no video vendor"),
        ("VIDEO_PROVIDER", ",", "is no video vendor"),
        ("MUSIC_PROVIDER", "../../etc", "is no music vendor"),
        ("STUDIO_DAY_CAP_USD", "-1", "STUDIO_DAY_CAP_USD is “-1”"),
        ("STUDIO_DAY_CAP_USD", "NaN", "STUDIO_DAY_CAP_USD is “NaN”"),
        ("STUDIO_DAY_CAP_USD", "inf", "STUDIO_DAY_CAP_USD"),
        ("STUDIO_DAY_CAP_USD", "€5", "such as 25 or 2.50"),
        ("STUDIO_DAY_CAP_USD", "1e3", "STUDIO_DAY_CAP_USD"),
    ],
)
def test_a_setting_that_cannot_be_used_names_its_variable(
    studio, refused, monkeypatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    for command in ("quote", "produce"):
        told = refused(studio(command, studio.brief(GOOD)), 2)
        assert words in told
        assert variable in told
    assert not studio.home.exists()


def test_tiers_that_the_vendors_in_use_do_not_make_are_refused_with_the_reason(studio, refused, monkeypatch) -> None:
    monkeypatch.setenv("VIDEO_PROVIDER", "runway")
    told = refused(studio("produce", studio.brief(GOOD + "tiers: [static, animated]\n")), 2)
    assert "cannot shoot static" in told
    assert "none of its clip models is made by runway (VIDEO_PROVIDER)" in told


def test_the_doctor_says_which_key_is_missing(studio, monkeypatch) -> None:
    monkeypatch.setenv("VIDEO_PROVIDER", "runway,fal")
    result = studio("doctor", "--json")
    checks = {check["check"]: check for check in json.loads(result.stdout)["checks"]}
    assert result.exit_code == 4
    assert checks["runway"]["state"] == checks["fal"]["state"] == "fail"
    assert "RUNWAYML_API_SECRET is not set" in checks["runway"]["found"]
    assert "FAL_KEY" in checks["fal"]["found"]


def test_the_doctor_tells_of_a_vendor_that_there_is_not(studio, monkeypatch) -> None:
    monkeypatch.setenv("VIDEO_PROVIDER", "nobody")
    result = studio("doctor", "--json")
    checks = {check["check"]: check for check in json.loads(result.stdout)["checks"]}
    assert (result.exit_code, checks["vendors"]["state"]) == (4, "fail")
    assert "nobody" in checks["vendors"]["found"]


# Quotes


def quoted(studio: Any, *options: str, text: str = GOOD) -> dict[str, Any]:
    result = studio("quote", studio.brief(text), "--json", *options)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_a_quote_for_a_vendor_needs_no_key_and_is_not_simulated(studio, monkeypatch) -> None:
    monkeypatch.setenv("VIDEO_PROVIDER", "runway")
    monkeypatch.setenv("IMAGE_PROVIDER", "runway")
    told = quoted(studio, "--accept-stale-prices", text=GOOD.replace("20", "200"))
    tiers = {tier["tier"]: tier for tier in told["tiers"]}
    assert told["simulated"] is False
    assert "runway/gen4_turbo" in tiers["animated"]["models"]
    assert 0 < Decimal(tiers["animated"]["expected_usd"]) < Decimal(tiers["animated"]["max_usd"])
    assert (tiers["static"]["expected_usd"], tiers["static"]["max_usd"]) == (None, None)
    assert "VIDEO_PROVIDER" in tiers["static"]["why"]
    assert not studio.home.exists()


def test_what_is_made_here_is_free_beside_a_vendor_that_charges(studio, monkeypatch) -> None:
    alone = {tier["tier"]: Decimal(tier["expected_usd"]) for tier in quoted(studio)["tiers"]}
    monkeypatch.setenv("VIDEO_PROVIDER", "openai-videos")
    settings.cache_clear()
    grid.tiers.cache_clear()
    grid.tiers_out_of_reach.cache_clear()
    (animated,) = [t for t in quoted(studio, "--accept-stale-prices")["tiers"] if t["tier"] == "animated"]
    clips_usd = Decimal(animated["expected_usd"])
    assert 0 < clips_usd < alone["animated"]
    assert clips_usd % Decimal("0.021") == 0, "nothing but the server's seconds"


def test_at_most_is_never_less_than_expected(studio) -> None:
    for tier in quoted(studio)["tiers"]:
        assert Decimal(tier["max_usd"]) >= Decimal(tier["expected_usd"]) > 0


# Old prices


@pytest.fixture
def next_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day on which every price that a vendor charges is past its date."""
    monkeypatch.setattr(RateCards, "is_stale", lambda cards, vendor, model: not cards.line(vendor, model).simulated)
    monkeypatch.setenv("VIDEO_PROVIDER", "openai-videos")


def test_a_price_past_its_date_stops_everything_before_it_begins(studio, refused, next_year) -> None:
    for command in ("quote", "produce"):
        told = refused(studio(command, studio.brief(GOOD)), 3)
        assert "was to be looked at again after 2027-05-01" in told
        assert "--accept-stale-prices" in told
    assert not studio.home.exists()


def test_accepting_old_prices_for_a_look_writes_nothing_down(studio, refused, next_year) -> None:
    quoted(studio, "--accept-stale-prices")
    refused(studio("quote", studio.brief(GOOD)), 3)
    assert not studio.home.exists()


def test_accepted_prices_are_written_down_with_who_did_it_and_hold_from_then_on(studio, next_year, monkeypatch) -> None:
    from studio_pipeline.cli import driving

    def nothing_more(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(driving, "advance", nothing_more)
    began = studio("produce", studio.brief(GOOD), "--accept-stale-prices")
    assert began.exit_code == 130
    assert "accepted a price that was to be looked at again after 2027-05-01: openai-videos/ltx-2" in began.stderr
    accepted = Ledger(f"sqlite:///{studio.home}/ledger.sqlite3").accepted_prices()
    assert any(name.startswith("openai-videos/wan2.2-ti2v-5b at 0.021 since") for name in accepted)
    assert quoted(studio)["simulated"] is False, "without the flag"
    assert studio("produce", studio.brief(GOOD)).exit_code == 130, "and it may be gone on with"


# The ledger


@pytest.fixture
def ledger(studio) -> Ledger:
    """The ledger of a home in which a brief was handed in, with a purchase of each kind."""
    from studio_pipeline.cli.orders import hand_in_brief
    from studio_pipeline.cli.session import open_studio

    with open_studio(make=True) as session:
        hand_in_brief(session, studio.brief(GOOD))
    ledger = Ledger(f"sqlite:///{studio.home}/ledger.sqlite3")
    ledger.set_caps({production_envelope("lamp"): Decimal(20), pilot_envelope("lamp", "animated"): Decimal(15)})
    for number, end in enumerate(("settled", "ambiguous", "ambiguous", "reserved"), start=1):
        order = PurchaseOrder(
            identity=f"{number:064x}",
            account=Account(
                production="lamp",
                place=f"animated.s01.k{number}",
                stage="shooting",
                envelopes=(production_envelope("lamp"), pilot_envelope("lamp", "animated")),
            ),
            vendor="runway",
            model="runway/gen4_turbo",
            take=1,
            quote=Quote(expected_usd=Decimal("0.50"), max_usd=Decimal("0.60"), simulated=False, source="tag"),
        )
        entry = ledger.reserve(order).entry
        if end == "settled":
            entry = ledger.submitted(ledger.submitting(entry), "job 1")
            ledger.settle(entry, Decimal("0.50"), MediaRef(sha256="0" * 64, suffix=".mp4", size_bytes=1))
        elif end == "ambiguous":
            ledger.ambiguous(ledger.submitting(entry), "the line was lost")
        else:
            ledger.let_go(entry)
    return ledger


def entry(ledger: Ledger, number: str) -> Entry:
    return next(line for line in ledger.entries("lamp") if line.id == number)


def test_show_lists_what_was_spent_and_what_is_set_aside(studio, ledger: Ledger) -> None:
    told = json.loads(studio("ledger", "lamp", "--entries", "--json").stdout)
    assert (told["settled_usd"], told["reserved_usd"], told["cap_usd"], told["left_usd"]) == (
        "0.50",
        "1.80",
        "20.00",
        "17.70",
    )
    assert told["adds_up"] is True
    assert [line["state"] for line in told["entries"]] == ["settled", "ambiguous", "ambiguous", "reserved"]
    assert studio("ledger", "show", "lamp", "--json").stdout == studio("ledger", "lamp", "--json").stdout
    table = studio("ledger", "lamp", "--entries").stdout
    assert "real money" in table
    assert "ambiguous" in table
    assert "$17.70 left" in table


def test_a_purchase_that_was_billed_is_closed_at_the_quoted_price(studio, ledger: Ledger) -> None:
    result = studio("ledger", "resolve", "2", "--billed")
    assert (result.exit_code, result.stdout.strip()) == (
        0,
        "Entry 2 is closed: $0.50 were charged and nothing came.",
    )
    assert (entry(ledger, "2").state, entry(ledger, "2").settled_usd) == ("lost", Decimal("0.50"))
    assert ledger.balance(production_envelope("lamp")).settled_usd == 1


def test_a_purchase_that_was_not_billed_is_free_again(studio, ledger: Ledger) -> None:
    result = studio("ledger", "resolve", "3", "--unbilled")
    assert (result.exit_code, result.stdout.strip()) == (0, "Entry 3 is closed: $0.60 are free again.")
    assert entry(ledger, "3").state == "released"
    assert "said on" in entry(ledger, "3").why
    assert ledger.balance(production_envelope("lamp")).reserved_usd == Decimal("1.20")


def test_what_was_really_charged_can_be_said(studio, ledger: Ledger) -> None:
    told = json.loads(studio("ledger", "resolve", "2", "--billed", "--amount", "0.65", "--json").stdout)
    assert (told["entry"]["id"], told["entry"]["state"], told["entry"]["settled_usd"]) == ("2", "lost", "0.65")
    assert set(told["entry"]) & {"identity", "owner"} == set()
    assert any("price drift" in event for event in told["entry"]["events"])


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["2"], "Look into the vendor's own list"),
        (["1", "--billed"], "entry 1 is settled, and only one whose end nobody knows"),
        (["4", "--unbilled"], "entry 4 is reserved"),
        (["99", "--billed"], "no entry “99”"),
        (["two", "--billed"], "no entry “two”"),
        (["2; drop table", "--unbilled"], "no entry"),
        (["2", "--unbilled", "--amount", "1"], "goes with --billed only"),
        (["2", "--amount", "1"], "Look into the vendor's own list"),
        (["2", "--billed", "--amount", "-1"], "is no amount of money"),
        (["2", "--billed", "--amount", "NaN"], "is no amount of money"),
        (["2", "--billed", "--amount", "Infinity"], "is no amount of money"),
        (["2", "--billed", "--amount", "€1"], "is no amount of money"),
        (["2", "--billed", "--amount", "1e30"], "is no amount of money"),
        (["2", "--billed", "--amount", "0.00000001"], "is no amount of money"),
    ],
)
def test_a_resolution_that_makes_no_sense_changes_nothing(
    studio, refused: Callable[[Any, int], str], ledger: Ledger, args: list[str], words: str
) -> None:
    before = ledger.entries("lamp")
    assert words in refused(studio("ledger", "resolve", *args), 2)
    assert ledger.entries("lamp") == before


def test_an_entry_is_resolved_once(studio, refused, ledger: Ledger) -> None:
    assert studio("ledger", "resolve", "2", "--unbilled").exit_code == 0
    assert "It is closed" in refused(studio("ledger", "resolve", "2", "--billed"), 2)


def test_resolving_where_there_is_no_home_makes_none(studio, refused) -> None:
    assert "There is no studio home" in refused(studio("ledger", "resolve", "2", "--unbilled"), 2)
    assert not studio.home.exists()
