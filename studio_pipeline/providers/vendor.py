"""The shape every vendor has, whatever it makes: estimate, submit, check, download.

The four media ports (``image/port.py``, ``video/port.py``, ``voice/port.py``, ``music/port.py``) are this protocol
over their own request. What a vendor may also do, cancel and list, are protocols of their own. A vendor is one file
here and a folder in ``assets/vendors/``; ``studio scaffold provider NAME`` writes both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

from pydantic import Field

from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.film.frozen import Frozen

__all__ = ["Cancels", "Fetched", "JobState", "Keeps", "Lists", "NoAnswer", "Quote", "TakesTime", "TakesTurns", "Vendor"]

RequestT = TypeVar("RequestT", bound=Frozen, contravariant=True)


class NoAnswer(Exception):
    """The vendor may or may not have taken the job: a dropped line, a timeout, a 500. Never reaches a person.

    The only thing that a caller may do is to treat the money as possibly spent.
    """


class JobState(Frozen):
    """Where a submitted job stands."""

    state: Literal["queued", "running", "done", "failed"]
    price_usd: Decimal | None = None
    """What the vendor charged, where it says so; ``None`` means: as quoted."""
    billed: bool = True
    """For a failed job: whether the vendor charged for it."""
    refused: bool = False
    """For a failed job: whether it was moderation that ended it, so that the same words will fail again."""
    message: str = ""


class Fetched(Frozen):
    """What came down with the file. ``details`` is kind-specific (word times, tempo …) and must be JSON."""

    suffix: str
    events: tuple[str, ...] = ()
    details: Mapping[str, Any] = Field(default_factory=dict)


class Vendor(Protocol[RequestT]):
    """A vendor of one kind of media.

    ``submit`` is called at most once for an identity. ``poll`` and ``fetch`` get the request too, so that an offline
    vendor, whose job *is* the request, can go on after a crash. Making one needs no key and no network.
    """

    name: str

    def normalised(self, request: RequestT) -> Mapping[str, Any]:
        """What the vendor would be sent, as JSON, with media as their digests and without keys: its digest and the
        take's number are the identity of a purchase. What the vendor is not told does not belong in it."""
        ...

    def quote(self, request: RequestT) -> Quote:
        """Price ``request``. Raises ``UnknownPrice`` when no rate card covers it."""
        ...

    def submit(self, request: RequestT, *, client_tag: str) -> str:
        """Hand the job in; returns the vendor's job id. ``client_tag`` identifies the purchase on the vendor's side,
        where the vendor has a field for it.

        Raises a ``StudioError`` only when the vendor certainly did not take the job, so that the money goes back:
        ``VendorAway`` when another vendor may well take it, ``PromptRefused`` when moderation said no, ``JobFailed``
        when the answer is that nothing came of it, for nothing, and ``ProviderFailed`` for a request this vendor cannot
        use. ``NoAnswer``, and any other exception, means that it may have been taken: the money stays set aside. So
        never retry here what may have been accepted.
        """
        ...

    def poll(self, job_id: str, request: RequestT) -> JobState:
        """Where the job stands now; returns at once. Raises ``VendorAway`` when the vendor cannot be asked now."""
        ...

    def fetch(self, job_id: str, request: RequestT, into: Path) -> Fetched:
        """Write the finished file, as the vendor made it, to ``into`` (a temporary path without suffix).

        Called again after a failure or a crash, also much later when the stored file has vanished. Raises
        ``ProviderFailed`` when it cannot be had.
        """
        ...

    def validate_credentials(self) -> str:
        """Ask the vendor whether the key is good, for nothing; returns what it says in a few words for a person.

        Raises ``VendorAway`` that names the variable when there is no key or it is not accepted.
        """
        ...


@runtime_checkable
class Cancels(Protocol):
    """A vendor that can be told to stop."""

    def cancel(self, job_id: str) -> JobState:
        """Ask it to stop the job; returns how the job stands then, and whether it was charged."""
        ...


@runtime_checkable
class Lists(Protocol[RequestT]):
    """A vendor that lists its jobs, by which a purchase without an answer is found again."""

    def jobs_like(self, request: RequestT, *, client_tag: str, since_s: float) -> tuple[str, ...]:
        """Ids of the jobs handed in since a time (seconds since the epoch) that could be this request's, oldest
        first. Found by ``client_tag`` alone where the vendor keeps one. Raises ``VendorAway``."""
        ...


@runtime_checkable
class Keeps(Protocol):
    """A vendor whose answer is the file, put away for good before anybody is told of it."""

    def kept(self, client_tag: str) -> str | None:
        """The job id of the answer to the purchase of this tag that lies here, though a process may have died before
        it could say so; ``None`` when there is none."""
        ...


@runtime_checkable
class TakesTurns(Protocol):
    """A vendor that has room for only so many jobs at once."""

    def turn(self, waiting: Callable[[], None]) -> AbstractContextManager[None]:
        """Wait for room, calling ``waiting`` now and then, and hold it while the context lasts: from before a job is
        handed in until it has ended. A job that the vendor has already needs none."""
        ...


@runtime_checkable
class TakesTime(Protocol[RequestT]):
    """A vendor some of whose jobs take longer than others."""

    def job_limit_s(self, request: RequestT) -> float:
        """How long a job of this request is waited for, in seconds. It stays handed in after that."""
        ...
