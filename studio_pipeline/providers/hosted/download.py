"""The way a finished file comes down: from the vendor's own hosts only, over TLS, up to a size, never from inside.

A link comes out of an answer over the network, so it is data like any other: it may point anywhere, also at the
machines of the person who runs the studio. Every hop is checked anew, and the address that was checked is the address
that is connected to. Making the file durable is the store's work.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from studio_pipeline.errors import MediaDamaged, ProviderFailed, VendorAway
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.wording import clipped

MOST_BYTES = 2_000_000_000
_MOST_HOPS = 3
_CHUNK = 1 << 20


def download(
    url: str, into: Path, setup: Setup, *, headers: Mapping[str, str] | None = None, most_bytes: int = MOST_BYTES
) -> str:
    """Write what ``url`` serves to ``into``; returns its content type.

    Args:
        headers: a key, for a vendor that hands out its files at the API itself. It goes to the address of the API and
            nowhere else, and no further once that has led elsewhere.

    Raises:
        ProviderFailed: a link that is not followed.
        MediaDamaged: a file that is not there any more, has more bytes than any clip, or fewer than were announced.
        VendorAway: when the host does not answer now; the file can be asked for again.
    """
    transport = httpx.HTTPTransport(retries=0)
    if not setup.local:
        transport._pool = httpcore.ConnectionPool(network_backend=_Outside(), ssl_context=httpx.create_ssl_context())
    where, trusted = url, True
    try:
        with httpx.Client(transport=transport, timeout=httpx.Timeout(120.0, connect=15.0)) as client:
            for _ in range(_MOST_HOPS + 1):
                _check(where, setup)
                trusted = trusted and _origin(where) == _origin(setup.base_url)
                with client.stream("GET", where, headers=headers if trusted else None) as response:
                    if response.is_redirect:
                        where = urljoin(where, response.headers.get("location", ""))
                        continue
                    _told(response, setup)
                    _write(response, into, most_bytes)
                    return response.headers.get("content-type", "")
    except httpx.HTTPError as error:
        raise VendorAway(
            f"The file of {setup.manifest.label} did not come down: {type(error).__name__}",
            where=_shown(where),
            todo="Give the same command again; it is paid for once.",
            retry_after_s=0,
        ) from error
    raise _refused(where, "it only leads to other places")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _check(url: str, setup: Setup) -> None:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    own = urlsplit(setup.base_url).hostname or ""
    if parts.scheme != "https" and not (setup.local and parts.scheme == "http"):
        raise _refused(url, "only https is followed")
    if not any(fnmatchcase(host, allowed) for allowed in (own, *setup.manifest.hosts)):
        raise _refused(url, f"{clipped(host, 80) or 'it'} is no host of {setup.manifest.label}")
    if parts.username or parts.password:
        raise _refused(url, "it carries a password")


def _told(response: httpx.Response, setup: Setup) -> None:
    if response.is_success:
        return
    label, where = setup.manifest.label, _shown(str(response.url))
    if response.status_code >= 500 or response.status_code in (408, 425, 429):
        raise VendorAway(
            f"{label} does not hand out its file now ({response.status_code})",
            where=where,
            todo="Give the same command again; it is paid for once.",
            retry_after_s=0,
        )
    raise MediaDamaged(
        f"{label} does not have the file any more ({response.status_code})",
        where=where,
        todo="Links of vendors end after a day or two. Look for the file in its own console, or make a new take.",
    )


def _write(response: httpx.Response, into: Path, most_bytes: int) -> None:
    announced = response.headers.get("content-length", "")
    got = 0
    with into.open("wb") as file:
        for chunk in response.iter_raw(_CHUNK):
            got += len(chunk)
            if got > most_bytes:
                raise MediaDamaged(f"The vendor's file has more than {most_bytes} bytes", todo="Make a new take.")
            file.write(chunk)
    if announced.isdigit() and got != int(announced):
        raise MediaDamaged(f"The vendor's file was cut off: {got} of {announced} bytes", todo="Fetch it again.")


def _refused(url: str, why: str) -> ProviderFailed:
    return ProviderFailed(
        f"The vendor's link is not followed: {why}", where=_shown(url), todo="Nothing was fetched from there."
    )


def _shown(url: str) -> str:
    """A link without its query, which may hold a signature."""
    return clipped(url.partition("?")[0], 200)


class _Outside(httpcore.SyncBackend):
    """Connects to public addresses only, and to the very address that was looked at."""

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        try:
            found: Iterable[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for *_, address in found:
            if not ipaddress.ip_address(address[0]).is_global:
                raise _refused(host, "it points into a private network")
            return super().connect_tcp(str(address[0]), port, *args, **kwargs)
        raise httpcore.ConnectError(f"{host} has no address")
