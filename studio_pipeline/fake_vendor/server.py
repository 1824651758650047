"""The server in front of the shapes: one process, one port of this machine, a shape behind each first path segment.

Besides the shapes there are ``GET /meter`` (the books as JSON), ``PUT /faults`` (turn knobs), ``PUT /plan`` (a list of
what befalls the next orders) and ``POST /reset`` (as if just started; the books' file goes on).
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from studio_pipeline.errors import BadInput
from studio_pipeline.fake_vendor.engine import Engine
from studio_pipeline.fake_vendor.faults import FAULTS, Fault, Faults
from studio_pipeline.fake_vendor.meter import Meter
from studio_pipeline.fake_vendor.shapes import Shape, shapes
from studio_pipeline.fake_vendor.wire import Malformed, Request, Response

HOST = "127.0.0.1"
MOST_BYTES = 64_000_000
_IDLE_S = 60

_STATUS = {"overloaded": 429, "unavailable": 503, "error_after_accepting": 500, "moderated": 400}


class FakeVendor:
    """Runs while it is entered. ``port`` 0 takes any free one."""

    def __init__(self, *, faults: Faults | None = None, port: int = 0, books: Path | None = None) -> None:
        self._books = books
        self.engine = Engine(faults or Faults(), Meter(books))
        try:
            self._server = _Server((HOST, port), self)
        except OSError as error:
            raise BadInput(
                f"Port {port} of {HOST} cannot be used: {error.strerror}", todo="Give another one with --port."
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def meter(self) -> Meter:
        return self.engine.meter

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self._server.server_address[1]}"

    def url(self, shape: str) -> str:
        """Where a shape is: what its base URL variable is set to."""
        return f"{self.address}/{shape}"

    def environ(self) -> dict[str, str]:
        """The environment variables that send every vendor here."""
        found = {}
        for name, shape in shapes().items():
            found |= {shape.BASE_URL_VARIABLE: self.url(name), **shape.KEYS}
        return found

    def books(self) -> dict[str, Any]:
        """The meter and every job, as ``GET /meter`` answers them."""
        jobs = self.engine.jobs()  # first, so that what has ended by now is refunded
        return {
            **self.meter.summary(),
            "jobs": [
                {
                    "id": job.id,
                    "vendor": job.order.vendor,
                    "model": job.order.model,
                    "kind": job.order.kind,
                    "state": job.state,
                    "billed_usd": str(job.billed_usd),
                    "tag": job.order.tag,
                }
                for job in jobs
            ],
        }

    def reset(self) -> None:
        """No jobs, nothing billed, the same knobs."""
        self.engine.reset()
        self.engine.meter = Meter(self._books)

    def __enter__(self) -> FakeVendor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: Request, shape: Shape | None) -> Response:
        """What a request is answered. Raises ``Fault`` ``dropped`` when it is not."""
        try:
            return shape.answer(request, self.engine) if shape else self._own(request)
        except Fault as fault:
            if fault.kind == "dropped":
                raise
            said = trouble(fault) if (trouble := getattr(shape, "trouble", None)) else _plain(fault)
            wait = {"Retry-After": str(fault.retry_after_s)} if fault.retry_after_s is not None else {}
            return Response(said.status, said.body, {**wait, **said.headers})
        except (Malformed, BadInput) as error:
            return Response(400, {"error": {"message": str(error)}})

    def _own(self, request: Request) -> Response:
        match request.method, request.path:
            case "GET", "/meter":
                return Response(200, self.books())
            case "PUT", "/faults":
                self.engine.faults = self.engine.faults.changed(request.json())
                return Response(200, asdict(self.engine.faults))
            case "PUT", "/plan":
                planned = request.json().get("next")
                if not isinstance(planned, list) or not all(name is None or name in FAULTS for name in planned):
                    raise BadInput("That is no plan", todo=f'Send {{"next": […]}} with null or: {", ".join(FAULTS)}.')
                self.engine.plan(*planned)
                return Response(200, {"next": planned})
            case "POST", "/reset":
                self.reset()
                return Response(200, self.books())
        return Response(
            404, {"error": {"message": f"There are /meter, /faults, /plan, /reset, {', '.join(shapes())}."}}
        )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], vendor: FakeVendor) -> None:
        super().__init__(address, _Handler)
        self.vendor = vendor

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up in the middle is no news; a mistake in a shape is, and its line is closed."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _IDLE_S

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        first, _, rest = parts.path.lstrip("/").partition("/")
        shape = shapes().get(first)
        body = self._body()
        if body is None:
            return
        vendor = cast(_Server, self.server).vendor
        elsewhere = vendor.engine.faults.links_to
        request = Request(
            method=self.command,
            path=unquote(f"/{rest}" if shape else parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            own_url=f"{elsewhere.rstrip('/') or vendor.address}/{first}",
        )
        try:
            self._send(vendor.answer(request, shape))
        except Fault:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815 - names that http.server looks for

    def _body(self) -> bytes | None:
        length = self.headers.get("content-length", "0")
        if "chunked" in self.headers.get("transfer-encoding", "") or not length.isdecimal():
            self._refuse_body(411, "Say the length of the body.")
            return None
        if int(length) > MOST_BYTES:
            self._refuse_body(413, f"A body has at most {MOST_BYTES} bytes.")
            return None
        return self.rfile.read(int(length))

    def _refuse_body(self, status: int, message: str) -> None:
        self.close_connection = True
        self._send(Response(status, {"error": {"message": message}}, {"Connection": "close"}))

    def _send(self, response: Response) -> None:
        content = response.body if isinstance(response.body, bytes) else json.dumps(response.body).encode()
        kind = "application/octet-stream" if isinstance(response.body, bytes) else "application/json"
        self.send_response(response.status)
        for name, value in {"Content-Type": kind, **response.headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: the books say what happened."""


def _plain(fault: Fault) -> Response:
    return Response(_STATUS[fault.kind], {"error": {"message": fault.kind.replace("_", " ")}})
