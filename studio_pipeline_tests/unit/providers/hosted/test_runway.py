"""What Runway is sent and how its words are read: what the contract of all vendors cannot see."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from runwayml.types import image_to_video_create_params, text_to_image_create_params, text_to_video_create_params

from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.errors import ProviderFailed, VendorAway
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.shots import Board
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers import factory
from studio_pipeline.providers.hosted.runway import MOST_URI_CHARACTERS, Runway, build
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.vendor import NoAnswer
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline.settings import ASSETS_DIR

DATA = factory.vendors()["runway"]
CARDS = RateCards.load(ASSETS_DIR / "vendors")
BOARD = Board(heading="The gate", action="Mira waits.", place="gate", framing="medium", palette=("#102030",))
FRAME = MediaRef(sha256="ab" * 32, suffix=".png", size_bytes=9)


def adapter(kind: Any = "video", base_url: str = "", store: MediaStore | None = None) -> Runway:
    where = store.path if store else lambda _: Path("/nowhere")
    environ = {"RUNWAYML_API_SECRET": "key", "RUNWAYML_BASE_URL": base_url}
    return build(kind, Setup(DATA.manifest, DATA.models, CARDS, where, Path("/nowhere"), environ))


def clip(model: str = "runway/gen4.5", **changes: Any) -> VideoRequest:
    fields = {"prompt": "Mira waits.", "frames": 72, "size": (1280, 720), "seed": 7, "first_frame": FRAME, **changes}
    return VideoRequest(model=model, rate=Rate(num=24), move="push_in", board=BOARD, **fields)


def still(model: str) -> StillRequest:
    return StillRequest(model=model, prompt="A gate.", size=(1280, 720), seed=7, board=BOARD)


class Desk:
    """A server that answers as told, one answer each, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.asked: list[tuple[str, str, bytes]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""


@pytest.fixture
def desk() -> Iterator[Desk]:
    here = Desk()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            here.asked.append((self.command, self.path, body))
            here.headers.append({name.lower(): value for name, value in self.headers.items()})
            status, told = here.answers.pop(0)
            content = json.dumps(told).encode() if told is not None else b""
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if status == 307:
                self.send_header("Location", f"{here.url}/elsewhere")
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield here
    server.shutdown()
    server.server_close()


def task(status: str, **more: Any) -> dict[str, Any]:
    return {"id": "t1", "createdAt": "2026-11-01T00:00:00Z", "status": status, **more}


# --- what is sent


def test_a_clip_is_asked_for_in_the_shortest_length_with_room_and_the_frame_stands_for_itself_by_its_digest() -> None:
    assert dict(adapter().normalised(clip(frames=73))) == {
        "path": "/v1/image_to_video",
        "model": "gen4.5",
        "promptText": "Mira waits.",
        "ratio": "1280:720",
        "duration": 4,
        "seed": 7,
        "promptImage": [{"uri": FRAME.sha256, "position": "first"}],
    }


def test_without_a_first_frame_it_is_made_from_text() -> None:
    sent = adapter().normalised(clip(first_frame=None))
    assert sent["path"] == "/v1/text_to_video"
    assert "promptImage" not in sent


def test_a_silent_model_is_told_to_be_silent_and_costs_less() -> None:
    silent, loud = clip("runway/veo3.1_silent"), clip("runway/veo3.1")
    assert adapter().normalised(silent)["audio"] is False
    assert adapter().quote(silent).max_usd == Decimal("0.80")  # 3 s are asked for as 4
    assert adapter().quote(loud).max_usd == Decimal("1.60")


def test_a_model_that_follows_its_first_frame_is_told_no_size() -> None:
    sent = adapter().normalised(clip("runway/happyhorse_1_0_720p"))
    assert sent["resolution"] == "720p"
    assert "ratio" not in sent
    assert adapter().normalised(clip("runway/wan3_720p"))["ratio"] == "auto_720p"


def test_only_models_that_take_one_get_a_seed_or_a_negative_prompt() -> None:
    assert "seed" not in adapter().normalised(clip("runway/wan3_720p", negative_prompt="rain"))
    assert "negativePrompt" not in adapter().normalised(clip("runway/wan3_720p", negative_prompt="rain"))
    assert adapter().normalised(clip("runway/veo3.1", negative_prompt="rain"))["negativePrompt"] == "rain"
    assert adapter().normalised(clip(seed=2**32 + 5))["seed"] == 5


@pytest.mark.parametrize("name", DATA.models)
def test_the_sdk_knows_every_word_that_a_model_is_sent(name: str) -> None:
    model = DATA.models[name]
    size = model.sizes[0] if model.sizes else (1280, 720)
    if model.kind == "image":
        sent = adapter("image").normalised(still(name).model_copy(update={"size": size}))
    else:
        framed = None if model.first_frame == "none" else FRAME
        sent = adapter().normalised(clip(name, size=size, frames=48, first_frame=framed))
    known = {
        "/v1/text_to_image": text_to_image_create_params.TextToImageCreateParams,
        "/v1/text_to_video": text_to_video_create_params.TextToVideoCreateParams,
        "/v1/image_to_video": image_to_video_create_params.ImageToVideoCreateParams,
    }[sent["path"]]
    shapes = [get_type_hints(shape) for shape in get_args(known)]
    (shape,) = [shape for shape in shapes if get_args(shape["model"]) == (model.api_model,)]
    words = {word.split("_")[0] + "".join(part.title() for part in word.split("_")[1:]): word for word in shape}
    assert set(sent) - {"path"} <= set(words)
    for word in {"ratio", "resolution", "quality"} & set(sent):
        allowed = [value for part in (get_args(shape[words[word]])) for value in (get_args(part) or (part,))]
        assert sent[word] in allowed


# --- what is not sent


def test_the_prompt_is_counted_in_utf16_and_a_longer_one_is_refused_before_anything_is_sent(desk: Desk) -> None:
    ours = adapter(base_url=desk.url)
    assert ours.normalised(clip(prompt="🎬" * 500))["promptText"] == "🎬" * 500
    for ask in (ours.normalised, ours.quote, lambda request: ours.submit(request, client_tag="ab" * 16)):
        with pytest.raises(ProviderFailed, match="1000 UTF-16 units and this one has 1002"):
            ask(clip(prompt="🎬" * 501))
    assert desk.asked == []


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (clip(frames=24 * 11), "at most 10 s"),
        (clip("runway/gen4_turbo", first_frame=None), "needs a first frame"),
        (clip("runway/gemini_omni_flash"), "takes no first frame"),
        (clip(size=(1000, 100)), "none of the shape"),
        (clip("runway/gen4_image_720p"), "makes no video"),
    ],
)
def test_what_a_model_cannot_make_is_refused_with_the_reason(request_: VideoRequest, why: str) -> None:
    with pytest.raises(ProviderFailed, match=why):
        adapter().quote(request_)


