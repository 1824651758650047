"""The ledger: envelopes with caps, and every purchase from reservation to settlement, safe from many processes.

What lives here: moving money between envelopes, reserving, and the state of each entry. What does not: calling a
vendor (``providers/metering.py``), prices (``rate_cards.py``), and who deserves money (``allocation.py``).

Two promises, both kept by the one reserving transaction: ``settled + reserved`` never exceeds the cap of any
envelope, and an identity never has two live entries (the database holds that one by a unique index as well).
An entry is signed by the process at work on it. When that process is dead, the next one that wants the same thing
takes the entry over, in the state it was left in. Every later step checks the signature, so that a process that
was wrongly taken for dead cannot submit what another has taken over.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from studio_pipeline.budget import schema
from studio_pipeline.budget.purchase import (
    HELD,
    OPEN,
    Balance,
    Claim,
    Entry,
    PurchaseOrder,
    State,
    Statement,
    Totals,
)
from studio_pipeline.budget.rows import (
    balance_of,
    checked,
    entries_of,
    entry_of,
    live_row,
    row_of,
    totals_of,
    utc_now,
    write_line,
)
from studio_pipeline.budget.schema import cap_micro, dollars, entries, entry_envelopes, envelopes, micro
from studio_pipeline.errors import HomeLocked, OutOfBudget
from studio_pipeline.film.frozen import canonical_json
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.liveness import Process

SILENT_S = 900
"""A process of another machine, which nobody here can look at, counts as dead after this long without a step."""


def production_envelope(production: str) -> str:
    """Name of the envelope that holds a production's whole money."""
    return f"production:{production}"


def pilot_envelope(production: str, tier: str) -> str:
    """Name of the envelope that holds one pilot's money."""
    return f"pilot:{production}|{tier}"


