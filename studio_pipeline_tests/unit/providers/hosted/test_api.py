"""Every way an answer can end means one thing for money, over real sockets."""

import email.utils
import os
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from studio_pipeline.errors import MediaDamaged, PromptRefused, ProviderFailed, VendorAway
from studio_pipeline.providers.hosted import api as api_module
from studio_pipeline.providers.hosted.api import MOST_WAIT_S, Api, retry_after_s, said
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.manifest import Manifest
from studio_pipeline.providers.vendor import NoAnswer

KEY = "sk-very-secret-0123456789"


@contextmanager
def serving(*answers: bytes):
    """A server that gives one raw answer a connection, in order, and notes what it was asked."""
    asked = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        for answer in answers:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                got = b""
                while b"\r\n\r\n" not in got:
                    got += line.recv(65536)
                asked.append(got.decode("latin-1"))
                line.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)


def answer(status, body=b"{}", kind="application/json", **headers):
    lines = [f"HTTP/1.1 {status} Whatever", f"content-type: {kind}", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join([*lines, "connection: close", "", ""])).encode() + body


def api(base_url, tmp_path, keys="keys", **options):
    manifest = Manifest(
        vendor="acme", label="Acme", kinds={"video": "m"}, base_url=base_url, **{keys: {"ACME_KEY": "a key"}}
    )
    setup = Setup(
        manifest=manifest, models={}, prices=None, resolve=None, inbox=tmp_path / "inbox", environ={"ACME_KEY": KEY}
    )
    return Api(setup, lambda: {"Authorization": f"Bearer {setup.key('ACME_KEY')}"}, **options)


def outcome(call):
    try:
        return call()
    except Exception as error:  # noqa: BLE001 — which error it is, is the outcome
        assert KEY not in str(error) and KEY not in repr(error)
        return error


@pytest.mark.parametrize(
    ("raw", "creating", "looking"),
    [
        (answer(429, retry_after="7"), (VendorAway, 7), (VendorAway, 7)),
        (answer(503), (VendorAway, 0), (VendorAway, 0)),
        (answer(503, b"", "text/plain", retry_after="5"), (VendorAway, 5), (VendorAway, 5)),
        (answer(503, b"upstream reset before headers", "text/plain"), (NoAnswer, None), (VendorAway, 0)),
        (answer(503, b"{not json"), (NoAnswer, None), (VendorAway, 0)),
        (answer(408), (NoAnswer, None), (VendorAway, 0)),
        (answer(401), (VendorAway, None), (VendorAway, None)),
        (answer(402), (VendorAway, None), (VendorAway, None)),
        (answer(403), (VendorAway, None), (VendorAway, None)),
        (answer(400), (ProviderFailed, None), (ProviderFailed, None)),
        (answer(404), (ProviderFailed, None), (ProviderFailed, None)),
        (answer(422), (ProviderFailed, None), (ProviderFailed, None)),
        (answer(500), (NoAnswer, None), (VendorAway, 0)),
        (answer(502), (NoAnswer, None), (VendorAway, 0)),
        (answer(504), (NoAnswer, None), (VendorAway, 0)),
        (answer(302, location="http://elsewhere.test/"), (NoAnswer, None), (VendorAway, 0)),
        (answer(200, b"{not json"), (NoAnswer, None), (VendorAway, 0)),
        (answer(200, b"[" * 200_000), (NoAnswer, None), (VendorAway, 0)),
        (answer(200, b"1" * 10_000), (NoAnswer, None), (VendorAway, 0)),
        (answer(200, b"\xff\xfe"), (NoAnswer, None), (VendorAway, 0)),
        (b"", (NoAnswer, None), (VendorAway, 0)),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", (NoAnswer, None), (VendorAway, 0)),
        (b"SMTP hello\r\n\r\n", (NoAnswer, None), (VendorAway, 0)),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else "",
)
def test_each_ending_of_a_request_means_one_thing(tmp_path, raw, creating, looking):
    with serving(raw, raw) as (url, asked):
        made = outcome(lambda: api(url, tmp_path).create("/jobs", json={"prompt": "sea"}))
        seen = outcome(lambda: api(url, tmp_path).look("/jobs/1"))
    assert (type(made), getattr(made, "retry_after_s", None)) == creating
    assert (type(seen), getattr(seen, "retry_after_s", None)) == looking
    assert len(asked) == 2  # nothing is ever sent twice here


def test_a_good_answer_comes_with_its_data_and_the_key_was_sent(tmp_path):
    with serving(answer(201, b'{"id": "job-1"}')) as (url, asked):
        got = api(url, tmp_path).create("/jobs", json={"prompt": "sea"})
    assert (got.status, got.data) == (201, {"id": "job-1"})
    assert asked[0].startswith("POST /jobs HTTP/1.1")
    assert f"Bearer {KEY}" in asked[0]


def test_nobody_listening_means_that_nothing_was_handed_in(tmp_path):
    with serving() as (url, _):
        pass
    away = outcome(lambda: api(url, tmp_path).create("/jobs"))
    assert (type(away), away.retry_after_s) == (VendorAway, 0)


def test_a_server_that_says_nothing_may_have_taken_the_job(tmp_path):
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    slow = api(url, tmp_path, timeout_s=0.2)
    assert isinstance(outcome(lambda: slow.create("/jobs")), NoAnswer)
    seen = outcome(lambda: slow.look("/jobs/1"))
    assert (type(seen), seen.retry_after_s) == (VendorAway, 0)
    listener.close()


def test_an_answer_that_is_far_too_long_is_not_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(api_module, "MOST_JSON_BYTES", 1000)
    raw = answer(200, b'"' + b"x" * 100_000 + b'"')
    with serving(raw) as (url, _):
        assert isinstance(outcome(lambda: api(url, tmp_path).create("/jobs")), NoAnswer)


def test_an_address_that_is_none_costs_nothing(tmp_path):
    away = outcome(lambda: api("http://127.0.0.1:99999", tmp_path).create("/jobs"))
    assert isinstance(away, VendorAway)


def test_a_vendor_reads_its_own_errors_first(tmp_path):
    def own(status, body):
        return PromptRefused("Acme does not want this") if body.get("code") == "moderation" else None

    raw = answer(400, b'{"code": "moderation"}')
    with serving(raw, answer(400, b'{"code": "size", "message": "too wide"}')) as (url, _):
        assert isinstance(outcome(lambda: api(url, tmp_path, own=own).create("/jobs")), PromptRefused)
        other = outcome(lambda: api(url, tmp_path, own=own).create("/jobs"))
    assert (type(other), "too wide" in str(other)) == (ProviderFailed, True)


@pytest.mark.parametrize("keys", ["keys", "optional_keys"])
@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_key_that_the_vendor_repeats_does_not_come_out(tmp_path, status, keys):
    body = f'{{"error": {{"message": "Incorrect key {KEY} provided"}}}}'.encode()
    with serving(answer(status, body), answer(status, body)) as (url, _):
        made = outcome(lambda: api(url, tmp_path, keys).create("/jobs"))
        seen = outcome(lambda: api(url, tmp_path, keys).look("/jobs"))
    assert "Incorrect key … provided" in str(made)
    assert "Incorrect key … provided" in str(seen)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "“quoted”", "nul\0"])
