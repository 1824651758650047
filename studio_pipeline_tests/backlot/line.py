"""The other end of an adapter's line, for unit tests: what was sent, and what is answered next. No socket is opened."""

from __future__ import annotations

import json
from typing import Any

import httpx

from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.settings import ASSETS_DIR


class AnyPrice(frozenset[str]):
    """Every old price is accepted: tests do not fail by the calendar."""

    def __contains__(self, name: object) -> bool:
        return True


CARDS = RateCards.load(ASSETS_DIR / "vendors", accepted=AnyPrice)


class Line:
    """Answers in the order in which it was told to."""

    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []
        self.answers: list[httpx.Response] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.sent.append(request)
        return self.answers.pop(0)

    def says(self, body: Any, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append(httpx.Response(status, json=body, headers=named))

    @property
    def body(self) -> dict[str, Any]:
        """The JSON that was sent last."""
        return json.loads(self.sent[-1].content)
