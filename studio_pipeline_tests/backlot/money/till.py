"""The fake vendors in a process of their own, which lives on while buyers die: real HTTP, small pictures, own books."""

from __future__ import annotations

import json
import multiprocessing
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from studio_pipeline.fake_vendor import media
from studio_pipeline.fake_vendor.faults import Faults
from studio_pipeline.fake_vendor.orders import Order
from studio_pipeline.fake_vendor.server import FakeVendor

_FRAME = (64, 36)
_TIMEOUT_S = 30
_QUIET_S = 0.03


@dataclass(frozen=True)
class Till:
    """What is known of the vendors from outside."""

    address: str
    environ: dict[str, str]
    books: Path

    def ask(self, method: str, path: str, sent: Any = None) -> Any:
        body = None if sent is None else json.dumps(sent).encode()
        request = urllib.request.Request(f"{self.address}{path}", data=body, method=method)
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
            return json.loads(answer.read())

    def begin(self, faults: Faults) -> int:
        """Forget everything and turn the knobs; returns where in the books this begins."""
        self.ask("PUT", "/faults", asdict(faults))
        self.ask("POST", "/reset")
        return self.books.stat().st_size if self.books.exists() else 0

    def meter_usd(self) -> Decimal:
        return Decimal(self.ask("GET", "/meter")["billed_usd"])

    def jobs(self) -> list[dict[str, Any]]:
        """Every job with its price, words and length, as a vendor's own pages show them to a person."""
        return self.ask("GET", "/meter")["jobs"]

    def orders(self) -> int:
        """How many orders came, taken or refused."""
        vendors = self.ask("GET", "/meter")["vendors"].values()
        return sum(vendor["accepted"] + vendor["refused"] for vendor in vendors)

    def quiet(self) -> None:
        """Wait until nothing is under way that somebody sent who is dead by now."""
        before: object = None
        while (now := self.ask("GET", "/meter")["vendors"]) != before:
            before = now
            time.sleep(_QUIET_S)

    def lines(self, start: int) -> list[dict[str, Any]]:
        """Every movement of money since then, in order."""
        if not self.books.exists():
            return []
        with self.books.open("rb") as file:
            file.seek(start)
            return [json.loads(line) for line in file]


@contextmanager
def open_till(books: Path) -> Iterator[Till]:
    """The fake vendors, until the block ends."""
    fork = multiprocessing.get_context("fork")
    told, ours = fork.SimpleQueue(), fork.SimpleQueue()
    process = fork.Process(target=_serve, args=(books, told, ours), daemon=True)
    process.start()
    address, environ = told.get()
    try:
        yield Till(address, environ, books)
    finally:
        ours.put("close")
        process.join()


def _serve(books: Path, told: Any, until: Any) -> None:
    whole, whole_books = media.made_for, FakeVendor.books

    def small(order: Order) -> tuple[bytes, str]:
        return whole(replace(order, size=_FRAME))

    def with_words(self: FakeVendor) -> dict[str, Any]:
        told = whole_books(self)
        orders = {job.id: job.order for job in self.engine.jobs()}
        more = {name: {"prompt": order.prompt, "seconds": int(order.seconds)} for name, order in orders.items()}
        return {**told, "jobs": [{**job, **more[job["id"]]} for job in told["jobs"]]}

    media.made_for, FakeVendor.books = small, with_words
    with FakeVendor(books=books) as fake:
        told.put((fake.address, fake.environ()))
        until.get()
