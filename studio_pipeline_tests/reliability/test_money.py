"""Killed, refused, left without an answer: what the vendors charge stays within every cap, and nothing paid is lost.

Each seed is eight processes on one ledger and one store, in front of vendors that run in a process of their own and
keep their own books. One seed again: ``pytest studio_pipeline_tests/reliability/test_money.py -k seed-017``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio_pipeline_tests.backlot.money.audit import Audit
from studio_pipeline_tests.backlot.money.storm import run
from studio_pipeline_tests.backlot.money.till import Till, open_till
from studio_pipeline_tests.backlot.postgres import Server

EVERYDAY = 12
SEEDS = 200
POSTGRES_EVERYDAY = 3
POSTGRES_SEEDS = 60


def seeds(everyday: int, most: int) -> pytest.MarkDecorator:
    every = [pytest.param(seed, id=f"seed-{seed:03}") for seed in range(everyday)]
    slow = [pytest.param(seed, id=f"seed-{seed:03}", marks=pytest.mark.slow) for seed in range(everyday, most)]
    return pytest.mark.parametrize("seed", [*every, *slow])


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Till]:
    pytest.importorskip("runwayml", reason="the extra `runway` is not installed")
    with open_till(tmp_path_factory.mktemp("till") / "books.jsonl") as opened:
        yield opened


def all_is_well(seed: int, folder: Path, url: str, till: Till) -> None:
    audit = Audit(run(seed, folder, url, till))
    if problems := audit.problems():
        pytest.fail("\n".join([f"seed {seed}:", *problems, audit.told()]), pytrace=False)


@seeds(EVERYDAY, SEEDS)
def test_what_is_charged_is_within_every_cap_and_known(seed: int, tmp_path: Path, till: Till) -> None:
    all_is_well(seed, tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite3'}", till)


@seeds(POSTGRES_EVERYDAY, POSTGRES_SEEDS)
def test_so_it_is_with_postgres(seed: int, tmp_path: Path, till: Till, postgres: Server) -> None:
    all_is_well(seed, tmp_path, postgres.empty_database(), till)
