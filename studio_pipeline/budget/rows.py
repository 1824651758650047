"""Rows of the ledger's tables, read and written inside a transaction that somebody else holds.

What lives here: rows to models and back, and the sums. What does not: any rule (``ledger.py``).
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from studio_pipeline.budget.amounts import dollars, micro
from studio_pipeline.budget.purchase import HELD, LIVE, PAID, Entry, PurchaseOrder, Totals
from studio_pipeline.budget.schema import entries, entry_envelopes
from studio_pipeline.film.media_ref import MediaRef


def totals_of(connection: sa.Connection, production: str) -> Totals:
    """The sums of a production, as the database adds them up."""
    spent, kept = sa.func.sum(entries.c.settled_micro), sa.func.sum(entries.c.max_micro)
    rows = connection.execute(
        sa.select(entries.c.state, entries.c.simulated, spent.label("spent"), kept.label("kept"))
        .where(entries.c.production == production, entries.c.state != "released")
        .group_by(entries.c.state, entries.c.simulated)
    ).all()
    priced = [row for row in rows if row.spent or row.kept]
    return Totals(
        settled_usd=dollars(sum(row.spent for row in rows if row.state in PAID)),
        reserved_usd=dollars(sum(row.kept for row in rows if row.state in HELD)),
        avoided_usd=dollars(sum(row.spent for row in rows if row.state == "avoided")),
        lost_usd=dollars(sum(row.spent for row in rows if row.state == "lost")),
        simulated_usd=dollars(sum(row.spent for row in rows if row.state in PAID and row.simulated)),
        simulated=all(row.simulated for row in priced) if priced else None,
    )


def entries_of(connection: sa.Connection, which: sa.ColumnElement[bool]) -> tuple[Entry, ...]:
    """The lines that ``which`` selects, oldest first."""
    return tuple(entry_of(row) for row in connection.execute(sa.select(entries).where(which).order_by(entries.c.id)))


def paid_from(connection: sa.Connection, production: str) -> dict[str, tuple[str, ...]]:
    """Ids of the lines of a production, each with the envelopes it is paid from."""
    found: dict[str, list[str]] = {}
    for row in connection.execute(
        sa.select(entry_envelopes)
        .join(entries, entries.c.id == entry_envelopes.c.entry)
        .where(entries.c.production == production)
    ):
        found.setdefault(str(row.entry), []).append(row.envelope)
    return {entry: tuple(sorted(names)) for entry, names in found.items()}


def live_row(connection: sa.Connection, identity: str, *, lock: bool = False) -> sa.Row[Any] | None:
    live = sa.select(entries).where(entries.c.identity == identity, entries.c.state.in_(LIVE))
    return connection.execute(live.with_for_update() if lock else live).one_or_none()


def row_of(connection: sa.Connection, key: int) -> sa.Row[Any]:
    return connection.execute(sa.select(entries).where(entries.c.id == key)).one()


def write_line(connection: sa.Connection, order: PurchaseOrder, **values: Any) -> sa.Row[Any]:
    written = connection.execute(
        entries.insert()
        .values(
            identity=order.identity,
            production=order.account.production,
            place=order.account.place,
            stage=order.account.stage,
            vendor=order.vendor,
            model=order.model,
            take=order.take,
            expected_micro=micro(order.quote.expected_usd),
            max_micro=micro(order.quote.max_usd),
            simulated=order.quote.simulated,
            source=order.quote.source,
            touched_s=int(time.time()),
            opened_at=utc_now(),
            **values,
        )
        .returning(entries)
    )
    return written.one()


def entry_of(row: sa.Row[Any]) -> Entry:
    return Entry(
        id=str(row.id),
        identity=row.identity,
        state=row.state,
        production=row.production,
        place=row.place,
        stage=row.stage,
        vendor=row.vendor,
        model=row.model,
        take=row.take,
        expected_usd=dollars(row.expected_micro),
        max_usd=dollars(row.max_micro),
        settled_usd=None if row.settled_micro is None else dollars(row.settled_micro),
        simulated=row.simulated,
        source=row.source,
        job_id=row.job_id,
        why=row.why,
        media=None if row.media_json is None else MediaRef.model_validate_json(row.media_json),
        details=json.loads(row.details_json),
        events=tuple(json.loads(row.events_json)),
        owner=row.owner,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )


def text(words: str, *, most: int | None = 2000) -> str:
    """Words of a vendor or a person as both databases can keep them: no NUL, no half of a character."""
    return words[:most].replace("\0", "�").encode(errors="replace").decode()


def utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
