"""The timeline of one cut: whole frames, one rate, every piece named and bound to its media.

Frames are integers. *Record* frames count from 0 at the film's first frame; *source* frames count from 0 at the
media's first frame. Ranges are half-open: ``record_frame`` up to, not including, ``record_frame + frames``.

Transitions follow OpenTimelineIO: a dissolve at a cut point keeps both clips' ranges as they are and borrows
``out_frames`` of the outgoing clip's tail handle and ``in_frames`` of the incoming clip's head handle, so the film
is always as long as the sum of its clips. A fade through black borrows nothing: the last ``out_frames`` of the
outgoing clip darken, the first ``in_frames`` of the incoming clip lighten.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Word


class TimelineClip(Frozen):
    """A piece of the picture track."""

    name: str
    """Unique in the timeline; the shot it shows, e.g. ``animated.s03.k2``."""
    media: MediaRef
    media_frames: int = Field(gt=0)
    """Length of the media in frames, handles included."""
    source_frame: int = Field(ge=0)
    frames: int = Field(gt=0)
    scene: int
    take: int
    rating: float | None = None

    @model_validator(mode="after")
    def _inside_media(self) -> TimelineClip:
        if self.source_frame + self.frames > self.media_frames:
            raise ValueError(f"{self.name}: asks for frames beyond the end of its media")
        return self


class Transition(Frozen):
    """What happens at cut point ``at``: 0 is before the first clip, ``n`` after the n-th."""

    at: int = Field(ge=0)
    kind: Literal["dissolve", "fade_black"]
    out_frames: int = Field(ge=0)
    in_frames: int = Field(ge=0)


class Speech(Frozen):
    """Narration laid on the film. Word times count in seconds from the first sample of its sound."""

    scene: int
    media: MediaRef
    record_frame: int = Field(ge=0)
    frames: int = Field(gt=0)
    text: str
    words: tuple[Word, ...] = ()


class MusicSpan(Frozen):
    """Music laid under the film, from the first sample of its sound."""

    media: MediaRef
    record_frame: int = Field(ge=0)
    frames: int = Field(gt=0)


class Timeline(Frozen):
    """One cut of a film."""

    name: str
    title: str
    language: str
    rate: Rate
    size: tuple[int, int]
    clips: tuple[TimelineClip, ...] = Field(min_length=1)
    transitions: tuple[Transition, ...] = ()
    narration: tuple[Speech, ...] = ()
    music: tuple[MusicSpan, ...] = ()

    @property
    def frames(self) -> int:
        """Length of the film."""
        return sum(clip.frames for clip in self.clips)

    @property
    def duration_s(self) -> float:
        return self.rate.seconds(self.frames)

    def record_frames(self) -> tuple[int, ...]:
        """The record frame at which each clip starts."""
        starts, at = [], 0
        for clip in self.clips:
            starts.append(at)
            at += clip.frames
        return tuple(starts)

    def transition_at(self, cut_point: int) -> Transition | None:
        return next((t for t in self.transitions if t.at == cut_point), None)

    @model_validator(mode="after")
    def _consistent(self) -> Timeline:
        names = [clip.name for clip in self.clips]
        if len(set(names)) != len(names):
            raise ValueError("two clips of the timeline have the same name")
        if len({t.at for t in self.transitions}) != len(self.transitions):
            raise ValueError("two transitions at one cut point")
        for transition in self.transitions:
            self._check_transition(transition)
        for piece in (*self.narration, *self.music):
            if piece.record_frame + piece.frames > self.frames:
                raise ValueError("a sound ends after the film does")
        return self

    def _check_transition(self, t: Transition) -> None:
        before = self.clips[t.at - 1] if 1 <= t.at <= len(self.clips) else None
        after = self.clips[t.at] if t.at < len(self.clips) else None
        if before is None and after is None:
            raise ValueError(f"transition at cut point {t.at}, which the timeline does not have")
        if t.kind == "dissolve":
            if before is None or after is None:
                raise ValueError("a dissolve needs a clip on both sides")
            tail = before.media_frames - before.source_frame - before.frames
            if t.out_frames > tail or t.in_frames > after.source_frame:
                raise ValueError(f"dissolve at {before.name}/{after.name} is longer than the handles")
        if before and t.out_frames + t.in_frames > before.frames * (2 if after else 1):
            raise ValueError(f"transition after {before.name} is longer than the clip")
