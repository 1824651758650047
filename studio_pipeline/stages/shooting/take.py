"""Making one take of one shot: key frame first, then the clip, both bought through the ledger.

Not every call brings a clip. A job that fails is asked for again, as a new take, up to ``MOST_TAKES``. A prompt that
moderation refuses is softened once. A vendor that is away is replaced by the next one that makes a model of the tier.
What is left then is *flagged*: the shot says why there is no clip, and the others go on. Every such step is an event
on the take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol, TypeVar

from studio_pipeline.errors import BadInput, JobFailed, OutOfBudget, PromptRefused, UnknownPrice, VendorAway
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.frozen import Frozen, digest_of
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.shots import Shot, ShotPlan
from studio_pipeline.film.takes import ShotTakes, Take
from studio_pipeline.orchestration.artifacts import Absent
from studio_pipeline.providers.capabilities import Model, vendor_of
from studio_pipeline.providers.metering import Purchase
from studio_pipeline.providers.vendor import Quote
from studio_pipeline.stages.shooting.asking import MOST_TAKES, ask
from studio_pipeline.stages.shooting.cinematographer import (
    PROMPT_LIMIT,
    direct,
    still_request,
    take_seed,
    video_request,
)
from studio_pipeline.stages.shooting.moderation import soften
from studio_pipeline.stages.shooting.shot_layout import refusal

_A_STILL = MediaRef(sha256="0" * 64, suffix=".png", size_bytes=0)
"""Stands in for the still while a clip is only priced."""

T = TypeVar("T")


class Shop(Protocol):
    """One kind of media behind the ledger; ``orchestration/shop.py`` is one."""

    def models(self, tier: str) -> tuple[str, ...]: ...

    def named(self, model: str) -> bool: ...

    def capability(self, model: str) -> Model | None: ...

    def quote(self, request: Frozen, *, tier: str = "") -> Quote: ...

    def spent_usd(self, production: str, place: str) -> Decimal: ...

    def begun(self, production: str, place: str, take: int) -> tuple[str, ...]: ...

    def buy(
        self,
        request: Frozen,
        *,
        production: str,
        tier: str,
        place: str,
        stage: str,
        take: int,
        shot_cap_usd: Decimal | None = None,
        beside_usd: Decimal = Decimal(0),
    ) -> Purchase: ...


def shoot(
    cell: Cell,
    shot: Shot,
    plan: ShotPlan,
    pilot: Pilot,
    before: ShotTakes | None,
    *,
    seed: int,
    image: Shop,
    video: Shop,
    note: str | None,
    by: Literal["person", "policy"] = "person",
    prompt: str = "",
    told: Sequence[str] = (),
    draw: Callable[[Decimal], object] = lambda _usd: None,
) -> ShotTakes | Absent:
    """Make the next take of a shot, or find the one that its plan already has.

    Args:
        before: the takes the shot has so far.
        note: what should be different in a new take; ``None`` when no new take is asked for.
        by: who asks for a new take. What a person orders and does not get is an error; what the policy asks for in
            vain is only counted.
        prompt: what a new take is made from in place of the planned prompt, word for word (``refinement.py``).
        told: what did not go as planned on the way to these words.
        draw: told what a take that a person orders may cost, before it is bought: the reserve may be opened for it.

    Returns:
        All takes with the newest circled; or, for a plan that has no take, a marker that keeps the takes of earlier
        plans: *unaffordable* when there is no money for one, *flagged* when no vendor made one.

    Raises:
        OutOfBudget: when a retake cannot be paid; the takes there are stay.
        BadInput: when a retake is ordered of a shot that no model in use can make.
        JobFailed, PromptRefused: when a retake was not made; the takes there are stay.
        VendorAway: when no vendor can be asked now; the same command asks again.
        Unanswered: when nobody knows whether a vendor took the job.
    """
    takes = before.takes if before else ()
    plan_digest = digest_of([shot, plan.rate, plan.size])
    again = next((take for take in reversed(takes) if take.plan_digest == plan_digest), None) if note is None else None
    first = max((take.number for take in takes), default=0) + 1
    errand = _Errand(
        cell,
        shot,
        plan,
        pilot,
        seed,
        image,
        video,
        first=first,
        note=note or "",
        prompt=prompt,
        ordered=note is not None,
        events=list(told),
    )
    by_person = note is not None and by == "person"
    if again is not None:
        errand.again(again)
    elif why := errand.refusal():
        if by_person:
            raise BadInput(why.rstrip("."), where=cell.key, todo="Name other vendors, or shorten the scene.")
        return Absent(kind="flagged", reason=why, takes=before)
    try:
        needed_usd = errand.needed_usd()
        cap_usd = video.spent_usd(cell.production, cell.place) + errand.dearest_usd() * MOST_TAKES
        if by_person:
            draw(needed_usd)
        take = errand.run(cap_usd, plan_digest)
    except UnknownPrice:
        raise
    except (OutOfBudget, JobFailed, PromptRefused) as error:
        if by_person:
            raise
        if note is not None and before is not None:
            return before.model_copy(update={"lost": before.lost + 1})
        if isinstance(error, JobFailed | PromptRefused):
            return Absent(kind="flagged", reason=" ".join((str(error), *errand.events)), takes=before)
        return Absent(kind="unaffordable", reason=str(error), needed_usd=errand.needed_usd(), takes=before)
    kept = tuple(other for other in takes if other.number != take.number)
    lost = before.lost if before else 0
    ordered = (note is not None and by == "person") or (before is not None and before.ordered)
    return ShotTakes(shot=cell.place, takes=(*kept, take), circled=take.number, lost=lost, ordered=ordered)


@dataclass
class _Errand:
    """One wish for a take, from vendor to vendor and number to number."""

    cell: Cell
    shot: Shot
    plan: ShotPlan
    pilot: Pilot
    seed: int
    image: Shop
    video: Shop
    first: int
    note: str = ""
    prompt: str = ""
    ordered: bool = False
    softened: bool = False
    still_softened: bool = False
    away: list[str] = field(default_factory=list)
    """Models whose vendors were away just now."""
    events: list[str] = field(default_factory=list)
    made_before: Take | None = None

    def again(self, take: Take) -> None:
        """Find what ``take`` was made from, under its own numbers and with its own models."""
        self.first, self.note, self.prompt = take.number, take.note, take.prompt
        self.events.extend(take.events)
        self.made_before = take

    def refusal(self) -> str:
        """Why no model in use can make the shot, in words; empty when one can."""
        models = [self.video.capability(model) for model in self.video.models(self.pilot.tier)]
        known = [model for model in models if model is not None]
        if len(known) < len(models):
            return ""
        return refusal(known, self.shot.clip_frames, self.plan.rate, self.plan.size)

    def needed_usd(self) -> Decimal:
        """What one take may cost at most, with the models that are asked first."""
        return self._still_usd(self._still_models()[0]) + self._clip_usd(self._clip_models()[0])

    def dearest_usd(self) -> Decimal:
        """What one take may cost at most, whoever makes it; a model without a price will not be asked."""
        parts = ((self._still_usd, self._still_models()), (self._clip_usd, self._clip_models()))
        return sum((max(_known(price, models), default=Decimal(0)) for price, models in parts), Decimal(0))

    def _still_usd(self, model: str) -> Decimal:
        return self.image.quote(self._still(model, self.first), tier=self.pilot.tier).max_usd

    def _clip_usd(self, model: str) -> Decimal:
        return self.video.quote(self._clip(model, self.first, _A_STILL), tier=self.pilot.tier).max_usd

    def run(self, cap_usd: Decimal, plan_digest: str) -> Take:
        account = {
            "production": self.cell.production,
            "tier": self.pilot.tier,
            "place": self.cell.place,
            "stage": "shooting",
            "shot_cap_usd": cap_usd,
        }

        before = self.made_before
        # A still without its clip is of no use: it is not bought where there is no money for both.
        clip_usd = Decimal(0) if before else self._clip_usd(self._clip_models()[0])

        def buy_still(model: str, number: int) -> Purchase:
            with self._noticing(model):
                return self.image.buy(self._still(model, number), take=number, beside_usd=clip_usd, **account)

        self.softened = before.still_softened if before else False
        still_from = (before.still_number or before.number) if before else self.first
        still, still_number = self._asked(self._still_models(), buy_still, still_from)
        self.still_softened = self.softened

        def buy_clip(model: str, number: int) -> Purchase:
            with self._noticing(model):
                return self.video.buy(self._clip(model, number, still.media), take=number, **account)

        self.softened = before.softened if before else self.softened
        clip, number = self._asked(self._clip_models(), buy_clip, self.first)
        return Take(
            number=number,
            clip=clip.media,
            poster=still.media,
            frames=self.shot.clip_frames,
            note=self.note,
            prompt=self.prompt,
            plan_digest=plan_digest,
            still=still.receipt,
            video=clip.receipt,
            still_number=still_number if still_number != number else None,
            softened=self.softened,
            still_softened=self.still_softened,
            events=tuple(self.events),
        )

    @contextmanager
    def _noticing(self, model: str) -> Iterator[None]:
        """Remember a model whose vendor is away: what is needed now is what the next one takes."""
        try:
            yield
        except VendorAway:
            self.away.append(model)
            raise

    def _asked(self, models: Sequence[str], buy: Callable[[str, int], T], number: int) -> tuple[T, int]:
        return ask(models, buy, number, self.events, ordered=self.ordered, soften=self._soften)

    def _soften(self) -> bool:
        done, self.softened = self.softened, True
        return not done

    def _still_models(self) -> list[str]:
        before = self.made_before
        return [before.still.model] if before else self._models(self.image, self.pilot.image_model)

    def _clip_models(self) -> list[str]:
        before = self.made_before
        return [before.video.model] if before else self._models(self.video, self.pilot.video_model)

    def _models(self, shop: Shop, planned: str) -> list[str]:
        """Who may be asked, as the pilot was planned first; without those that cannot make such a clip."""
        able = self._one_a_vendor(shop)
        begun = set(shop.begun(self.cell.production, self.cell.place, self.first))
        if begun & set(able):  # a crash came between: what was bought from a vendor in another's place stays in use
            able.sort(key=lambda model: model not in begun)
        elif planned in able:
            able.sort(key=lambda model: model != planned)
        elif able and planned not in self.away:
            in_use = planned in shop.models(self.pilot.tier)
            why = "which cannot make this shot" if in_use else "whose vendor is not in use"
            event = f"{able[0]} is asked instead of {planned}, {why}."
            if event not in self.events:
                self.events.append(event)
        return able or [planned]

    def _one_a_vendor(self, shop: Shop) -> list[str]:
        """The first model of each vendor that can make the shot, and every model that was named: a vendor that is away
        is no reason to take a dearer model of it that nobody asked for."""
        able, vendors = [], set()
        for model in shop.models(self.pilot.tier):
            if why_not(shop.capability(model), self.shot, self.plan) is None:
                vendor = vendor_of(model)
                if vendor not in vendors or shop.named(model):
                    able.append(model)
                vendors.add(vendor)
        return [model for model in able if model not in self.away]

    def _still(self, model: str, number: int) -> Frozen:
        return still_request(self._directed(number), self.pilot, size=self.plan.size).model_copy(
            update={"model": model}
        )

    def _clip(self, model: str, number: int, first_frame: MediaRef) -> Frozen:
        return video_request(self._directed(number), self.pilot, self.plan, first_frame).model_copy(
            update={"model": model}
        )

    def _directed(self, number: int):
        seed = take_seed(self.seed, self.cell.place, number)
        directed = direct(self.shot, note=self.note, take=number, seed=seed, prompt=self.prompt)
        if not self.softened:
            return directed
        shot = directed.shot.model_copy(update={"prompt": soften(directed.shot.prompt, most_units=PROMPT_LIMIT)})
        return directed.model_copy(update={"shot": shot})


def _known(price: Callable[[str], Decimal], models: Sequence[str]) -> Iterator[Decimal]:
    for model in models:
        with suppress(UnknownPrice):
            yield price(model)


def why_not(model: Model | None, shot: Shot, plan: ShotPlan) -> str | None:
    """Why a model cannot make the shot, in words; ``None`` when it can."""
    if model is None or model.kind != "video":
        return None
    return model.why_not(frames=shot.clip_frames, rate=plan.rate, size=plan.size)
