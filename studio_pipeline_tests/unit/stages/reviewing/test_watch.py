"""Which productions a tick of a sensor looks at: bounded, fair, and nothing that happened is overlooked."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from studio_pipeline.film.brief import Brief
from studio_pipeline.orchestration.orders import Orders
from studio_pipeline.orchestration.partitions import PRODUCTIONS
from studio_pipeline.stages.reviewing.sensors import MOST_AT_ONCE, Watch


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture
def home(tmp_path: Path) -> Any:
    return SimpleNamespace(orders=Orders(tmp_path))


def brief(title: str) -> Brief:
    return Brief(title=title, concept="Rain", duration_s=10, budget_usd=Decimal(1))


def names(count: int) -> list[str]:
    return [f"film-{number:03d}" for number in range(count)]


def tick(
    cursor: str | None, instance: dg.DagsterInstance, home: Any, *, settled: bool = False
) -> tuple[list[str], str]:
    """What one tick looks at, and its cursor; ``settled``: it finds nothing to do anywhere."""
    watch = Watch(cursor)
    looked = watch.look(instance, home)
    if settled:
        watch.active -= set(looked)
    return looked, watch.cursor()


def test_the_first_ticks_look_at_every_production_once_and_never_at_too_many(
    instance: dg.DagsterInstance, home: Any
) -> None:
    instance.add_dynamic_partitions(PRODUCTIONS, names(50))
    seen: list[str] = []
    cursor = None
    for _ in range(4):
        looked, cursor = tick(cursor, instance, home, settled=True)
        assert len(looked) <= MOST_AT_ONCE
        seen += looked
    assert sorted(seen) == names(50)


def test_productions_under_way_are_looked_at_in_turn(instance: dg.DagsterInstance, home: Any) -> None:
    instance.add_dynamic_partitions(PRODUCTIONS, names(MOST_AT_ONCE * 2))
    first, cursor = tick(None, instance, home)
    second, cursor = tick(cursor, instance, home)
    third, _ = tick(cursor, instance, home)
    assert sorted(first + second) == names(MOST_AT_ONCE * 2)
    assert third == first


def test_where_something_was_made_comes_first(instance: dg.DagsterInstance, home: Any) -> None:
    crowd = names(MOST_AT_ONCE * 2)
    instance.add_dynamic_partitions(PRODUCTIONS, crowd)
    _, cursor = tick(None, instance, home)
    made = dg.AssetMaterialization("pilot_clips", partition=f"{crowd[3]}|static.s01.k1")
    instance.report_runless_asset_event(made)
    looked, _ = tick(cursor, instance, home)
    assert looked[0] == crowd[3]


def test_a_settled_production_sleeps_until_something_of_it_is_made(instance: dg.DagsterInstance, home: Any) -> None:
    instance.add_dynamic_partitions(PRODUCTIONS, names(2))
    _, cursor = tick(None, instance, home, settled=True)
    asleep, cursor = tick(cursor, instance, home)
    assert asleep == []
    for name in names(2):  # the first ones ever of this asset, both between two ticks
        instance.report_runless_asset_event(dg.AssetMaterialization("scenes", partition=f"{name}|static"))
    awake, _ = tick(cursor, instance, home)
    assert awake == names(2)


def test_an_order_wakes_its_production(instance: dg.DagsterInstance, home: Any) -> None:
    instance.add_dynamic_partitions(PRODUCTIONS, ["rain", "snow"])
    home.orders.hand_in(brief("Rain"))
    _, cursor = tick(None, instance, home, settled=True)
    home.orders.choose("rain", "recommended")
    looked, _ = tick(cursor, instance, home)
    assert looked == ["rain"]


def test_a_brief_whose_partition_comes_after_a_tick_is_not_forgotten(instance: dg.DagsterInstance, home: Any) -> None:
    home.orders.hand_in(brief("Rain"))
    nothing, cursor = tick(None, instance, home)
    instance.add_dynamic_partitions(PRODUCTIONS, ["rain"])
    looked, _ = tick(cursor, instance, home)
    assert (nothing, looked) == ([], ["rain"])


def test_a_command_watches_its_production_alone(instance: dg.DagsterInstance, home: Any) -> None:
    instance.add_dynamic_partitions(PRODUCTIONS, names(3))
    looked, cursor = tick(Watch.one("film-001", since=1.0), instance, home)
    again, _ = tick(cursor, instance, home)
    assert looked == again == ["film-001"]
