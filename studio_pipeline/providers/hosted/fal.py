"""fal: many models behind one queue, each with its own words for the same things.

What lives here: the queue (one POST, then status and result by the request's id) and the filling in of a model's
fields. What does not: which model has which fields, which is ``assets/vendors/fal/capabilities.yaml``. Two facts of
money, from fal's FAQ: a 5xx is never charged, and a job that ends in a 4xx may be. The header ``x-fal-billable-units``
counts in units that differ from model to model, so only its 0 is believed; else a job costs what was quoted.

A request has no field for a tag of ours. fal lists an account's requests with what was sent, by which one without an
answer is found again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from studio_pipeline.errors import MediaDamaged, PromptRefused, ProviderFailed, StudioError
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.providers.capabilities import Kind, Model
from studio_pipeline.providers.hosted.api import Answer, Api, said
from studio_pipeline.providers.hosted.download import download
from studio_pipeline.providers.hosted.fitting import data_uri, fit, picture
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.vendor import Fetched, JobState, NoAnswer, Quote
from studio_pipeline.providers.video.port import VideoRequest

PLATFORM = "https://api.fal.ai/v1"
"""Where fal's listing and prices are; behind another base address they are at its ``/v1``."""
_REFUSALS = {"content_policy_violation"}
_OURS = (401, 402, 403, 404, 429)
"""Answers about us and the queue, not about how a request ended."""
_STATES: Mapping[str, JobState] = {"IN_QUEUE": JobState(state="queued"), "IN_PROGRESS": JobState(state="running")}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}")
_JOB = re.compile(rf"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*/requests/{_ID.pattern}", re.ASCII)
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "video/mp4": ".mp4"}
_MOST_SEED = 2**31
_PAGES = 10

Request = VideoRequest | StillRequest


def build(kind: Kind, setup: Setup) -> Fal:
    return Fal(setup)


