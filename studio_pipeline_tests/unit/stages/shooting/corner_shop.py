"""A shop on paper that keeps its own books, and a shot to buy takes of.

Honest as the real one is behind its ledger: one identity is paid once, a job that failed stays failed, a prompt that
was refused is refused again, and nothing is sold beyond the shot's cap or beyond what there is to spend.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from studio_pipeline.errors import JobFailed, OutOfBudget, PromptRefused, StudioError
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.frozen import Frozen, digest_of
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.shots import Board, Shot, ShotPlan
from studio_pipeline.film.takes import Receipt
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.providers.metering import Purchase
from studio_pipeline.providers.vendor import Quote

CELL = Cell.parse("lamp|animated.s01.k1")
SHOT = Shot(
    number=1,
    frames=48,
    handle=6,
    move="hold",
    board=Board(heading="", action="Mara lights the lamp.", place="tower", framing="wide"),
    prompt="Wide shot. Mara lights the lamp.",
)
PLAN = ShotPlan(scene=1, rate=Rate.of(24), size=(1280, 720), shots=(SHOT,))
PILOT = Pilot(
    tier="animated",
    look="Ink.",
    image_model="pen/ink",
    video_model="reel/fast",
    budget_usd=Decimal(9),
    expected_cost_usd=Decimal(1),
    why="",
)


def plan_of(**changes: Any) -> tuple[Shot, ShotPlan]:
    """Another plan of the same shot."""
    shot = SHOT.model_copy(update=changes)
    return shot, PLAN.model_copy(update={"shots": (shot,)})


@dataclass
class Purse:
    """What may still be spent, by all shops together."""

    left_usd: Decimal = Decimal(100)
    by_place: dict[str, Decimal] = field(default_factory=dict)

    def pay(self, place: str, usd: Decimal) -> None:
        self.left_usd -= usd
        self.by_place[place] = self.by_place.get(place, Decimal(0)) + usd


@dataclass(frozen=True)
class Asked:
    """One time that a vendor was asked."""

    model: str
    take: int
    request: Frozen

    @property
    def prompt(self) -> str:
        return self.request.prompt  # type: ignore[attr-defined]


Answer = Callable[[Asked], StudioError | None]
"""How a vendor answers: with an error, or with the file."""


@dataclass
class CornerShop:
    prices: Mapping[str, str]
    """What a take costs, by model; the order is that of preference."""
    purse: Purse
    answer: Answer = lambda asked: None
    able: Mapping[str, Model] = field(default_factory=dict)
    billed_failures: bool = True
    asked: list[Asked] = field(default_factory=list)
    """Every job that a vendor was really asked for, in order."""
    caps: list[Decimal | None] = field(default_factory=list)
    sold: dict[str, Purchase] = field(default_factory=dict)
    ended: dict[str, StudioError] = field(default_factory=dict)

    def models(self, tier: str) -> tuple[str, ...]:
        return tuple(self.prices)

    def named(self, model: str) -> bool:
        return False

    def capability(self, model: str) -> Model | None:
        return self.able.get(model)

    def quote(self, request: Any, *, tier: str = "") -> Quote:
        usd = Decimal(PRICES[request.model])
        return Quote(expected_usd=usd, max_usd=usd, simulated=False, source="the price tag")

    def spent_usd(self, production: str, place: str) -> Decimal:
        return self.purse.by_place.get(place, Decimal(0))

    def begun(self, production: str, place: str, take: int) -> tuple[str, ...]:
        return tuple(purchase.receipt.model for purchase in self.sold.values())

    def buy(
        self,
        request: Any,
        *,
        production: str,
        tier: str,
        place: str,
        stage: str,
        take: int,
        shot_cap_usd: Decimal | None = None,
        beside_usd: Decimal = Decimal(0),
    ) -> Purchase:
        identity = digest_of([request, take])
        if identity in self.sold:
            return self.sold[identity].model_copy(update={"avoided": True})
        if identity in self.ended:
            error = self.ended[identity]
            raise JobFailed(error.what, before=True) if isinstance(error, JobFailed) else error
        price = self.quote(request).max_usd
        self.caps.append(shot_cap_usd)
        if shot_cap_usd is not None and self.spent_usd(production, place) + price > shot_cap_usd:
            raise OutOfBudget(f"the shot has had its share of {shot_cap_usd}")
        if price + beside_usd > self.purse.left_usd:
            raise OutOfBudget(f"{self.purse.left_usd} left of {price}")
        asked = Asked(request.model, take, request)
        self.asked.append(asked)
        error = self.answer(asked)
        if error is not None:
            if isinstance(error, JobFailed | PromptRefused):
                self.ended[identity] = error
            if isinstance(error, JobFailed) and self.billed_failures:
                self.purse.pay(place, price)
            raise error
        self.purse.pay(place, price)
        receipt = Receipt(
            entry=str(len(self.sold) + 1),
            identity=identity,
            vendor=request.model.partition("/")[0],
            model=request.model,
            price_usd=price,
            simulated=False,
        )
        media = MediaRef(sha256=identity, suffix=".bin", size_bytes=1)
        self.sold[identity] = Purchase(media=media, receipt=receipt, avoided=False)
        return self.sold[identity]


PRICES = {"pen/ink": "0.10", "brush/oil": "0.20", "reel/fast": "1.00", "tape/slow": "4.00"}
