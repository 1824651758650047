"""What can go wrong, and how often: the knobs of the fake vendor."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

from studio_pipeline.errors import BadInput

FaultName = Literal[
    "overloaded",
    "unavailable",
    "error_after_accepting",
    "dropped",
    "moderated",
    "failed_billed",
    "failed_unbilled",
    "moderated_late",
    "damaged",
]
FAULTS: tuple[FaultName, ...] = get_args(FaultName)
"""In the order in which they are drawn: the first that comes up is the one."""


class Fault(Exception):
    """An order that is not answered as it should be; a shape says it in its vendor's words."""

    def __init__(self, kind: FaultName, retry_after_s: int | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.retry_after_s = retry_after_s


@dataclass(frozen=True)
class Faults:
    """Rates are shares of the orders, 0 to 1."""

    latency_s: float = 0.0
    """How long a job takes."""
    overloaded: float = 0.0
    """429 with ``Retry-After``; the order is not accepted."""
    unavailable: float = 0.0
    """503; the order is not accepted."""
    error_after_accepting: float = 0.0
    """The job exists, runs and bills; the answer is a 500."""
    dropped: float = 0.0
    """The job exists, runs and bills; the line is closed without an answer."""
    moderated: float = 0.0
    """Refused at once and not billed."""
    failed_billed: float = 0.0
    """The job fails and is billed."""
    failed_unbilled: float = 0.0
    """The job fails and is not billed."""
    moderated_late: float = 0.0
    """The job is accepted, then ended by moderation, and not billed."""
    damaged: float = 0.0
    """The job is done and billed, and its file is an HTML page or cut off."""
    drift_pct: float = 0.0
    """Bills that much more than the price list says."""
    retry_after_s: int = 2
    """What ``Retry-After`` says."""
    links_to: str = ""
    """Another address to write in links to files, instead of the fake's own."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name in FAULTS:
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"{name} is {getattr(self, name)}", where="faults", todo="Give a share from 0 to 1.")
        for name in ("latency_s", "drift_pct", "retry_after_s"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise BadInput(f"{name} is {getattr(self, name)}", where="faults", todo="Give a number from 0.")

    def changed(self, knobs: Mapping[str, Any]) -> Faults:
        """These with some knobs turned.

        Raises:
            BadInput: for a knob that there is not, or a value it cannot have.
        """
        kinds = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        turned = {}
        for name, value in knobs.items():
            kind = kinds.get(name)
            if kind is None:
                raise BadInput(
                    f"There is no knob “{str(name)[:40]}”", where="faults", todo=f"There are: {', '.join(kinds)}."
                )
            right = (int, float) if kind is float else (kind,)
            if not isinstance(value, right) or isinstance(value, bool):
                raise BadInput(f"{name} cannot be {value!r:.40}", where="faults", todo=f"Give a {kind.__name__}.")
            turned[name] = kind(value)
        return replace(self, **turned)

    def drawn(self, turn: int) -> FaultName | None:
        """What befalls the order of this number: always the same for a seed."""
        for name in FAULTS:
            rate = getattr(self, name)
            if rate and _share(f"{self.seed}:{turn}:{name}") < rate:
                return name
        return None


def _share(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64
