"""Luma: Ray 3.2 clips and Uni-1 stills, by the Luma Agents API.

It has one address to hand in and one to ask: no list of generations, no way to stop one and no field for a tag of ours,
so that a lost answer stays lost. The Dream Machine API before it (Ray 2, Photon) is on its way out and not used. Links
to files end after an hour; asking again gives fresh ones. What each model can do and costs is data, in
``assets/vendors/luma/``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote as in_path

from studio_pipeline.errors import PromptRefused, ProviderFailed, StudioError
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.api import Api, said
from studio_pipeline.providers.hosted.aspects import aspect
from studio_pipeline.providers.hosted.download import download
from studio_pipeline.providers.hosted.fitting import fit, picture, suffix_of
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.vendor import Fetched, JobState, NoAnswer, Quote
from studio_pipeline.providers.video.port import VideoRequest

KEY = "LUMA_AGENTS_API_KEY"
_SHAPES = ("3:1", "2:1", "21:9", "16:9", "3:2", "4:3", "1:1", "3:4", "2:3", "9:16", "1:2", "1:3")
_REFUNDED = ("content_moderated", "generation_failed", "output_not_found")
"""Failures that Luma pays back (https://docs.agents.lumalabs.ai/guides/faq/, 2026-09); of the others it may not."""


def build(kind: Kind, setup: Setup) -> Luma:
    """The vendor, as the factory asks for it."""
    return Luma(kind, setup)


class Luma:
    """``VideoPort`` and ``ImagePort``."""

    name = "luma"

    def __init__(self, kind: Kind, setup: Setup) -> None:
        self._kind: Kind = kind
        self._setup = setup
        self._api = Api(setup, lambda: {"Authorization": f"Bearer {setup.key(KEY)}"}, own=_own)

    def normalised(self, request: VideoRequest | StillRequest) -> Mapping[str, Any]:
        return self._body(request, lambda frame: {"sha256": frame.sha256})

    def quote(self, request: VideoRequest | StillRequest) -> Quote:
        """A clip has one price, whatever is used of it; one of ten seconds costs three of five."""
        self._setup.prices.line(self.name, request.model)
        fit(self._setup, self._kind, request)
        return self._setup.price(request.model, 1)

    def submit(self, request: VideoRequest | StillRequest, *, client_tag: str) -> str:
        made = self._api.create("/generations", json=self._body(request, self._encoded)).data
        if not isinstance(made, dict) or not isinstance(made.get("id"), str):
            raise NoAnswer(f"an answer that names no generation: {made!r:.200}")
        return made["id"]

    def poll(self, job_id: str, request: VideoRequest | StillRequest) -> JobState:
        generation = self._generation(job_id)
        match generation.get("state"):
            case "queued":
                return JobState(state="queued")
            case "completed":
                return JobState(state="done")
            case "failed":
                code = generation.get("failure_code") or "no code"
                return JobState(
                    state="failed",
                    billed=code not in _REFUNDED,
                    refused=code == "content_moderated",
                    message=f"{generation.get('failure_reason') or 'failed'} ({code})",
                )
            case _:
                return JobState(state="running")

    def fetch(self, job_id: str, request: VideoRequest | StillRequest, into: Path) -> Fetched:
        output = self._generation(job_id).get("output") or []
        link = next((made["url"] for made in output if made.get("type") == self._kind and made.get("url")), None)
        if link is None:
            raise ProviderFailed(
                f"Luma has no file for generation {job_id}", where=self._setup.base_url, todo="Make a new take."
            )
        download(link, into, self._setup)
        return Fetched(suffix=suffix_of(self._kind, into))

    def validate_credentials(self) -> str:
        self._api.look("/files", params={"limit": 1})  # costs nothing; the API does not tell what is left
        return "the key is good; Luma does not say how much money is left"

    def _body(
        self, request: VideoRequest | StillRequest, shown: Callable[[MediaRef], dict[str, str]]
    ) -> dict[str, Any]:
        """The request, with its first frame as ``shown`` shows it."""
        want = fit(self._setup, self._kind, request)
        body = {
            "model": want.model.api_model,
            "type": self._kind,
            "prompt": request.prompt,
            "aspect_ratio": aspect(want.size, _SHAPES),
        }
        if self._kind == "image":
            return {**body, **want.model.options, "output_format": "png"}
        video = {**want.model.options, "duration": f"{want.seconds:g}s"}
        return {**body, "video": video if want.frame is None else {**video, "start_frame": shown(want.frame)}}

    def _encoded(self, frame: MediaRef) -> dict[str, str]:
        content, media_type = picture(self._setup, frame)
        return {"data": base64.b64encode(content).decode(), "media_type": media_type}

    def _generation(self, job_id: str) -> Mapping[str, Any]:
        told = self._api.look(f"/generations/{in_path(job_id, safe='')}").data
        return told if isinstance(told, dict) else {}


def _own(status: int, body: Any) -> StudioError | None:
    """What Luma means by a refusal: moderation has no status of its own."""
    words = said(body)
    if status in (400, 422) and any(
        word in words.lower() for word in ("moderat", "content guideline", "content polic")
    ):
        return PromptRefused(f"Luma's moderation refused it: {words}", todo="Say it in other words.")
    return None