def test_without_the_sdk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "runwayml", None)
    with pytest.raises(VendorAway, match=r"studio-pipeline\[runway\]") as away:
        adapter().validate_credentials()
    assert away.value.retry_after_s is None


# --- handing in


def test_a_small_frame_travels_inside_of_the_request_and_the_version_is_named(desk: Desk, tmp_path: Path) -> None:
    store = MediaStore(tmp_path)
    frame = store.put_bytes(b"\x89PNG small", ".png")
    desk.answers = [(200, {"id": "t1"})]
    assert adapter(base_url=desk.url, store=store).submit(clip(first_frame=frame), client_tag="ab" * 16) == "t1"
    ((_, path, body),) = desk.asked
    assert path == "/v1/image_to_video"
    assert json.loads(body)["promptImage"][0]["uri"].startswith("data:image/png;base64,")
    assert desk.headers[0]["x-runway-version"] == "2024-11-06"


def test_a_frame_that_is_too_large_for_that_is_uploaded_first(desk: Desk, tmp_path: Path) -> None:
    store = MediaStore(tmp_path)
    frame = store.put_bytes(b"\x89PNG" + b"x" * MOST_URI_CHARACTERS, ".png")
    place = {"fields": {"key": "f"}, "runwayUri": "runway://f", "uploadUrl": f"{desk.url}/store"}
    desk.answers = [(200, place), (204, None), (200, {"id": "t1"})]
    adapter(base_url=desk.url, store=store).submit(clip(first_frame=frame), client_tag="ab" * 16)
    assert [path for _, path, _ in desk.asked] == ["/v1/uploads", "/store", "/v1/image_to_video"]
    assert json.loads(desk.asked[2][2])["promptImage"][0]["uri"] == "runway://f"