def test_a_key_that_cannot_be_one_is_told_without_being_shown(tmp_path, key):
    manifest = Manifest(vendor="acme", label="Acme", kinds={}, keys={"ACME_KEY": "k"}, base_url="http://127.0.0.1:1")
    setup = Setup(manifest=manifest, models={}, prices=None, resolve=None, inbox=tmp_path, environ={"ACME_KEY": key})
    with pytest.raises(VendorAway, match="ACME_KEY") as caught:
        Api(setup, lambda: {"Authorization": setup.key("ACME_KEY")}).create("/jobs")
    assert key not in str(caught.value)
    assert caught.value.retry_after_s is None
    assert repr(key)[1:-1] not in repr(setup)


def test_retry_after_is_read_in_both_its_forms_and_never_trusted():
    def wait(value):
        return retry_after_s({"retry-after": value})

    assert wait("3") == 3
    assert wait(" 2.5 ") == 2.5
    assert 50 < wait(email.utils.formatdate(time.time() + 60, usegmt=True)) <= 60
    assert wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert wait("99999999") == MOST_WAIT_S
    assert wait(email.utils.formatdate(time.time() + 9e6, usegmt=True)) == MOST_WAIT_S
    for nonsense in ("", "soon", "-5", "²", "1e9", "nan", "inf", "Wed, 99 Foo 99999 99:99:99 GMT", "9" * 400):
        assert wait(nonsense) == 0
    assert retry_after_s({}) == 0


def test_what_an_error_says_is_found_wherever_vendors_put_it():
    assert said({"error": {"message": "too wide"}}) == "too wide"
    assert said({"detail": [{"msg": "field required"}]}) == "field required"
    assert said({"error": "busy"}) == "busy"
    assert said({"code": 7}) == said(None) == said(7) == said([]) == ""
    assert "\n" not in said({"message": "two\nlines \x1b[31m"})
    assert len(said({"message": "x" * 9999})) <= 300
    deep = "words"
    for _ in range(900):
        deep = {"error": deep}
    assert said(deep) == ""


def test_a_file_at_the_api_comes_down_whole_or_not_at_all(tmp_path):
    into = tmp_path / "clip"
    with serving(
        answer(200, b"clip", "video/mp4"),
        answer(404),
        answer(500),
        b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf",
        answer(200, b"x" * 100, "video/mp4"),
    ) as (url, asked):
        acme = api(url, tmp_path)
        assert acme.save("/file", into) == "video/mp4"
        assert into.read_bytes() == b"clip"
        assert "accept-encoding: identity" in asked[0].lower()
        assert isinstance(outcome(lambda: acme.save("/file", into)), MediaDamaged)
        for _ in range(2):
            away = outcome(lambda: acme.save("/file", into))
            assert (type(away), away.retry_after_s) == (VendorAway, 0)
        assert isinstance(outcome(lambda: acme.save("/file", into, most_bytes=50)), MediaDamaged)


def test_a_forked_process_does_not_use_the_connections_of_its_parent(tmp_path):
    kept = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
    with serving(kept, answer(200)) as (url, asked):
        acme = api(url, tmp_path)
        acme.look("/one")
        if (child := os.fork()) == 0:
            code = 1
            try:
                acme.look("/two")
                code = 0
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
    assert len(asked) == 2
