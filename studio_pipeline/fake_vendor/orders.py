"""The words of the fake vendor: an order somebody hands in, and the job it becomes. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Kind = Literal["video", "image", "voice", "music", "text"]
State = Literal["queued", "running", "succeeded", "failed", "moderated", "cancelled"]

Damage = Literal["page", "cut"]
"""A web page in place of the file, or half of it."""

ENDED: tuple[State, ...] = ("succeeded", "failed", "moderated", "cancelled")


@dataclass(frozen=True)
class Order:
    """What a shape has understood of a request, with its own price for it."""

    vendor: str
    model: str
    kind: Kind
    price_usd: Decimal
    prompt: str = ""
    seconds: float = 0.0
    size: tuple[int, int] = (0, 0)
    characters: int = 0
    picture: bytes | None = None
    """The first frame, as it was sent."""
    tag: str = ""
    """What the caller sent along to find its job again, where the vendor has a field for it."""
    step_usd: Decimal = Decimal("0.000001")
    """The smallest amount this vendor bills; bills are rounded up to it."""
    sent: Mapping[str, Any] = field(default_factory=dict)
    """What the shape wants to remember of the request for its later answers."""


@dataclass(frozen=True)
class Job:
    """An order that was accepted, as it stands at one moment."""

    id: str
    order: Order
    state: State
    billed_usd: Decimal
    """What it costs as things stand: charged when it is accepted, back to 0 when that is refunded."""
    created_s: float
    """Seconds since the epoch."""
    ended_s: float | None = None
    damaged: Damage | None = None
    message: str = ""

    @property
    def ended(self) -> bool:
        return self.state in ENDED
