"""The shop: out of which envelopes it pays, what of that is real money, and that what it hands over fits the film.

Behind it are a real ledger, a real store, the vendors of this machine, and hosted ones that keep their own books.
"""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from studio_pipeline.budget.ledger import day_envelope, pilot_envelope, production_envelope, shot_envelope
from studio_pipeline.errors import OutOfBudget
from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.shots import Board
from studio_pipeline.media.probe import probe, probe_sound
from studio_pipeline.orchestration.grid import every_tier
from studio_pipeline.orchestration.shop import Shop
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.providers.capabilities import Kind
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.music.port import MusicRequest
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline.providers.voice.port import SpeechRequest

BOARD = Board(heading="", action="Mara lights the lamp.", place="tower", framing="wide", palette=("#102030", "#e0d0b0"))
PLACE = "animated.s01.k1"
WAN = "openai-videos/wan2.2-ti2v-5b"
TODAY = datetime.date(2026, 11, 21)
SECOND_USD = Decimal("0.021")


@pytest.fixture(scope="module")
def running() -> Iterator[FakeVendor]:
    with pytest.MonkeyPatch.context() as patch, FakeVendor() as vendors:
        patch.setattr(ssl, "create_default_context", lru_cache(ssl.create_default_context))  # nobody here speaks TLS
        yield vendors


@pytest.fixture
def fake(running: FakeVendor, monkeypatch: pytest.MonkeyPatch) -> FakeVendor:
    """Every hosted vendor, keeping its own books."""
    running.reset()
    for name, value in running.environ().items():
        monkeypatch.setenv(name, value)
    return running


@pytest.fixture
def home(tmp_path: Path) -> StudioHome:
    root = tmp_path / "home"
    root.mkdir()
    made = StudioHome(
        root=str(root),
        artifacts_url=str(root / "artifacts"),
        ledger_url=f"sqlite:///{root}/l.sqlite3",
        accept_stale_prices=True,  # the tests shall not fail by the calendar
    )
    for name in ("lamp", "reef"):
        made.ledger.set_caps({production_envelope(name): Decimal(10), pilot_envelope(name, "animated"): Decimal(5)})
    return made


def shop(home: StudioHome, kind: Kind, *vendors: str, **more: Any) -> Shop:
    return Shop(kind, vendors or ("storyboard",), home, every_tier(), **{"today": lambda: TODAY, **more})


def clip(model: str = "storyboard/ken-burns", *, frames: int = 10, first: MediaRef | None = None) -> VideoRequest:
    return VideoRequest(
        model=model,
        prompt="Mara lights the lamp.",
        frames=frames,
        rate=Rate.of(25),
        size=(96, 96),
        seed=7,
        move="hold",
        board=BOARD,
        first_frame=first,
    )


def still(model: str = "storyboard/board") -> StillRequest:
    return StillRequest(model=model, prompt="Mara lights the lamp.", size=(96, 96), seed=7, board=BOARD)


def buy(shop: Shop, request: Any, *, production: str = "lamp", take: int = 1, cap: str | None = None) -> Any:
    return shop.buy(
        request,
        production=production,
        tier="animated",
        place=PLACE,
        stage="shooting",
        take=take,
        shot_cap_usd=None if cap is None else Decimal(cap),
    )


# Out of which envelopes


def test_a_purchase_is_paid_from_production_pilot_shot_and_day(home: StudioHome, fake: FakeVendor) -> None:
    buy(shop(home, "video", "openai-videos", day_cap_usd=Decimal(3)), clip(WAN), cap="1")
    (names,) = home.ledger.statement("lamp").paid_from.values()
    assert set(names) == {
        production_envelope("lamp"),
        pilot_envelope("lamp", "animated"),
        shot_envelope("lamp", PLACE),
        day_envelope(TODAY),
    }
    assert {home.ledger.balance(name).settled_usd for name in names} == {SECOND_USD}
    assert fake.meter.total_usd == SECOND_USD
    assert shop(home, "image").spent_usd("lamp", PLACE) == SECOND_USD


