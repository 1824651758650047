"""The benchmark of who gets the money, with few seeds: that it runs, and that what it says can be believed."""

import numpy as np
import pytest

from benchmarks import allocation
from benchmarks.productions import produce
from benchmarks.report import Report
from benchmarks.shoot import PILOTS, PRICE_USD, SHOTS, Reel, World, best_of_n, by_halving, footage, oracle
from benchmarks.workshop import Workshop

WORLD = World(generations=3, noise=8, spread=12)
SEEDS = range(40)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return allocation.run(Workshop(tmp_path_factory.mktemp("bench")), seeds=16, generations=(3.0,))


def test_it_prints_its_tables_and_its_aims(report: Report) -> None:
    whole, parts, alone = report.tables
    assert [len(table.rows) for table in (whole, parts, alone)] == [9, len(allocation.PARTS) + 3, 11]
    assert whole.rows[4][0] == "3 generations, error 8, spread 12"
    assert len(report.aims) == 4
    assert "| --- |" in report.markdown()
    assert "![Who gets the money](pictures/allocation.png)" in report.markdown()
    assert report.pictures["allocation.png"].size[0] > 1000


def test_halving_is_well_below_best_of_n_at_three_generations_a_usable_shot() -> None:
    found = allocation.productions(WORLD, len(SEEDS), allocation.PRODUCTIONS)
    assert found["halving"].mean < 0.75 * found["uniform"].mean
    assert found["halving"].mean < found["threshold"].mean


def test_nobody_beats_the_oracle_and_nobody_spends_more_than_there_is() -> None:
    found = allocation.productions(WORLD, len(SEEDS), allocation.PRODUCTIONS)
    floor = found.pop("floor")
    for policy in found.values():
        assert (policy.regret >= floor.regret - 1e-9).all()
        assert (floor.regret >= -1e-9).all()
        assert (policy.spent <= 1).all()


def test_the_oracle_is_exact_where_it_can_be_tried_out() -> None:
    """With as many takes as shots and one more, it is one take a shot or two of one and none of another."""
    pilot = footage(WORLD, 7)[0]
    worth = np.minimum(70, pilot.quality * pilot.came)
    best = np.maximum.accumulate(worth, axis=1)
    for_one = [best[shot, 0] for shot in range(SHOTS)]
    assert oracle([pilot], 1)[0] == pytest.approx(max(best[:, 0]) / SHOTS)
    two = max(
        max(best[:, 1]),
        max(a + b for place, a in enumerate(for_one) for b in for_one[place + 1 :]),
    )
    assert oracle([pilot], 2)[0] == pytest.approx(two / SHOTS)


def test_the_same_seed_is_the_same_film_and_one_take_in_three_is_usable() -> None:
    takes = WORLD.takes_for(PILOTS)
    films = [produce(footage(WORLD, 5), takes, "halving", by_halving, verdicts=2).film for _ in range(2)]
    assert films[0].shots == films[1].shots
    usable = np.mean([pilot.quality >= 70 for seed in SEEDS for pilot in footage(WORLD, seed)])
    assert usable == pytest.approx(1 / 3, abs=0.06)


def test_best_of_n_gives_every_shot_as_many_files() -> None:
    reel = Reel(footage(WORLD, 3)[0])
    best_of_n(reel, SHOTS, WORLD.takes_for(1))
    counts = [len(shot.ratings) for shot in reel.shots]
    assert max(counts) - min(counts) <= 1
    assert reel.bought == WORLD.takes_for(1)
    assert all(shot.price_usd == PRICE_USD for shot in reel.shots)
