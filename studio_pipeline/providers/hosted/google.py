"""Google's clips by the Gemini API: Gemini Omni, the successor of Veo.

What lives here: an *interaction* that runs in the background and whose file lies at the API itself, behind the key; and
what Google's errors mean. What does not: stills (``google_stills.py``), and Veo, which this API does not serve any more
since 2026-10-22 (Runway and fal do).

There is no field for a tag of ours. Interactions are listed, and tell what was sent when they are asked one by one.
Google bills tokens: an interaction without tokens of video costs next to nothing and counts as not charged.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from studio_pipeline.errors import PromptRefused, ProviderFailed, StudioError, VendorAway
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.api import Api, said
from studio_pipeline.providers.hosted.aspects import aspect
from studio_pipeline.providers.hosted.download import download
from studio_pipeline.providers.hosted.fitting import fit, picture
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.vendor import Fetched, JobState, NoAnswer, Quote
from studio_pipeline.providers.video.port import VideoRequest

_INTERACTIONS = "/v1beta/interactions"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,300}")
_ENDED = ("completed", "failed", "cancelled", "incomplete", "budget_exceeded", "requires_action")
REFUSED = re.compile(r"(IMAGE_)?(SAFETY|PROHIBITED_CONTENT|BLOCKLIST|SPII|RECITATION|OTHER)", re.IGNORECASE)
_REFUSING = re.compile(r"\bblocked\b[^.]*\b(safety|polic(y|ies))\b", re.IGNORECASE)
_OUT_OF_MONEY = re.compile(r"credits are depleted|spending cap", re.IGNORECASE)
_PAGES = 5


def build(kind: Kind, setup: Setup) -> OmniClips:
    return OmniClips(setup)


class OmniClips:
    """``VideoPort``, which cancels and lists."""

    def __init__(self, setup: Setup) -> None:
        self.name = setup.name
        self._setup = setup
        self._api = Api(setup, lambda: headers(setup), own=own(setup))

    def normalised(self, request: VideoRequest) -> Mapping[str, Any]:
        return self._asked(request, lambda frame: {"sha256": frame.sha256})

    def quote(self, request: VideoRequest) -> Quote:
        return self._setup.price(request.model, fit(self._setup, "video", request).seconds)

    def submit(self, request: VideoRequest, *, client_tag: str) -> str:
        body = {**self._asked(request, self._inline), "background": True}
        told = self._api.create(_INTERACTIONS, json=body).data
        name = told.get("id") if isinstance(told, dict) else None
        if not isinstance(name, str) or not _ID.fullmatch(name):
            raise NoAnswer("an interaction without an id")
        return name

    def poll(self, job_id: str, request: VideoRequest) -> JobState:
        return _state(self._interaction(job_id))

    def fetch(self, job_id: str, request: VideoRequest, into: Path) -> Fetched:
        uri = _video(self._interaction(job_id)).get("uri")
        if not isinstance(uri, str):
            raise ProviderFailed("Google's interaction has no clip in it", where=job_id, todo="Make a new take.")
        download(uri, into, self._setup, headers=headers(self._setup))
        return Fetched(suffix=".mp4")

    def cancel(self, job_id: str) -> JobState:
        return _state(self._api.change("POST", f"{_INTERACTIONS}/{_checked(job_id)}/cancel").data)

    def jobs_like(self, request: VideoRequest, *, client_tag: str, since_s: float) -> tuple[str, ...]:
        """Interactions that were sent the same words for the same model."""
        asked = self._asked(request, lambda _: {})
        found = []
        for created_s, name in self._since(since_s):
            whole = self._api.look(f"{_INTERACTIONS}/{name}", params={"include_input": "true"}).data
            sent = whole.get("input") if isinstance(whole, dict) else None
            if part_of(whole, "model", str) == asked["model"] and _text(sent) == _text(asked["input"]):
                found.append((created_s, name))
        return tuple(name for _, name in sorted(found))

    def validate_credentials(self) -> str:
        return validated(self._setup, self._api)

    def _since(self, since_s: float) -> Iterator[tuple[float, str]]:
        wanted: dict[str, Any] = {"page_size": 100}
        for _ in range(_PAGES):
            page = self._api.look(_INTERACTIONS, params=wanted).data
            listed = [
                (datetime.fromisoformat(part_of(item, "created", str)).timestamp(), part_of(item, "id", str))
                for item in part_of(page, "interaction_metadatas", list)
                if part_of(item, "created", str)
            ]
            yield from ((created_s, name) for created_s, name in listed if created_s >= since_s and _ID.fullmatch(name))
            wanted["page_token"] = part_of(page, "next_page_token", str)
            if not wanted["page_token"] or all(created_s < since_s for created_s, _ in listed):
                return

    def _asked(self, request: VideoRequest, shown: Callable[[MediaRef], dict[str, str]]) -> dict[str, Any]:
        """What is sent. ``shown`` says how the first frame stands in it."""
        wanted = fit(self._setup, "video", request)
        frames = [{"type": "image", **shown(wanted.frame)}] if wanted.frame else []
        return {
            "model": wanted.model.api_model,
            "input": [*frames, {"type": "text", "text": prompt_of(request)}],
            "generation_config": {"video_config": {"task": "image_to_video" if frames else "text_to_video"}},
            "response_format": {
                "type": "video",
                "delivery": "uri",
                "aspect_ratio": aspect(wanted.size),
                "duration": f"{wanted.seconds:g}s",
                **wanted.model.options,
            },
        }

    def _inline(self, frame: MediaRef) -> dict[str, str]:
        content, kind = picture(self._setup, frame)
        return {"data": base64.b64encode(content).decode("ascii"), "mime_type": kind}

    def _interaction(self, job_id: str) -> Any:
        return self._api.look(f"{_INTERACTIONS}/{_checked(job_id)}").data


def prompt_of(request: VideoRequest | StillRequest) -> str:
    """The prompt. What is not wanted has no field of its own here."""
    return f"{request.prompt}\n\nAvoid: {request.negative_prompt}" if request.negative_prompt else request.prompt


def _state(told: Any) -> JobState:
    state, made = part_of(told, "status", str), _video(told)
    if state not in _ENDED:
        return JobState(state="queued" if state == "queued" else "running")
    if state == "completed" and made.get("uri"):
        return JobState(state="done")
    tokens = part_of(part_of(told, "usage"), "output_tokens_by_modality", list)
    billed = any(part_of(part, "modality", str).lower() == "video" and part.get("tokens", 0) > 0 for part in tokens)
    words = said(part_of(told, "error")) or said(part_of(told, "errors", list)) or _spoken(told)
    codes = (part_of(told, "finish_reason", str), part_of(part_of(told, "error"), "code", str))
    refused = any(REFUSED.fullmatch(code) for code in codes) or bool(_REFUSING.search(words))
    # a refusal of the finished clip is told as a completed interaction that only has words in it
    refused = refused or (state == "completed" and not billed)
    return JobState(state="failed", billed=billed, refused=refused, message=words or state)


def _outputs(told: Any) -> list[Any]:
    steps = [step for step in part_of(told, "steps", list) if part_of(step, "type", str) == "model_output"]
    return [content for step in steps for content in part_of(step, "content", list)]


def _video(told: Any) -> dict[str, Any]:
    return next((content for content in _outputs(told) if part_of(content, "type", str) == "video"), {})


def _spoken(told: Any) -> str:
    return " ".join(part_of(content, "text", str) for content in _outputs(told))[:300]


def _text(sent: Any) -> str:
    """The words of an interaction's input, however they are nested."""
    if isinstance(sent, str):
        return sent
    if isinstance(sent, list):
        return "".join(_text(part) for part in sent if not isinstance(part, str))
    return part_of(sent, "text", str) or _text(part_of(sent, "content", list))


