"""One REST call and what its answer means for money.

What lives here: sending one request once, and sorting every way it can end into *taken*, *certainly not taken* and
*nobody knows*. What does not: asking again (``providers/backing_off.py``), and any vendor's own words.

========================================  =============================  ==========================================
what happens to a creating request        what it means                  raised
========================================  =============================  ==========================================
2xx                                       taken                          –
no connection, 429, the vendor's own 503  not taken, may be asked again  ``VendorAway`` with ``retry_after_s``
401, 402, 403                             not taken, ask a person        ``VendorAway``
other 4xx                                 not taken, never will be       ``ProviderFailed`` (or the vendor's own error)
408, other 5xx, a dropped line, a timeout may have been taken            ``NoAnswer``
2xx that is no JSON, or far too long      was taken, and lost            ``NoAnswer``
========================================  =============================  ==========================================

A 503 is the vendor's own when it says so in JSON or says when to come back. One without either may be from a gateway
whose line to the vendor broke after the request was passed on (Envoy's “reset before headers” is a 503).

A request that only looks has no such third case: everything that may pass is ``VendorAway`` with ``retry_after_s``.
"""

from __future__ import annotations

import email.utils
import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from studio_pipeline.errors import MediaDamaged, ProviderFailed, StudioError, VendorAway
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.vendor import NoAnswer
from studio_pipeline.wording import clipped

MOST_JSON_BYTES = 64_000_000
"""Pictures come inside of JSON, as base64."""
MOST_WAIT_S = 300.0
"""A vendor that says to come back later than this is asked again after this."""

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_DEEPEST = 8
"""How far down in an error's body words are looked for."""

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)

Own = Callable[[int, Any], StudioError | None]
"""A vendor's own reading of an error: status and JSON body to the error it is, or ``None`` for the table above."""


@dataclass(frozen=True)
class Answer:
    """A good answer. ``data`` is its JSON, ``None`` where it has none; ``content`` the bytes."""

    status: int
    data: Any
    content: bytes
    headers: Mapping[str, str]


class Api:
    """The REST API of one vendor."""

    def __init__(
        self,
        setup: Setup,
        headers: Callable[[], Mapping[str, str]],
        *,
        own: Own = lambda _status, _body: None,
        timeout_s: float = 60.0,
        overloaded: tuple[int, ...] = (429,),
    ) -> None:
        """
        Args:
            headers: the headers with the key, asked for at each call, so that a missing key is told by the call.
            own: the vendor's own reading of an error, e.g. of a refusal by moderation.
            overloaded: what it answers when it has too much to do and has not taken the job.
        """
        self._setup = setup
        self._label = setup.manifest.label
        self._headers = headers
        self._own = own
        self._overloaded = overloaded
        self._timeout = httpx.Timeout(timeout_s, connect=15.0)
        self._made: tuple[int, httpx.Client] | None = None

    def create(self, path: str, **sent: Any) -> Answer:
        """POST ``path`` once; ``sent`` is httpx's ``json=``, ``data=``, ``files=``, ``params=`` or ``headers=``."""
        return self._send("POST", path, creating=True, **sent)

    def look(self, path: str, **sent: Any) -> Answer:
        """GET ``path`` once. ``even_if(status, body)`` says of an error that it is the answer, e.g. how a job ended."""
        return self._send("GET", path, creating=False, **sent)

    def save(self, path: str, into: Path, *, most_bytes: int = 2_000_000_000) -> str:
        """GET ``path`` into a file, for a vendor that hands out files at its API; returns the content type.

        What is linked to anywhere else is ``download.py``'s.

        Raises:
            MediaDamaged: a file that is not there any more, has more bytes than any clip, or fewer than were announced.
            VendorAway: when it cannot be had now; the file can be asked for again.
        """
        try:
            headers = {**self._headers(), "Accept-Encoding": "identity"}
            with self._client().stream("GET", self._url(path), headers=headers) as response:
                if response.is_success:
                    _into(into, response, most_bytes)
                    return response.headers.get("content-type", "")
                content = _limited(response, MOST_JSON_BYTES)
        except (httpx.HTTPError, httpx.InvalidURL, _TooLong) as error:
            raise self.lost(error, creating=False) from error
        if response.status_code in (404, 410):
            raise MediaDamaged(
                f"{self._label} does not have the file any more ({response.status_code})",
                where=self._setup.base_url,
                todo="Make a new take.",
            )
        raise self.refused(response, content, creating=False)

    def change(self, method: str, path: str, **sent: Any) -> Answer:
        """A request that costs nothing and may be sent again, such as a cancellation; ``even_if`` as for ``look``."""
        return self._send(method, path, creating=False, **sent)

    def _send(
        self, method: str, path: str, *, creating: bool, even_if: Callable[[int, Any], bool] | None = None, **sent: Any
    ) -> Answer:
        headers = {**self._headers(), **sent.pop("headers", {})}
        try:
            with self._client().stream(method, self._url(path), headers=headers, **sent) as response:
                content = _limited(response, MOST_JSON_BYTES)
        except (httpx.HTTPError, httpx.InvalidURL, _TooLong) as error:
            raise self.lost(error, creating=creating) from error
        data, broken = _parsed(content, response.headers.get("content-type", ""))
        if not broken and (response.is_success or (even_if and even_if(response.status_code, data))):
            return Answer(response.status_code, data, content, response.headers)
        raise self.refused(response, content, creating=creating)

    def _url(self, path: str) -> str:
        return path if path.startswith(("http://", "https://")) else f"{self._setup.base_url}{path}"

    def lost(self, error: BaseException, *, creating: bool) -> Exception:
        """What it means that there is no whole response; also for an SDK that has sent the request itself."""
        if isinstance(error, _NEVER_LEFT):
            return self._away(f"cannot be reached: {self._keyless(str(error))}", retry_after_s=0)
        if creating:
            return NoAnswer(f"{type(error).__name__}: {self._keyless(str(error))}")
        return self._away(f"did not answer: {type(error).__name__}", retry_after_s=0)

    def refused(self, response: httpx.Response, content: bytes, *, creating: bool) -> Exception:
        """What a response means that is not what was asked for; also for an SDK that has sent the request itself."""
        told = self._keyless(content.decode("utf-8", "replace")).encode()
        data, broken = _parsed(told, response.headers.get("content-type", ""))
        status = response.status_code
        words = said(data) or response.reason_phrase
        own = None if broken else self._own(status, data)
        if own is not None:
            return own
        if status in self._overloaded or (status == 503 and (data is not None or "retry-after" in response.headers)):
            return self._away(f"is overloaded ({status}): {words}", retry_after_s=retry_after_s(response.headers))
        if status in (401, 402, 403):
            names = " and ".join(self._setup.manifest.keys)
            return self._away(f"does not let us in ({status}): {words}", todo=f"Look at {names} and at the account.")
        if response.is_success or status >= 500 or status == 408 or response.is_redirect:
            if creating:
                return NoAnswer(f"{status}: {words}")
            return self._away(f"is in trouble ({status}): {words}", retry_after_s=retry_after_s(response.headers))
        return ProviderFailed(f"{self._label} cannot use this request ({status}): {words}")

    def _keyless(self, text: str) -> str:
        """``text`` without our keys, which some vendors repeat in their errors."""
        for variable in (*self._setup.manifest.keys, *self._setup.manifest.optional_keys):
            key = self._setup.environ.get(variable, "").strip()
            text = text.replace(key, "…") if key else text
        return text

    def _away(self, what: str, *, retry_after_s: float | None = None, todo: str = "") -> VendorAway:
        return VendorAway(
            f"{self._label} {what}",
            where=self._setup.base_url,
            todo=todo or "Try again later; nothing was handed in.",
            retry_after_s=retry_after_s,
        )

    def _client(self) -> httpx.Client:
        """One client a process: a forked one must not use the connections of its parent."""
        if self._made is None or self._made[0] != os.getpid():
            self._made = (os.getpid(), httpx.Client(timeout=self._timeout, follow_redirects=False))
        return self._made[1]


