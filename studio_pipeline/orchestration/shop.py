"""The shop: where a stage gets one kind of media for one production, from whichever vendor makes the model asked for.

What lives here: from a wish to a purchase, out of which envelopes, and what arrives made fit for the film. What does
not: the order of the steps that keep the money safe (``providers/metering.py``), and which model to ask for
(``stages/shooting/take.py``).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio_pipeline.budget.envelopes import (
    check_left,
    day_envelope,
    pilot_envelope,
    production_envelope,
    shot_envelope,
    utc_today,
)
from studio_pipeline.budget.purchase import HELD
from studio_pipeline.film.takes import Receipt
from studio_pipeline.media.arrival import check_clip, check_picture, check_sound
from studio_pipeline.media.fit import fit_clip, fit_sound
from studio_pipeline.orchestration.tiers import of_vendors
from studio_pipeline.providers import factory
from studio_pipeline.providers.capabilities import Kind, Model, vendor_of
from studio_pipeline.providers.metering import Account, Metered, Purchase, identity_of
from studio_pipeline.providers.rehearsal import Rehearsal
from studio_pipeline.providers.vendor import Quote, Vendor

if TYPE_CHECKING:
    from studio_pipeline.film.pilot import Tier
    from studio_pipeline.orchestration.studio_home import StudioHome

_STAND_INS: Mapping[Kind, str] = {"image": "storyboard", "video": "storyboard", "voice": "auto", "music": "synth"}
"""Who makes the media of a rehearsal."""


class Shop:
    """One kind of media.

    Args:
        vendors: who may be asked, the preferred one first.
        tiers: the models of each tier, of all vendors.
        day_cap_usd: what may be spent in a day (UTC), over all productions.
    """

    def __init__(
        self,
        kind: Kind,
        vendors: Sequence[str],
        home: StudioHome,
        tiers: Sequence[Tier],
        *,
        rehearse: bool = False,
        day_cap_usd: Decimal | None = None,
        today: Callable[[], datetime.date] = utc_today,
    ) -> None:
        self._kind: Kind = kind
        self._vendors = tuple(vendors)
        self._home = home
        self._tiers = {tier.name: tier for tier in tiers}
        self._rehearse = rehearse
        self._day_cap_usd = day_cap_usd
        self._today = today
        self._made: dict[tuple[str, str], Vendor[Any]] = {}
        self._setup = cache(home.setup)  # which reads the environment and `.env`

    def models(self, tier: str) -> tuple[str, ...]:
        """The models that can make this kind for a tier, the preferred one first."""
        if self._kind in ("image", "video"):
            return of_vendors(self._listed(tier), self._vendors)
        return tuple(factory.own_model(self._kind, vendor) for vendor in self._vendors)

    def named(self, model: str) -> bool:
        """Whether a person has named this very model, and not only its vendor."""
        return model in self._vendors

    def capability(self, model: str) -> Model | None:
        """What a model can do; ``None`` for one of this machine, which can do what is asked."""
        return factory.vendors()[vendor_of(model)].models.get(model)

    def capabilities(self, tier: str) -> tuple[Model, ...]:
        """What the models for a tier can do; empty when one of them can do anything."""
        known = [self.capability(model) for model in self.models(tier)]
        return tuple(model for model in known if model) if all(known) else ()

    def quote(self, request: Any, *, tier: str = "") -> Quote:
        """Price of ``request``, without reserving anything."""
        return self._vendor(request.model, tier).quote(request)

    def spent_usd(self, production: str, place: str) -> Decimal:
        """What was spent, or is set aside, for a shot so far."""
        balance = self._home.ledger.balance(shot_envelope(production, place))
        return balance.settled_usd + balance.reserved_usd

    def begun(self, production: str, place: str, take: int) -> tuple[str, ...]:
        """Models of purchases for a shot, from this take on, that were made or are on their way."""
        return tuple(
            entry.model
            for entry in self._home.ledger.entries(production, place=place)
            if entry.take >= take and (entry.state in HELD or entry.state == "settled")
        )

    def buy(
        self,
        request: Any,
        *,
        production: str,
        tier: str,
        place: str,
        stage: str,
        take: int = 1,
        shot_cap_usd: Decimal | None = None,
        beside_usd: Decimal = Decimal(0),
    ) -> Purchase:
        """Buy through the ledger, out of the envelopes of the production and the pilot, and of the shot and the day
        where they have a cap.

        Args:
            beside_usd: the most that what is useless without this, and this without it, may cost. Where there is no
                room for both, this is not bought either.

        Raises:
            OutOfBudget: when an envelope has not enough left; nothing was sent.
            ProviderFailed: when the vendor did not deliver.
        """
        caps = {}
        if shot_cap_usd is not None:
            caps[shot_envelope(production, place)] = shot_cap_usd
        if self._day_cap_usd is not None:
            caps[day_envelope(self._today())] = self._day_cap_usd
        account = Account(
            production=production,
            place=place,
            stage=stage,
            envelopes=(production_envelope(production), pilot_envelope(production, tier)),
            caps=caps,
        )
        vendor = self._vendor(request.model, tier)
        if beside_usd > 0 and self._home.ledger.find(identity_of(vendor, request, take)) is None:
            self._check_room(vendor.quote(request), beside_usd, account)
        bought = self._metered(request.model).buy(
            vendor, request, take=take, account=account, check=self._check(request)
        )
        return self._fitted(request, bought) if self._is_hosted(request.model) else bought

    def _check_room(self, quote: Quote, beside_usd: Decimal, account: Account) -> None:
        """Look before the first of two purchases; what really holds the caps is each purchase's own reservation."""
        ledger, day = self._home.ledger, day_envelope(self._today())
        names = [*account.envelopes, *ledger.enrolled(account.production)]
        balances = {name: ledger.balance(name) for name in names}
        if day in account.caps and not quote.simulated:
            balances[day] = ledger.balance(day).model_copy(update={"cap_usd": account.caps[day]})
        for name, balance in balances.items():
            check_left(balance, name, quote.max_usd + beside_usd, f"a take of {account.place}", account)

    # Who makes it

    def _listed(self, tier: str) -> tuple[str, ...]:
        found = self._tiers[tier]
        return found.image_models if self._kind == "image" else found.video_models

    def _is_hosted(self, model: str) -> bool:
        return factory.vendors()[vendor_of(model)].manifest.hosted and not self._rehearse

    def _vendor(self, model: str, tier: str) -> Vendor[Any]:
        name = vendor_of(model)
        key = (name, tier if self._rehearse else "")
        if key not in self._made:
            vendor = factory.vendor(self._kind, self._setup(name))
            hosted = factory.vendors()[name].manifest.hosted
            self._made[key] = self._rehearsed(vendor, tier) if self._rehearse and hosted else vendor
        return self._made[key]

    def _rehearsed(self, real: Vendor[Any], tier: str) -> Rehearsal:
        name = factory.chosen(self._kind, _STAND_INS[self._kind])
        own = of_vendors(self._listed(tier), [name]) if self._kind in ("image", "video") else ()
        stand_in = factory.vendor(self._kind, self._setup(name))
        return Rehearsal(real, stand_in, own[0] if own else factory.own_model(self._kind, name))

    def _metered(self, model: str) -> Metered:
        wait_s = self._setup(vendor_of(model)).poll_interval_s
        return Metered(self._home.ledger, self._home.media, poll_interval_s=wait_s)

    # What arrives

    def _check(self, request: Any) -> Callable[[Path], None]:
        if self._kind == "image":
            return check_picture
        if self._kind == "video":
            return lambda path: check_clip(path, least_s=request.rate.seconds(request.frames) / 2)
        return check_sound

    def _fitted(self, request: Any, bought: Purchase) -> Purchase:
        """The purchase with what the film can use in place of what the vendor delivered. Costs only time."""
        if self._kind == "image":
            return bought
        source, media = self._home.media.path(bought.media), self._home.media
        with media.workdir() as work:
            made = work / "fitted"
            events: tuple[str, ...] = ()
            details = dict(bought.details)
            if self._kind == "video":
                events = fit_clip(source, made, frames=request.frames, rate=request.rate, size=request.size)
            elif self._kind == "voice":
                details["duration_s"] = fit_sound(source, made, channels=1)
            else:
                # One that is shorter than it was asked for stays so: silence after it would be taken for music.
                seconds = min(request.duration_s, float(details["duration_s"]))
                details["duration_s"] = fit_sound(source, made, channels=2, seconds=seconds)
            fitted = media.put_file(made, ".mp4" if self._kind == "video" else ".wav")
        receipt: Receipt = bought.receipt.model_copy(update={"events": (*bought.receipt.events, *events)})
        return bought.model_copy(update={"media": fitted, "receipt": receipt, "details": details})
