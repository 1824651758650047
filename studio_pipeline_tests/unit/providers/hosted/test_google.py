"""What the contract suite cannot see of Google: how an interaction ended, and answers in unusual shapes."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from studio_pipeline.errors import PromptRefused, ProviderFailed, VendorAway
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.shots import Board
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers import factory
from studio_pipeline.providers.hosted.google import OmniClips
from studio_pipeline.providers.hosted.google_stills import GeminiStills
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.vendor import NoAnswer
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline_tests.backlot.line import CARDS, Line

BOARD = Board(heading="The gate", action="Mira waits.", place="gate", framing="medium")
DATA = factory.vendors()["google"]
TAG = "0123456789abcdef"
TOKENS = {"output_tokens_by_modality": [{"modality": "video", "tokens": 17376}]}
UNBILLED = {"output_tokens_by_modality": [{"modality": "text", "tokens": 40}]}


@pytest.fixture
def setup(store: MediaStore, tmp_path: Path) -> Setup:
    return Setup(DATA.manifest, DATA.models, CARDS, store.path, tmp_path / "inbox", {"GEMINI_API_KEY": "k"})


def clip(frame: MediaRef | None = None, **more: Any) -> VideoRequest:
    asked = {"model": "google/omni-1.2-flash_720p", "frames": 84, "size": (1280, 720), "move": "hold", **more}
    return VideoRequest(prompt="Mira waits.", rate=Rate(num=24), seed=7, board=BOARD, first_frame=frame, **asked)


def still(**more: Any) -> StillRequest:
    asked = {"model": "google/nano-banana-2.1", "size": (1280, 720), **more}
    return StillRequest(prompt="Mira waits.", seed=7, board=BOARD, **asked)


def test_a_clip_is_asked_for_with_its_shape_its_whole_seconds_and_its_first_frame(
    line: Line, setup: Setup, store: MediaStore
) -> None:
    line.says({"id": "v1_abc", "status": "in_progress"})
    frame = store.put_bytes(b"\x89PNG picture", ".png")
    asked = clip(frame, negative_prompt="rain")
    assert OmniClips(setup).submit(asked, client_tag=TAG) == "v1_abc"
    sent = line.body
    assert sent["background"] is True
    assert sent["response_format"] == {
        "type": "video",
        "delivery": "uri",
        "aspect_ratio": "16:9",
        "duration": "4s",
        "resolution": "720p",
    }
    picture, words = sent["input"]
    assert base64.b64decode(picture["data"]) == b"\x89PNG picture"
    assert words["text"] == "Mira waits.\n\nAvoid: rain"
    assert frame.sha256 in json.dumps(OmniClips(setup).normalised(asked))
    assert OmniClips(setup).quote(asked).expected_usd == 4 * CARDS.line("google", asked.model).price_usd


def test_a_tall_clip_is_asked_for_tall(setup: Setup) -> None:
    asked = OmniClips(setup).normalised(clip(size=(720, 1280)))
    assert asked["response_format"]["aspect_ratio"] == "9:16"


def test_a_shape_that_omni_has_not_is_refused_before_anything_is_sent(line: Line, setup: Setup) -> None:
    with pytest.raises(ProviderFailed, match="none of the shape"):
        OmniClips(setup).submit(clip(size=(720, 720)), client_tag=TAG)
    assert not line.sent


@pytest.mark.parametrize(
    ("told", "state", "billed", "refused"),
    [
        ({"status": "queued"}, "queued", True, False),
        ({"status": "in_progress"}, "running", True, False),
        ({"status": "thinking_it_over"}, "running", True, False),
        (
            {"status": "completed", "steps": [{"type": "model_output", "content": [{"type": "text", "text": "No."}]}]},
            "failed",
            False,
            True,
        ),
        ({"status": "completed", "usage": TOKENS}, "failed", True, False),
        ({"status": "incomplete", "usage": TOKENS}, "failed", True, False),
        ({"status": "failed", "usage": UNBILLED, "error": {"message": "Internal."}}, "failed", False, False),
        ({"status": "failed", "error": {"code": "PROHIBITED_CONTENT", "message": "No."}}, "failed", False, True),
        ({"status": "failed", "error": {"message": "Blocked by our safety filters."}}, "failed", False, True),
        ({"status": "cancelled"}, "failed", False, False),
    ],
)
def test_how_an_interaction_stands_is_read_from_its_words_and_its_tokens(
    line: Line, setup: Setup, told: dict[str, Any], state: str, billed: bool, refused: bool
) -> None:
    line.says({"id": "v1_abc", **told})
    found = OmniClips(setup).poll("v1_abc", clip())
    assert (found.state, found.billed, found.refused) == (state, billed, refused)


def test_a_job_id_is_never_a_way_to_another_address(line: Line, setup: Setup) -> None:
    for name in ("../models", "a/b", "", "x?key=1"):
        with pytest.raises(ProviderFailed):
            OmniClips(setup).poll(name, clip())
    assert not line.sent


@pytest.mark.parametrize(
    ("status", "message", "wait_s"),
    [
        (429, "You exceeded your current quota, please check your plan and billing details.", 0),
        (429, "Your prepayment credits are depleted.", None),
        (403, "Method doesn't allow unregistered callers.", None),
    ],
)
def test_too_many_requests_are_told_from_an_empty_account(
    line: Line, setup: Setup, status: int, message: str, wait_s: float | None
) -> None:
    line.says({"error": {"code": status, "message": message, "status": "RESOURCE_EXHAUSTED"}}, status)
    with pytest.raises(VendorAway) as away:
        OmniClips(setup).submit(clip(), client_tag=TAG)
    assert away.value.retry_after_s == wait_s


def test_lost_interactions_are_looked_for_page_by_page_and_by_their_words(line: Line, setup: Setup) -> None:
    def listed(*names: str) -> list[dict[str, str]]:
        return [{"id": name, "created": "2026-11-21T16:00:00Z", "status": "completed"} for name in names]

    old = {"id": "old", "created": "2026-11-20T16:00:00Z", "status": "completed"}
    line.says({"interaction_metadatas": listed("mine", "other"), "next_page_token": "2"})
    line.says({"id": "mine", "model": "gemini-omni-1.2-flash", "input": "Mira waits."})
    line.says({"id": "other", "model": "gemini-omni-1.2-flash", "input": [{"type": "text", "text": "A beach."}]})
    line.says({"interaction_metadatas": [*listed("again"), old]})
    nested = [{"type": "user_input", "content": [{"type": "text", "text": "Mira waits."}]}]
    line.says({"id": "again", "model": "gemini-omni-1.2-flash", "input": nested})
    since_s = 1795269600.0 - 3600  # an hour before 16:00
    assert set(OmniClips(setup).jobs_like(clip(), client_tag=TAG, since_s=since_s)) == {"mine", "again"}
    assert [str(request.url.params.get("page_token", "")) for request in line.sent if "page_size" in str(request.url)]


def picture(content: bytes, **more: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "image/jpeg", "data": base64.b64encode(content).decode()}, **more}


def test_the_picture_is_the_one_that_was_not_only_thought_of(line: Line, setup: Setup, tmp_path: Path) -> None:
    parts = [picture(b"\xff\xd8\xff draft", thought=True), {"text": "Here."}, picture(b"\xff\xd8\xff final")]
    line.says({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]})
    stills = GeminiStills(setup)
    job = stills.submit(still(), client_tag=TAG)
    assert stills.poll(job, still()).state == "done"
    assert stills.fetch(job, still(), tmp_path / "made").suffix == ".jpg"
    assert (tmp_path / "made").read_bytes() == b"\xff\xd8\xff final"
    assert line.body["generationConfig"]["imageConfig"] == {"aspectRatio": "16:9", "imageSize": "1K"}


@pytest.mark.parametrize(
    "told",
    [
        {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}},
        {"candidates": [{"finishReason": "IMAGE_SAFETY"}]},
        {"candidates": [{"content": {"parts": [{"text": "I would rather not."}]}, "finishReason": "IMAGE_OTHER"}]},
    ],
)
def test_a_refused_still_is_a_refusal(line: Line, setup: Setup, told: dict[str, Any]) -> None:
    line.says(told)
    with pytest.raises(PromptRefused):
        GeminiStills(setup).submit(still(), client_tag=TAG)


@pytest.mark.parametrize(
    "told", [{}, {"candidates": [{"content": {"parts": [{"inlineData": {"data": "not base64!"}}]}}]}, ["odd"]]
)
def test_an_answer_whose_picture_cannot_be_read_may_have_been_paid_for(line: Line, setup: Setup, told: Any) -> None:
    line.says(told)
    with pytest.raises(NoAnswer):
        GeminiStills(setup).submit(still(), client_tag=TAG)
