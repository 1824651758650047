"""A home with very many productions, made in seconds from one that was really shot.

Artifacts, orders and films are links to the real ones; the ledger's and Dagster's rows are copied under other names.
Media are left out, for whoever steers a production never opens them. A few productions are made to look as in the
middle of their shoot, with a run under way; all the others are delivered.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import dagster as dg

from studio_pipeline.orchestration.call_sheet import call_sheet
from studio_pipeline.orchestration.jobs import run_request
from studio_pipeline.orchestration.studio_home import StudioHome

Row = dict[str, Any]
_PICTURE = re.compile(r"base64,[A-Za-z0-9+/=]+")
"""Posters inside events are most of their size, and no sensor looks at them."""
_RUN_IDS_APART = 1_000_000


def crowd(finished: Path, production: str, into: Path, *, productions: int) -> list[str]:
    """Make the home ``into`` with a delivered production and so many copies of it; returns all names."""
    shutil.copytree(finished, into, ignore=shutil.ignore_patterns("media", "drive.lock"))
    names = [f"{production}-{number:04d}" for number in range(1, productions)]
    for room in ("artifacts", "orders", "films"):
        for name in names:
            shutil.copytree(finished / room / production, into / room / name, copy_function=os.link)
    history = into / "dagster" / "history"
    _copy(into / "ledger.sqlite3", ["envelopes", "decisions", "entries", "entry_envelopes"], production, names)
    _copy(history / "runs.db", ["runs", "run_tags"], production, names)
    _copy(history / "runs" / "index.db", ["event_logs", "dynamic_partitions"], production, names)
    return [production, *names]


def put_in_mid_shoot(home: StudioHome, instance: dg.DagsterInstance, production: str) -> None:
    """Take the second half of a delivered production's shoot away again, and let runs be busy with making it."""
    root = Path(home.artifacts_url) / production
    for whole in ("edls.json", "final_cut.json"):
        (root / whole).unlink()
    for asset in ("pilot_clips", "qa_scores"):
        files = sorted((root / asset).iterdir())
        for tier in {file.name.partition(".")[0] for file in files}:
            of_tier = [file for file in files if file.name.startswith(f"{tier}.")]
            for file in of_tier[len(of_tier) // 2 :]:
                file.unlink()
    for work in call_sheet(home.facts(production, instance)).work:
        request = run_request(production, work)
        run = dg.DagsterRun(job_name=work.job, tags=request.tags, status=dg.DagsterRunStatus.STARTED)
        instance.add_run(run)


def _copy(database: Path, tables: Iterable[str], production: str, names: list[str]) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = OFF")
        for table in tables:
            rows = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
            rows = [row for row in rows if _COPIED.get(table, lambda row: True)(row)]
            for number, name in enumerate(names, start=1):
                for row in rows:
                    new = _renamed(table, row, production, name, number)
                    columns, marks = ", ".join(f'"{column}"' for column in new), ", ".join("?" * len(new))
                    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(new.values()))
        connection.commit()


_COPIED: dict[str, Callable[[Row], bool]] = {
    "event_logs": lambda row: row["dagster_event_type"] in ("ASSET_MATERIALIZATION", "ASSET_OBSERVATION"),
}
"""Which rows are worth copying, where that is not all of them."""


def _renamed(table: str, row: Row, production: str, name: str, number: int) -> Row:
    new = dict(row)
    if table == "entries":
        new["id"] += number * _RUN_IDS_APART
        new["identity"] += name
    elif table == "entry_envelopes":
        new["entry"] += number * _RUN_IDS_APART
    else:
        new.pop("id", None)
    run_id = row.get("run_id")
    for column, value in new.items():
        if isinstance(value, str):
            value = _PICTURE.sub("base64,", value).replace(production, name)
            new[column] = value.replace(run_id, f"{number:08x}{run_id[8:]}") if run_id else value
    return new
