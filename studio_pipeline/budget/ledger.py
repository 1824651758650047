"""The ledger: envelopes with caps, and every purchase from reservation to settlement, safe from many processes.

What lives here: everything that may be done with the ledger, one transaction each. What does not: the rules inside
the transactions (``envelopes.py``, ``purchases.py``), calling a vendor (``providers/metering.py``), prices
(``rate_cards.py``), and who deserves money (``allocation.py``).

Two promises, both kept by the one reserving transaction: ``settled + reserved`` never exceeds the cap of any
envelope, and an identity never has two live entries (the database holds that one by a unique index as well, and
another index that no job of a vendor pays for two entries). Only a vendor that charges more than it said can overdraw
an envelope, by what it charged above its word; nothing more is bought from that envelope then.

An entry is signed by the process at work on it. When that process is dead, the next one that wants the same thing
takes the entry over, in the state it was left in. Every later step checks the signature, so that a process that
was wrongly taken for dead cannot submit what another has taken over.

Every amount is a ``Decimal`` of whole micro-dollars; anything else is ``BadInput``, and nothing is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from studio_pipeline.budget import envelopes, purchases, schema
from studio_pipeline.budget.amounts import dollars, micro
from studio_pipeline.budget.database import Database
from studio_pipeline.budget.envelopes import (
    day_envelope,
    pilot_envelope,
    production_envelope,
    shot_envelope,
    slate_envelope,
)
from studio_pipeline.budget.purchase import (
    HELD,
    OPEN,
    PAID,
    Balance,
    Claim,
    Entry,
    PurchaseOrder,
    State,
    Statement,
    Totals,
    VendorVerdict,
)
from studio_pipeline.budget.rows import entries_of, entry_of, live_row, paid_from, text, totals_of, utc_now, write_line
from studio_pipeline.budget.schema import entries
from studio_pipeline.film.frozen import canonical_json
from studio_pipeline.film.media_ref import MediaRef

__all__ = [
    "Ledger",
    "day_envelope",
    "pilot_envelope",
    "production_envelope",
    "shot_envelope",
    "slate_envelope",
]

_ACCEPTED = "accepted price: "
"""How the keys of decisions about old prices begin."""


RECENT = 20
"""So many purchases of a model tell what its vendor charges now."""


class Ledger:
    """The ledger at a database address. May be used from several threads, and opened by several processes."""

    def __init__(self, url: str) -> None:
        """Open or make the ledger at ``url``: ``sqlite:////…/ledger.sqlite3`` or ``postgresql+psycopg://…``.

        One of an older version is brought up to this one; an SQLite file is copied first, beside itself.

        Raises:
            HomeDamaged: when it cannot be read or is of a newer version; it is never overwritten.
            HomeFull: when it cannot be written.
            HomeError: when its server does not answer.
        """
        self._database = Database(url)

    @property
    def database(self) -> Database:
        """The database it lies in, for tables of others beside its own (``experiments/records.py``)."""
        return self._database

    # Envelopes

    def set_caps(self, caps: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Set several caps in one transaction, which is how money moves between envelopes.

        Returns:
            The caps as they are now. One that would lie below what its envelope has spent and set aside stays there.
        """
        return self._database.write(envelopes.set_caps, caps)

    def enrol(self, production: str, envelope: str) -> None:
        """From now on every purchase of the production, whoever buys, must fit into this envelope (its slate's), too.

        What it spent before is not moved. Enrolling twice is harmless.
        """
        self._database.write(envelopes.enrol, production, envelope)

    def decide_once(self, key: str, caps: Mapping[str, Decimal], outcome: Mapping[str, Any]) -> bool:
        """``set_caps``, at most once for ever for a decision called ``key``, and write down what was decided.

        Returns:
            ``False`` when it was decided before; nothing is changed then.
        """
        return self._database.write(_decide_once, key, caps, outcome)

    def decision(self, key: str) -> dict[str, Any] | None:
        """The outcome that ``decide_once`` wrote down under ``key``; ``None`` when that is still open."""
        with self._database.read() as connection:
            found = connection.execute(sa.select(schema.decisions.c.outcome_json).filter_by(key=key)).scalar()
            return json.loads(found) if found is not None else None

    def accept_price(self, name: str, who: str) -> None:
        """Write down that ``who`` believes an old price, by its ``rate_cards.stale_name``, once for ever."""
        self.decide_once(f"{_ACCEPTED}{text(name)}", {}, {"who": text(who, most=200)})

    def accepted_prices(self) -> frozenset[str]:
        """Names of the old prices that somebody accepted."""
        with self._database.read() as connection:
            keys = connection.execute(sa.select(schema.decisions.c.key)).scalars()
            return frozenset(key.removeprefix(_ACCEPTED) for key in keys if key.startswith(_ACCEPTED))

    def caps(self) -> dict[str, Decimal]:
        """Every envelope and its cap."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(schema.envelopes))
            return dict(sorted((row.name, dollars(row.cap_micro)) for row in rows))

    def balance(self, envelope: str) -> Balance:
        """What an envelope holds. One that nobody gave a cap is empty."""
        with self._database.read() as connection:
            empty = Balance(cap_usd=dollars(0), settled_usd=dollars(0), reserved_usd=dollars(0))
            return envelopes.balances(connection, [envelope]).get(envelope, empty)

    def enrolled(self, production: str) -> list[str]:
        """Names of the envelopes (of slates) that a production is enrolled in."""
        with self._database.read() as connection:
            return envelopes.enrolled(connection, production)

    def available(self, envelope: str) -> Decimal:
        """What an envelope has left to reserve."""
        return self.balance(envelope).available_usd

    # One purchase

    def reserve(self, order: PurchaseOrder) -> Claim:
        """Set the maximum price aside in every envelope of the order, or say how the identity already stands.

        Its envelopes are those of its account, those whose caps the account declares (set in the same transaction),
        and those its production is enrolled in. A simulated purchase does not count in a day's envelope.

        Raises:
            OutOfBudget: when an envelope has not enough left; nothing is written.
        """
        return self._database.write(purchases.reserve, order)

    def submitting(self, entry: Entry) -> Entry:
        """Committed *before* the request leaves: from here on a silence may mean that it was charged."""
        return self._step(entry, ("reserved",), state="submitting")

    def submitted(self, entry: Entry, job_id: str) -> Entry:
        """The vendor has the job, and this is its name there.

        Raises:
            ProviderFailed: when that job is another entry's; the money stays set aside.
        """
        return self._database.write(purchases.give_job, entry, ("submitting",), job_id)

    def touch(self, entry: Entry) -> Entry:
        """Say that this process is still at work on the entry; waiting for a vendor may take long."""
        return self._step(entry, OPEN)

    def let_go(self, entry: Entry) -> None:
        """Leave an entry, if it is open and this process's, in the state it is in to whoever wants it next."""
        self._database.write(purchases.let_go, entry)

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
            **purchases.charged(entry, actual_usd, tuple(events)),
            media_json=media.model_dump_json(),
            details_json=text(canonical_json(dict(details or {})), most=None),
            owner=None,
            closed_at=utc_now(),
        )

    def lose(self, entry: Entry, actual_usd: Decimal, why: str, *, verdict: VendorVerdict = "failed") -> Entry:
        """Charged, and nothing came of it."""
        return self._step(
            entry,
            ("submitted", "ambiguous"),
            state="lost",
            **purchases.charged(entry, actual_usd),
            why=text(why),
            details_json=canonical_json({"verdict": verdict}),
            owner=None,
            closed_at=utc_now(),
        )

    def release(self, entry: Entry, why: str, *, verdict: VendorVerdict | None = None) -> Entry:
        """Nothing was charged: the money goes back into the envelopes.

        Args:
            verdict: how the vendor ended the job, where it had it; the same wish is answered by that from now on.
        """
        told = {"details_json": canonical_json({"verdict": verdict})} if verdict else {}
        return self._step(entry, HELD, state="released", why=text(why), owner=None, closed_at=utc_now(), **told)

    def ambiguous(self, entry: Entry, why: str) -> Entry:
        """Nobody knows whether it was charged: the money stays set aside, and nobody tries again."""
        return self._step(entry, ("submitting", "submitted"), state="ambiguous", why=text(why), owner=None)

    def found(self, entry: Entry, job_id: str) -> Entry:
        """The job of an ambiguous entry was found in the vendor's own listing: this process goes on with it.

        Raises:
            ProviderFailed: when that job is another entry's.
            HomeLocked: when the entry is not ambiguous any more.
        """
        return self._database.write(purchases.give_job, entry, ("ambiguous",), job_id)

    def resolve(self, entry_id: str, billed: bool, who: str, *, amount_usd: Decimal | None = None) -> Entry:
        """Close an entry as a person says: charged, at the quoted price or ``amount_usd``, or not charged.

        It is ambiguous, or its job is one that nobody waits for.

        Raises:
            BadInput: for any other entry; says what it is and what to do.
        """
        return self._database.write(purchases.resolve, entry_id, billed, who, amount_usd)

    def name_job(self, entry_id: str, job_id: str) -> Entry:
        """A person has found the job of an entry in the vendor's console: the next run goes on with it.

        Raises:
            BadInput: for an entry that ``resolve`` does not take either.
            ProviderFailed: when that job is another entry's.
        """
        return self._database.write(purchases.name_job, entry_id, job_id)

    def refile(self, entry: Entry, media: MediaRef) -> Entry:
        """A settled purchase whose lost file was fetched again; the bytes may differ from the first."""
        return self._step(entry, ("settled",), media_json=media.model_dump_json())

    def avoid(self, settled: Entry, order: PurchaseOrder) -> Entry:
        """Write down, once a shot, that ``order`` was met by what ``settled`` bought, and what it would have cost."""
        return self._database.write(_avoid, settled, order)

    def _step(self, entry: Entry, origin: tuple[State, ...], **values: Any) -> Entry:
        return self._database.write(purchases.step, entry, origin, **values)

    # Looking

    def overcharge(self, model: str, *, above_most: bool = False) -> Decimal:
        """How much more than quoted the vendor has lately charged for a model at most: 1.2 for a fifth; at least 1.

        Args:
            above_most: hold what was charged against the most that was quoted, not against what was expected: for a
                price that depends on use, where anything up to the most is as quoted.
        """
        quoted = entries.c.max_micro if above_most else entries.c.expected_micro
        which = sa.and_(
            entries.c.model == model,
            entries.c.state.in_(PAID),
            sa.not_(entries.c.simulated),
            quoted > 0,
        )
        with self._database.read() as connection:
            rows = connection.execute(
                sa.select(entries.c.settled_micro, quoted.label("quoted_micro"))
                .where(which)
                .order_by(entries.c.id.desc())
                .limit(RECENT)
            ).all()
        return max([Decimal(1), *(Decimal(row.settled_micro) / Decimal(row.quoted_micro) for row in rows)])

    def ended(self, identity: str) -> Entry | None:
        """The newest entry of an identity that its vendor has ended without charging for it."""
        which = sa.and_(entries.c.identity == identity, entries.c.state == "released", entries.c.details_json != "{}")
        with self._database.read() as connection:
            found = entries_of(connection, which)
            return found[-1] if found else None

    def find(self, identity: str) -> Entry | None:
        """The live entry of an identity."""
        with self._database.read() as connection:
            row = live_row(connection, identity)
            return entry_of(row) if row is not None else None

    def entries(self, production: str, *, place: str | None = None) -> list[Entry]:
        """All lines of a production, or of one place of it, oldest first."""
        which = entries.c.production == production
        with self._database.read() as connection:
            return list(entries_of(connection, which if place is None else which & (entries.c.place == place)))

    def open_entries(self) -> list[Entry]:
        """All lines, of all productions, that set money aside: at work, left behind, or ambiguous."""
        with self._database.read() as connection:
            return list(entries_of(connection, entries.c.state.in_(HELD)))

    def job_ids(self, vendor: str) -> set[str]:
        """Every job of a vendor that the ledger ever knew, so that an unknown one in its listing can be told."""
        with self._database.read() as connection:
            known = sa.select(entries.c.job_id).where(entries.c.vendor == vendor, entries.c.job_id.is_not(None))
            return set(connection.execute(known).scalars())

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
                envelopes=envelopes.balances(connection, envelopes.of_production(connection, production)),
                paid_from=paid_from(connection, production),
            )


def _decide_once(connection: sa.Connection, key: str, caps: Mapping[str, Decimal], outcome: Mapping[str, Any]) -> bool:
    if connection.execute(sa.select(schema.decisions.c.key).filter_by(key=key)).first():
        return False
    now = envelopes.set_caps(connection, caps)
    connection.execute(
        schema.decisions.insert().values(
            key=key,
            caps_json=canonical_json(now),
            outcome_json=text(canonical_json(dict(outcome)), most=None),
            decided_at=utc_now(),
        )
    )
    return True


def _avoid(connection: sa.Connection, settled: Entry, order: PurchaseOrder) -> Entry:
    account = order.account
    told = entries_of(
        connection,
        sa.and_(
            entries.c.identity == order.identity,
            entries.c.state == "avoided",
            entries.c.production == account.production,
            entries.c.place == account.place,
        ),
    )
    if told:  # asking again and again for the same shot saves nothing more
        return told[-1]
    saved = settled.settled_usd if settled.settled_usd is not None else settled.expected_usd
    row = write_line(
        connection,
        order,
        state="avoided",
        settled_micro=micro(saved),
        why=f"bought before as entry {settled.id}",
        closed_at=utc_now(),
    )
    return entry_of(row)