def validated(setup: Setup, api: Api) -> str:
    api.look("/v1beta/models", params={"pageSize": 1})
    return f"{setup.manifest.label} accepts the key"


def headers(setup: Setup) -> Mapping[str, str]:
    return {"x-goog-api-key": setup.key("GEMINI_API_KEY")}


def _checked(job_id: str) -> str:
    if not _ID.fullmatch(job_id):
        raise ProviderFailed(f"“{job_id[:80]}” is no interaction of Google")
    return job_id


def part_of(data: Any, name: str, kind: type[Any] = dict) -> Any:
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, kind) else kind()


def own(setup: Setup) -> Callable[[int, Any], StudioError | None]:
    """Google says with 400 that a key is no key, and with 429 that the account is empty."""

    def read(status: int, body: Any) -> StudioError | None:
        error = part_of(body[0] if isinstance(body, list) and body else body, "error")
        words, code = said(error), error.get("status") or error.get("code")
        reasons = {part_of(detail, "reason", str) for detail in part_of(error, "details", list)}
        if status == 400 and (REFUSED.fullmatch(str(code)) or _REFUSING.search(words)):
            return PromptRefused(f"Google does not want this prompt: {words}", todo="Say it in other words.")
        if (
            "API_KEY_INVALID" in reasons
            or code == "FAILED_PRECONDITION"
            or (status == 429 and _OUT_OF_MONEY.search(words))
        ):
            return VendorAway(
                f"{setup.manifest.label} does not let us in ({status}): {words}",
                where=setup.base_url,
                todo="Look at GEMINI_API_KEY and at the account's billing.",
            )
        return None

    return read