@pytest.mark.parametrize("short", ["production", "pilot", "slate", "day"])
def test_what_has_no_room_beside_it_for_its_other_half_is_not_bought(
    home: StudioHome, fake: FakeVendor, short: str
) -> None:
    both = SECOND_USD + Decimal(1)
    other: dict[str, Any] = {"production": "lamp", "tier": "animated", "place": PLACE, "stage": "shooting"}
    name = {
        "production": production_envelope("lamp"),
        "pilot": pilot_envelope("lamp", "animated"),
        "slate": "slate:night",
        "day": "day:2026-11-21",
    }[short]
    if short == "slate":
        home.ledger.enrol("lamp", name)
    if short != "day":
        home.ledger.set_caps({name: both - Decimal("0.01")})
    studio = shop(home, "video", "openai-videos", day_cap_usd=both - Decimal("0.01") if short == "day" else None)
    with pytest.raises(OutOfBudget, match=name.replace("|", r"\|")):
        studio.buy(clip(WAN), **other, beside_usd=Decimal(1))
    assert fake.meter.total_usd == 0
    studio.buy(clip(WAN), **other, beside_usd=Decimal("0.99"))
    home.ledger.set_caps({name: Decimal(0)})
    assert studio.buy(clip(WAN), **other, beside_usd=Decimal(9)).avoided, "what was bought is there, whatever is left"


@pytest.mark.parametrize(
    ("envelope", "more", "cap"),
    [
        ("production:lamp", {}, None),
        ("pilot:lamp|animated", {}, None),
        (f"shot:lamp|{PLACE}", {}, "0.01"),
        ("day:2026-11-21", {"day_cap_usd": Decimal("0.01")}, None),
    ],
)
def test_each_of_them_can_stop_it_and_nothing_is_sent_then(
    home: StudioHome, fake: FakeVendor, envelope: str, more: dict[str, Any], cap: str | None
) -> None:
    if not more and cap is None:
        home.ledger.set_caps({envelope: Decimal("0.01")})
    with pytest.raises(OutOfBudget, match=envelope.replace("|", r"\|")):
        buy(shop(home, "video", "openai-videos", **more), clip(WAN), cap=cap)
    assert fake.meter.accepted("openai-videos") == 0
    assert home.ledger.entries("lamp") == []


def test_a_days_cap_holds_over_all_productions_and_a_new_day_has_its_own(home: StudioHome, fake: FakeVendor) -> None:
    cap = {"day_cap_usd": Decimal("0.03")}
    buy(shop(home, "video", "openai-videos", **cap), clip(WAN))
    with pytest.raises(OutOfBudget, match=r"day:2026-11-21 has \$0.009 left.*Go on tomorrow"):
        buy(shop(home, "video", "openai-videos", **cap), clip(WAN), production="reef", take=2)
    tomorrow = shop(home, "video", "openai-videos", today=lambda: TODAY + datetime.timedelta(days=1), **cap)
    buy(tomorrow, clip(WAN), production="reef", take=2)
    assert fake.meter.total_usd == 2 * SECOND_USD


def test_simulated_money_counts_in_no_day(home: StudioHome) -> None:
    bought = buy(shop(home, "image", day_cap_usd=Decimal(0)), still())
    assert bought.receipt.simulated
    assert home.ledger.balance(day_envelope(TODAY)).settled_usd == 0
    assert home.ledger.balance(production_envelope("lamp")).settled_usd == Decimal("0.03")


# What arrives


def test_a_clip_of_a_vendor_is_made_to_fit_and_its_own_file_stays_in_the_store(
    home: StudioHome, fake: FakeVendor
) -> None:
    video = shop(home, "video", "openai-videos")
    bought = buy(video, clip(WAN))
    facts = probe(home.media.verify(bought.media), decode=True)
    assert (facts.frames, facts.rate, facts.size, facts.has_audio) == (10, Rate.of(25), (96, 96), False)
    (entry,) = home.ledger.entries("lamp")
    assert entry.media is not None
    assert entry.media != bought.media
    raw = probe(home.media.verify(entry.media))
    assert (raw.size, raw.frames) == ((704, 704), 25)
    again = buy(video, clip(WAN))
    assert (again.media, again.avoided) == (bought.media, True)
    assert fake.meter.accepted("openai-videos") == 1


def test_a_clip_of_this_machine_is_handed_on_as_it_is(home: StudioHome) -> None:
    picture = buy(shop(home, "image"), still())
    bought = buy(shop(home, "video"), clip(first=picture.media))
    assert home.ledger.entries("lamp")[-1].media == bought.media
    facts = probe(home.media.path(bought.media))
    assert (facts.frames, facts.rate, facts.size) == (10, Rate.of(25), (96, 96))


