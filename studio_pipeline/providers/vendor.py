"""The shape every vendor has, whatever it makes: quote, submit, poll, fetch.

The four media ports (``image/port.py``, ``video/port.py``, ``voice/port.py``, ``music/port.py``) are this protocol
over their own request. To add a vendor, write one file beside the port, list it in the port's factory, and add it to
``studio_pipeline_tests/contract/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from pydantic import Field

from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.film.frozen import Frozen

__all__ = ["Fetched", "JobState", "Quote", "Vendor"]

RequestT = TypeVar("RequestT", bound=Frozen, contravariant=True)


class JobState(Frozen):
    """Where a submitted job stands."""

    state: Literal["queued", "running", "done", "failed"]
    price_usd: Decimal | None = None
    """What the vendor charged, where it says so; ``None`` means: as quoted."""
    billed: bool = True
    """For a failed job: whether the vendor charged for it."""
    message: str = ""


class Fetched(Frozen):
    """What came down with the file. ``details`` is kind-specific (word times, tempo …) and must be JSON."""

    suffix: str
    events: tuple[str, ...] = ()
    details: Mapping[str, Any] = Field(default_factory=dict)


class Vendor(Protocol[RequestT]):
    """A vendor of one kind of media.

    ``submit`` is called at most once for an identity. ``poll`` and ``fetch`` get the request too, so that an offline
    vendor, whose job *is* the request, can go on after a crash.
    """

    name: str

    def quote(self, request: RequestT) -> Quote:
        """Price ``request``. Raises ``UnknownPrice`` when no rate card covers it."""
        ...

    def submit(self, request: RequestT, *, client_tag: str) -> str:
        """Hand the job in; returns the vendor's job id. ``client_tag`` identifies the purchase on the vendor's side.

        Raises ``ProviderFailed`` (or another ``StudioError``) only when the vendor certainly did not take the job: the
        money then goes back. Let any other exception out as it is: for a real price it counts as *no answer*, and the
        money stays set aside. So never retry here what may have been accepted.
        """
        ...

    def poll(self, job_id: str, request: RequestT) -> JobState:
        """Where the job stands now; returns at once."""
        ...

    def fetch(self, job_id: str, request: RequestT, into: Path) -> Fetched:
        """Write the finished file to ``into`` (a temporary path without suffix). Raises ``ProviderFailed``.

        Called again after a failure or a crash, also much later when the stored file has vanished.
        """
        ...
