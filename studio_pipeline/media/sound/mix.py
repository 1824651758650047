"""The sound of a cut: dialogue, music and effects as stems, and the mix that they add up to.

Reads a timeline, writes stereo wavs exactly as long as the film. The film is mixed in blocks of ten seconds, each from
what reaches into it and nothing else, so half an hour fits in little memory, and a block that was mixed before is
read back. What lies where is in ``stems.py``, how loud it is there in ``levels.py`` and ``ducking.py``; how loud the
film is, is decided in ``loudness.py``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound.samples import RATE_HZ, packed, unpacked, wav_head, whole
from studio_pipeline.media.sound.stems import Dialogue, Listening, RoomTone, Score, Stem, sample_at
from studio_pipeline.whole_file import disk_errors_told

STEMS = ("dialogue", "music", "effects")
BLOCK = 10 * RATE_HZ
"""Samples mixed at a time."""

_BITS = 24
_VERSION = 1
"""Of how a block is made from its recipe; the cache forgets what an older one made."""


@dataclass(frozen=True)
class Mixed:
    """The mix and its stems, all as long as the film to the sample; the stems add up to the mix bit for bit."""

    mix: Path
    stems: Mapping[str, Path]
    """By name, one of ``STEMS``."""
    blocks: int
    """Stretches of ten seconds or less."""
    blocks_mixed: int
    """How many of them were not there from before."""


def mix(
    timeline: Timeline, resolve: Callable[[MediaRef], Path], folder: Path, *, cache: RenderCache | None = None
) -> Mixed:
    """Write ``mix.wav`` and ``dialogue.wav``, ``music.wav``, ``effects.wav`` into ``folder``: stereo, 48 kHz, 24 bits.

    The same timeline and sounds give the same bytes, with or without a cache. Making the files durable is the
    caller's work.

    Raises:
        MediaDamaged: a sound of the timeline cannot be read.
        HomeFull: the mix cannot be written.
    """
    length = sample_at(timeline.frames, timeline.rate)
    names = ("mix", *STEMS)
    paths = {name: folder / f"{name}.wav" for name in names}
    mixed = 0
    with disk_errors_told(folder, "The film's sound"), ExitStack() as open_files:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = open_files.enter_context(tempfile.TemporaryDirectory(prefix=".listening-", dir=folder))
        listening = Listening(resolve, cache or RenderCache(Path(scratch)))
        dialogue = Dialogue(timeline.narration, listening, timeline.rate, length)
        score = Score(timeline.music, dialogue.spoken, listening, timeline.rate, length)
        stems: dict[str, Stem] = {"dialogue": dialogue, "music": score, "effects": RoomTone(length)}
        files = {name: open_files.enter_context(paths[name].open("wb")) for name in names}
        for file in files.values():
            file.write(wav_head(length, 2, _BITS))
        for start in range(0, length, BLOCK):
            end = min(start + BLOCK, length)
            total, made = np.zeros((end - start, 2), np.int32), 0
            for name, stem in stems.items():
                block, anew = _block(name, stem, start, end, cache)
                made += anew
                files[name].write(packed(block, _BITS))
                total += block
            mixed += made > 0
            # Only lines spoken over each other can be louder than full scale.
            files["mix"].write(packed(np.clip(total, -(2**23) + 1, 2**23 - 1), _BITS))
    return Mixed(
        mix=paths["mix"],
        stems={name: paths[name] for name in STEMS},
        blocks=-(-length // BLOCK),
        blocks_mixed=mixed,
    )


def _block(name: str, stem: Stem, start: int, end: int, cache: RenderCache | None) -> tuple[np.ndarray, bool]:
    """The stretch of a stem in whole numbers of 24 bits, shape (samples, 2), and whether it was mixed anew."""
    recipe = stem.recipe(start, end)
    if not recipe:
        return np.zeros((end - start, 2), np.int32), False
    made: list[np.ndarray] = []

    def make(into: Path | None = None) -> np.ndarray:
        made.append(whole(stem.sound(start, end), _BITS))
        if into is not None:
            alike = np.array_equal(made[0][:, 0], made[0][:, 1])  # a voice in the middle needs half the room
            into.write_bytes(packed(made[0][:, : 1 if alike else 2], _BITS))
        return made[0]

    if cache is None:
        return make(), True
    kept = cache.get(digest_of(["block", _VERSION, name, end - start, recipe]), ".pcm", make)
    if made:
        return made[0], True
    channels = unpacked(kept.read_bytes()).reshape(end - start, -1)
    return np.broadcast_to(channels, (end - start, 2)), False