@pytest.mark.parametrize(
    "answer", [(500, {"error": "oops"}), (502, None), (504, None), (307, None), (200, ["no task"])]
)
def test_an_answer_that_may_hide_a_task_is_asked_for_once(desk: Desk, answer: tuple[int, Any]) -> None:
    desk.answers = [answer]
    with pytest.raises(NoAnswer):
        adapter(base_url=desk.url).submit(clip(first_frame=None), client_tag="ab" * 16)
    assert len(desk.asked) == 1


def test_being_out_of_credits_is_for_a_person_though_it_is_a_400(desk: Desk) -> None:
    desk.answers = [(400, {"error": "You do not have enough credits to run this task."})]
    with pytest.raises(VendorAway, match="no credits left") as away:
        adapter(base_url=desk.url).submit(clip(first_frame=None), client_tag="ab" * 16)
    assert away.value.retry_after_s is None


def test_any_other_400_is_a_request_that_cannot_be_used(desk: Desk) -> None:
    desk.answers = [(400, {"error": "Validation of body failed"})]
    with pytest.raises(ProviderFailed, match="Validation of body failed") as failed:
        adapter(base_url=desk.url).submit(clip(first_frame=None), client_tag="ab" * 16)
    assert not isinstance(failed.value, VendorAway)


# --- how a task stands


@pytest.mark.parametrize(
    ("told", "state", "price", "billed", "refused"),
    [
        (task("THROTTLED", estimatedCost={"credits": 36}), "queued", None, True, False),
        (task("SOMETHING_NEW"), "running", None, True, False),
        (task("SUCCEEDED", cost={"credits": 35}, output=["https://x"]), "done", "0.35", True, False),
        (task("FAILED", cost={"credits": 0}, failure="no", failureCode="INTERNAL"), "failed", "0", False, False),
        (
            task("FAILED", cost={"credits": 36}, failure="no", failureCode="SAFETY.INPUT.TEXT"),
            "failed",
            "0.36",
            True,
            True,
        ),
        (
            task("FAILED", cost={"credits": 0}, failure="no", failureCode="INPUT_PREPROCESSING.SAFETY.TEXT"),
            *("failed", "0", False, True),
        ),
        (task("FAILED", failure="no"), "failed", None, True, False),
        (task("CANCELLED", cost={"credits": 0}), "failed", "0", False, False),
    ],
)
def test_a_task_costs_what_it_says_it_cost(
    desk: Desk, told: dict[str, Any], state: str, price: str | None, billed: bool, refused: bool
) -> None:
    desk.answers = [(200, told)]
    found = adapter(base_url=desk.url).poll("t1", clip())
    assert (found.state, found.billed, found.refused) == (state, billed, refused)
    assert found.price_usd == (None if price is None else Decimal(price))


def test_a_task_that_has_ended_is_not_deleted_with_its_file(desk: Desk) -> None:
    desk.answers = [(200, task("SUCCEEDED", cost={"credits": 36}, output=["https://x"]))]
    assert adapter(base_url=desk.url).cancel("t1").state == "done"
    assert [method for method, _, _ in desk.asked] == ["GET"]


def test_a_task_that_is_gone_after_it_was_stopped_counts_as_charged(desk: Desk) -> None:
    desk.answers = [(200, task("RUNNING", progress=0.5)), (204, None), (404, {"error": "Task not found."})]
    stopped = adapter(base_url=desk.url).cancel("t1")
    assert (stopped.state, stopped.billed) == ("failed", True)


def test_the_key_tells_how_much_is_left(desk: Desk) -> None:
    desk.answers = [(200, {"creditBalance": 1234, "tier": {}, "usage": {}})]
    assert "1234 credits are left ($12.34)" in adapter(base_url=desk.url).validate_credentials()
