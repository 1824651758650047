"""Runway: every video and image model behind one key, through its official SDK.

Creating a task has no idempotency key, so the SDK never retries here (it would by default, twice, and each try may be
charged), and an answer that is lost stays lost: Runway lists no tasks. Links to files end after a day or two; asking
for the task again gives fresh ones. What each model can do and costs is data, in ``assets/vendors/runway/``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from studio_pipeline.errors import PromptRefused, ProviderFailed, StudioError, VendorAway
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.api import Api, said
from studio_pipeline.providers.hosted.download import download
from studio_pipeline.providers.hosted.fitting import data_uri, fit, picture, suffix_of
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.vendor import Fetched, JobState, NoAnswer, Quote
from studio_pipeline.providers.video.port import VideoRequest

if TYPE_CHECKING:
    from runwayml import RunwayML

KEY = "RUNWAYML_API_SECRET"
USD_PER_CREDIT = Decimal("0.01")
"""https://docs.dev.runwayml.com/guides/pricing/ (2026-10)"""
MOST_URI_CHARACTERS = 5_000_000
"""Of a picture inside a request; a larger one is uploaded first (https://docs.dev.runwayml.com/assets/inputs/)."""
_MOST_SEED = 2**32


def build(kind: Kind, setup: Setup) -> Runway:
    """The vendor, as the factory asks for it."""
    return Runway(kind, setup)


class Runway:
    """``VideoPort`` and ``ImagePort``. ``Cancels``; Runway lists no tasks."""

    name = "runway"

    def __init__(self, kind: Kind, setup: Setup) -> None:
        self._kind: Kind = kind
        self._setup = setup
        self._meaning = Api(setup, dict, own=_own)
        self._made: tuple[int, RunwayML] | None = None

    def normalised(self, request: VideoRequest | StillRequest) -> Mapping[str, Any]:
        path, body = self._order(request)
        frame = request.first_frame if isinstance(request, VideoRequest) else None
        return {"path": path, **body} if frame is None else {"path": path, **body, **_first(frame.sha256)}

    def quote(self, request: VideoRequest | StillRequest) -> Quote:
        self._setup.prices.line(self.name, request.model)
        return self._setup.price(request.model, fit(self._setup, self._kind, request).seconds or 1)

    def submit(self, request: VideoRequest | StillRequest, *, client_tag: str) -> str:
        path, body = self._order(request)
        frame = request.first_frame if isinstance(request, VideoRequest) else None
        if frame is not None:
            content, kind = picture(self._setup, frame)
            uri = data_uri(content, kind)
            if len(uri) > MOST_URI_CHARACTERS:
                with self._told(creating=False) as runway:
                    uri = runway.uploads.create_ephemeral(file=(f"frame{frame.suffix}", content, kind)).uri
            body |= _first(uri)
        with self._told(creating=True) as runway:
            task = runway.post(path, body=body, cast_to=object)
        if not isinstance(task, dict) or not isinstance(task.get("id"), str):
            raise NoAnswer(f"an answer that names no task: {task!r:.200}")
        return task["id"]

    def poll(self, job_id: str, request: VideoRequest | StillRequest) -> JobState:
        return _state(self._task(job_id))

    def cancel(self, job_id: str) -> JobState:
        """Stop a task. Runway gives the credits back when it has not begun, and says what it kept.

        A task that has ended is left alone: deleting it would delete its file.
        """
        before = _state(self._task(job_id))
        if before.state in ("done", "failed"):
            return before
        with self._told(creating=False) as runway:
            runway.tasks.delete(job_id)
        try:
            return _state(self._task(job_id))
        except VendorAway:
            raise
        except ProviderFailed:
            return JobState(state="failed", message="Cancelled; Runway does not say whether it was charged.")

    def fetch(self, job_id: str, request: VideoRequest | StillRequest, into: Path) -> Fetched:
        links = getattr(self._task(job_id), "output", None)
        if not links:
            raise ProviderFailed(
                f"Runway has no file for task {job_id}", where=self._setup.base_url, todo="Make a new take."
            )
        download(str(links[0]), into, self._setup)
        return Fetched(suffix=suffix_of(self._kind, into))

    def validate_credentials(self) -> str:
        with self._told(creating=False) as runway:
            credits_left = runway.organization.retrieve().credit_balance
        return f"the key is good; {credits_left} credits are left (${credits_left * USD_PER_CREDIT:.2f})"

    def _order(self, request: VideoRequest | StillRequest) -> tuple[str, dict[str, Any]]:
        """Where a request goes, and its body without the first frame.

        A model whose options name a ratio or a resolution takes its shape from the first frame.
        """
        want = fit(self._setup, self._kind, request)
        body: dict[str, Any] = {"model": want.model.api_model, "promptText": request.prompt, **want.model.options}
        if not {"ratio", "resolution"} & want.model.options.keys():
            body["ratio"] = f"{want.size[0]}:{want.size[1]}"
        if want.model.seeds:
            body["seed"] = request.seed % _MOST_SEED
        if want.model.negative_prompt and request.negative_prompt:
            body["negativePrompt"] = request.negative_prompt
        if self._kind == "image":
            return "/v1/text_to_image", body
        body["duration"] = round(want.seconds)
        return "/v1/text_to_video" if want.frame is None else "/v1/image_to_video", body

    def _task(self, job_id: str) -> Any:
        with self._told(creating=False) as runway:
            return runway.tasks.retrieve(job_id)

    @contextmanager
    def _told(self, *, creating: bool) -> Iterator[RunwayML]:
        """The SDK's client, whose errors come out as what they mean for money."""
        try:
            import runwayml
        except ImportError as error:
            raise VendorAway(
                "Runway is reached through its SDK, and the package runwayml is not installed",
                where="extra `runway`",
                todo='Install it: pip install "studio-pipeline[runway]".',
            ) from error
        try:
            yield self._client(runwayml.RunwayML)
        except runwayml.APIStatusError as error:
            raise self._meaning.refused(error.response, error.response.content, creating=creating) from error
        except runwayml.APIConnectionError as error:
            raise self._meaning.lost(error.__cause__ or error, creating=creating) from error
        except (runwayml.APIError, ValueError) as error:  # an answer that is not what it should be
            raise self._meaning.lost(error, creating=creating) from error

    def _client(self, client: type[RunwayML]) -> RunwayML:
        """One client a process: a forked one must not use the connections of its parent."""
        if self._made is None or self._made[0] != os.getpid():
            timeout = httpx.Timeout(60.0, connect=15.0)
            own = client(
                api_key=self._setup.key(KEY),
                base_url=self._setup.base_url,
                max_retries=0,
                timeout=timeout,
                http_client=httpx.Client(timeout=timeout, follow_redirects=False),
            )
            self._made = (os.getpid(), own)
        return self._made[1]


