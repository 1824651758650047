"""Google's stills by the Gemini API: the image models of Gemini, whose answer is the picture.

What lives here: asking for it. The key and the errors are those of the clips (``google.py``). Google bills tokens: a
prompt that is refused has no tokens of a picture, and counts as not charged.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio_pipeline.errors import JobFailed, PromptRefused
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.hosted.api import Api
from studio_pipeline.providers.hosted.aspects import aspect
from studio_pipeline.providers.hosted.fitting import fit, suffix_of
from studio_pipeline.providers.hosted.google import REFUSED, headers, own, part_of, prompt_of, validated
from studio_pipeline.providers.hosted.inbox import AnswersAtOnce, Inbox, from_base64
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.vendor import Fetched, NoAnswer, Quote

_TIMEOUT_S = 300.0


def build(kind: Kind, setup: Setup) -> GeminiStills:
    return GeminiStills(setup)


class GeminiStills(AnswersAtOnce):
    """``ImagePort``. The answer is the picture."""

    def __init__(self, setup: Setup) -> None:
        self.name = setup.name
        self._setup = setup
        self._api = Api(setup, lambda: headers(setup), own=own(setup), timeout_s=_TIMEOUT_S)
        self._inbox = Inbox(setup.inbox)

    def normalised(self, request: StillRequest) -> Mapping[str, Any]:
        path, body = self._asked(request)
        return {"path": path, **body}

    def quote(self, request: StillRequest) -> Quote:
        return self._setup.price(request.model, 1)

    def submit(self, request: StillRequest, *, client_tag: str) -> str:
        path, body = self._asked(request)
        told = self._api.create(path, json=body).data
        candidate = next(iter(part_of(told, "candidates", list)), {})
        parts = part_of(part_of(candidate, "content"), "parts", list)
        shown = [
            part_of(part, "inlineData") for part in parts if part_of(part, "inlineData") and not part.get("thought")
        ]
        if shown:
            return self._inbox.keep(client_tag, from_base64(shown[0].get("data")), {})
        reason = part_of(candidate, "finishReason", str) or part_of(part_of(told, "promptFeedback"), "blockReason", str)
        if not reason:
            raise NoAnswer("an answer without a picture and without a reason")
        if REFUSED.fullmatch(reason):
            raise PromptRefused(f"Google does not want this prompt: {reason}", todo="Say it in other words.")
        raise JobFailed(f"Google made no picture of this prompt: {reason}", todo="Make a new take of it.")

    def fetch(self, job_id: str, request: StillRequest, into: Path) -> Fetched:
        self._inbox.bring(job_id, into)
        return Fetched(suffix=suffix_of("image", into))

    def validate_credentials(self) -> str:
        return validated(self._setup, self._api)

    def _asked(self, request: StillRequest) -> tuple[str, dict[str, Any]]:
        wanted = fit(self._setup, "image", request)
        options = dict(wanted.model.options)
        shape = {"aspectRatio": aspect(wanted.size), **options.pop("imageConfig", {})}
        return f"/v1beta/models/{wanted.model.api_model}:generateContent", {
            "contents": [{"role": "user", "parts": [{"text": prompt_of(request)}]}],
            "generationConfig": {"responseModalities": ["IMAGE"], "imageConfig": shape, **options},
        }
