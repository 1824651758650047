"""Stability AI: stills by Stable Image (core, ultra) and Stable Diffusion 3.5.

The answer is the picture. A prompt that moderation does not want is refused and free; a picture that it does not want
comes back blurred, and is charged like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio_pipeline.errors import PromptRefused, StudioError
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.api import Api, said
from studio_pipeline.providers.hosted.aspects import aspect
from studio_pipeline.providers.hosted.fitting import fit, suffix_of
from studio_pipeline.providers.hosted.inbox import AnswersAtOnce, Inbox, from_base64
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.vendor import Fetched, JobState, NoAnswer, Quote

_SEEDS = 2**32 - 2
"""Seeds are 1 to this; 0 is any."""
_TIMEOUT_S = 180.0


def build(kind: Kind, setup: Setup) -> Stability:
    return Stability(setup)


class Stability(AnswersAtOnce):
    """``ImagePort``."""

    def __init__(self, setup: Setup) -> None:
        self.name = setup.name
        self._setup = setup
        self._api = Api(setup, self._headers, own=_refusal, timeout_s=_TIMEOUT_S)
        self._inbox = Inbox(setup.inbox)

    def normalised(self, request: StillRequest) -> Mapping[str, Any]:
        path, asked = self._asked(request)
        return {"path": path, **asked}

    def quote(self, request: StillRequest) -> Quote:
        return self._setup.price(request.model, 1)

    def submit(self, request: StillRequest, *, client_tag: str) -> str:
        path, asked = self._asked(request)
        told = self._api.create(path, files={name: (None, value) for name, value in asked.items()}).data
        if not isinstance(told, dict) or not told.get("image"):
            raise NoAnswer("an answer without a picture")
        filtered = told.get("finish_reason") == "CONTENT_FILTERED"
        return self._inbox.keep(client_tag, from_base64(told["image"]), {"filtered": filtered})

    def poll(self, job_id: str, request: StillRequest) -> JobState:
        if self._inbox.told(job_id).get("filtered"):
            return JobState(state="failed", refused=True, message="moderation blurred the picture")
        return JobState(state="done")

    def fetch(self, job_id: str, request: StillRequest, into: Path) -> Fetched:
        self._inbox.bring(job_id, into)
        return Fetched(suffix=suffix_of("image", into))

    def validate_credentials(self) -> str:
        told = self._api.look("/v1/user/balance").data
        credits = told.get("credits") if isinstance(told, dict) else None
        left = f": {credits:.1f} credits are left" if isinstance(credits, int | float) else ""
        return f"{self._setup.manifest.label} accepts the key{left}"

    def _headers(self) -> Mapping[str, str]:
        key = self._setup.key("STABILITY_API_KEY")
        return {"Authorization": f"Bearer {key}", "Accept": "application/json"}

    def _asked(self, request: StillRequest) -> tuple[str, dict[str, str]]:
        wanted = fit(self._setup, "image", request)
        unwanted = {"negative_prompt": request.negative_prompt} if request.negative_prompt else {}
        return f"/v2beta/stable-image/generate/{wanted.model.api_model}", {
            "prompt": request.prompt,
            **unwanted,
            "aspect_ratio": aspect(wanted.size),
            "seed": str(1 + request.seed % _SEEDS),
            "output_format": "png",
            **{name: str(value) for name, value in wanted.model.options.items()},
        }


def _refusal(status: int, body: Any) -> StudioError | None:
    if status == 403 and isinstance(body, dict) and body.get("name") in ("content_moderation", "content_filtered"):
        return PromptRefused(f"Stability AI does not want this prompt: {said(body)}", todo="Say it in other words.")
    return None
