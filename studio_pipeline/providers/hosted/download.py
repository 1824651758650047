"""The way a finished file comes down: from the vendor's own hosts only, over TLS, up to a size, never from inside.

A link comes out of an answer over the network, so it is data like any other: it may point anywhere, also at the
machines of the person who runs the studio. Every hop is checked anew, and the address that was checked is the address
that is connected to. Making the file durable is the store's work.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from contextlib import AbstractContextManager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import httpcore
import httpx

from studio_pipeline.errors import MediaDamaged, ProviderFailed, VendorAway
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.wording import clipped

MOST_BYTES = 2_000_000_000
_MOST_HOPS = 3
_ELSEWHERE = (301, 302, 303, 307, 308)
_TIMEOUTS_S = {"connect": 15.0, "read": 120.0, "write": 120.0, "pool": 120.0}
_BROKEN_LINE = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def download(
    url: str, into: Path, setup: Setup, *, headers: Mapping[str, str] | None = None, most_bytes: int = MOST_BYTES
) -> str:
    """Write what ``url`` serves to ``into``; returns its content type.

    Args:
        headers: a key, for a vendor that hands out its files at the API itself. It goes to the address of the API and
            nowhere else, and no further once that has led elsewhere.

    Raises:
        ProviderFailed: a link that is not followed.
        MediaDamaged: a file that is not there any more, or has more bytes than any clip.
        VendorAway: when the host does not answer now or the line breaks; the file can be asked for again.
    """
    where, trusted = _parsed(url), True
    outside = None if setup.local else _Outside()
    try:
        with httpcore.ConnectionPool(ssl_context=httpx.create_ssl_context(), network_backend=outside) as pool:
            for _ in range(_MOST_HOPS + 1):
                _check(where, setup)
                trusted = trusted and _origin(where) == _origin(httpx.URL(setup.base_url))
                with _asked(pool, where, headers if trusted and headers else {}) as response:
                    told = _headers(response)
                    if response.status in _ELSEWHERE:
                        where = _parsed(told.get("location", ""), seen_at=where)
                        continue
                    _good(response.status, where, setup)
                    _write(response, told.get("content-length", ""), into, most_bytes)
                    return told.get("content-type", "")
    except _BROKEN_LINE as error:
        raise VendorAway(
            f"The file of {setup.manifest.label} did not come down: {type(error).__name__}",
            where=_shown(where),
            todo="Give the same command again; it is paid for once.",
            retry_after_s=0,
        ) from error
    raise _refused(where, "it only leads to other places")


def _asked(
    pool: httpcore.ConnectionPool, where: httpx.URL, headers: Mapping[str, str]
) -> AbstractContextManager[httpcore.Response]:
    host = where.raw_host if where.raw_host[:1] != b"[" else where.raw_host[1:-1]
    return pool.stream(
        "GET",
        httpcore.URL(scheme=where.raw_scheme, host=host, port=where.port, target=where.raw_path),
        headers={"Host": where.netloc.decode(), "Accept": "*/*", "Accept-Encoding": "identity", **headers},
        extensions={"timeout": _TIMEOUTS_S},
    )


def _headers(response: httpcore.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}


def _parsed(link: str, seen_at: httpx.URL | None = None) -> httpx.URL:
    """The address that ``link`` is; what is checked and what is connected to are read from this one object."""
    try:
        return httpx.URL(link) if seen_at is None else seen_at.join(link)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise _refused(seen_at, "it is no address") from error


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme)


def _check(url: httpx.URL, setup: Setup) -> None:
    if (url.port or 0) > 65535:
        raise _refused(url, "it is no address")
    if url.scheme != "https" and not (setup.local and url.scheme == "http"):
        raise _refused(url, "only https is followed")
    own = httpx.URL(setup.base_url).host
    if not any(fnmatchcase(url.host, allowed) for allowed in (own, *setup.manifest.hosts)):
        raise _refused(url, f"{clipped(url.host, 80) or 'it'} is no host of {setup.manifest.label}")
    if url.userinfo:
        raise _refused(url, "it carries a password")


def _good(status: int, where: httpx.URL, setup: Setup) -> None:
    if 200 <= status < 300:
        return
    label = setup.manifest.label
    if status >= 500 or status in (408, 425, 429):
        raise VendorAway(
            f"{label} does not hand out its file now ({status})",
            where=_shown(where),
            todo="Give the same command again; it is paid for once.",
            retry_after_s=0,
        )
    raise MediaDamaged(
        f"{label} does not have the file any more ({status})",
        where=_shown(where),
        todo="Links of vendors end after a day or two. Look for the file in its own console, or make a new take.",
    )


def _write(response: httpcore.Response, announced: str, into: Path, most_bytes: int) -> None:
    got = 0
    too_long = MediaDamaged(f"The vendor's file has more than {most_bytes} bytes", todo="Make a new take.")
    if announced.isdecimal() and int(announced) > most_bytes:
        raise too_long
    with into.open("wb") as file:
        for chunk in response.iter_stream():  # raises where fewer bytes come than were announced
            got += len(chunk)
            if got > most_bytes:
                raise too_long
            file.write(chunk)


def _refused(url: httpx.URL | None, why: str) -> ProviderFailed:
    return ProviderFailed(
        f"The vendor's link is not followed: {why}",
        where=_shown(url) if url else "",
        todo="Nothing was fetched from there.",
    )


def _shown(url: httpx.URL) -> str:
    """A link without what may be secret in it: a password, and the query, which may hold a signature."""
    return clipped(f"{url.scheme}://{url.host}{url.path}" if url.host else f"{url.scheme}:…", 200)


class _Outside(httpcore.SyncBackend):
    """Connects to public addresses only, and to the very addresses that were looked at."""

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        try:
            found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        if not all(is_public(address) for address in found):
            raise ProviderFailed(
                "The vendor's link is not followed: it points into a private network",
                where=clipped(host, 200),
                todo="Nothing was fetched from there.",
            )
        trouble: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in found:
            try:
                return super().connect_tcp(address, port, *args, **kwargs)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open Internet, also one that is wrapped in another."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        within = (
            ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        )
        if within is not None:
            return is_public(str(within))
    return ip.is_global and not ip.is_multicast
