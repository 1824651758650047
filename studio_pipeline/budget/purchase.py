"""The words of a purchase: account, order, entry, claim, balance, totals. Data only; ``ledger.py`` keeps them.

A purchase goes through these states, and there is no other way to call a vendor::

    reserved ──▶ submitting ──▶ submitted ──▶ settled      paid, and the file is in the store
        │             │             ├───────▶ lost         paid, and nothing came: the vendor charges for failures
        └─────────────┴─────────────┼───────▶ released     nothing was charged
                      └─────────────┴───────▶ ambiguous    no answer: the money stays reserved

    ambiguous ──▶ submitted      the vendor's own listing has the job, or a person names it
        ├───────▶ lost           a person says that it was charged
        └───────▶ released       a person says that it was not
    avoided                      found again for nothing; a line of its own

A person may say the same of a *submitted* entry that nobody waits for: its vendor may have forgotten the job.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.media_ref import MediaRef

State = Literal["reserved", "submitting", "submitted", "settled", "lost", "released", "ambiguous", "avoided"]

OPEN: tuple[State, ...] = ("reserved", "submitting", "submitted")
"""Somebody is, or was, at work on it."""
HELD: tuple[State, ...] = (*OPEN, "ambiguous")
"""Its maximum price is set aside in every envelope."""
PAID: tuple[State, ...] = ("settled", "lost")
"""Its actual price is spent."""
LIVE: tuple[State, ...] = (*HELD, *PAID)
"""Stands in the way of a second purchase of the same identity."""

DRIFT = Decimal("0.01")
"""A price that is off by more than this share of what was quoted is drifting: the rate card is wrong or old."""


VendorVerdict = Literal["failed", "refused"]
"""How a vendor ends a job that delivers nothing: it failed, so another take may succeed; or moderation refused it."""


class Account(Frozen):
    """Who buys, and out of which envelopes: all of them must have room for the whole price.

    So must the envelopes that the production is enrolled in.
    """

    production: str
    place: str
    """The pilot, scene or shot the purchase is for, e.g. ``animated.s03.k2``."""
    stage: str
    envelopes: tuple[str, ...] = Field(min_length=1)
    caps: Mapping[str, Decimal] = Field(default_factory=dict)
    """More envelopes, whose caps the buyer declares: the shot's, the day's."""


class PurchaseOrder(Frozen):
    """What is to be bought. ``identity`` is the digest of vendor, request and take: bought once, kept."""

    identity: str = Field(pattern=r"^[0-9a-f]{64}$")
    account: Account
    vendor: str
    model: str
    take: int = Field(ge=1)
    quote: Quote


class Entry(Frozen):
    """One line of the ledger."""

    id: str
    identity: str
    state: State
    production: str
    place: str
    stage: str
    vendor: str
    model: str
    take: int
    expected_usd: Decimal
    max_usd: Decimal
    settled_usd: Decimal | None = None
    """What was charged; ``None`` while nobody knows. For an ``avoided`` line: what it would have cost."""
    simulated: bool
    source: str
    job_id: str | None = None
    why: str = ""
    media: MediaRef | None = None
    details: Mapping[str, Any] = Field(default_factory=dict)
    events: tuple[str, ...] = ()
    owner: str | None = None
    opened_at: str
    closed_at: str | None = None

    @property
    def refused(self) -> bool:
        """Whether moderation ended it, so that the same words would be refused again."""
        return self.state in ("lost", "released") and self.details.get("verdict") == "refused"

    @property
    def drift_usd(self) -> Decimal | None:
        """What was really charged above what was quoted (below it, when negative), when that is more than 1 % of it.

        ``None`` while nobody knows, when it is within 1 %, for what nobody charges, and for a price that was quoted as
        a range, below its upper end: what it comes to there was left open.
        """
        if self.simulated or self.state not in PAID or self.settled_usd is None:
            return None
        if self.expected_usd < self.max_usd and self.settled_usd < self.max_usd:
            return None
        drift = self.settled_usd - self.expected_usd
        return drift if abs(drift) > self.expected_usd * DRIFT else None


class Claim(Frozen):
    """The answer to a wish to buy.

    ``yours``: go on from ``entry.state`` (a new entry is ``reserved``; one adopted from a dead process may be
    further). ``busy``: a living process is at work on it; ask again. ``settled``, ``lost``, ``ambiguous``: it was
    bought before, and this is how it ended.
    """

    kind: Literal["yours", "busy", "settled", "lost", "ambiguous"]
    entry: Entry
    adopted: bool = False


class Balance(Frozen):
    """One envelope. ``settled + reserved`` never exceeds ``cap``."""

    cap_usd: Decimal
    settled_usd: Decimal
    reserved_usd: Decimal

    @property
    def available_usd(self) -> Decimal:
        return self.cap_usd - self.settled_usd - self.reserved_usd


class Totals(Frozen):
    """The sums of one production. ``settled_usd`` includes ``lost_usd`` and ``simulated_usd``."""

    settled_usd: Decimal = Decimal(0)
    reserved_usd: Decimal = Decimal(0)
    avoided_usd: Decimal = Decimal(0)
    lost_usd: Decimal = Decimal(0)
    simulated_usd: Decimal = Decimal(0)
    """What of ``settled_usd`` nobody charged."""
    simulated: bool | None = None
    """Whether nothing of it was really charged; ``None`` when nothing was bought."""


class Statement(Frozen):
    """All of a production at one moment."""

    entries: tuple[Entry, ...]
    totals: Totals
    envelopes: Mapping[str, Balance]
    """By name: the production's own, those of its pilots, and all that it pays from or is enrolled in."""
    paid_from: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """Ids of its lines, each with the names of its envelopes."""
