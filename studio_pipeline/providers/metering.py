"""The one path to a vendor: every call that may cost money goes through ``Metered.buy``.

What lives here: quoting at the maximum, reserving, and what a wish that was met before is answered with. What does
not: the way of a reserved purchase to its settlement (``errand.py``, which nobody else runs), prices and envelopes
(``budget/``), and what a vendor does (the adapters).

A file that was paid for and has since vanished is fetched again from its old job, which costs nothing; it is never
bought again. Where the vendor cannot give it any more, that is an error for a person to decide on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, Protocol, TypeVar, cast

from pydantic import Field

from studio_pipeline.budget.amounts import rounded_up
from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.budget.purchase import Account, Claim, Entry, PurchaseOrder
from studio_pipeline.errors import HomeDamaged, ProviderFailed
from studio_pipeline.film.frozen import Frozen, digest_of
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.takes import Receipt
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers.errand import Check, Errand, Means, TakenOver
from studio_pipeline.providers.undelivered import undelivered
from studio_pipeline.providers.vendor import Quote, Vendor

__all__ = ["Account", "Metered", "Purchase", "identity_of"]


class ModelRequest(Protocol):
    """What every port's request is: a frozen model that names the vendor's model."""

    @property
    def model(self) -> str: ...


RequestT = TypeVar("RequestT", bound=Frozen)


class Purchase(Frozen):
    """What was bought, or found again for nothing (``avoided``). ``details`` is what the vendor told of it."""

    media: MediaRef
    receipt: Receipt
    avoided: bool
    details: Mapping[str, Any] = Field(default_factory=dict)

    @property
    def events(self) -> tuple[str, ...]:
        return self.receipt.events


def identity_of(vendor: Vendor[RequestT], request: RequestT, take: int) -> str:
    """The digest that makes two wishes the same purchase: what the vendor would be sent, and the take's number."""
    return digest_of({"vendor": vendor.name, "request": dict(vendor.normalised(request)), "take": take})


class Metered:
    """Vendors behind a ledger. May be used from several threads."""

    def __init__(
        self,
        ledger: Ledger,
        store: MediaStore,
        *,
        poll_interval_s: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._means = Means(ledger, store, poll_interval_s, sleep, clock)
        self._ledger = ledger

    def buy(
        self, vendor: Vendor[RequestT], request: RequestT, *, take: int, account: Account, check: Check | None = None
    ) -> Purchase:
        """Buy ``request`` once, however often and from however many processes this is called.

        Raises:
            OutOfBudget: when an envelope has not enough left; nothing was sent.
            ProviderFailed: when the vendor did not deliver; says whether it was charged.
        """
        order = PurchaseOrder(
            identity=identity_of(vendor, request, take),
            account=account,
            vendor=vendor.name,
            model=cast(ModelRequest, request).model,
            take=take,
            quote=self._cautious(vendor.quote(request), cast(ModelRequest, request).model),
        )
        ended = self._ledger.ended(order.identity)
        if ended is not None and self._ledger.find(order.identity) is None:
            raise undelivered(ended, before=True)
        while True:
            claim = self._claim(order)
            match claim.kind:
                case "settled":
                    return self._found_again(vendor, request, order, claim.entry, check)
                case "lost":
                    raise undelivered(claim.entry, before=True)
            with suppress(TakenOver):
                entry = Errand(self._means, vendor, request, claim.entry, check).run()
                return _purchase(entry, _media(entry), entry.events, avoided=False)

    def _cautious(self, quote: Quote, model: str) -> Quote:
        """The quote with the most that this may cost: who has just charged more than was quoted may do so again."""
        if quote.simulated:
            return quote
        if quote.by_use:
            most_usd = rounded_up(quote.max_usd * self._ledger.overcharge(model, above_most=True))
        else:
            most_usd = rounded_up(quote.expected_usd * self._ledger.overcharge(model))
        return quote.model_copy(update={"max_usd": max(quote.max_usd, most_usd)})

    def _claim(self, order: PurchaseOrder) -> Claim:
        """Reserve, waiting as long as a living process is at work on the same purchase."""
        while (claim := self._ledger.reserve(order)).kind == "busy":
            self._means.sleep(self._means.poll_interval_s)
        return claim

    def _found_again(
        self, vendor: Vendor[RequestT], request: RequestT, order: PurchaseOrder, entry: Entry, check: Check | None
    ) -> Purchase:
        media = _media(entry)
        events = entry.events
        try:
            self._means.store.verify(media)
        except HomeDamaged as damage:
            try:
                again, _ = Errand(self._means, vendor, request, entry, check).bring()
            except ProviderFailed as failure:
                raise HomeDamaged(
                    f"{damage.what}; it was paid for as entry {entry.id}, and {vendor.name} cannot give it again",
                    where=damage.where,
                    todo=f"Put it back from a backup, or make a new take of {entry.place}. ({failure.what})",
                ) from failure
            entry = self._ledger.refile(entry, again)
            media = again
            events = (*events, f"The stored file was gone or damaged and was fetched again from {vendor.name}.")
        self._ledger.avoid(entry, order)
        return _purchase(entry, media, events, avoided=True)


def _media(entry: Entry) -> MediaRef:
    if entry.media is None:
        raise HomeDamaged(
            f"Ledger entry {entry.id} is settled but names no file",
            where=entry.place,
            todo="Make a new take of it, and check the ledger's file.",
        )
    return entry.media


def _purchase(entry: Entry, media: MediaRef, events: tuple[str, ...], *, avoided: bool) -> Purchase:
    receipt = Receipt(
        entry=entry.id,
        identity=entry.identity,
        vendor=entry.vendor,
        model=entry.model,
        price_usd=entry.settled_usd if entry.settled_usd is not None else Decimal(0),
        simulated=entry.simulated,
        events=events,
    )
    return Purchase(media=media, receipt=receipt, avoided=avoided, details=entry.details)
