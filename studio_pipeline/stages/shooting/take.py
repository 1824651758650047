"""Making one take of one shot: key frame first, then the clip, both bought through the ledger."""

from __future__ import annotations

from typing import Protocol

from studio_pipeline.errors import OutOfBudget, UnknownPrice
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.frozen import Frozen, digest_of
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.shots import Shot, ShotPlan
from studio_pipeline.film.takes import ShotTakes, Take
from studio_pipeline.orchestration.artifacts import Absent
from studio_pipeline.providers.metering import Purchase
from studio_pipeline.providers.vendor import Quote
from studio_pipeline.stages.shooting.cinematographer import direct, still_request, take_seed, video_request


class Shop(Protocol):
    """A vendor behind the ledger."""

    def model(self, wanted: str) -> str: ...

    def quote(self, request: Frozen) -> Quote: ...

    def buy(self, request: Frozen, *, production: str, tier: str, place: str, stage: str, take: int) -> Purchase: ...


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
) -> ShotTakes | Absent:
    """Make the next take of a shot, or find the one that its plan already has.

    Args:
        before: the takes the shot has so far.
        note: what should be different in a new take; ``None`` when no new take is asked for.

    Returns:
        All takes with the newest circled; or, for a plan that has no take and no money for one, an *unaffordable*
        marker that keeps the takes of earlier plans.

    Raises:
        OutOfBudget: when a retake cannot be paid; the takes there are stay.
    """
    takes = before.takes if before else ()
    plan_digest = digest_of([shot, plan.rate, plan.size])
    again = next((take for take in reversed(takes) if take.plan_digest == plan_digest), None) if note is None else None
    number = again.number if again else len(takes) + 1
    directed = direct(
        shot,
        note=again.note if again else note or "",
        take=number,
        seed=take_seed(seed, cell.place, number),
    )
    account = {"production": cell.production, "tier": pilot.tier, "place": cell.place, "stage": "shooting"}
    wanted_still = still_request(directed, pilot, size=plan.size)
    try:
        still = image.buy(wanted_still, take=number, **account)
        clip = video.buy(video_request(directed, pilot, plan, still.media), take=number, **account)
    except UnknownPrice:
        raise
    except OutOfBudget as error:
        if note is not None:
            raise
        unframed = video_request(directed, pilot, plan, None)
        needed = image.quote(wanted_still).max_usd + video.quote(unframed).max_usd
        return Absent(kind="unaffordable", reason=str(error), needed_usd=needed, takes=before)
    take = Take(
        number=number,
        clip=clip.media,
        poster=still.media,
        frames=shot.clip_frames,
        note=directed.note,
        plan_digest=plan_digest,
        still=still.receipt,
        video=clip.receipt,
    )
    kept = tuple(other for other in takes if other.number != number)
    return ShotTakes(shot=cell.place, takes=(*kept, take), circled=number)
