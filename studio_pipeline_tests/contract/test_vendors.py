"""What every vendor of media of this machine promises. Services are held to more in ``test_hosted.py``."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.errors import BadInput, UnknownPrice
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Character
from studio_pipeline.film.shots import Board
from studio_pipeline.media.probe import probe
from studio_pipeline.media.sound.samples import RATE_HZ, read_wav
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers import factory
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.metering import Account, Metered
from studio_pipeline.providers.music.port import MusicRequest
from studio_pipeline.providers.vendor import Vendor
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline.providers.voice.port import SpeechRequest
from studio_pipeline.settings import ASSETS_DIR

SIZE = (256, 144)
BOARD = Board(
    heading="The gate",
    action="Mira waits at the gate.",
    place="village gate",
    framing="medium",
    characters=(Character(name="Mira", tag="M", look="green coat", colour="#2f7d5b"),),
    palette=("#102030", "#406080", "#e0d0b0"),
)
CARDS = RateCards.load(ASSETS_DIR / "vendors")


def still(model: str) -> StillRequest:
    return StillRequest(model=model, prompt="Mira waits.", size=SIZE, seed=7, board=BOARD)


def clip(model: str) -> VideoRequest:
    rate = Rate(num=24)
    return VideoRequest(
        model=model, prompt="Mira waits.", frames=10, rate=rate, size=SIZE, seed=7, move="push_in", board=BOARD
    )


def line(model: str) -> SpeechRequest:
    return SpeechRequest(model=model, text="Mira waits at the gate.", language="en", max_duration_s=4)


def track(model: str) -> MusicRequest:
    return MusicRequest(model=model, mood="calm", duration_s=6.0, seed=7)


@dataclass(frozen=True)
class Case:
    kind: str
    name: str
    model: str
    request: Callable[[str], Any]


VENDORS = [
    Case("image", "storyboard", "storyboard/card", still),
    Case("image", "storyboard", "storyboard/board", still),
    Case("image", "storyboard", "storyboard/collage", still),
    Case("video", "storyboard", "storyboard/hold", clip),
    Case("video", "storyboard", "storyboard/ken-burns", clip),
    Case("video", "storyboard", "storyboard/parallax", clip),
    Case("voice", "espeak", "espeak/debug", line),
    Case("voice", "silence", "silence/timed", line),
    Case("music", "synth", "synth/loop", track),
]
every_vendor = pytest.mark.parametrize("case", VENDORS, ids=lambda case: case.model)


def setup_of(name: str, folder: Path) -> Setup:
    data = factory.vendors()[name]
    return Setup(data.manifest, data.models, CARDS, MediaStore(folder / "media").path, folder / "inbox")


def vendor_of(case: Case, tmp_path: Path) -> Vendor[Any]:
    return factory.vendor(case.kind, setup_of(case.name, tmp_path))


def made(case: Case, tmp_path: Path, name: str = "out") -> tuple[bytes, Any]:
    vendor, request = vendor_of(case, tmp_path), case.request(case.model)
    job = vendor.submit(request, client_tag="t")
    assert vendor.poll(job, request).state == "done"
    fetched = vendor.fetch(job, request, tmp_path / name)
    return (tmp_path / name).read_bytes(), fetched


def test_every_vendor_that_can_be_named_is_held_to_the_contract() -> None:
    of_this_machine = {name: data for name, data in factory.vendors().items() if not data.manifest.hosted}
    named = {
        (kind, name) for name, data in of_this_machine.items() for kind in data.manifest.kinds if kind != "language"
    }
    assert named == {(case.kind, case.name) for case in VENDORS}


@every_vendor
def test_the_price_is_known_before_anything_is_made(case: Case, tmp_path: Path) -> None:
    quote = vendor_of(case, tmp_path).quote(case.request(case.model))
    assert Decimal(0) <= quote.expected_usd <= quote.max_usd
    assert quote.simulated
    assert case.model in quote.source


@every_vendor
def test_a_model_without_a_price_is_refused(case: Case, tmp_path: Path) -> None:
    with pytest.raises(UnknownPrice) as refused:
        vendor_of(case, tmp_path).quote(case.request("nobody/nothing"))
    assert refused.value.exit_code == 3


@every_vendor
def test_equal_requests_give_equal_bytes(case: Case, tmp_path: Path) -> None:
    first, told = made(case, tmp_path, "first")
    second, told_again = made(case, tmp_path, "second")
    assert first == second
    assert told == told_again


@every_vendor
def test_a_job_is_found_again_by_a_new_process(case: Case, tmp_path: Path) -> None:
    here, _ = made(case, tmp_path)
    request = case.request(case.model)
    job = vendor_of(case, tmp_path).submit(request, client_tag="t")
    program = (
        "import sys; from pathlib import Path; from studio_pipeline.providers import factory;"
        "from studio_pipeline.budget.rate_cards import RateCards;"
        "from studio_pipeline.settings import ASSETS_DIR;"
        f"from {type(request).__module__} import {type(request).__name__} as R;"
        "from studio_pipeline.providers.hosted.setup import Setup;"
        f"d = factory.vendors()[{case.name!r}];"
        "s = Setup(d.manifest, d.models, RateCards.load(ASSETS_DIR / 'vendors'), lambda ref: Path(), Path());"
        f"v = factory.vendor({case.kind!r}, s);"
        "v.fetch(sys.argv[1], R.model_validate_json(sys.stdin.read()), Path(sys.argv[2]))"
    )
    there = tmp_path / "there"
    command = [sys.executable, "-W", "ignore", "-c", program, job, str(there)]
    subprocess.run(command, input=request.model_dump_json(), text=True, check=True)
    assert there.read_bytes() == here


@every_vendor
def test_a_finished_job_can_be_fetched_again(case: Case, tmp_path: Path) -> None:
    """A stored file may vanish: it is fetched from its old job, which costs nothing."""
    vendor, request = vendor_of(case, tmp_path), case.request(case.model)
    job = vendor.submit(request, client_tag="t")
    told = [vendor.fetch(job, request, tmp_path / name) for name in ("first", "second")]
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    assert told[0] == told[1]


@every_vendor
def test_a_purchase_that_a_dead_process_handed_in_is_fetched_and_not_handed_in_again(
    case: Case, tmp_path: Path
) -> None:
    request = case.request(case.model)
    ledger, store = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}"), MediaStore(tmp_path / "media")
    ledger.set_caps({"all": Decimal(100)})
    account = Account(production="kite", place="animated.s01.k1", stage="shooting", envelopes=("all",))
    child = os.fork()
    if child == 0:  # hands the job in and is gone before it is fetched
        try:
            dying = vendor_of(case, tmp_path)
            dying.fetch = lambda *_: os._exit(9)  # type: ignore[method-assign]
            here = Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite3'}")
            Metered(here, store).buy(dying, request, take=1, account=account)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    (left,) = ledger.open_entries()
    assert left.state == "submitted"

    heir = vendor_of(case, tmp_path)
    heir.submit = lambda *_, **__: pytest.fail("handed in twice")  # type: ignore[method-assign]
    bought = Metered(ledger, store).buy(heir, request, take=1, account=account)
    assert bought.receipt.entry == left.id
    assert not bought.avoided
    assert store.path(bought.media).read_bytes() == made(case, tmp_path)[0]
    assert not ledger.open_entries()


@every_vendor
def test_the_file_is_what_was_asked_for(case: Case, tmp_path: Path) -> None:
    data, told = made(case, tmp_path)
    if case.kind == "image":
        assert told.suffix == ".png"
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.size == SIZE
    elif case.kind == "video":
        facts = probe(tmp_path / "out", decode=True)
        assert (facts.frames, facts.size, facts.rate) == (10, SIZE, Rate(num=24))
        assert not facts.has_audio
    else:
        assert told.suffix == ".wav"
        sound, rate_hz = read_wav(tmp_path / "out")
        assert len(sound) / rate_hz == pytest.approx(told.details["duration_s"], abs=0.001)
    if case.kind == "voice":
        words = told.details["words"]
        assert " ".join(word["text"] for word in words).replace(".", "") == "Mira waits at the gate"
        assert [word["start_s"] for word in words] == sorted(word["start_s"] for word in words)
        assert words[-1]["end_s"] <= told.details["duration_s"] + 0.01
    if case.kind == "music":
        assert told.details["duration_s"] == pytest.approx(6.0, abs=1 / RATE_HZ)


def test_a_clip_starts_from_the_picture_it_is_given(tmp_path: Path) -> None:
    store = MediaStore(tmp_path / "media")
    buffer = io.BytesIO()
    Image.new("RGB", SIZE, (200, 30, 30)).save(buffer, "PNG")
    red: MediaRef = store.put_bytes(buffer.getvalue(), ".png")
    vendor = factory.vendor("video", setup_of("storyboard", tmp_path))
    request = clip("storyboard/ken-burns").model_copy(update={"first_frame": red})
    vendor.fetch(vendor.submit(request, client_tag="t"), request, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() != made(VENDORS[4], tmp_path, "own")[0]


def test_a_name_that_is_no_vendor_says_which_there_are() -> None:
    with pytest.raises(BadInput) as refused:
        factory.chosen("video", "sora")
    assert "storyboard" in str(refused.value)
