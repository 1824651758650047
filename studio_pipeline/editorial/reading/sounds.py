"""The sounds of an edit as narration and music of ours. Pure.

A narration is heard from its first sample: where a file begins it later, it is laid so that what is still heard stays
where it was. Pieces of one narration that follow each other (we cut it where a character speaks) are one again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from studio_pipeline.editorial.reading.edit import Margin, Sound
from studio_pipeline.editorial.reading.material import Material
from studio_pipeline.editorial.timeline import MusicSpan, Quote, Speech, Timeline

Sounds: TypeAlias = tuple[tuple[Sound, int, int, int, tuple[int, int]], ...]
"""Sounds of an edit with their record frame, frames, source frame and fades in frames of the film."""


@dataclass(frozen=True)
class Heard:
    """What is heard in a film."""

    narration: tuple[Speech, ...]
    music: tuple[MusicSpan, ...]


@dataclass
class _Spoken:
    """A stretch of a narration."""

    known: Speech
    place: str
    record: int
    frames: int
    source: int


def heard(sounds: Sounds, sooner: int, film_frames: int, material: Material, base: Timeline, margin: Margin) -> Heard:
    """Lay ``sounds`` on a film of ``film_frames`` frames that begins ``sooner`` frames into the edit."""
    spoken: list[_Spoken] = []
    music: list[MusicSpan] = []
    for sound, record, frames, source, fades in sorted(sounds, key=lambda one: one[1]):
        known = material.sound(sound.link, base)
        if known is None:
            if material.picture(sound.link, base) is None:
                margin.note("A sound that is none of this production is left out", sound.place)
            continue  # the sound track of a picture: our clips have none
        record, cut = record - sooner, 0
        if record < 0:
            cut, record = -record, 0
        frames, source = frames - cut, source + cut
        if source < 0:
            margin.note("A sound begins before its media does; it begins with it", sound.place)
            record, frames, source = record - source, frames + source, 0
        if record >= film_frames:
            margin.note("A sound that begins after the film is left out", sound.place)
            continue
        if record + frames > film_frames:
            margin.note("A sound that goes on after the film is cut where it ends", sound.place)
            frames = film_frames - record
        if frames <= 0:
            continue
        if isinstance(known, MusicSpan):
            music.append(_music(known, record, frames, source, fades))
        else:
            _say(spoken, _Spoken(known, sound.place, record, frames, source))
    speeches = [speech for one in spoken if (speech := _speech(one, material, margin)) is not None]
    return Heard(tuple(sorted(speeches, key=lambda speech: speech.record_frame)), tuple(music))


def _say(spoken: list[_Spoken], piece: _Spoken) -> None:
    """Join ``piece`` to the stretch that it goes on with, or begin another."""
    for one in spoken:
        follows = piece.record == one.record + one.frames and piece.source == one.source + one.frames
        if one.known.media == piece.known.media and follows:
            one.frames += piece.frames
            return
    spoken.append(piece)


def _speech(spoken: _Spoken, material: Material, margin: Margin) -> Speech | None:
    known = spoken.known
    longest = material.longest(known.media.sha256)
    if spoken.source:
        if spoken.record < spoken.source or spoken.source >= longest:
            margin.note("A narration that is to begin in its middle is left out", spoken.place)
            return None
        margin.note("A narration that is to begin in its middle is heard from its beginning", spoken.place)
    frames = min(longest, spoken.source + spoken.frames)
    quotes = tuple(
        Quote(first_frame=quote.first_frame, frames=min(quote.frames, frames - quote.first_frame))
        for quote in known.quotes
        if quote.first_frame < frames
    )
    placed = {"record_frame": spoken.record - spoken.source, "frames": frames, "quotes": quotes}
    return known.model_copy(update=placed)


def _music(known: MusicSpan, record: int, frames: int, source: int, fades: tuple[int, int]) -> MusicSpan:
    return known.model_copy(
        update={
            "record_frame": record,
            "frames": frames,
            "source_frame": source,
            "fade_in": min(max(0, fades[0]), frames),
            "fade_out": min(max(0, fades[1]), frames),
        }
    )
