"""The entries of purchases: claiming, stepping and reconciling them, inside a transaction of somebody else.

What lives here: the rules of the states and of the signature on an open entry. What does not: the envelopes
(``envelopes.py``), rows to models (``rows.py``), and the public face of it all (``ledger.py``).
"""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from studio_pipeline.budget import envelopes
from studio_pipeline.budget.amounts import dollars, micro
from studio_pipeline.budget.purchase import OPEN, Claim, Entry, PurchaseOrder, State
from studio_pipeline.budget.rows import entry_of, live_row, row_of, text, utc_now, write_line
from studio_pipeline.budget.schema import entries
from studio_pipeline.errors import BadInput, HomeLocked, ProviderFailed
from studio_pipeline.film.frozen import canonical_json
from studio_pipeline.liveness import Process

SILENT_S = 900
"""A process of another machine, which nobody here can look at, counts as dead after this long without a step."""


def reserve(connection: sa.Connection, order: PurchaseOrder) -> Claim:
    """Set the order's maximum price aside in every envelope, or say how its identity already stands."""
    caps = {name: micro(cap) for name, cap in order.account.caps.items()}
    if micro(order.quote.expected_usd) > micro(order.quote.max_usd):
        raise BadInput(
            f"{order.model} is quoted at ${order.quote.expected_usd} and at most ${order.quote.max_usd}",
            where=order.quote.source,
            todo="The most that it may cost cannot be less than what it is expected to cost.",
        )
    if (row := live_row(connection, order.identity, lock=True)) is not None:
        return _claim(connection, row)
    names = envelopes.of_order(connection, order)
    held = {name: envelopes.locked(connection, name, cap_micro=caps.get(name)) for name in names}
    if (row := live_row(connection, order.identity, lock=True)) is not None:
        return _claim(connection, row)  # bought by another process while this one waited for the envelopes
    for name in (*order.account.envelopes, *names):  # the buyer's own first: they say best what is short
        if name in held:
            envelopes.check_room(held[name], name, order)
    row = write_line(connection, order, state="reserved", owner=str(Process.current()))
    envelopes.write_down(connection, row.id, names)
    return Claim(kind="yours", entry=entry_of(row))


def _claim(connection: sa.Connection, row: sa.Row[Any]) -> Claim:
    if row.state not in OPEN:
        return Claim(kind=row.state, entry=entry_of(row))
    if _at_work(row):
        return Claim(kind="busy", entry=entry_of(row))
    connection.execute(
        entries.update().where(entries.c.id == row.id).values(owner=str(Process.current()), touched_s=int(time.time()))
    )
    return Claim(kind="yours", entry=entry_of(row_of(connection, row.id)), adopted=True)


def _at_work(row: sa.Row[Any]) -> bool:
    """Whether a process that lives, as far as anybody can tell, is at work on an open entry."""
    if row.owner is None:
        return False
    alive = Process.parse(row.owner).alive()
    return alive or (alive is None and time.time() - row.touched_s < SILENT_S)


def step(connection: sa.Connection, entry: Entry, origin: tuple[State, ...], **values: Any) -> Entry:
    """Take an entry that is nobody else's from one of the states of ``origin`` to what ``values`` say."""
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


def give_job(connection: sa.Connection, entry: Entry, origin: tuple[State, ...], job_id: str) -> Entry:
    """Write down the vendor's job of an entry; one job never pays for two entries."""
    job_id = text(job_id)
    taken = connection.execute(
        sa.select(entries.c.id).where(
            entries.c.vendor == entry.vendor,
            entries.c.job_id == job_id,
            sa.not_(entries.c.simulated),
            entries.c.id != int(entry.id),
        )
    ).scalar()
    if taken is not None and not entry.simulated:
        raise ProviderFailed(
            f"{entry.vendor} names the job {job_id}, which is that of ledger entry {taken}",
            where=f"{entry.production} {entry.place}, ledger entry {entry.id}",
            todo=f"The money of entry {entry.id} stays set aside. Look at the vendor's own list of jobs and charges.",
        )
    return step(connection, entry, origin, state="submitted", job_id=job_id, owner=str(Process.current()))