def test_a_vendors_voice_becomes_mono_wav_that_is_as_long_as_it_says(home: StudioHome, fake: FakeVendor) -> None:
    voice = shop(home, "voice", "elevenlabs")
    request = SpeechRequest(model=voice.models("animated")[0], text="The lamp is lit.", language="en", max_duration_s=4)
    spoken = buy(voice, request)
    facts = probe_sound(home.media.verify(spoken.media))
    assert (spoken.media.suffix, facts.channels) == (".wav", 1)
    assert spoken.details["duration_s"] == pytest.approx(facts.duration_s, abs=0.01)
    assert spoken.details["words"]


def test_a_vendors_music_becomes_stereo_wav_exactly_as_long_as_the_film(home: StudioHome, fake: FakeVendor) -> None:
    band = shop(home, "music", "elevenlabs")
    request = MusicRequest(model=band.models("animated")[0], mood="calm", duration_s=6.5, seed=7)
    track = buy(band, request)
    facts = probe_sound(home.media.verify(track.media))
    assert (track.media.suffix, facts.channels) == (".wav", 2)
    assert facts.duration_s == pytest.approx(6.5, abs=0.001)
    assert track.details["duration_s"] == pytest.approx(6.5, abs=0.001)


def test_a_vendors_still_is_a_picture(home: StudioHome, fake: FakeVendor) -> None:
    image = shop(home, "image", "fal")
    bought = buy(image, still(image.models("animated")[0]))
    with Image.open(home.media.verify(bought.media)) as picture:
        assert min(picture.size) >= 96


# Rehearsals


def test_a_rehearsal_costs_what_the_vendor_would_and_asks_nobody(home: StudioHome, fake: FakeVendor) -> None:
    real, rehearsal = shop(home, "video", "openai-videos"), shop(home, "video", "openai-videos", rehearse=True)
    picture = buy(shop(home, "image"), still()).media
    request = clip(WAN, first=picture)
    quoted, rehearsed = real.quote(request, tier="animated"), rehearsal.quote(request, tier="animated")
    assert (rehearsed.expected_usd, rehearsed.max_usd) == (quoted.expected_usd, quoted.max_usd)
    assert (quoted.simulated, rehearsed.simulated) == (False, True)
    bought = buy(rehearsal, request)
    assert (bought.receipt.simulated, bought.receipt.price_usd) == (True, SECOND_USD)
    assert fake.meter.accepted("openai-videos") == 0
    facts = probe(home.media.path(bought.media))
    assert (facts.frames, facts.size) == (10, (96, 96))


def test_what_was_rehearsed_is_still_to_be_bought(home: StudioHome, fake: FakeVendor) -> None:
    request = clip(WAN, first=buy(shop(home, "image"), still()).media)
    rehearsed = buy(shop(home, "video", "openai-videos", rehearse=True), request)
    real = buy(shop(home, "video", "openai-videos"), request)
    assert real.receipt.identity != rehearsed.receipt.identity
    assert not real.avoided
    assert fake.meter.accepted("openai-videos") == 1


@pytest.mark.parametrize(("kind", "vendor"), [("image", "fal"), ("image", "runway"), ("music", "elevenlabs")])
def test_a_rehearsal_needs_no_key(home: StudioHome, kind: Kind, vendor: str) -> None:
    rehearsal = shop(home, kind, vendor, rehearse=True)
    model = rehearsal.models("animated")[0]
    request = still(model) if kind == "image" else MusicRequest(model=model, mood="calm", duration_s=6, seed=7)
    bought = buy(rehearsal, request)
    assert bought.receipt.simulated
    assert bought.receipt.vendor == f"{vendor}-rehearsal"
    assert bought.receipt.price_usd > 0


# Which models


def test_the_vendor_that_is_named_first_is_asked_first(home: StudioHome) -> None:
    both = shop(home, "video", "runway", "openai-videos").models("animated")
    assert both[0].startswith("runway/")
    assert both[-1].startswith("openai-videos/")
    assert both == shop(home, "video", "runway").models("animated") + shop(home, "video", "openai-videos").models(
        "animated"
    )
    assert shop(home, "video", WAN).models("animated") == (WAN,)


def test_what_hosted_models_can_do_is_known_and_beside_one_of_this_machine_there_is_no_limit(home: StudioHome) -> None:
    known = shop(home, "video", "openai-videos").capabilities("animated")
    assert [model.name for model in known] == [WAN, "openai-videos/ltx-2"]
    assert shop(home, "video", "openai-videos", "storyboard").capabilities("animated") == ()
    assert shop(home, "video").capabilities("animated") == ()
    assert shop(home, "video", "openai-videos", rehearse=True).capabilities("animated") == known
