"""What the contract suite cannot see of fal: each model is asked in its own words, and what cannot be is not sent."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio_pipeline.errors import PromptRefused, ProviderFailed, VendorAway
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.shots import Board
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers import factory
from studio_pipeline.providers.hosted.fal import Fal
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.vendor import NoAnswer
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline_tests.backlot.line import CARDS, Line

BOARD = Board(heading="The gate", action="Mira waits.", place="gate", framing="medium")
DATA = factory.vendors()["fal"]
JOB = "fal-ai/pika/requests/abc-1"

# The fields that the types of fal's own client know for each path (libs/client/src/types/endpoints.ts, 2026-08-02).
# A field that is missing here would be answered with a 422 or, worse, be ignored.
TEXT = {"prompt"}
KNOWN: dict[str, set[str]] = {
    "fal-ai/pika/v2.2/text-to-video": TEXT | {"aspect_ratio", "duration", "negative_prompt", "resolution", "seed"},
    "fal-ai/pika/v2.2/image-to-video": TEXT | {"image_url", "duration", "negative_prompt", "resolution", "seed"},
    "fal-ai/kling-video/v2.5-turbo/pro/text-to-video": TEXT | {"aspect_ratio", "duration", "negative_prompt"},
    "fal-ai/kling-video/v2.5-turbo/pro/image-to-video": TEXT | {"image_url", "duration", "negative_prompt"},
    "fal-ai/kling-video/v2.5-turbo/standard/image-to-video": TEXT | {"image_url", "duration", "negative_prompt"},
    "fal-ai/kling-video/v3/turbo/pro/text-to-video": TEXT | {"aspect_ratio", "duration"},
    "fal-ai/kling-video/v3/turbo/pro/image-to-video": TEXT | {"image_url", "duration"},
    "fal-ai/minimax/hailuo-2.3/standard/text-to-video": TEXT | {"duration", "prompt_optimizer"},
    "fal-ai/minimax/hailuo-2.3/standard/image-to-video": TEXT | {"image_url", "duration", "prompt_optimizer"},
    "fal-ai/wan/v2.7/text-to-video": TEXT
    | {"aspect_ratio", "duration", "enable_prompt_expansion", "negative_prompt", "resolution", "seed"},
    "fal-ai/wan/v2.7/image-to-video": TEXT
    | {"image_url", "duration", "enable_prompt_expansion", "negative_prompt", "resolution", "seed"},
    "fal-ai/ltx-2.3/text-to-video/fast": TEXT | {"aspect_ratio", "duration", "fps", "generate_audio", "resolution"},
    "fal-ai/ltx-2.3/image-to-video/fast": TEXT
    | {"image_url", "aspect_ratio", "duration", "fps", "generate_audio", "resolution"},
    **{
        f"fal-ai/veo3.1{path}": TEXT
        | {"aspect_ratio", "auto_fix", "duration", "generate_audio", "negative_prompt", "resolution", "seed"}
        | more
        for path, more in {
            "": set[str](),
            "/fast": set[str](),
            "/image-to-video": {"image_url"},
            "/fast/image-to-video": {"image_url"},
        }.items()
    },
    "fal-ai/flux/schnell": TEXT | {"image_size", "num_images", "output_format", "seed"},
    "fal-ai/flux/dev": TEXT | {"image_size", "num_images", "output_format", "seed"},
    "fal-ai/flux-2-pro": TEXT | {"image_size", "output_format", "seed"},
    "fal-ai/z-image/turbo": TEXT | {"image_size", "num_images", "output_format", "seed"},
    "fal-ai/stable-diffusion-v35-medium": TEXT
    | {"image_size", "negative_prompt", "num_images", "output_format", "seed"},
    "fal-ai/stable-diffusion-v35-large": TEXT
    | {"image_size", "negative_prompt", "num_images", "output_format", "seed"},
}
VIDEOS = [model.name for model in DATA.models.values() if model.kind == "video"]
STILLS = [model.name for model in DATA.models.values() if model.kind == "image"]


@pytest.fixture
def fal(store: MediaStore, tmp_path: Path) -> Fal:
    return Fal(Setup(DATA.manifest, DATA.models, CARDS, store.path, tmp_path / "inbox", {"FAL_KEY": "k"}))


@pytest.fixture
def picture(store: MediaStore) -> MediaRef:
    content = io.BytesIO()
    Image.new("RGB", (32, 18), (90, 20, 20)).save(content, "PNG")
    return store.put_bytes(content.getvalue(), ".png")


def clip(model: str, seconds: float = 3, **more: Any) -> VideoRequest:
    asked = {"prompt": "Mira waits.", "size": (1280, 720), "seed": 2**40 + 7, "move": "hold", "board": BOARD}
    return VideoRequest(model=model, frames=round(seconds * 24), rate=Rate(num=24), **{**asked, **more})


def still(model: str, **more: Any) -> StillRequest:
    asked = {"prompt": "Mira waits.", "size": (1280, 720), "seed": 2**40 + 7, "board": BOARD}
    return StillRequest(model=model, **{**asked, **more})


@pytest.mark.parametrize("model", VIDEOS)
def test_a_clip_is_asked_for_only_in_fields_that_its_model_has(fal: Fal, picture: MediaRef, model: str) -> None:
    asked = [fal.normalised(clip(model, first_frame=picture, negative_prompt="text"))]
    if DATA.models[model].first_frame != "required":
        asked.append(fal.normalised(clip(model, negative_prompt="text")))
    for sent in asked:
        assert set(sent["input"]) <= KNOWN[sent["path"]]
        assert not [value for value in sent["input"].values() if str(value).startswith("$")]


@pytest.mark.parametrize("model", STILLS)
def test_a_still_is_asked_for_only_in_fields_that_its_model_has(fal: Fal, model: str) -> None:
    sent = fal.normalised(still(model))
    assert set(sent["input"]) <= KNOWN[sent["path"]]
    assert sent["input"]["image_size"] == {"width": 1280, "height": 720}
    assert sent["input"]["seed"] < 2**31


@pytest.mark.parametrize("model", STILLS)
def test_every_size_of_a_still_is_one_megapixel_of_its_price(model: str) -> None:
    assert all(width * height <= 1_000_000 for width, height in DATA.models[model].sizes)


@pytest.mark.parametrize(
    ("model", "duration"),
    [
        ("fal/pika-2.2", 5),
        ("fal/kling-2.5-turbo-pro", "5"),
        ("fal/hailuo-2.3", "6"),
        ("fal/wan-2.7", 3),
        ("fal/ltx-2.3-fast", 6),
        ("fal/veo3.1_silent", "4s"),
    ],
)
def test_the_shortest_length_with_room_is_asked_for_as_the_model_spells_it(fal: Fal, model: str, duration: Any) -> None:
    assert fal.normalised(clip(model, 2.9))["input"]["duration"] == duration


@pytest.mark.parametrize(
    ("model", "seconds", "usd"),
    [
        ("fal/pika-2.2", 2, "0.20"),
        ("fal/kling-2.5-turbo-pro", 2, "0.35"),
        ("fal/kling-2.5-turbo-pro", 6, "0.70"),
        ("fal/hailuo-2.3_10s", 2, "0.56"),
        ("fal/veo3.1_fast_silent", 5, "0.60"),
    ],
)
def test_the_quote_is_for_what_is_really_asked_for(fal: Fal, model: str, seconds: float, usd: str) -> None:
    assert f"{fal.quote(clip(model, seconds)).max_usd:.2f}" == usd


def test_audio_is_off_where_that_can_be_asked_for(fal: Fal) -> None:
    optional = [model.name for model in DATA.models.values() if model.audio == "optional"]
    assert optional
    assert all(fal.normalised(clip(name))["input"]["generate_audio"] is False for name in optional)


def test_a_first_frame_goes_as_a_data_uri_to_the_models_other_path_and_counts_by_its_digest(
    fal: Fal, line: Line, picture: MediaRef
) -> None:
    line.says({"request_id": "abc-1"})
    request = clip("fal/pika-2.2", first_frame=picture)
    assert fal.submit(request, client_tag="t") == JOB
    assert str(line.sent[0].url) == "https://queue.fal.run/fal-ai/pika/v2.2/image-to-video"
    assert line.sent[0].headers["authorization"] == "Key k"
    assert line.sent[0].headers["x-app-fal-disable-fallback"] == "true"
    assert line.body["image_url"].startswith("data:image/png;base64,iVBOR")
    assert "aspect_ratio" not in line.body
    assert fal.normalised(request)["input"]["image_url"] == picture.sha256


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (clip("fal/wan-2.7", prompt="x" * 5001), "5000 characters"),
        (clip("fal/pika-2.2", 6), "at most 5 s"),
        (clip("fal/veo3.1_silent", size=(720, 720)), "none of the shape"),
        (clip("fal/kling-2.5-turbo-standard"), "needs a first frame"),
    ],
)
def test_what_the_model_cannot_do_is_not_sent(fal: Fal, line: Line, request_: VideoRequest, why: str) -> None:
    with pytest.raises(ProviderFailed, match=why):
        fal.submit(request_, client_tag="t")
    assert not line.sent


def test_a_first_frame_that_is_gone_is_told_before_anything_is_sent(fal: Fal, line: Line, picture: MediaRef) -> None:
    gone = picture.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(ProviderFailed, match="first frame cannot be read"):
        fal.submit(clip("fal/pika-2.2", first_frame=gone), client_tag="t")
    assert not line.sent


def test_a_locked_account_is_for_a_person_and_a_refused_prompt_is_not_a_bad_request(fal: Fal, line: Line) -> None:
    line.says({"detail": "User is locked. Reason: Exhausted balance."}, status=403)
    with pytest.raises(VendorAway, match="Exhausted balance") as away:
        fal.submit(clip("fal/pika-2.2"), client_tag="t")
    assert away.value.retry_after_s is None
    line.says({"detail": [{"type": "content_policy_violation", "msg": "no", "loc": ["body"]}]}, status=422)
    with pytest.raises(PromptRefused):
        fal.submit(clip("fal/pika-2.2"), client_tag="t")


@pytest.mark.parametrize("name", [None, "", "../../evil", "a/b", "x" * 99, 7])
def test_an_answer_without_a_usable_id_is_an_answer_that_got_lost(fal: Fal, line: Line, name: Any) -> None:
    line.says({"request_id": name, "status_url": "http://169.254.169.254/"})
    with pytest.raises(NoAnswer):
        fal.submit(clip("fal/pika-2.2"), client_tag="t")


@pytest.mark.parametrize("status", ["422", "400"])
def test_a_failure_may_be_charged_unless_fal_counts_no_units(fal: Fal, line: Line, status: str) -> None:
    body = {"detail": [{"type": "image_too_small", "msg": "The image is too small.", "loc": ["body"]}]}
    request = clip("fal/pika-2.2")
    line.says({"status": "COMPLETED"})
    line.says(body, status=int(status))
    state = fal.poll(JOB, request)
    assert (state.state, state.billed, state.refused) == ("failed", True, False)
    assert state.message == "The image is too small."
    line.says({"status": "COMPLETED"})
    line.says(body, status=int(status), **{"x-fal-billable-units": "0"})
    assert not fal.poll(JOB, request).billed


def test_a_5xx_is_the_end_of_a_job_only_when_the_queue_says_that_it_failed(fal: Fal, line: Line) -> None:
    request = clip("fal/pika-2.2")
    line.says({"status": "COMPLETED"})
    line.says({"detail": "Internal Server Error"}, status=500)
    with pytest.raises(VendorAway):
        fal.poll(JOB, request)
    line.says({"status": "COMPLETED", "error": "Runner died", "error_type": "runner_disconnected"})
    line.says({"detail": "Runner died"}, status=500)
    state = fal.poll(JOB, request)
    assert (state.state, state.billed) == ("failed", False)


def test_moderation_inside_a_completed_request_is_a_refusal(fal: Fal, line: Line) -> None:
    line.says({"status": "COMPLETED", "error": "no", "error_type": "content_policy_violation"})
    line.says({})
    state = fal.poll(JOB, clip("fal/pika-2.2"))
    assert (state.state, state.refused) == ("failed", True)


def test_a_blackened_picture_is_no_picture(fal: Fal, line: Line) -> None:
    line.says({"status": "COMPLETED"})
    line.says({"images": [{"url": "https://v3.fal.media/black.png"}], "has_nsfw_concepts": [True]})
    state = fal.poll("fal-ai/flux/requests/abc-1", still("fal/flux-schnell"))
    assert (state.state, state.refused, state.billed) == ("failed", True, True)


def test_units_are_no_price_because_they_differ_from_model_to_model(fal: Fal, line: Line) -> None:
    line.says({"status": "COMPLETED"})
    line.says({"video": {"url": "https://v3.fal.media/a.mp4"}}, **{"x-fal-billable-units": "7"})
    assert fal.poll(JOB, clip("fal/pika-2.2")).price_usd is None


@pytest.mark.parametrize("job", ["abc-1", "../x/requests/y", "fal-ai/pika/requests/../../z", "https://evil/requests/a"])
def test_a_job_id_is_never_an_address(fal: Fal, line: Line, job: str) -> None:
    with pytest.raises(ProviderFailed):
        fal.poll(job, clip("fal/pika-2.2"))
    assert not line.sent


def test_a_lost_request_is_found_page_by_page_by_what_was_sent(fal: Fal, line: Line, picture: MediaRef) -> None:
    request = clip("fal/pika-2.2", first_frame=picture)
    sent = {**fal.normalised(request)["input"], "image_url": "https://v3.fal.media/kept.png"}
    late, early, old = "2026-11-02T10:00:09.5Z", "2026-11-02T10:00:01.5Z", "2026-11-01T10:00:00Z"
    line.says(
        {
            "items": [
                {"request_id": "late", "sent_at": late, "json_input": sent},
                {"request_id": "other", "sent_at": late, "json_input": {**sent, "prompt": "A beach."}},
            ],
            "has_more": True,
            "next_cursor": "Mg==",
        },
    )
    items = [{"request_id": name, "sent_at": at, "json_input": sent} for name, at in (("early", early), ("old", old))]
    line.says({"items": items, "has_more": False})
    since_s = 1793613600.0  # 2026-11-02T10:00:00Z
    found = fal.jobs_like(request, client_tag="t", since_s=since_s)
    assert found == ("fal-ai/pika/requests/early", "fal-ai/pika/requests/late")
    asked = line.sent[0].url
    assert asked.host == "api.fal.ai"
    assert dict(asked.params) == {
        "endpoint_id": "fal-ai/pika/v2.2/image-to-video",
        "start": "2026-11-02T10:00:00Z",
        "expand": "payloads",
        "limit": "100",
    }
    assert line.sent[1].url.params["cursor"] == "Mg=="
