"""A vendor around a vendor: everything is passed on, and a wrapper writes down only what it does differently.

What a vendor may also do (``Cancels``, ``Lists``, ``Keeps``, ``TakesTurns``, ``TakesTime``) a wrapper can do exactly
when what it wraps can, so that ``isinstance`` tells the truth about a wrapped vendor too. The wrappers are
``backing_off.py`` and ``limited.py``; the order they go around each other is the factory's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.providers.vendor import (
    Cancels,
    Fetched,
    JobState,
    Keeps,
    Lists,
    Quote,
    TakesTime,
    TakesTurns,
    Vendor,
)

RequestT = TypeVar("RequestT", bound=Frozen)


class Wrapping(Generic[RequestT]):
    """Passes everything on to ``vendor``. Subclasses take the wrapped vendor as their first argument."""

    def __new__(cls, vendor: Vendor[RequestT], *_args: Any, **_kwargs: Any) -> Self:
        return super().__new__(_able(cls, tuple(part for ability, part in _ABILITIES if isinstance(vendor, ability))))

    def __init__(self, vendor: Vendor[RequestT]) -> None:
        self.name = vendor.name
        self._vendor: Any = vendor

    def normalised(self, request: RequestT) -> Mapping[str, Any]:
        return self._vendor.normalised(request)

    def quote(self, request: RequestT) -> Quote:
        return self._vendor.quote(request)

    def submit(self, request: RequestT, *, client_tag: str) -> str:
        return self._vendor.submit(request, client_tag=client_tag)

    def poll(self, job_id: str, request: RequestT) -> JobState:
        return self._vendor.poll(job_id, request)

    def fetch(self, job_id: str, request: RequestT, into: Path) -> Fetched:
        return self._vendor.fetch(job_id, request, into)

    def validate_credentials(self) -> str:
        return self._vendor.validate_credentials()


class _Cancelling:
    _vendor: Any

    def cancel(self, job_id: str) -> JobState:
        return self._vendor.cancel(job_id)


class _Listing:
    _vendor: Any

    def jobs_like(self, request: Any, *, client_tag: str, since_s: float) -> tuple[str, ...]:
        return self._vendor.jobs_like(request, client_tag=client_tag, since_s=since_s)


class _Keeping:
    _vendor: Any

    def kept(self, client_tag: str) -> str | None:
        return self._vendor.kept(client_tag)


class _TakingTurns:
    _vendor: Any

    def turn(self, waiting: Callable[[], None]) -> AbstractContextManager[None]:
        return self._vendor.turn(waiting)


class _TakingTime:
    _vendor: Any

    def job_limit_s(self, request: Any) -> float:
        return self._vendor.job_limit_s(request)


_ABILITIES = (
    (Cancels, _Cancelling),
    (Lists, _Listing),
    (Keeps, _Keeping),
    (TakesTurns, _TakingTurns),
    (TakesTime, _TakingTime),
)


@lru_cache
def _able(wrapper: type[Any], parts: tuple[type, ...]) -> type[Any]:
    """``wrapper`` with the methods of ``parts``; what the wrapper itself says comes first."""
    return type(wrapper.__name__, (wrapper, *parts), {"__module__": wrapper.__module__}) if parts else wrapper
