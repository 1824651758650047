"""A vendor's link is followed only where the vendor's files can be, and never into the studio's own network."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import pytest

from studio_pipeline.errors import MediaDamaged, ProviderFailed, VendorAway
from studio_pipeline.providers.hosted.download import download, is_public
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.manifest import Manifest


class Files(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        status, headers, body = self.server.files.get(self.path.partition("?")[0], (404, {}, b""))
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body)), "Content-Type": "video/mp4"} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    """A server of this machine with ``files``: path to status, headers and body."""
    made = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    made.files, made.asked = {}, []
    made.url = f"http://127.0.0.1:{made.server_port}"
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def setup_at(base_url, tmp_path, hosts=("*.acme-cdn.test",)):
    manifest = Manifest(vendor="acme", label="Acme", kinds={}, base_url=base_url, hosts=hosts)
    return Setup(manifest=manifest, models={}, prices=None, resolve=None, inbox=tmp_path / "inbox")


@pytest.fixture
def local(server, tmp_path):
    return setup_at(server.url, tmp_path)


@pytest.fixture
def far(tmp_path):
    return setup_at("https://api.acme.test", tmp_path)


@pytest.fixture
def into(tmp_path):
    return tmp_path / "clip"


@pytest.fixture
def connected(monkeypatch):
    """Names resolve as the test says; where a connection would be made is noted, and none is."""
    names, made = {}, []

    def getaddrinfo(host, port, **_):
        if host not in names:
            raise socket.gaierror("no such name")
        return [(0, 0, 0, "", (address, port)) for address in names[host]]

    def connect_tcp(self, host, port, *args, **kwargs):
        made.append((host, port))
        raise httpcore.ConnectError("not in a test")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect_tcp)
    return names, made


def test_a_file_comes_down_with_its_content_type_and_no_key_is_sent(server, local, into):
    server.files["/clip.mp4"] = (200, {}, b"a clip")
    assert download(f"{server.url}/clip.mp4?signature=abc", into, local) == "video/mp4"
    assert into.read_bytes() == b"a clip"
    path, headers = server.asked[0]
    assert path == "/clip.mp4?signature=abc"
    assert headers["Host"] == server.url.removeprefix("http://")
    assert headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in headers


def test_a_link_on_the_vendors_own_host_that_moved_is_followed(server, local, into):
    server.files["/a"] = (302, {"Location": "/b"}, b"")
    server.files["/b"] = (307, {"Location": f"{server.url}/c"}, b"")
    server.files["/c"] = (200, {}, b"a clip")
    download(f"{server.url}/a", into, local)
    assert into.read_bytes() == b"a clip"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/clip.mp4",
        "https://acme-cdn.test.evil.test/clip.mp4",
        "https://api.acme.test@evil.test/clip.mp4",
        "https://evil.test#api.acme.test",
        "https://evil.test\\@api.acme.test/clip.mp4",
        "http://api.acme.test/clip.mp4",
        "https://user:hunter2@api.acme.test/clip.mp4",
        "https://127.0.0.1/clip.mp4",
        "https://[::1]/clip.mp4",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "file:///etc/passwd",
        "data:video/mp4;base64,AAAA",
        "ftp://api.acme.test/clip.mp4",
        "//api.acme.test/clip.mp4",
        "/clip.mp4",
        "https://",
        "https://[",
        "https://api.acme.test:99999/",
        "",
        "no link at all",
        "https://api.acme.test/\nHost: evil.test",
    ],
)
def test_a_link_to_anywhere_else_is_refused_before_anybody_is_asked(link, far, into, connected):
    with pytest.raises(ProviderFailed, match="not followed") as caught:
        download(link, into, far)
    assert "hunter2" not in str(caught.value)
    assert connected[1] == []
    assert not into.exists()


@pytest.mark.parametrize(
    "target",
    [
        "http://10.1.2.3/",
        "https://evil.test/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "file:///etc/passwd",
        "http://user:hunter2@127.0.0.1/",
    ],
)
def test_a_redirect_to_another_host_is_not_followed(server, local, into, target):
    server.files["/a"] = (302, {"Location": target}, b"")
    with pytest.raises(ProviderFailed, match="not followed"):
        download(f"{server.url}/a", into, local)
    assert not into.exists()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a00:1",
        "2002:a00:1::1",
        "ff02::1",
    ],
)
def test_a_name_that_leads_into_a_private_network_is_refused(address, far, into, connected):
    names, made = connected
    assert not is_public(address)
    for among in ([address], ["93.184.215.14", address]):
        names["api.acme.test"] = among
        with pytest.raises(ProviderFailed, match="private network"):
            download("https://api.acme.test/clip.mp4", into, far)
    assert made == []


def test_a_public_name_is_connected_to_at_the_address_that_was_looked_at(far, into, connected):
    names, made = connected
    names["eu.acme-cdn.test"] = ["93.184.215.14", "2606:2800:21f:cb07::1"]
    with pytest.raises(VendorAway) as caught:
        download("https://eu.acme-cdn.test/clip.mp4?signature=secret", into, far)
    assert caught.value.retry_after_s == 0
    assert "secret" not in str(caught.value)
    assert made == [("93.184.215.14", 443), ("2606:2800:21f:cb07::1", 443)]


def test_a_name_that_is_not_known_now_is_asked_for_again(far, into, connected):
    with pytest.raises(VendorAway) as caught:
        download("https://api.acme.test/clip.mp4", into, far)
    assert caught.value.retry_after_s == 0


def test_going_round_in_circles_ends(server, local, into):
    server.files["/a"] = (302, {"Location": "/a"}, b"")
    with pytest.raises(ProviderFailed, match="only leads to other places"):
        download(f"{server.url}/a", into, local)
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, MediaDamaged), (410, MediaDamaged), (403, MediaDamaged), (500, VendorAway), (503, VendorAway)],
)
def test_what_a_host_says_about_a_missing_file(server, local, into, status, error):
    server.files["/a"] = (status, {}, b"")
    with pytest.raises(error) as caught:
        download(f"{server.url}/a?signature=secret", into, local)
    assert type(caught.value) is error
    assert "secret" not in str(caught.value)
    assert not into.exists()


@pytest.mark.parametrize("headers", [{}, {"Content-Length": ""}], ids=["announced", "not announced"])
def test_a_file_beyond_all_measure_is_not_taken(server, local, into, headers):
    server.files["/a"] = (200, {name: value for name, value in headers.items() if value}, b"x" * 5000)
    with pytest.raises(MediaDamaged, match="more than 1000 bytes"):
        download(f"{server.url}/a", into, local, most_bytes=1000)
    assert not into.exists() or into.stat().st_size <= 1000


def test_a_line_that_breaks_in_the_middle_is_tried_again_later(server, local, into):
    server.files["/a"] = (200, {"Content-Length": "5000"}, b"x" * 100)
    with pytest.raises(VendorAway) as caught:
        download(f"{server.url}/a", into, local)
    assert caught.value.retry_after_s == 0
