"""What Luma is sent, what that costs, and how its failures are read: what the contract of all vendors cannot see."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.errors import ProviderFailed
from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.shots import Board
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers import factory
from studio_pipeline.providers.hosted.luma import Luma, build
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.vendor import Cancels, Lists
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline.settings import ASSETS_DIR

DATA = factory.vendors()["luma"]
CARDS = RateCards.load(ASSETS_DIR / "vendors")
BOARD = Board(heading="The gate", action="Mira waits.", place="gate", framing="medium", palette=("#102030",))
FRAME = MediaRef(sha256="ab" * 32, suffix=".png", size_bytes=9)


def adapter(kind: Any = "video", base_url: str = "http://127.0.0.1:9", store: MediaStore | None = None) -> Luma:
    where = store.path if store else lambda _: Path("/nowhere")
    environ = {"LUMA_AGENTS_API_KEY": "key", "LUMA_BASE_URL": base_url}
    return build(kind, Setup(DATA.manifest, DATA.models, CARDS, where, Path("/nowhere"), environ))


def clip(model: str = "luma/ray-3.2_720p", **changes: Any) -> VideoRequest:
    fields = {"prompt": "Mira waits.", "frames": 72, "size": (1280, 720), "seed": 7, "first_frame": FRAME, **changes}
    return VideoRequest(model=model, rate=Rate(num=24), move="push_in", board=BOARD, **fields)


def test_a_clip_is_asked_for_by_shape_resolution_and_length() -> None:
    assert dict(adapter().normalised(clip())) == {
        "model": "ray-3.2",
        "type": "video",
        "prompt": "Mira waits.",
        "aspect_ratio": "16:9",
        "video": {"resolution": "720p", "duration": "5s", "start_frame": {"sha256": FRAME.sha256}},
    }


def test_a_still_is_asked_for_as_png() -> None:
    request = StillRequest(model="luma/uni-1", prompt="A gate.", size=(720, 1280), seed=7, board=BOARD)
    assert dict(adapter("image").normalised(request)) == {
        "model": "uni-1",
        "type": "image",
        "prompt": "A gate.",
        "aspect_ratio": "9:16",
        "output_format": "png",
    }


def test_what_luma_is_not_told_does_not_make_another_purchase() -> None:
    assert adapter().normalised(clip(seed=8)) == adapter().normalised(clip())


@pytest.mark.parametrize(
    ("size", "shape"), [((1280, 720), "16:9"), ((720, 1280), "9:16"), ((800, 800), "1:1"), ((1680, 720), "21:9")]
)
def test_shapes_have_lumas_names(size: tuple[int, int], shape: str) -> None:
    assert adapter().normalised(clip(size=size))["aspect_ratio"] == shape


def test_a_clip_costs_the_same_however_little_of_it_is_used_and_ten_seconds_three_times_as_much() -> None:
    assert adapter().quote(clip(frames=24)).max_usd == Decimal("0.30")
    assert adapter().quote(clip(frames=120)).max_usd == Decimal("0.30")
    assert adapter().quote(clip("luma/ray-3.2_720p_10s", frames=240, first_frame=None)).max_usd == Decimal("0.90")


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (clip(frames=24 * 6), "at most 5 s"),
        (clip("luma/ray-3.2_720p_10s"), "takes no first frame"),
        (clip(prompt="x" * 6001), "6000 characters and this one has 6001"),
        (clip("luma/uni-1"), "makes no video"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_sent(request_: VideoRequest, why: str) -> None:
    for ask in (adapter().quote, adapter().normalised, lambda request: adapter().submit(request, client_tag="ab" * 16)):
        with pytest.raises(ProviderFailed, match=why):
            ask(request_)


def test_the_first_frame_arrives_whole(tmp_path: Path) -> None:
    store = MediaStore(tmp_path)
    frame = store.put_bytes(b"\x89PNG whatever", ".png")
    with FakeVendor() as fake:
        job = adapter(base_url=fake.url("luma"), store=store).submit(clip(first_frame=frame), client_tag="ab" * 16)
        order = fake.engine.jobs("luma")[0]
    assert (order.id, order.order.picture) == (job, b"\x89PNG whatever")


def test_it_claims_neither_a_list_nor_a_way_to_stop() -> None:
    assert not isinstance(adapter(), Lists | Cancels)


@pytest.mark.parametrize(
    ("fault", "billed", "refused"),
    [("failed_unbilled", False, False), ("moderated_late", False, True), ("failed_billed", True, False)],
)
def test_only_failures_that_luma_pays_back_count_as_unbilled(fault: Any, billed: bool, refused: bool) -> None:
    with FakeVendor() as fake:
        fake.engine.plan(fault)
        ours = adapter(base_url=fake.url("luma"))
        state = ours.poll(ours.submit(clip(first_frame=None), client_tag="ab" * 16), clip(first_frame=None))
    assert (state.state, state.billed, state.refused) == ("failed", billed, refused)


def test_what_comes_down_is_called_what_it_is(tmp_path: Path) -> None:
    request = StillRequest(model="luma/uni-1", prompt="A gate.", size=(720, 1280), seed=7, board=BOARD)
    with FakeVendor() as fake:
        ours = adapter("image", fake.url("luma"))
        assert ours.fetch(ours.submit(request, client_tag="ab" * 16), request, tmp_path / "made").suffix == ".png"