class Fal:
    """Clips and stills; which of them is the model's."""

    def __init__(self, setup: Setup) -> None:
        self.name = setup.name
        self._setup = setup
        own = setup.base_url == setup.manifest.base_url
        self._platform = PLATFORM if own else f"{setup.base_url}/v1"
        self._api = Api(setup, self._headers, own=_refusal)

    def normalised(self, request: Request) -> Mapping[str, Any]:
        path, sent = self._asked(request, lambda frame: frame.sha256)
        return {"path": path, "input": sent}

    def quote(self, request: Request) -> Quote:
        unit = self._setup.prices.line(self.name, request.model).unit
        model = self._setup.model(request.model)
        seconds = _seconds(model, request) if isinstance(request, VideoRequest) else 1
        return self._setup.price(request.model, seconds if unit == "second" else 1)

    def submit(self, request: Request, *, client_tag: str) -> str:
        fit(self._setup, "video" if isinstance(request, VideoRequest) else "image", request)
        path, sent = self._asked(request, lambda frame: data_uri(*picture(self._setup, frame)))
        answer = self._api.create(f"/{path}", json=sent, headers={"x-app-fal-disable-fallback": "true"})
        name = answer.data.get("request_id") if isinstance(answer.data, dict) else None
        if not isinstance(name, str) or not _ID.fullmatch(name):
            raise NoAnswer("an answer without a request_id")
        return _job(path, name)

    def poll(self, job_id: str, request: Request | None = None) -> JobState:
        told = self._api.look(f"/{_checked(job_id)}/status").data
        state = told.get("status") if isinstance(told, dict) else None
        if isinstance(state, str) and state in _STATES:
            return _STATES[state]
        if state != "COMPLETED":
            raise ProviderFailed(f"fal tells of a state that it does not have: {state!r:.40}", where=job_id)
        result = self._result(job_id, failed=bool(told.get("error")))
        free = _units(result) == 0
        if result.status >= 400:
            refused = bool(_kinds(result.data) & _REFUSALS)
            charged = result.status < 500 and not free
            return JobState(state="failed", billed=charged, refused=refused, message=said(result.data))
        if told.get("error"):
            refused = str(told.get("error_type")) in _REFUSALS
            return JobState(state="failed", billed=not free, refused=refused, message=said(told))
        if any(_of(result.data, "has_nsfw_concepts", list)):
            words = "the safety checker blackened the picture"
            return JobState(state="failed", billed=not free, refused=True, message=words)
        return JobState(state="done", price_usd=Decimal(0) if free else None)

    def fetch(self, job_id: str, request: Request, into: Path) -> Fetched:
        clip = isinstance(request, VideoRequest)
        result = self._result(_checked(job_id), failed=False).data
        files = [_of(result, "video", dict)] if clip else _of(result, "images", list)
        url = files[0].get("url") if files and isinstance(files[0], dict) else None
        if not isinstance(url, str):
            raise MediaDamaged("fal's result has no file in it", where=job_id, todo="Make a new take.")
        kind = download(url, into, self._setup)
        return Fetched(suffix=".mp4" if clip else _SUFFIXES.get(kind.partition(";")[0].strip(), ".png"))

    def cancel(self, job_id: str) -> JobState:
        """What waits is taken out of the queue; what runs is told to stop, and may be charged all the same."""
        self._api.change("PUT", f"/{_checked(job_id)}/cancel", even_if=lambda status, _: status == 400)
        return self.poll(job_id)

    def jobs_like(self, request: Request, *, client_tag: str, since_s: float) -> tuple[str, ...]:
        """Requests that have the same input, but for the picture, of which fal may keep an address instead."""
        path, asked = self._asked(request, lambda _: None)
        start = datetime.fromtimestamp(since_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        wanted: dict[str, Any] = {"endpoint_id": path, "start": start, "expand": "payloads", "limit": 100}
        found: list[tuple[str, str]] = []
        for _ in range(_PAGES):
            page = self._api.look(f"{self._platform}/models/requests/by-endpoint", params=wanted).data
            for item in _of(page, "items", list):
                name, sent = str(item.get("request_id", "")), _of(item, "json_input", dict)
                same = all(sent.get(field) == value for field, value in asked.items() if value is not None)
                if _ID.fullmatch(name) and same and str(item.get("sent_at", start))[:19] >= start[:19]:
                    found.append((str(item.get("sent_at", "")), _job(path, name)))
            if not page.get("has_more") or not page.get("next_cursor"):
                break
            wanted["cursor"] = page["next_cursor"]
        return tuple(job for _, job in sorted(found))

    def validate_credentials(self) -> str:
        model = next(iter(self._setup.models.values())).api_model
        self._api.look(f"{self._platform}/models/pricing", params={"endpoint_id": model})
        return f"{self._setup.manifest.label} accepts the key"

    def _result(self, job_id: str, *, failed: bool) -> Answer:
        """What came of a request that has ended: of a failed one its error, under the error's own status.

        A 5xx is only believed to be that when the queue says that it has ``failed``: it may be the line's own trouble.
        """
        most = 599 if failed else 499

        def ended(status: int, body: Any) -> bool:
            return status not in _OURS and status <= most and isinstance(body, dict) and "detail" in body

        return self._api.look(f"/{job_id}", even_if=ended)

    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Key {self._setup.key('FAL_KEY')}"}

    def _asked(self, request: Request, shown: Callable[[MediaRef], str | None]) -> tuple[str, dict[str, Any]]:
        """Where a request goes, and its fields. ``shown`` says what stands for the first frame."""
        model = self._setup.model(request.model)
        first = request.first_frame if isinstance(request, VideoRequest) else None
        size = model.size_for(request.size) or request.size
        words: dict[str, Any] = {
            "$prompt": request.prompt,
            "$negative": request.negative_prompt or None,
            "$seed": request.seed % _MOST_SEED,
            "$size": {"width": size[0], "height": size[1]},
            "$aspect": ":".join(str(edge // math.gcd(*size)) for edge in size),
            "$picture": shown(first) if first else None,
        }
        if isinstance(request, VideoRequest):
            seconds = round(_seconds(model, request))
            words |= {"$seconds": seconds, "$seconds_text": str(seconds), "$seconds_s": f"{seconds}s"}
        more = model.options.get("picture_fields" if first else "text_fields", {})
        fields = {**model.options.get("fields", {}), **more}
        filled = {
            name: words[value] if isinstance(value, str) and value in words else value for name, value in fields.items()
        }
        path = model.options.get("picture_model", model.api_model) if first else model.api_model
        return path, {name: value for name, value in filled.items() if value is not None}


def _seconds(model: Model, request: VideoRequest) -> float:
    """The length to ask for; of a clip that is too long for the model, the longest (handing it in is refused)."""
    found = model.seconds_for(request.frames, request.rate)
    return found if found is not None else max(model.durations_s)


def _job(path: str, request_id: str) -> str:
    """A request is asked for under its owner and app, without the rest of the model's path."""
    return f"{'/'.join(path.split('/')[:2])}/requests/{request_id}"


def _checked(job_id: str) -> str:
    if not _JOB.fullmatch(job_id):
        raise ProviderFailed(
            f"“{job_id[:80]}” is no request of fal",
            where="ledger",
            todo="Name it as OWNER/APP/requests/ID with `studio ledger resolve ENTRY --job`.",
        )
    return job_id


def _units(answer: Answer) -> float | None:
    try:
        return float(answer.headers.get("x-fal-billable-units", ""))
    except ValueError:
        return None


def _of(data: Any, name: str, kind: type[Any]) -> Any:
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, kind) else kind()


def _kinds(body: Any) -> set[str]:
    """The types of the errors in an answer, ``detail: [{type, msg, …}]``."""
    return {str(error.get("type")) for error in _of(body, "detail", list) if isinstance(error, dict)}


def _refusal(_status: int, body: Any) -> StudioError | None:
    if _kinds(body) & _REFUSALS:
        return PromptRefused(f"fal does not want this prompt: {said(body)}", todo="Say it in other words.")
    return None
