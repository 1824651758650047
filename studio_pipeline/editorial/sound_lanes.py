"""The sounds of a timeline as the tracks an editor shows: narration, dialogue, music, and nothing on top of another.

A speech with direct speech in it is cut where its speakers change, so that the characters lie on tracks of their own;
the pieces follow each other without a gap and play the same sound. What overlaps within a kind goes to a further lane.
Positions count frames of the film; ``source_frame`` counts them in the sound, from its first sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from studio_pipeline.editorial.timeline import MusicSpan, Speech, Timeline
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.takes import Origin

Role = Literal["narration", "dialogue", "music"]


@dataclass(frozen=True)
class Sound:
    """A stretch of one sound on one track."""

    role: Role
    name: str
    media: MediaRef
    record_frame: int
    frames: int
    source_frame: int
    fade_in: int = 0
    fade_out: int = 0
    scene: int | None = None
    text: str = ""
    mood: str = ""
    origins: tuple[Origin, ...] = ()

    @property
    def end(self) -> int:
        """The record frame after its last."""
        return self.record_frame + self.frames

    @property
    def channels(self) -> int:
        """Narration is mono, music is stereo: see ``film/takes.py``."""
        return 2 if self.role == "music" else 1


@dataclass(frozen=True)
class Lane:
    """One track: sounds in order, none overlapping."""

    name: str
    role: Role
    sounds: tuple[Sound, ...]


def sound_lanes(timeline: Timeline) -> tuple[Lane, ...]:
    """Every sound of ``timeline`` exactly once: narration first, then dialogue, then music."""
    spoken = [piece for speech in timeline.narration for piece in _spoken(speech)]
    kinds: tuple[tuple[Role, str, list[Sound]], ...] = (
        ("narration", "Narration", [piece for piece in spoken if piece.role == "narration"]),
        ("dialogue", "Dialogue", [piece for piece in spoken if piece.role == "dialogue"]),
        ("music", "Music", [_music(span) for span in timeline.music]),
    )
    return tuple(
        Lane(name=name if number == 1 else f"{name} {number}", role=role, sounds=tuple(lane))
        for role, name, sounds in kinds
        for number, lane in enumerate(_apart(sounds), start=1)
    )


def sound_lengths(timeline: Timeline) -> dict[MediaRef, int]:
    """How many frames of each sound the timeline knows of: to the end of its last use."""
    lengths: dict[MediaRef, int] = {}
    for lane in sound_lanes(timeline):
        for sound in lane.sounds:
            lengths[sound.media] = max(lengths.get(sound.media, 0), sound.source_frame + sound.frames)
    return lengths


def _spoken(speech: Speech) -> Iterator[Sound]:
    """The speech cut where direct speech begins and ends. Quotes that overlap count as one."""
    narrated = Sound(
        role="narration",
        name=f"narration s{speech.scene:02d}",
        media=speech.media,
        record_frame=speech.record_frame,
        frames=speech.frames,
        source_frame=0,
        scene=speech.scene,
        text=speech.text,
        origins=speech.origins,
    )
    quoted = {
        frame
        for quote in speech.quotes
        for frame in range(quote.first_frame, min(quote.first_frame + quote.frames, speech.frames))
    }
    first = 0
    for frame in range(1, speech.frames + 1):
        if frame < speech.frames and (frame in quoted) == (first in quoted):
            continue
        piece = replace(narrated, record_frame=speech.record_frame + first, source_frame=first, frames=frame - first)
        yield replace(piece, role="dialogue", name=f"dialogue s{speech.scene:02d}") if first in quoted else piece
        first = frame


def _music(span: MusicSpan) -> Sound:
    fade_in = min(span.fade_in, span.frames)
    return Sound(
        role="music",
        name=f"music {span.mood}".rstrip(),
        media=span.media,
        record_frame=span.record_frame,
        frames=span.frames,
        source_frame=span.source_frame,
        fade_in=fade_in,
        fade_out=min(span.fade_out, span.frames - fade_in),
        mood=span.mood,
        origins=span.origins,
    )


def _apart(sounds: Iterable[Sound]) -> list[list[Sound]]:
    """Sounds in as few lanes as they fit without overlapping."""
    lanes: list[list[Sound]] = []
    for sound in sorted(sounds, key=lambda sound: sound.record_frame):
        lane = next((lane for lane in lanes if lane[-1].end <= sound.record_frame), None)
        if lane is None:
            lanes.append([sound])
        else:
            lane.append(sound)
    return lanes
