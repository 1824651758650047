"""The line to Anthropic: its own client, one request once, and what every ending means for money.

The client's own retries are off: what was accepted and lost on the way back would be paid for again with each. What an
ending means is in the table of ``hosted/api.py``; of its own Anthropic has 529 (overloaded, nothing was taken), a 400
for an account without credit and a 404 for a model that a key may not use.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from studio_pipeline.errors import StudioError, VendorAway
from studio_pipeline.providers.hosted.api import Api, said
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.language.answering import endings_told, no_sdk

if TYPE_CHECKING:
    from anthropic import Anthropic

KEY = "ANTHROPIC_API_KEY"
_LOOK_TIMEOUT_S = 20.0


class Line:
    """May be used from several threads. Making one needs no key and no network."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._meaning = Api(setup, dict, own=_own, overloaded=(429, 529))
        self._made: tuple[int, Anthropic] | None = None

    def create(self, path: str, body: dict[str, Any], *, timeout_s: float) -> dict[str, Any]:
        """POST something that is paid for, once; raises what ``Vendor.submit`` may raise."""
        with self._told(creating=True) as client:
            return _object(client.post(path, body=body, cast_to=object, options={"timeout": timeout_s}))

    def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST something that costs nothing; raises ``VendorAway`` when it cannot be had now."""
        with self._told(creating=False) as client:
            return _object(client.post(path, body=body, cast_to=object, options={"timeout": _LOOK_TIMEOUT_S}))

    def look(self, path: str) -> dict[str, Any]:
        with self._told(creating=False) as client:
            return _object(client.get(path, cast_to=object, options={"timeout": _LOOK_TIMEOUT_S}))

    def text(self, path: str) -> str:
        """What a path holds that is no JSON."""
        import httpx2

        with self._told(creating=False) as client:
            return client.get(path, cast_to=httpx2.Response, options={"timeout": 60.0}).text

    @contextmanager
    def _told(self, *, creating: bool) -> Iterator[Anthropic]:
        """The client, whose errors come out as what they mean for money."""
        client = self._client()
        self._check_allowed()
        with endings_told(self._meaning, creating=creating):
            yield client

    def _check_allowed(self) -> None:
        """pydantic-ai's own switch, which tests turn off, holds for every server but one of this machine."""
        try:
            from pydantic_ai import models
        except ImportError as error:
            raise no_sdk(self._setup) from error
        if not models.ALLOW_MODEL_REQUESTS and not self._setup.local:
            raise VendorAway("Asking real models is switched off (ALLOW_MODEL_REQUESTS)", where=self._setup.base_url)

    def _client(self) -> Anthropic:
        """One client a process: a forked one must not use the connections of its parent."""
        if self._made is None or self._made[0] != os.getpid():
            try:
                import httpx2
                from anthropic import Anthropic, DefaultHttpxClient
            except ImportError as error:
                raise no_sdk(self._setup) from error
            timeout = httpx2.Timeout(60.0, connect=15.0)
            own = Anthropic(
                api_key=self._setup.key(KEY),
                base_url=self._setup.base_url,
                max_retries=0,
                timeout=timeout,
                http_client=DefaultHttpxClient(timeout=timeout, follow_redirects=False),
            )
            self._made = (os.getpid(), own)
        return self._made[1]


def _own(status: int, body: Any) -> StudioError | None:
    words = said(body)
    if status == 400 and "credit balance" in words.lower():
        return VendorAway(
            f"Anthropic has no credit left: {words}", todo="Buy some at https://platform.claude.com/settings/billing."
        )
    if status == 404 and "model" in words.lower():
        return VendorAway(f"Anthropic does not let this key use the model: {words}", todo="Name another model.")
    return None


def _object(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise ValueError(f"an answer that is no JSON object: {str(found)[:80]!r}")
    return found
