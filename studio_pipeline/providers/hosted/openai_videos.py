"""The shape of ``/v1/videos``, which has outlived Sora: a server of one's own (vLLM-Omni, SGLang) or a cloud like it.

What lives here: the form, the job, the file at the API itself. What does not: the model's rates and lengths
(``capabilities.yaml``) and what the operator's GPU costs (``rate_card.yaml``: theirs to write).

These models make 4k+1 or 8k+1 frames and silently change any other number, so one more than seconds × rate is asked
for. A request has no field that is listed again, so one without an answer is found by its words, size and time; a
server that was started anew has forgotten its jobs. SGLang takes a form only with a first frame, which every shot has.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio_pipeline.errors import PromptRefused, ProviderFailed, StudioError, VendorAway
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.api import Api, said
from studio_pipeline.providers.hosted.fitting import fit, picture
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.vendor import Fetched, JobState, NoAnswer, Quote
from studio_pipeline.providers.video.port import VideoRequest

KEY = "OPENAI_VIDEOS_API_KEY"
"""Not in the manifest's keys, because most such servers want none."""
_REFUSALS = {"moderation_blocked", "content_policy_violation"}
_STATES: Mapping[str, JobState] = {
    "queued": JobState(state="queued"),
    "in_progress": JobState(state="running"),
    "completed": JobState(state="done"),
}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,100}")
_MOST_SEED = 2**31
_PAGES = 10


def build(kind: Kind, setup: Setup) -> OpenAIVideos:
    return OpenAIVideos(setup)


class OpenAIVideos:
    def __init__(self, setup: Setup) -> None:
        self.name = setup.name
        self._setup = setup
        self._api = Api(setup, self._headers, own=self._own)

    def normalised(self, request: VideoRequest) -> Mapping[str, Any]:
        first = {"input_reference": request.first_frame.sha256} if request.first_frame else {}
        return {**self._form(request), **first}

    def quote(self, request: VideoRequest) -> Quote:
        return self._setup.price(request.model, self._seconds(request))

    def submit(self, request: VideoRequest, *, client_tag: str) -> str:
        fit(self._setup, "video", request)
        form: dict[str, Any] = {name: (None, value) for name, value in self._form(request).items()}
        if (first := request.first_frame) is not None:
            content, kind = picture(self._setup, first)
            form["input_reference"] = (f"first{first.suffix}", content, kind)
        name = _name(self._api.create("/videos", files=form).data)
        if name is None:
            raise NoAnswer("an answer without the id of a video")
        return name

    def poll(self, job_id: str, request: VideoRequest | None = None) -> JobState:
        answer = self._api.look(f"/videos/{job_id}", even_if=lambda status, _: status == 404)
        if answer.status == 404:  # may be the wrong server: not the moment to call its money lost
            raise ProviderFailed(
                f"{self._setup.base_url} does not know the job {job_id[:80]}",
                todo="Was the server started anew, or is it another one? Point at the right one, or decide with "
                "“studio ledger resolve”.",
            )
        video = answer.data if isinstance(answer.data, dict) else {}
        state = str(video.get("status"))
        if state in _STATES:
            return _STATES[state]
        if state != "failed":
            raise ProviderFailed(f"A video server tells of a state that it does not have: {state[:40]}", where=job_id)
        refused = _code(video) in _REFUSALS
        return JobState(state="failed", billed=not refused, refused=refused, message=said(video.get("error")))

    def fetch(self, job_id: str, request: VideoRequest, into: Path) -> Fetched:
        self._api.save(f"/videos/{job_id}/content", into)
        return Fetched(suffix=".mp4")

    def cancel(self, job_id: str) -> JobState:
        """Deleting is all there is; the time that the GPU has spent is spent."""
        before = self.poll(job_id)
        if before.state in ("queued", "running"):
            self._api.change("DELETE", f"/videos/{job_id}")
            return JobState(state="failed", billed=before.state == "running", message="cancelled")
        return before

    def jobs_like(self, request: VideoRequest, *, client_tag: str, since_s: float) -> tuple[str, ...]:
        """Videos of the same words, size and length since then, as far as the server lists them."""
        form = self._form(request)
        wanted = {"limit": "100", "order": "desc"}
        found: list[tuple[float, str]] = []
        for _ in range(_PAGES):
            page = self._api.look("/videos", params=wanted).data
            videos = page.get("data") if isinstance(page, dict) else None
            videos = [video for video in videos if isinstance(video, dict)] if isinstance(videos, list) else []
            for video in videos:
                name, made_s = _name(video), video.get("created_at")
                same = all(video.get(field) in (None, form[field]) for field in ("prompt", "size"))
                same = same and _as_long(video.get("seconds"), form["seconds"])
                if name and same and isinstance(made_s, int | float) and made_s >= since_s:
                    found.append((made_s, name))
            if not videos or not page.get("has_more") or _name(videos[-1]) is None:
                break
            wanted["after"] = str(_name(videos[-1]))
        return tuple(name for _, name in sorted(found))

    def validate_credentials(self) -> str:
        self._api.look("/videos", params={"limit": "1"})
        return f"{self._setup.base_url} answers"

    def _form(self, request: VideoRequest) -> dict[str, str]:
        model = self._setup.model(request.model)
        width, height = model.size_for(request.size) or request.size
        seconds, rate = self._seconds(request), round(model.frame_rates[0])
        form = {
            "model": model.api_model,
            "prompt": request.prompt,
            "seconds": str(seconds),
            "size": f"{width}x{height}",
            "fps": str(rate),
            "num_frames": str(seconds * rate + 1),
            "seed": str(request.seed % _MOST_SEED),
            **{name: str(value) for name, value in model.options.items()},
        }
        return form | ({"negative_prompt": request.negative_prompt} if request.negative_prompt else {})

    def _seconds(self, request: VideoRequest) -> int:
        """Whole seconds; of a clip that is too long for the model, the longest (handing it in is refused)."""
        model = self._setup.model(request.model)
        found = model.seconds_for(request.frames, request.rate)
        return round(found if found is not None else max(model.durations_s))

    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._setup.key(KEY)}"} if self._setup.environ.get(KEY, "").strip() else {}

    def _own(self, status: int, body: Any) -> StudioError | None:
        code, words = _code(body), said(body)
        if code in _REFUSALS:
            return PromptRefused(f"The video server does not want this prompt: {words}", todo="Say it in other words.")
        if status in (401, 403) or code == "insufficient_quota":
            return VendorAway(
                f"{self._setup.manifest.label} does not let us in ({status}): {words}",
                where=self._setup.base_url,
                todo=f"Look at {KEY} and at the account.",
            )
        return None


def _as_long(told: Any, seconds: str) -> bool:
    """Whether a video is of that length. Servers tell it as text or number, or not at all; a frame more is the same."""
    try:
        return told is None or abs(float(told) - float(seconds)) < 0.5
    except (TypeError, ValueError):
        return True


def _name(video: Any) -> str | None:
    """The id of a video, as it may stand in an address."""
    found = video.get("id") if isinstance(video, dict) else None
    return found if isinstance(found, str) and _ID.fullmatch(found) else None


def _code(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    return str(error.get("code")) if isinstance(error, dict) else ""