class _TooLong(Exception):
    """The answer is longer than any answer has to be."""


def _limited(response: httpx.Response, most: int) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > most:
            raise _TooLong(f"more than {most} bytes")
    return bytes(content)


def _into(file: Path, response: httpx.Response, most_bytes: int) -> None:
    announced, got = response.headers.get("content-length", ""), 0
    with file.open("wb") as opened:
        for chunk in response.iter_raw():
            got += len(chunk)
            if got > most_bytes:
                raise MediaDamaged(f"The vendor's file has more than {most_bytes} bytes", todo="Make a new take.")
            opened.write(chunk)
    if announced.isdigit() and got != int(announced):
        raise MediaDamaged(f"The vendor's file was cut off: {got} of {announced} bytes", todo="Fetch it again.")


def _parsed(content: bytes, kind: str) -> tuple[Any, bool]:
    """The JSON of an answer, and whether it should have been JSON and is none."""
    if "json" not in kind:
        return None, False
    try:
        return json.loads(content) if content else None, False
    except (ValueError, RecursionError):  # too deep to be read is no answer either
        return None, True


def said(data: Any, deepest: int = _DEEPEST) -> str:
    """What an error's body says, wherever vendors put it, on one short line."""
    if deepest == 0:
        return ""
    for name in ("message", "detail", "error", "errors", "failure", "title", "reason"):
        inner = data.get(name) if isinstance(data, dict) else None
        if isinstance(inner, str) and inner.strip():
            return clipped(inner.strip(), 300)
        if isinstance(inner, dict | list) and (words := said(inner, deepest - 1)):
            return words
    if isinstance(data, list) and data:
        return said(data[0], deepest - 1)
    if isinstance(data, dict) and isinstance(data.get("msg"), str):
        return clipped(data["msg"], 300)
    return clipped(data, 300) if isinstance(data, str) else ""


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds that ``Retry-After`` (seconds or a date) asks to wait; 0 when it says nothing that can be used."""
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), MOST_WAIT_S)
    try:
        moment = email.utils.parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    return min(max(moment - time.time(), 0.0), MOST_WAIT_S)
