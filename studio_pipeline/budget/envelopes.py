"""Envelopes: what they are called, what they hold, and whether a purchase fits; inside a transaction of somebody else.

What lives here: names, caps, balances, the room check, and which productions are enrolled in which slate. What does
not: the entries of purchases (``purchases.py``) and who deserves money (``allocation.py``).

A row of an envelope is locked before its sums are read, and several are locked in the order of their names: so two
processes on Postgres neither overspend one nor wait for each other in a circle.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

import sqlalchemy as sa

from studio_pipeline.budget.amounts import dollars, micro
from studio_pipeline.budget.purchase import HELD, PAID, Account, Balance, PurchaseOrder
from studio_pipeline.budget.schema import enrolments, entries, entry_envelopes, envelopes
from studio_pipeline.errors import OutOfBudget

_DAY = "day:"


def production_envelope(production: str) -> str:
    """Name of the envelope that holds a production's whole money."""
    return f"production:{production}"


def pilot_envelope(production: str, tier: str) -> str:
    """Name of the envelope that holds one pilot's money."""
    return f"pilot:{production}|{tier}"


def shot_envelope(production: str, place: str) -> str:
    """Name of the envelope that holds what one shot may cost, all its takes together."""
    return f"shot:{production}|{place}"


def slate_envelope(name: str) -> str:
    """Name of the envelope that holds the money of all productions of a slate."""
    return f"slate:{name}"


def utc_today() -> datetime.date:
    """The day whose cap holds now."""
    return datetime.datetime.now(datetime.UTC).date()


def day_envelope(date: datetime.date) -> str:
    """Name of the envelope that holds what may really be charged on one day; simulated purchases are not in it."""
    return f"{_DAY}{date.isoformat()}"


def of_order(connection: sa.Connection, order: PurchaseOrder) -> list[str]:
    """Every envelope a purchase must fit into, in the order in which they are locked."""
    account = order.account
    names = {*account.envelopes, *account.caps, *enrolled(connection, account.production)}
    return sorted(name for name in names if not (order.quote.simulated and name.startswith(_DAY)))


def set_caps(connection: sa.Connection, caps: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Set caps; one that would lie below what its envelope has spent and set aside stays there."""
    wanted = {name: micro(cap) for name, cap in sorted(caps.items())}
    return {name: locked(connection, name, cap_micro=cap).cap_usd for name, cap in wanted.items()}


def locked(connection: sa.Connection, name: str, *, cap_micro: int | None = None) -> Balance:
    """The balance of an envelope that nobody else changes until the transaction ends; its cap is set first, if asked.

    An envelope that is not there is made: a row must be there to be locked.
    """
    connection.execute(
        sa.text("INSERT INTO envelopes (name, cap_micro) VALUES (:name, 0) ON CONFLICT (name) DO NOTHING"),
        {"name": name},
    )
    connection.execute(sa.select(envelopes.c.name).where(envelopes.c.name == name).with_for_update())
    now = balances(connection, [name])[name]
    if cap_micro is None:
        return now
    wanted = max(cap_micro, int((now.settled_usd + now.reserved_usd).scaleb(6)))
    connection.execute(envelopes.update().where(envelopes.c.name == name).values(cap_micro=wanted))
    return now.model_copy(update={"cap_usd": dollars(wanted)})


def balances(connection: sa.Connection, names: Collection[str]) -> dict[str, Balance]:
    """What the envelopes of these names hold; one that nobody gave a cap is left out."""
    spent = sa.func.sum(sa.case((entries.c.state.in_(PAID), entries.c.settled_micro), else_=0))
    kept = sa.func.sum(sa.case((entries.c.state.in_(HELD), entries.c.max_micro), else_=0))
    rows = connection.execute(
        sa.select(envelopes.c.name, envelopes.c.cap_micro, spent.label("spent"), kept.label("kept"))
        .select_from(
            envelopes.outerjoin(entry_envelopes, entry_envelopes.c.envelope == envelopes.c.name).outerjoin(
                entries, entries.c.id == entry_envelopes.c.entry
            )
        )
        .where(envelopes.c.name.in_(names))
        .group_by(envelopes.c.name, envelopes.c.cap_micro)
    )
    return {
        row.name: Balance(
            cap_usd=dollars(row.cap_micro), settled_usd=dollars(row.spent or 0), reserved_usd=dollars(row.kept or 0)
        )
        for row in sorted(rows, key=lambda row: row.name)
    }


def of_production(connection: sa.Connection, production: str) -> list[str]:
    """Names of a production's envelopes: its own, its pilots', and all that it pays or will pay from."""
    of_pilots = pilot_envelope(production, "")
    name = envelopes.c.name
    paid_from = (
        sa.select(entry_envelopes.c.envelope)
        .join(entries, entries.c.id == entry_envelopes.c.entry)
        .where(entries.c.production == production)
    )
    enrolled = sa.select(enrolments.c.envelope).where(enrolments.c.production == production)
    return list(
        connection.execute(
            sa.select(name).where(
                sa.or_(
                    name == production_envelope(production),
                    sa.func.substr(name, 1, len(of_pilots)) == of_pilots,
                    name.in_(paid_from),
                    name.in_(enrolled),
                )
            )
        ).scalars()
    )


def check_room(balance: Balance, envelope: str, order: PurchaseOrder) -> None:
    """Raise ``OutOfBudget`` when the envelope has not enough left for the most that the order may cost."""
    account = order.account
    check_left(
        balance, envelope, order.quote.max_usd, f"{order.model} for {account.place or 'the whole production'}", account
    )


def check_left(balance: Balance, envelope: str, need_usd: Decimal, wanted: str, account: Account) -> None:
    """Raise ``OutOfBudget`` when the envelope has less than ``need_usd`` left for what is ``wanted``."""
    left_usd = max(balance.available_usd, dollars(0))
    if need_usd <= left_usd:
        return
    raise OutOfBudget(
        f"{envelope} has ${left_usd} left and {wanted} may cost ${dollars(micro(need_usd))}",
        where=f"{account.production}, {account.stage}: ${balance.cap_usd} given, "
        f"${balance.settled_usd} spent, ${balance.reserved_usd} set aside",
        todo=_TODO.get(envelope.partition(":")[0], _TODO["production"]),
    )


_TODO = {
    "production": "Raise budget_usd in the brief and hand it in again, or go on with what is there.",
    "shot": "Go on with the takes that are there, or give a shot more.",
    "slate": "Raise budget_usd of the slate, or go on with what is there.",
    "day": "Go on tomorrow, or give a day more.",
}


def enrol(connection: sa.Connection, production: str, envelope: str) -> None:
    """Have every purchase of the production fit into the envelope, too, from now on."""
    connection.execute(
        sa.text("INSERT INTO enrolments (production, envelope) VALUES (:production, :envelope) ON CONFLICT DO NOTHING"),
        {"production": production, "envelope": envelope},
    )


def enrolled(connection: sa.Connection, production: str) -> list[str]:
    """Names of the envelopes that a production is enrolled in."""
    mine = enrolments.c.production == production
    return sorted(connection.execute(sa.select(enrolments.c.envelope).where(mine)).scalars())


def write_down(connection: sa.Connection, entry: int, names: Iterable[str]) -> None:
    """That the entry is paid from these envelopes."""
    for name in names:
        connection.execute(entry_envelopes.insert().values(entry=entry, envelope=name))
