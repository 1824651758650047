"""What the contract suite cannot see of ``/v1/videos``: the form, the frames that the models make, and odd servers."""

from __future__ import annotations

import email.parser
import io
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from studio_pipeline.errors import MediaDamaged, ProviderFailed, VendorAway
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.shots import Board
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers import factory
from studio_pipeline.providers.hosted.openai_videos import OpenAIVideos
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.vendor import NoAnswer
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline_tests.backlot.line import CARDS, Line

BOARD = Board(heading="The gate", action="Mira waits.", place="gate", framing="medium")
DATA = factory.vendors()["openai-videos"]
TI2V = "openai-videos/wan2.2-ti2v-5b"


def server(store: MediaStore, tmp_path: Path, **environ: str) -> OpenAIVideos:
    return OpenAIVideos(Setup(DATA.manifest, DATA.models, CARDS, store.path, tmp_path / "inbox", environ))


@pytest.fixture
def videos(store: MediaStore, tmp_path: Path) -> OpenAIVideos:
    return server(store, tmp_path)


def clip(model: str = TI2V, seconds: float = 3, **more: Any) -> VideoRequest:
    asked = {"prompt": "Mira waits.", "size": (1280, 720), "seed": 2**40 + 7, "move": "hold", "board": BOARD}
    return VideoRequest(model=model, frames=round(seconds * 24), rate=Rate(num=24), **{**asked, **more})


def form(request: httpx.Request) -> dict[str, Any]:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parts: Any = email.parser.BytesParser().parsebytes(head + request.content).get_payload()
    return {part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in parts}


@pytest.mark.parametrize("model", list(DATA.models.values()), ids=lambda model: model.name)
def test_every_length_and_size_is_one_that_the_model_makes_without_changing_it(
    videos: OpenAIVideos, model: Any
) -> None:
    step = 8 if "ltx" in model.name else 4
    for seconds in model.durations_s:
        sent = videos.normalised(clip(model.name, seconds))
        assert int(sent["num_frames"]) % step == 1
        assert int(sent["num_frames"]) / int(sent["fps"]) >= seconds
    assert all(edge % 32 == 0 for size in model.sizes for edge in size)


def test_a_job_is_handed_in_as_a_form_with_the_picture_as_a_file(
    videos: OpenAIVideos, line: Line, store: MediaStore
) -> None:
    content = io.BytesIO()
    Image.new("RGB", (32, 18)).save(content, "PNG")
    line.says({"id": "video_1", "status": "queued"})
    first = store.put_bytes(content.getvalue(), ".png")
    assert videos.submit(clip(seconds=2.5, first_frame=first), client_tag="t") == "video_1"
    assert str(line.sent[0].url) == "http://127.0.0.1:8000/v1/videos"
    sent = form(line.sent[0])
    assert sent.pop("input_reference") == content.getvalue()
    assert {name: value.decode() for name, value in sent.items()} == {
        "model": "Wan-AI/Wan2.2-TI2V-5B-Diffusers",
        "prompt": "Mira waits.",
        "seconds": "3",
        "size": "1280x704",
        "fps": "24",
        "num_frames": "73",
        "seed": "7",
    }
    assert "authorization" not in line.sent[0].headers


def test_a_key_goes_along_when_there_is_one(store: MediaStore, tmp_path: Path, line: Line) -> None:
    line.says({"id": "video_1"})
    server(store, tmp_path, OPENAI_VIDEOS_API_KEY="k").submit(clip(), client_tag="t")
    assert line.sent[0].headers["authorization"] == "Bearer k"