def let_go(connection: sa.Connection, entry: Entry) -> None:
    connection.execute(
        entries.update()
        .where(entries.c.id == int(entry.id), entries.c.state.in_(OPEN))
        .where(entries.c.owner == str(Process.current()))
        .values(owner=None)
    )


_IN_DOUBT: tuple[State, ...] = ("ambiguous", "submitted")


def name_job(connection: sa.Connection, entry_id: str, job_id: str) -> Entry:
    """A person has found the job of an entry in doubt: whoever wants it next goes on with it."""
    entry = give_job(connection, _in_doubt(connection, entry_id), _IN_DOUBT, job_id)
    return step(connection, entry, ("submitted",), owner=None)


def resolve(connection: sa.Connection, entry_id: str, billed: bool, who: str, amount_usd: Decimal | None) -> Entry:
    """Close an entry in doubt as a person says."""
    entry = _in_doubt(connection, entry_id)
    if not billed and amount_usd is not None:
        raise BadInput("What was not billed has no amount", where=f"ledger entry {entry.id}", todo="Leave it out.")
    said = (
        f"{text(who, most=200)} said on {utc_now()} that it was {'' if billed else 'not '}charged; before: {entry.why}"
    )
    closed: dict[str, Any] = {"why": said[:2000], "owner": None, "closed_at": utc_now()}
    if not billed:
        return step(connection, entry, _IN_DOUBT, state="released", **closed)
    paid = amount_usd if amount_usd is not None else entry.expected_usd
    return step(connection, entry, _IN_DOUBT, state="lost", **charged(entry, paid), **closed)


def _in_doubt(connection: sa.Connection, entry_id: str) -> Entry:
    """The entry of that number, when a person may decide about it: it is ambiguous, or it has a job that nobody is
    waiting for (one that its vendor has forgotten, or that was named wrongly).

    Raises:
        BadInput: when there is none, or there is nothing to decide.
    """
    number = int(entry_id) if entry_id.isascii() and entry_id.isdecimal() and len(entry_id) < 10 else -1
    row = connection.execute(sa.select(entries).where(entries.c.id == number).with_for_update()).one_or_none()
    if row is None:
        raise BadInput(
            f"The ledger has no entry “{text(entry_id, most=40)}”",
            where="ledger",
            todo="`studio ledger PRODUCTION --entries` lists them.",
        )
    if row.state not in _IN_DOUBT or _at_work(row):
        raise _not_in_doubt(row)
    connection.execute(entries.update().where(entries.c.id == row.id).values(owner=None))
    return entry_of(row)


def _not_in_doubt(row: sa.Row[Any]) -> BadInput:
    if row.state not in OPEN:
        todo = "It is closed; there is nothing to resolve."
    elif _at_work(row):
        todo = "A process is at work on it; wait for it or stop it."
    else:
        todo = "Nobody is at work on it; `studio produce` of its brief takes it over and finds out what became of it."
    return BadInput(
        f"Ledger entry {row.id} is {row.state}, and only one whose end nobody knows can be resolved",
        where=f"{row.production} {row.place}, {row.vendor}",
        todo=todo,
    )


def charged(entry: Entry, actual_usd: Decimal, events: tuple[str, ...] = ()) -> dict[str, Any]:
    """The columns of an entry that was charged; a price that drifted is an event that the user sees."""
    paid = micro(actual_usd)
    after = entry.model_copy(update={"state": "settled", "settled_usd": dollars(paid)})
    told = tuple(text(event) for event in events)
    if after.drift_usd is not None:
        told = (*told, _drift(after, after.drift_usd))
    return {"settled_micro": paid, "events_json": canonical_json(list(told))}


def _drift(entry: Entry, drift_usd: Decimal) -> str:
    share = f" ({drift_usd / entry.expected_usd * 100:+.0f} %)" if entry.expected_usd else ""
    return (
        f"price drift: {entry.vendor} charged ${entry.settled_usd} where ${entry.expected_usd} was quoted{share}; "
        "look at its rate card"
    )
