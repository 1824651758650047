from decimal import Decimal

from studio_pipeline.budget.report import cost_report
from studio_pipeline.film.media_ref import MediaRef

CLIP = MediaRef(sha256="c" * 64, suffix=".mp4", size_bytes=7)


def submitted(ledger, order):
    entry = ledger.submitting(ledger.reserve(order).entry)
    return ledger.submitted(entry, f"job-{entry.id}")


def test_a_producer_sees_per_pilot_and_stage_what_was_spent_set_aside_avoided_and_lost(ledger, order):
    bought = ledger.settle(submitted(ledger, order("one", "1")), Decimal("0.75"), CLIP)
    ledger.avoid(bought, order("one", "1"))
    ledger.lose(submitted(ledger, order("two", "1", tier="static")), Decimal("0.50"), "moderated")
    ledger.reserve(order("three", "2", tier="static"))
    ledger.release(ledger.reserve(order("four", "2")).entry, "refused")

    report = cost_report(ledger, "lighthouse")

    assert (report.cap_usd, report.left_usd) == (Decimal(10), Decimal("6.75"))
    assert (report.settled_usd, report.reserved_usd) == (Decimal("1.25"), Decimal(2))
    assert (report.avoided_usd, report.lost_usd) == (Decimal("0.75"), Decimal("0.5"))
    assert (report.purchases, report.reuses) == (3, 1)
    assert report.simulated is False
    assert report.adds_up
    animated, static = report.pilots
    assert (animated.tier, animated.cap_usd, animated.settled_usd) == ("animated", Decimal(6), Decimal("0.75"))
    assert (static.tier, static.lost_usd, static.reserved_usd) == ("static", Decimal("0.5"), Decimal(2))
    assert [stage.stage for stage in static.stages] == ["shoot"]
    assert animated.stages[0].reuses == 1


def test_a_production_without_money_has_unknown_caps_and_not_zero(ledger):
    report = cost_report(ledger, "harbour")
    assert report.cap_usd is None
    assert report.left_usd is None
    assert report.simulated is None
    assert report.pilots == ()


def test_a_pilot_that_has_bought_nothing_yet_is_in_the_table(ledger):
    assert [(pilot.tier, pilot.settled_usd) for pilot in cost_report(ledger, "lighthouse").pilots] == [
        ("animated", Decimal(0)),
        ("static", Decimal(0)),
    ]


def test_another_production_of_a_similar_name_is_not_counted(ledger):
    ledger.set_caps({"production:lighthouse-2": Decimal(5), "pilot:lighthouse-2|animated": Decimal(5)})
    assert cost_report(ledger, "lighthouse").cap_usd == Decimal(10)
    assert len(cost_report(ledger, "lighthouse").pilots) == 2


def test_a_vendor_that_overcharged_shows_as_money_that_does_not_add_up(ledger, order):
    ledger.settle(submitted(ledger, order("one", "6")), Decimal(11), CLIP)
    assert not cost_report(ledger, "lighthouse").adds_up


def test_money_is_written_as_decimal_strings(ledger, order):
    ledger.settle(submitted(ledger, order("one", "1")), Decimal("0.1"), CLIP)
    report = cost_report(ledger, "lighthouse").model_dump(mode="json")
    assert report["settled_usd"] == "0.10"
    assert report["cap_usd"] == "10.00"


def test_it_tells_what_nobody_charged_what_a_second_cost_and_which_prices_drifted(ledger, order):
    wish = order("rehearsed", "1")
    wish = wish.model_copy(update={"quote": wish.quote.model_copy(update={"simulated": True})})
    ledger.settle(submitted(ledger, wish), Decimal(1), CLIP)
    dear = ledger.settle(submitted(ledger, order("dear", "2")), Decimal("2.5"), CLIP)
    ledger.settle(submitted(ledger, order("as quoted", "0.5", tier="static")), Decimal("0.5"), CLIP)

    report = cost_report(ledger, "lighthouse", film_seconds=30.0)

    assert (report.settled_usd, report.simulated_usd, report.simulated_share) == (4, 1, Decimal("0.25"))
    assert [pilot.simulated_usd for pilot in report.pilots] == [1, 0]
    assert report.pilots[0].stages[0].simulated_usd == 1
    assert report.per_second_usd == Decimal("0.133333")
    (drift,) = report.drifts
    assert (drift.entry, drift.quoted_usd, drift.charged_usd, drift.drift_usd) == (
        dear.id,
        2,
        Decimal("2.5"),
        Decimal("0.5"),
    )
    assert report.adds_up
    assert cost_report(ledger, "lighthouse").per_second_usd is None


def test_it_adds_up_with_the_envelopes_of_shots_slates_and_days(ledger, order):
    ledger.set_caps(
        {"production:harbour": Decimal(9), "pilot:harbour|animated": Decimal(9), "slate:november": Decimal(9)}
    )
    for production in ("lighthouse", "harbour"):
        ledger.enrol(production, "slate:november")
        wish = order(production, "2", production=production)
        caps = {f"shot:{production}|animated.s01.k1": Decimal(3), "day:2026-11-21": Decimal(5)}
        wish = wish.model_copy(update={"account": wish.account.model_copy(update={"caps": caps})})
        ledger.settle(submitted(ledger, wish), Decimal(1), CLIP)
    ledger.reserve(order("another", "1"))
    assert cost_report(ledger, "lighthouse").adds_up
    assert cost_report(ledger, "harbour").adds_up


def test_a_line_that_lost_an_envelope_does_not_add_up(ledger, url, order):
    import sqlalchemy as sa

    ledger.settle(submitted(ledger, order("one", "1")), Decimal(1), CLIP)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM entry_envelopes WHERE envelope = 'production:lighthouse'")
    engine.dispose()
    assert not cost_report(ledger, "lighthouse").adds_up
