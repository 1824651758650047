"""Anthropic's Message Batches (half the price, an answer within a day), of one request each.

Read from https://platform.claude.com/docs/en/build-with-claude/batch-processing, 2026-11: what ``expired``, was
``canceled`` or ``errored`` is not billed; answers are kept for 29 days.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from studio_pipeline.errors import ProviderFailed, VendorAway
from studio_pipeline.providers.language.claude.line import Line
from studio_pipeline.providers.vendor import JobState, NoAnswer

_PATH = "/v1/messages/batches"
_MOST_LISTED = 1000
_ENDS = {"expired": "the batch was not answered within a day", "canceled": "the batch was cancelled"}


class Batches:
    """By their ids, ``msgbatch_…``."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def create(self, custom_id: str, body: dict[str, Any]) -> str:
        """Hand one request in; returns the batch's id. Raises what ``Vendor.submit`` may raise."""
        batch = self._line.create(_PATH, {"requests": [{"custom_id": custom_id, "params": body}]}, timeout_s=60.0)
        if not isinstance(batch.get("id"), str):
            raise NoAnswer("an answer that names no batch")
        return batch["id"]

    def message(self, batch_id: str) -> dict[str, Any] | JobState:
        """The answer, or how the batch stands that has none."""
        batch = self._line.look(f"{_PATH}/{_named(batch_id)}")
        if batch.get("processing_status") != "ended":
            return JobState(state="running")
        result = self._only_line(batch_id).get("result")
        kind = result.get("type") if isinstance(result, dict) else None
        if isinstance(result, dict) and kind == "succeeded" and isinstance(result.get("message"), dict):
            return result["message"]
        told = _ENDS.get(str(kind)) or f"the batch came to nothing: {json.dumps(result)[:300]}"
        return JobState(state="failed", billed=False, message=told)

    def of(self, custom_id: str, since_s: float) -> Iterator[str]:
        """Batches with this request, oldest first.

        Anthropic lists batches without what is in them, and says that only with the answers: so one is found when it
        has ended, and what is not found yet may be found the next time.
        """
        for batch in reversed(self._line.look(f"{_PATH}?limit={_MOST_LISTED}").get("data") or []):
            counts = batch.get("request_counts") or {}
            alone = sum(count for count in counts.values() if isinstance(count, int)) == 1
            if batch.get("processing_status") != "ended" or not alone or _seconds(batch.get("created_at")) < since_s:
                continue
            try:
                if self._only_line(batch["id"]).get("custom_id") == custom_id:
                    yield batch["id"]
            except VendorAway:
                raise
            except ProviderFailed:  # its answer is gone, so it is not the one that is looked for
                continue

    def _only_line(self, batch_id: str) -> dict[str, Any]:
        """The one result of a batch. Raises ``ProviderFailed`` when there is none that can be read."""
        text = self._line.text(f"{_PATH}/{_named(batch_id)}/results")
        try:
            (line,) = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise ProviderFailed(
                f"The answer of batch {batch_id} cannot be read", where="Anthropic", todo="Give the same command again."
            ) from error
        return line if isinstance(line, dict) else {}


def _named(batch_id: str) -> str:
    """A batch's id as a part of a path. Raises ``ProviderFailed`` for what can be none."""
    if not batch_id.isascii() or not batch_id.replace("_", "").replace("-", "").isalnum():
        raise ProviderFailed(f"“{batch_id[:60]}” names no job of Anthropic's", todo="Make a new take.")
    return batch_id


def _seconds(moment: object) -> float:
    try:
        return datetime.fromisoformat(str(moment)).timestamp()
    except ValueError:
        return 0.0
