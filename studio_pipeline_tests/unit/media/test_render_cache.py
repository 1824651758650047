"""What rendering has made is kept under its recipe, whole or not at all, and what was of no use for longest goes."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from studio_pipeline.editorial.timeline import ColourMatch, Delivery, Speech, Speed, Timeline, TimelineClip, Transition
from studio_pipeline.errors import HomeError, MediaDamaged
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.burnt_in import BurntIn
from studio_pipeline.media.recipe import digest
from studio_pipeline.media.render_cache import RenderCache

KEY, OTHER = "ab" * 32, "cd" * 32


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    cache = RenderCache(tmp_path)
    for _ in range(3):
        assert cache.get(KEY, ".mp4", lambda into: into.write_text("drawn")).read_text() == "drawn"
    assert (cache.made, cache.hits) == (1, 2)
    assert RenderCache(tmp_path).get(KEY, ".mp4", lambda into: into.write_text("again")).read_text() == "drawn"


def test_what_failed_or_was_stopped_is_not_kept(tmp_path: Path) -> None:
    cache = RenderCache(tmp_path)

    def fail(into: Path) -> None:
        into.write_text("half")
        raise MediaDamaged("a clip is damaged")

    with pytest.raises(MediaDamaged):
        cache.get(KEY, ".mp4", fail)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert cache.get(KEY, ".mp4", lambda into: into.write_text("whole")).read_text() == "whole"


def test_several_at_once_may_want_the_same(tmp_path: Path) -> None:
    cache = RenderCache(tmp_path)
    with ThreadPoolExecutor(8) as workers:
        found = list(
            workers.map(lambda _: cache.get(KEY, ".pcm", lambda into: into.write_bytes(b"x" * 9999)), range(40))
        )
    assert {path.read_bytes() for path in found} == {b"x" * 9999}
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [f"{KEY}.pcm"]
    assert (cache.made, cache.hits) == (1, 39)


def test_one_that_waited_for_what_failed_makes_it_itself(tmp_path: Path) -> None:
    cache, begun, waiting = RenderCache(tmp_path), Event(), Event()

    def fail(_: Path) -> None:
        begun.set()
        waiting.wait(timeout=30)
        raise MediaDamaged("a clip is damaged")

    with ThreadPoolExecutor(2) as workers:
        first = workers.submit(cache.get, KEY, ".mp4", fail)
        begun.wait(timeout=30)
        second = workers.submit(cache.get, KEY, ".mp4", lambda into: into.write_text("whole"))
        waiting.set()
        with pytest.raises(MediaDamaged):
            first.result()
        assert second.result().read_text() == "whole"


def test_what_was_of_no_use_for_longest_goes_first(tmp_path: Path) -> None:
    cache = RenderCache(tmp_path)
    for number in range(5):
        path = cache.get(f"{number:02x}" * 32, ".mp4", lambda into: into.write_bytes(b"x" * 100))
        os.utime(path, (1_000 + number, 1_000 + number))
    cache.get("00" * 32, ".mp4", lambda into: pytest.fail("it is there"))
    assert cache.trim(300) == 200
    assert sorted(path.name[:2] for path in tmp_path.glob("??/*")) == ["00", "03", "04"]
    assert cache.trim(300) == 0


def test_what_a_film_is_being_rendered_of_stays_while_another_film_trims(tmp_path: Path) -> None:
    cache = RenderCache(tmp_path)
    used = cache.get(KEY, ".mp4", lambda into: into.write_bytes(b"x" * 100))

    def draw(into: Path) -> None:
        into.write_bytes(b"half")
        RenderCache(tmp_path).trim(0)
        into.write_bytes(b"whole")

    assert cache.get(OTHER, ".mp4", draw).read_bytes() == b"whole"
    assert used.exists()
    os.utime(used, (1_000, 1_000))
    assert cache.trim(0) == 100
    assert not used.exists()


def test_a_place_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(HomeError, match="The cache of rendered pieces"):
        RenderCache(tmp_path / "cache").get(KEY, ".mp4", lambda into: into.write_text("drawn"))


def cut(**look: object) -> Timeline:
    clips = [
        TimelineClip.model_validate(
            {
                "name": f"animated.s01.k{number}",
                "media": MediaRef(sha256=f"{number:064x}", suffix=".mp4", size_bytes=1),
                "media_frames": 100,
                "source_frame": 20,
                "frames": 40,
                "scene": 1,
                "take": 1,
                **(look if number == 1 else {}),
            }
        )
        for number in range(3)
    ]
    return Timeline(
        name="balanced",
        title="Sea",
        language="en",
        rate=Rate.of(24),
        size=(128, 96),
        clips=tuple(clips),
        transitions=(Transition(at=1, kind="dissolve", out_frames=4, in_frames=4),),
    )


def of(timeline: Timeline, start: int = 30, end: int = 60) -> str:
    return digest(timeline, start, end, BurntIn.captions(timeline))


def test_everything_a_frame_is_made_of_is_in_its_recipe() -> None:
    def with_transition(**changes: object) -> Timeline:
        changed = cut().transitions[0].model_copy(update=changes)
        return cut().model_copy(update={"transitions": (changed,)})

    all_different = [
        of(cut()),
        of(cut(), 31),
        of(cut(), end=59),
        of(cut(source_frame=21)),
        of(cut(media=MediaRef(sha256="f" * 64, suffix=".mp4", size_bytes=1))),
        of(cut(speed=Speed(num=2))),
        of(cut(hold=30)),
        of(cut(colour=ColourMatch(y_offset=1))),
        of(with_transition(out_frames=5)),
        of(with_transition(kind="wipe")),
        of(with_transition(kind="wipe", direction="top_to_bottom")),
        of(with_transition(kind="fade_black")),
        of(with_transition(kind="fade_white")),
        of(cut().model_copy(update={"size": (96, 128)})),
        of(cut().model_copy(update={"rate": Rate.of(25)})),
    ]
    assert len(set(all_different)) == len(all_different)


def test_what_a_frame_is_not_made_of_is_not_in_its_recipe() -> None:
    changed = cut(name="live.s09.k1", take=3, rating=80.0, hold=2)  # held where the stretch does not reach
    changed = changed.model_copy(update={"title": "Lake", "name": "pace"})
    assert of(changed) == of(cut())
    last = cut().clips[2].model_copy(update={"media": MediaRef(sha256="f" * 64, suffix=".mp4", size_bytes=1)})
    assert of(cut().model_copy(update={"clips": (*cut().clips[:2], last)})) == of(cut())


def test_a_longer_film_before_it_does_not_change_a_stretch() -> None:
    first = cut().clips[0]
    longer = cut().model_copy(
        update={"clips": (first.model_copy(update={"source_frame": 15, "frames": 45}), *cut().clips[1:])}
    )
    assert of(longer, 35, 65) == of(cut())


def test_captions_are_in_the_recipe_of_the_frames_they_stand_on_and_of_no_others() -> None:
    def spoken(text: str, *, burnt: bool = True) -> Timeline:
        speech = Speech(scene=1, media=cut().clips[0].media, record_frame=40, frames=20, text=text)
        return cut().model_copy(update={"narration": (speech,), "delivery": Delivery(burn_in=burnt)})

    assert len({of(spoken("The sea.")), of(spoken("The lake.")), of(cut())}) == 3
    assert of(spoken("The sea."), 0, 30) == of(cut(), 0, 30)
    assert of(spoken("The sea.", burnt=False)) == of(cut())


def test_another_font_draws_captions_anew_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    speech = Speech(scene=1, media=cut().clips[0].media, record_frame=40, frames=20, text="The sea.")
    spoken = cut().model_copy(update={"narration": (speech,), "delivery": Delivery(burn_in=True)})
    before = of(spoken), of(spoken, 0, 30)
    monkeypatch.setattr("studio_pipeline.media.burnt_in.font_versions", lambda: ("fontpkg_noto_sans 99",))
    assert of(spoken) != before[0] and of(spoken, 0, 30) == before[1]
