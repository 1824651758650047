"""Rows of the ledger's tables, read and written inside a transaction that somebody else holds.

What lives here: rows to models and back, and the sums. What does not: any rule (``ledger.py``).
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from studio_pipeline.budget.purchase import HELD, LIVE, PAID, Balance, Entry, PurchaseOrder, Totals
from studio_pipeline.budget.schema import dollars, entries, entry_envelopes, envelopes, micro
from studio_pipeline.errors import BadInput
from studio_pipeline.film.media_ref import MediaRef


def balance_of(connection: sa.Connection, envelope: str, *, lock: bool = False) -> Balance:
    cap = sa.select(envelopes.c.cap_micro).where(envelopes.c.name == envelope)
    found = connection.execute(cap.with_for_update() if lock else cap).scalar()
    sums = connection.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(sa.case((entries.c.state.in_(PAID), entries.c.settled_micro), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((entries.c.state.in_(HELD), entries.c.max_micro), else_=0)), 0),
        )
        .select_from(entry_envelopes.join(entries, entries.c.id == entry_envelopes.c.entry))
        .where(entry_envelopes.c.envelope == envelope)
    ).one()
    return Balance(cap_usd=dollars(found or 0), settled_usd=dollars(sums[0]), reserved_usd=dollars(sums[1]))


def totals_of(connection: sa.Connection, production: str) -> Totals:
    """The sums of a production, as the database adds them up."""
    spent, kept = sa.func.sum(entries.c.settled_micro), sa.func.sum(entries.c.max_micro)
    rows = connection.execute(
        sa.select(entries.c.state, entries.c.simulated, spent.label("spent"), kept.label("kept"))
        .where(entries.c.production == production, entries.c.state != "released")
        .group_by(entries.c.state, entries.c.simulated)
    ).all()
    return Totals(
        settled_usd=dollars(sum(row.spent for row in rows if row.state in PAID)),
        reserved_usd=dollars(sum(row.kept for row in rows if row.state in HELD)),
        avoided_usd=dollars(sum(row.spent for row in rows if row.state == "avoided")),
        lost_usd=dollars(sum(row.spent for row in rows if row.state == "lost")),
        simulated=all(row.simulated for row in rows) if rows else None,
    )


def entries_of(connection: sa.Connection, which: sa.ColumnElement[bool]) -> tuple[Entry, ...]:
    """The lines that ``which`` selects, oldest first."""
    return tuple(entry_of(row) for row in connection.execute(sa.select(entries).where(which).order_by(entries.c.id)))


def live_row(connection: sa.Connection, identity: str) -> sa.Row[Any] | None:
    return connection.execute(
        sa.select(entries).where(entries.c.identity == identity, entries.c.state.in_(LIVE))
    ).one_or_none()


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
            expected_micro=micro(checked(order.quote.expected_usd)),
            max_micro=micro(checked(order.quote.max_usd)),
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


def checked(usd: Decimal) -> Decimal:
    if not usd.is_finite() or usd < 0:
        raise BadInput(f"{usd} is no amount of money", where="ledger", todo="Give dollars, zero or more.")
    return usd


def utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
