"""The sound of a film made from nothing, against made again unchanged and after one line was spoken anew.

All in one run, of the same film each time; what counts are the ratios. CPU seconds are those of this process and of
the programs it starts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from benchmarks.memory import peak_memory
from benchmarks.report import Report
from benchmarks.workshop import Workshop

if TYPE_CHECKING:
    from studio_pipeline.editorial.timeline import Timeline
    from studio_pipeline.film.media_ref import MediaRef

LENGTHS_S = (60, 300)
MOST_CHANGED_PCT = 50
"""Of what all of it takes, what a changed line may take: all of the sound is still read, written and measured."""
MOST_MB = 400

_EVERY_S, _LINE_S, _CROSSING_S = 7, 4, 4
_RATE_HZ = 48_000
_ABOUT = (
    f"A line of {_LINE_S} s every {_EVERY_S} s over two pieces of music that cross, mixed into stems and mastered to "
    "−16 LUFS as AAC: from nothing, again unchanged, and after one line was spoken anew. What a changed line still "
    "takes is listening: the mix is measured as a whole, and so is the encoded sound, again after each correction of a "
    "peak."
)

Made = TypeVar("Made")


def run(workshop: Workshop) -> Report:
    report = Report("The sound of a film", _ABOUT)
    table = report.table("What was done", "blocks", "mix s", "master s", "CPU s", "of all", "memory MB")
    for length_s in LENGTHS_S:
        shelf = _Shelf(workshop.scratch / f"sound {length_s}")
        film = shelf.film(length_s)
        done = {
            what: shelf.sounded(timeline)
            for what, timeline in (
                ("from nothing", film),
                ("unchanged", film),
                ("one line changed", shelf.with_another_line(film)),
            )
        }
        whole = done["from nothing"]
        for what, it in done.items():
            pct = 100 * it.cpu_s / whole.cpu_s
            times = (f"{it.mix_s:.2f}", f"{it.master_s:.2f}", f"{it.cpu_s:.2f}", f"{pct:.0f} %")
            table.add(f"{length_s} s of film, {what}", it.blocks, *times, f"{it.most_mb:.0f}")
        pct = 100 * done["one line changed"].cpu_s / whole.cpu_s
        report.aim(
            f"A changed line in {length_s} s of film, CPU",
            limit=f"{MOST_CHANGED_PCT} %",
            found=f"{pct:.0f} %",
            met=pct <= MOST_CHANGED_PCT,
        )
        report.aim(
            f"Memory for the sound of {length_s} s",
            limit=f"{MOST_MB} MB",
            found=f"{whole.most_mb:.0f} MB",
            met=whole.most_mb <= MOST_MB,
        )
    return report


@dataclass(frozen=True)
class _Sounded:
    """What one mix and its mastering took. ``blocks`` says how many of all were mixed."""

    blocks: str
    mix_s: float
    master_s: float
    cpu_s: float
    most_mb: float


class _Shelf:
    """A folder of sounds that one film is made of, and the cache that its making fills."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True)

    def sounded(self, timeline: Timeline) -> _Sounded:
        from studio_pipeline.media.render_cache import RenderCache
        from studio_pipeline.media.sound.loudness import master
        from studio_pipeline.media.sound.mix import mix

        cache, before = RenderCache(self._folder / "cache"), os.times()
        with peak_memory() as memory:
            mixed, mix_s = _timed(lambda: mix(timeline, self._path, self._folder / "made", cache=cache))
            _, master_s = _timed(lambda: master(mixed.mix, self._folder / "made" / "sound.m4a", cache=cache))
            memory.look()
        cpu_s = sum(os.times()[:4]) - sum(before[:4])
        return _Sounded(f"{mixed.blocks_mixed}/{mixed.blocks}", mix_s, master_s, cpu_s, memory.most_bytes / 1e6)

    def film(self, length_s: int) -> Timeline:
        from studio_pipeline.editorial.timeline import MusicSpan, Speech, Timeline, TimelineClip
        from studio_pipeline.film.rate import Rate

        rate = Rate.of(24)
        frames, half, cross = rate.frames(length_s), rate.frames(length_s / 2), rate.frames(_CROSSING_S)
        calm, tense = (self._put(name, _music(hz, length_s // 2 + _CROSSING_S)) for name, hz in (("a", 110), ("b", 98)))
        lines = [self._put(f"line {number}", _voice(number)) for number in range(3)]
        return Timeline(
            name="balanced",
            title="Sound",
            language="en",
            rate=rate,
            size=(1280, 720),
            clips=(
                TimelineClip(name="a", media=calm, media_frames=frames, source_frame=0, frames=frames, scene=1, take=1),
            ),
            narration=tuple(
                Speech(
                    scene=number + 1,
                    media=lines[number % 3],
                    record_frame=rate.frames(at_s),
                    frames=rate.frames(_LINE_S),
                    text="…",
                )
                for number, at_s in enumerate(range(1, length_s - _LINE_S, _EVERY_S))
            ),
            music=(
                MusicSpan(media=calm, record_frame=0, frames=half + cross, fade_out=cross),
                MusicSpan(media=tense, record_frame=half, frames=frames - half, fade_in=cross, fade_out=cross),
            ),
        )

    def with_another_line(self, timeline: Timeline) -> Timeline:
        """The film with the line in its middle spoken anew."""
        lines = list(timeline.narration)
        lines[len(lines) // 2] = lines[len(lines) // 2].model_copy(update={"media": self._put("anew", _voice(9))})
        return timeline.model_copy(update={"narration": tuple(lines)})

    def _put(self, name: str, sound: np.ndarray) -> MediaRef:
        from studio_pipeline.film.media_ref import MediaRef
        from studio_pipeline.media.sound.samples import write_wav

        media = MediaRef(sha256=name.encode().hex().rjust(64, "0"), suffix=".wav", size_bytes=1)
        write_wav(self._path(media), sound)
        return media

    def _path(self, media: MediaRef) -> Path:
        return self._folder / f"{media.sha256}{media.suffix}"


def _timed(do: Callable[[], Made]) -> tuple[Made, float]:
    began = time.monotonic()
    made = do()
    return made, time.monotonic() - began


def _voice(number: int) -> np.ndarray:
    """Syllables of a buzz, like nobody's voice and as hard to encode as one."""
    t = np.arange(_LINE_S * _RATE_HZ) / _RATE_HZ
    dice = np.random.default_rng(number)
    buzz = sum(np.sin(2 * np.pi * (110 + number) * n * t + n) / n for n in range(1, 30))
    return 0.1 * buzz * np.clip(np.sin(2 * np.pi * 3.1 * t + number), 0, 1) ** 2 + 0.003 * dice.standard_normal(len(t))


def _music(hz: float, length_s: int) -> np.ndarray:
    """A chord that swells, and a beat."""
    t = np.arange(length_s * _RATE_HZ, dtype=np.float32) / _RATE_HZ
    chord = sum(np.sin(2 * np.pi * hz * n * t) / n for n in (1, 1.25, 1.5, 2, 3))
    beat = np.sin(2 * np.pi * 60 * t) * np.exp(-8 * (t % 0.5))
    return np.stack([0.1 * chord * (1.5 + np.sin(t)) / 2 + 0.2 * beat, 0.1 * chord + 0.2 * beat], axis=1)