class Ledger:
    """The ledger at a database address. May be used from several threads, and opened by several processes."""

    def __init__(self, url: str) -> None:
        """Open or make the ledger at ``url``, e.g. ``sqlite:////…/ledger.sqlite3``.

        Raises:
            HomeDamaged: when it cannot be read or is of a newer version; it is never overwritten.
            HomeFull: when it cannot be written.
        """
        self._database = schema.Database(url)

    # Envelopes

    def set_caps(self, caps: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Set several caps in one transaction, which is how money moves between envelopes.

        Returns:
            The caps as they are now. One that would lie below what its envelope has spent and set aside stays there.
        """
        with self._database.write() as connection:
            return _set_caps(connection, caps)

    def decide_once(self, key: str, caps: Mapping[str, Decimal], outcome: Mapping[str, Any]) -> bool:
        """``set_caps``, at most once for ever for a decision called ``key``, and write down what was decided.

        Returns:
            ``False`` when it was decided before; nothing is changed then.
        """
        with self._database.write() as connection:
            if connection.execute(sa.select(schema.decisions.c.key).filter_by(key=key)).first():
                return False
            now = _set_caps(connection, caps)
            connection.execute(
                schema.decisions.insert().values(
                    key=key,
                    caps_json=canonical_json(now),
                    outcome_json=canonical_json(dict(outcome)),
                    decided_at=utc_now(),
                )
            )
            return True

    def decision(self, key: str) -> dict[str, Any] | None:
        """The outcome that ``decide_once`` wrote down under ``key``; ``None`` when that is still open."""
        with self._database.read() as connection:
            found = connection.execute(sa.select(schema.decisions.c.outcome_json).filter_by(key=key)).scalar()
            return json.loads(found) if found is not None else None

    def caps(self) -> dict[str, Decimal]:
        """Every envelope and its cap."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(envelopes).order_by(envelopes.c.name))
            return {row.name: dollars(row.cap_micro) for row in rows}

    def balance(self, envelope: str) -> Balance:
        """What an envelope holds. One that nobody gave a cap is empty."""
        with self._database.read() as connection:
            return balance_of(connection, envelope)

    def available(self, envelope: str) -> Decimal:
        """What an envelope has left to reserve."""
        return self.balance(envelope).available_usd

    # One purchase

    def reserve(self, order: PurchaseOrder) -> Claim:
        """Set the maximum price aside in every envelope of the order, or say how the identity already stands.

        Raises:
            OutOfBudget: when an envelope has not enough left; nothing is written.
        """
        with self._database.write() as connection:
            row = live_row(connection, order.identity)
            if row is not None:
                return _claim(connection, row)
            for name in order.account.envelopes:
                _check_room(balance_of(connection, name, lock=True), name, order)
            row = write_line(connection, order, state="reserved", owner=str(Process.current()))
            for name in order.account.envelopes:
                connection.execute(entry_envelopes.insert().values(entry=row.id, envelope=name))
            return Claim(kind="yours", entry=entry_of(row))

    def submitting(self, entry: Entry) -> Entry:
        """Committed *before* the request leaves: from here on a silence may mean that it was charged."""
        return self._step(entry, ("reserved",), state="submitting")

    def submitted(self, entry: Entry, job_id: str) -> Entry:
        """The vendor has the job, and this is its name there."""
        return self._step(entry, ("submitting",), state="submitted", job_id=job_id)

    def touch(self, entry: Entry) -> Entry:
        """Say that this process is still at work on the entry; waiting for a vendor may take long."""
        return self._step(entry, OPEN)

    def let_go(self, entry: Entry) -> None:
        """Leave an entry, if it is open and this process's, in the state it is in to whoever wants it next."""
        with self._database.write() as connection:
            connection.execute(
                entries.update()
                .where(entries.c.id == int(entry.id), entries.c.state.in_(OPEN))
                .where(entries.c.owner == str(Process.current()))
                .values(owner=None)
            )

    def settle(
        self,
        entry: Entry,
        actual_usd: Decimal,
        media: MediaRef,
        *,
        details: Mapping[str, Any] | None = None,
        events: Iterable[str] = (),
    ) -> Entry:
        """Paid and in the store. ``details`` and ``events`` come back with every later use of the media."""
        return self._step(
            entry,
            ("submitted", "ambiguous"),
            state="settled",
            settled_micro=micro(checked(actual_usd)),
            media_json=media.model_dump_json(),
            details_json=canonical_json(dict(details or {})),
            events_json=canonical_json(list(events)),
            owner=None,
            closed_at=utc_now(),
        )

    def lose(self, entry: Entry, actual_usd: Decimal, why: str) -> Entry:
        """Charged, and nothing came of it."""
        paid = micro(checked(actual_usd))
        return self._step(
            entry,
            ("submitted", "ambiguous"),
            state="lost",
            settled_micro=paid,
            why=why[:2000],
            owner=None,
            closed_at=utc_now(),
        )

    def release(self, entry: Entry, why: str) -> Entry:
        """Nothing was charged: the money goes back into the envelopes."""
        return self._step(entry, HELD, state="released", why=why[:2000], owner=None, closed_at=utc_now())

    def ambiguous(self, entry: Entry, why: str) -> Entry:
        """Nobody knows whether it was charged: the money stays set aside, and nobody tries again."""
        return self._step(entry, ("submitting", "submitted"), state="ambiguous", why=why[:2000], owner=None)

    def refile(self, entry: Entry, media: MediaRef) -> Entry:
        """A settled purchase whose lost file was fetched again; the bytes may differ from the first."""
        return self._step(entry, ("settled",), media_json=media.model_dump_json())

    def avoid(self, settled: Entry, order: PurchaseOrder) -> Entry:
        """Write down that ``order`` was met by what ``settled`` bought, and what it would have cost."""
        saved = settled.settled_usd if settled.settled_usd is not None else settled.expected_usd
        with self._database.write() as connection:
            row = write_line(
                connection,
                order,
                state="avoided",
                settled_micro=micro(saved),
                why=f"bought before as entry {settled.id}",
                closed_at=utc_now(),
            )
            return entry_of(row)

    def _step(self, entry: Entry, origin: tuple[State, ...], **values: Any) -> Entry:
        with self._database.write() as connection:
            me = str(Process.current())
            moved = connection.execute(
                entries.update()
                .where(entries.c.id == int(entry.id), entries.c.state.in_(origin))
                .where(sa.or_(entries.c.owner == me, entries.c.owner.is_(None)))
                .values(touched_s=int(time.time()), **values)
            )
            row = row_of(connection, int(entry.id))
            if moved.rowcount != 1:
                raise HomeLocked(
                    f"Ledger entry {entry.id} is {row.state} and not this process's to change",
                    where=f"{row.production} {row.place}",
                    todo="Another process has taken it over; give the same command again to use its result.",
                )
            return entry_of(row)

    # Looking

    def find(self, identity: str) -> Entry | None:
        """The live entry of an identity."""
        with self._database.read() as connection:
            row = live_row(connection, identity)
            return entry_of(row) if row is not None else None

    def entries(self, production: str) -> list[Entry]:
        """All lines of a production, oldest first."""
        with self._database.read() as connection:
            return list(entries_of(connection, entries.c.production == production))

    def open_entries(self) -> list[Entry]:
        """All lines, of all productions, that set money aside: at work, left behind, or ambiguous."""
        with self._database.read() as connection:
            return list(entries_of(connection, entries.c.state.in_(HELD)))

    def totals(self, production: str) -> Totals:
        """The sums of a production."""
        with self._database.read() as connection:
            return totals_of(connection, production)

    def statement(self, production: str) -> Statement:
        """All of a production at one moment: its lines, its sums and its envelopes."""
        with self._database.read() as connection:
            return Statement(
                entries=entries_of(connection, entries.c.production == production),
                totals=totals_of(connection, production),
                envelopes={
                    name: balance_of(connection, name)
                    for name in connection.execute(sa.select(envelopes.c.name).order_by(envelopes.c.name)).scalars()
                    if name == production_envelope(production) or name.startswith(pilot_envelope(production, ""))
                },
            )


def _set_caps(connection: sa.Connection, caps: Mapping[str, Decimal]) -> dict[str, Decimal]:
    now = {}
    for name, cap in sorted(caps.items()):
        balance = balance_of(connection, name, lock=True)
        least = micro(balance.settled_usd + balance.reserved_usd)
        wanted = max(cap_micro(checked(cap)), least)
        updated = connection.execute(envelopes.update().where(envelopes.c.name == name).values(cap_micro=wanted))
        if not updated.rowcount:
            connection.execute(envelopes.insert().values(name=name, cap_micro=wanted))
        now[name] = dollars(wanted)
    return now


def _check_room(balance: Balance, envelope: str, order: PurchaseOrder) -> None:
    need, left = order.quote.max_usd, max(balance.available_usd, dollars(0))
    if need <= left:
        return
    raise OutOfBudget(
        f"{envelope} has ${left} left and {order.model} for {order.account.place} may cost ${need}",
        where=f"{order.account.production}, {order.account.stage}: ${balance.cap_usd} given, "
        f"${balance.settled_usd} spent, ${balance.reserved_usd} set aside",
        todo="Raise budget_usd in the brief and hand it in again, or go on with what is there.",
    )


def _claim(connection: sa.Connection, row: sa.Row[Any]) -> Claim:
    if row.state not in OPEN:
        return Claim(kind=row.state, entry=entry_of(row))
    if row.owner is not None:
        alive = Process.parse(row.owner).alive()
        if alive or (alive is None and time.time() - row.touched_s < SILENT_S):
            return Claim(kind="busy", entry=entry_of(row))
    connection.execute(
        entries.update().where(entries.c.id == row.id).values(owner=str(Process.current()), touched_s=int(time.time()))
    )
    return Claim(kind="yours", entry=entry_of(row_of(connection, row.id)), adopted=True)
