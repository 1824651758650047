"""Draws that stand, outcomes that are written once, and what both databases make of them."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.errors import BadInput, HomeDamaged
from studio_pipeline.experiments.metrics import METRICS, SIMULATED_USD, Observation, Outcome
from studio_pipeline.experiments.records import Records
from studio_pipeline.prompting.variants import Function, Variant

OUTCOME = Outcome(production="lamp", quality=71.25, cost_usd=Decimal("1.234567"), seconds=98.5, completion=11 / 12)


def function(name: str = "script_generator", **weights: float) -> Function:
    variants = [
        Variant(name=variant, prompt="screenwriter", model="writing", weight=w) for variant, w in weights.items()
    ]
    return Function(name=name, output="ScriptDraft", most_output_tokens=100, variants=tuple(variants))


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return request.getfixturevalue("postgres").empty_database()
    return f"sqlite:///{tmp_path / 'ledger.sqlite3'}"


@pytest.fixture
def records(url: str) -> Records:
    return Records(Ledger(url).database)


def values(records: Records) -> dict[str, Decimal]:
    return {seen.metric: seen.value for seen in records.observations()}


def test_a_production_keeps_its_variant_when_the_weights_change(records: Records) -> None:
    productions = [f"film-{number}" for number in range(40)]
    before = {name: records.variant_of(name, function(plain=1, bold=1)).name for name in productions}
    assert set(before.values()) == {"plain", "bold"}
    after = {name: records.variant_of(name, function(plain=0, bold=1, terse=50)).name for name in productions}
    assert after == before, "plain is drawn no more, and who has it keeps it"
    assert {records.variant_of(f"new-{n}", function(plain=0, bold=1, terse=50)).name for n in range(20)} <= {
        "bold",
        "terse",
    }


def test_draws_follow_the_weights(records: Records) -> None:
    drawn = Counter(records.variant_of(f"film-{number}", function(plain=3, bold=1)).name for number in range(200))
    assert 125 <= drawn["plain"] <= 175, "three of four, more or less"


def test_a_variant_that_was_taken_out_is_drawn_anew_and_the_production_is_not_counted(records: Records) -> None:
    assert records.variant_of("lamp", function(plain=1)).name == "plain"
    assert records.record(OUTCOME) == 1
    assert records.variant_of("lamp", function(bold=1)).name == "bold"
    assert records.variant_of("lamp", function(plain=1, bold=1)).name == "bold", "and that one stands"
    assert records.record(OUTCOME) == 0
    assert records.observations() == ()


def test_recording_twice_changes_nothing(records: Records) -> None:
    records.variant_of("lamp", function(plain=1))
    records.record(OUTCOME)
    first = records.observations()
    records.record(OUTCOME)
    assert records.observations() == first
    assert {seen.metric for seen in first} == set(METRICS) - {"user_satisfaction"}


def test_money_is_exact_and_the_rest_is_kept_to_a_millionth(records: Records) -> None:
    records.variant_of("lamp", function(plain=1))
    records.record(OUTCOME)
    assert values(records) == {
        "video_quality_score": Decimal("71.25"),
        "video_generation_cost": Decimal("1.234567"),
        "video_generation_time": Decimal("98.5"),
        "video_completion_rate": Decimal("0.916667"),
    }


def test_a_new_outcome_takes_the_place_of_the_old_one_and_what_is_unknown_now_goes(records: Records) -> None:
    records.variant_of("lamp", function(plain=1))
    records.record(OUTCOME)
    records.record(OUTCOME.model_copy(update={"quality": None, "cost_usd": Decimal(2), "simulated": True}))
    assert values(records)["video_generation_cost"] == 2
    assert "video_quality_score" not in values(records)
    units = {seen.metric: seen.unit for seen in records.observations()}
    assert units["video_generation_cost"] == SIMULATED_USD


def test_an_outcome_counts_for_every_function_the_production_has_a_variant_of(records: Records) -> None:
    records.variant_of("lamp", function("script_generator", plain=1))
    records.variant_of("lamp", function("editor", calm=1))
    records.variant_of("other", function("editor", calm=1))
    assert records.record(OUTCOME) == 2
    seen = {(one.production, one.function, one.variant) for one in records.observations()}
    assert seen == {("lamp", "script_generator", "plain"), ("lamp", "editor", "calm")}
    assert {one.function for one in records.observations("editor")} == {"editor"}


def test_a_production_of_rules_only_counts_under_no_variant(records: Records) -> None:
    assert records.record(OUTCOME) == 0
    assert records.rate("lamp", 4) == 0
    assert records.observations() == ()
    assert records.stars() == {"lamp": 4}


def test_a_person_may_change_their_mind_and_it_stays_through_every_record(records: Records) -> None:
    records.variant_of("lamp", function(plain=1))
    assert records.rate("lamp", 2) == 1
    assert records.rate("lamp", 5) == 1
    assert values(records) == {"user_satisfaction": Decimal(5)}
    records.record(OUTCOME)
    assert len(values(records)) == 5
    records.rate("lamp", 1)
    assert values(records)["user_satisfaction"] == 1
    assert values(records)["video_quality_score"] == Decimal("71.25"), "a person's word leaves the rest as it is"


@pytest.mark.parametrize("stars", [0, 6, -1, 3.5, True])
def test_only_one_to_five_stars_are_taken(records: Records, stars: int) -> None:
    with pytest.raises(BadInput, match="is no number of stars"):
        records.rate("lamp", stars)
    assert records.stars() == {}


def test_the_ledger_is_still_a_ledger_and_a_lost_table_of_ours_is_made_again(url: str) -> None:
    Records(Ledger(url).database).rate("lamp", 3)
    ledger = Ledger(url)
    ledger.set_caps({"production:lamp": Decimal(1)})
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE experiment_satisfaction")
    engine.dispose()
    assert Records(Ledger(url).database).stars() == {}
    assert Ledger(url).caps() == {"production:lamp": Decimal(1)}


def test_what_is_no_ledger_is_refused_before_a_table_is_made(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite3"
    engine = sa.create_engine(f"sqlite:///{other}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (id int)")
    with pytest.raises(HomeDamaged, match="another program"):
        Records(Ledger(f"sqlite:///{other}").database)
    assert sa.inspect(engine).get_table_names() == ["recipes"]
    engine.dispose()


def _draw(url: str, weights: dict[str, float], barrier, told) -> None:
    ledger = Ledger(url)
    barrier.wait()
    records = Records(ledger.database)
    told.put([records.variant_of(f"film-{n}", function(**weights)).name for n in range(30)])


def test_processes_that_draw_at_once_agree_whatever_weights_each_has_read(url: str) -> None:
    Ledger(url)
    spawn = multiprocessing.get_context("spawn")
    barrier, told = spawn.Barrier(3), spawn.Queue()
    each = [{"plain": 1, "bold": 0.1}, {"plain": 0.1, "bold": 1}, {"plain": 0, "bold": 1}]
    running = [spawn.Process(target=_draw, args=(url, weights, barrier, told)) for weights in each]
    for process in running:
        process.start()
    results = [told.get(timeout=60) for _ in running]
    for process in running:
        process.join(timeout=60)
    assert results[0] == results[1] == results[2]
    kept = {one.production: one.variant for one in Records(Ledger(url).database).assignments()}
    assert [kept[f"film-{n}"] for n in range(30)] == results[0]


def test_threads_that_draw_at_once_agree(records: Records) -> None:
    two = [function(plain=1, bold=9), function(plain=9, bold=1)]
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda n: records.variant_of("lamp", two[n % 2]).name, range(40)))
    assert len(set(drawn)) == 1


def test_observations_say_when(records: Records) -> None:
    records.variant_of("lamp", function(plain=1))
    records.record(OUTCOME)
    (seen, *_) = records.observations()
    assert isinstance(seen, Observation)
    assert seen.recorded_at.endswith("+00:00")
