"""A key goes to the API that it belongs to, and to nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.providers.hosted.download import download
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.manifest import Manifest

KEY = {"x-goog-api-key": "secret"}


@dataclass
class Host:
    """A server that says what it is told to and remembers the keys it was shown."""

    leads: dict[str, str] = field(default_factory=dict)
    keys: list[str | None] = field(default_factory=list)
    address: str = ""


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    made = (Host(), Host())
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _handler(host)) for host in made]
    for host, server in zip(made, servers, strict=True):
        host.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    for server in servers:
        server.shutdown()
        server.server_close()


def _handler(host: Host) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.keys.append(self.headers.get("x-goog-api-key"))
            leads = host.leads.get(self.path)
            self.send_response(302 if leads else 200)
            self.send_header("Location", leads or "")
            self.send_header("Content-Length", "0" if leads else "4")
            self.end_headers()
            self.wfile.write(b"" if leads else b"clip")

        def log_message(self, format: str, *args: object) -> None: ...

    return Handler


def setup(address: str, tmp_path: Path) -> Setup:
    manifest = Manifest(vendor="near", label="Near", kinds={"video": "x"}, base_url=address)
    return Setup(manifest, {}, RateCards({}), lambda _: tmp_path, tmp_path)


def test_the_key_is_shown_to_the_api(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    api, _ = hosts
    api.leads["/files/1"] = "/files/2"
    download(f"{api.address}/files/1", tmp_path / "made", setup(api.address, tmp_path), headers=KEY)
    assert api.keys == ["secret", "secret"]
    assert (tmp_path / "made").read_bytes() == b"clip"


def test_a_redirect_elsewhere_is_followed_without_the_key(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    api, storage = hosts
    api.leads["/files/1"] = f"{storage.address}/signed"
    download(f"{api.address}/files/1", tmp_path / "made", setup(api.address, tmp_path), headers=KEY)
    assert (api.keys, storage.keys) == (["secret"], [None])


def test_a_way_that_left_the_api_gets_no_key_when_it_comes_back(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    api, storage = hosts
    api.leads["/files/1"] = f"{storage.address}/there"
    storage.leads["/there"] = f"{api.address}/files/2"
    download(f"{api.address}/files/1", tmp_path / "made", setup(api.address, tmp_path), headers=KEY)
    assert (api.keys, storage.keys) == (["secret", None], [None])


def test_a_link_that_is_not_the_apis_never_sees_the_key(hosts: tuple[Host, Host], tmp_path: Path) -> None:
    api, storage = hosts
    download(f"{storage.address}/signed", tmp_path / "made", setup(api.address, tmp_path), headers=KEY)
    assert storage.keys == [None]
