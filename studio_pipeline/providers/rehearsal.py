"""A rehearsal: everything is priced as the real vendor would price it, and made on this machine for nothing.

The request is put into the real vendor's words too, so that what that vendor would not take is found here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.providers.vendor import Fetched, JobState, Quote, Vendor

_SUFFIX = "-rehearsal"


def is_rehearsal(vendor: str) -> bool:
    """Whether a vendor of this name only stands in for another one."""
    return vendor.endswith(_SUFFIX)


class Rehearsal:
    """A ``Vendor`` with the prices of one and the work of another.

    Args:
        real: the vendor whose turn it will be. It is never called over the network.
        stand_in: the vendor of this machine that makes the media.
        model: the model of ``stand_in`` that makes them.
    """

    def __init__(self, real: Vendor[Any], stand_in: Vendor[Any], model: str) -> None:
        self.name = f"{real.name}{_SUFFIX}"
        self._real = real
        self._stand_in = stand_in
        self._model = model

    def normalised(self, request: Frozen) -> Mapping[str, Any]:
        return {"for": dict(self._real.normalised(request)), "by": dict(self._stand_in.normalised(self._cast(request)))}

    def quote(self, request: Frozen) -> Quote:
        quote = self._real.quote(request)
        return quote.model_copy(update={"simulated": True, "source": f"rehearsal of {quote.source}"})

    def submit(self, request: Frozen, *, client_tag: str) -> str:
        return self._stand_in.submit(self._cast(request), client_tag=client_tag)

    def poll(self, job_id: str, request: Frozen) -> JobState:
        return self._stand_in.poll(job_id, self._cast(request))

    def fetch(self, job_id: str, request: Frozen, into: Path) -> Fetched:
        return self._stand_in.fetch(job_id, self._cast(request), into)

    def validate_credentials(self) -> str:
        return "a rehearsal needs no key"

    def _cast(self, request: Frozen) -> Frozen:
        return request.model_copy(update={"model": self._model})