def _first(uri: str) -> dict[str, Any]:
    return {"promptImage": [{"uri": uri, "position": "first"}]}


def _own(status: int, body: Any) -> StudioError | None:
    """What Runway means by a 400: also that no credits are left, and that moderation said no."""
    words = said(body)
    if status == 400 and "enough credits" in words.lower():
        return VendorAway(f"Runway has no credits left: {words}", todo="Buy some at https://dev.runwayml.com/.")
    if status == 400 and any(word in words.lower() for word in ("moderation", "safety", "content policy")):
        return PromptRefused(f"Runway's moderation refused it: {words}", todo="Say it in other words.")
    return None


def _state(task: Any) -> JobState:
    """How a task stands. What it cost is there once it has ended; a part may have been given back."""
    cost = getattr(getattr(task, "cost", None), "credits", None)
    price = None if cost is None else Decimal(str(cost)) * USD_PER_CREDIT
    match task.status:
        case "PENDING" | "THROTTLED":
            return JobState(state="queued")
        case "SUCCEEDED":
            return JobState(state="done", price_usd=price)
        case "FAILED":
            code = getattr(task, "failure_code", None) or "no code"
            return JobState(
                state="failed",
                price_usd=price,
                billed=price != 0,
                refused="SAFETY" in code.split("."),
                message=f"{getattr(task, 'failure', '') or 'failed'} ({code})",
            )
        case "CANCELLED":
            return JobState(state="failed", price_usd=price, billed=price != 0, message="Cancelled.")
        case _:
            return JobState(state="running")