def test_a_server_that_wants_a_key_names_the_variable(videos: OpenAIVideos, line: Line) -> None:
    line.says({"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}, status=401)
    with pytest.raises(VendorAway, match="OPENAI_VIDEOS_API_KEY") as away:
        videos.submit(clip(), client_tag="t")
    assert away.value.retry_after_s is None


def test_used_up_quota_is_for_a_person_although_it_is_a_429(videos: OpenAIVideos, line: Line) -> None:
    line.says({"error": {"message": "You exceeded your current quota.", "code": "insufficient_quota"}}, status=429)
    with pytest.raises(VendorAway) as away:
        videos.submit(clip(), client_tag="t")
    assert away.value.retry_after_s is None


@pytest.mark.parametrize(
    ("request_", "why"),
    [(clip(seconds=6), "at most 5 s"), (clip("openai-videos/wan2.2-i2v-a14b"), "needs a first frame")],
)
def test_what_the_model_cannot_do_is_not_sent(
    videos: OpenAIVideos, line: Line, request_: VideoRequest, why: str
) -> None:
    with pytest.raises(ProviderFailed, match=why):
        videos.submit(request_, client_tag="t")
    assert not line.sent


def test_a_first_frame_that_is_gone_is_told_before_anything_is_sent(videos: OpenAIVideos, line: Line) -> None:
    gone = MediaRef(sha256="0" * 64, suffix=".png", size_bytes=1)
    with pytest.raises(ProviderFailed, match="first frame cannot be read"):
        videos.submit(clip(first_frame=gone), client_tag="t")
    assert not line.sent


def test_a_key_that_cannot_be_one_is_told_without_being_shown(store: MediaStore, tmp_path: Path, line: Line) -> None:
    with pytest.raises(VendorAway, match="OPENAI_VIDEOS_API_KEY") as away:
        server(store, tmp_path, OPENAI_VIDEOS_API_KEY="“secret”").submit(clip(), client_tag="t")
    assert "secret" not in repr(away.value)
    assert not line.sent


def test_the_quote_is_for_whole_seconds(videos: OpenAIVideos) -> None:
    assert videos.quote(clip(seconds=2.1)).max_usd == videos.quote(clip(seconds=3)).max_usd


@pytest.mark.parametrize("name", [None, "", "../admin", "a b", "é"])
def test_an_answer_without_a_usable_id_is_an_answer_that_got_lost(videos: OpenAIVideos, line: Line, name: Any) -> None:
    line.says({"id": name})
    with pytest.raises(NoAnswer):
        videos.submit(clip(), client_tag="t")


def test_a_server_that_has_forgotten_the_job_settles_nothing(videos: OpenAIVideos, line: Line) -> None:
    line.says({"detail": "Video not found"}, status=404)
    with pytest.raises(ProviderFailed, match="does not know the job"):
        videos.poll("video_1", clip())


@pytest.mark.parametrize(
    ("code", "refused", "billed"), [("moderation_blocked", True, False), ("video_generation_failed", False, True)]
)
def test_a_failure_has_cost_gpu_time_and_a_refusal_has_not(
    videos: OpenAIVideos, line: Line, code: str, refused: bool, billed: bool
) -> None:
    line.says({"id": "video_1", "status": "failed", "error": {"code": code, "message": "no"}})
    state = videos.poll("video_1", clip())
    assert (state.state, state.refused, state.billed, state.message) == ("failed", refused, billed, "no")


def test_a_lost_job_is_found_by_its_words_size_and_time(videos: OpenAIVideos, line: Line) -> None:
    mine = {"prompt": "Mira waits.", "size": "1280x704", "created_at": 1000}
    first = [{"id": "late", **mine, "created_at": 1009}, {"id": "beach", **mine, "prompt": "A beach."}]
    line.says({"data": first, "has_more": True})
    bare = {"id": "bare", "size": "1280x704", "created_at": 1001}  # SGLang does not list the prompt
    line.says({"data": [bare, {"id": "old", **mine, "created_at": 900}, {"id": "wide", **mine, "size": "704x704"}]})
    assert videos.jobs_like(clip(), client_tag="t", since_s=950) == ("bare", "late")
    assert line.sent[1].url.params["after"] == "beach"


@pytest.mark.parametrize(
    ("told", "same"), [("2", True), (2.04, True), (None, True), ("a while", True), ("3", False), (1, False)]
)
def test_a_lost_job_of_another_length_is_another_take(
    videos: OpenAIVideos, line: Line, told: object, same: bool
) -> None:
    assert videos.normalised(clip(seconds=2))["seconds"] == "2"
    line.says({"data": [{"id": "it", "prompt": "Mira waits.", "created_at": 1000, "seconds": told}]})
    assert videos.jobs_like(clip(seconds=2), client_tag="t", since_s=950) == (("it",) if same else ())


def test_a_file_that_is_cut_off_is_damaged(videos: OpenAIVideos, line: Line, tmp_path: Path) -> None:
    line.answers.append(httpx.Response(200, stream=httpx.ByteStream(b"half"), headers={"content-length": "8"}))
    with pytest.raises(MediaDamaged, match="4 of 8 bytes"):
        videos.fetch("video_1", clip(), tmp_path / "made")
