"""The timeline of one cut: whole frames, one rate, every piece named and bound to its media.

Frames are integers. *Record* frames count from 0 at the film's first frame; *source* frames count from 0 at the
media's first frame. Ranges are half-open: ``record_frame`` up to, not including, ``record_frame + frames``.

Transitions follow OpenTimelineIO. One that *mixes* (a dissolve, a wipe) keeps both clips' ranges as they are and
borrows ``out_frames`` of the outgoing clip's tail handle and ``in_frames`` of the incoming clip's head handle, so the
film is always as long as the sum of its clips. One that goes *through a colour* (a fade, a dip) borrows nothing: the
last ``out_frames`` of the outgoing clip go to the colour, the first ``in_frames`` of the incoming clip come from it.

A clip may play faster or slower than it was shot, and hold its last picture; which source frame it shows is
``TimelineClip.source_at``, for the frames a transition borrows too.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from pydantic import Field, model_validator

from studio_pipeline.film.brief import Loudness
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Origin, Word

TransitionKind = Literal["dissolve", "wipe", "fade_black", "fade_white", "dip"]
MIXES: tuple[TransitionKind, ...] = ("dissolve", "wipe")
"""Transitions that show two clips at once; the others go through a colour."""
Direction = Literal["left_to_right", "right_to_left", "top_to_bottom", "bottom_to_top"]

_COLOURS = {"fade_black": "#000000", "fade_white": "#ffffff"}


class Speed(Frozen):
    """Source frames a film frame: 1/2 is slow motion, 2/1 plays twice as fast. Always forwards."""

    num: int = Field(default=1, ge=1, le=100)
    den: int = Field(default=1, ge=1, le=100)

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.num, self.den)


NORMAL = Speed()


class ColourMatch(Frozen):
    """A correction of a clip's colours in 8-bit BT.709 limited range; leaving it out undoes it.

    Luma becomes ``16 + (Y - 16) × y_gain + y_offset``, chroma ``C + offset``, rounded and held inside 16 to 235
    (chroma 240).
    """

    y_gain: float = Field(default=1, ge=0.5, le=2)
    y_offset: float = Field(default=0, ge=-64, le=64)
    cb_offset: float = Field(default=0, ge=-32, le=32)
    cr_offset: float = Field(default=0, ge=-32, le=32)


class Mark(Frozen):
    """Something to look at in a clip, for a marker in an editor. ``source_frame`` lies in the clip's used range."""

    source_frame: int = Field(ge=0)
    name: str
    note: str = ""


class TimelineClip(Frozen):
    """A piece of the picture track."""

    name: str
    """Unique in the timeline; the shot it shows, e.g. ``animated.s03.k2``."""
    media: MediaRef
    media_frames: int = Field(gt=0)
    """Length of the media in frames, handles included."""
    source_frame: int = Field(ge=0)
    frames: int = Field(gt=0)
    """How long it is in the film, ``hold`` included."""
    scene: int
    take: int
    rating: float | None = None
    speed: Speed = NORMAL
    hold: int = Field(default=0, ge=0)
    """So many of its last frames show the last moving picture, standing still."""
    colour: ColourMatch | None = None
    marks: tuple[Mark, ...] = ()
    origins: tuple[Origin, ...] = ()
    """Who made it: of its still, of its clip. Empty where nobody knows, as in footage a person brought."""

    @property
    def plain(self) -> bool:
        """Whether it shows frame after frame of its media, unchanged."""
        return self.speed.fraction == 1 and not self.hold and self.colour is None

    def source_at(self, offset: int) -> int:
        """The source frame shown ``offset`` frames after the clip's first; before it and past its end too, where a
        transition borrows. A held clip goes on holding."""
        if self.hold:
            offset = min(offset, self.frames - self.hold - 1)
        return self.source_frame + offset * self.speed.num // self.speed.den

    @property
    def source_frames(self) -> int:
        """Source frames from the first it shows to the last, that one included."""
        return self.source_at(self.frames - 1) - self.source_frame + 1

    @property
    def head(self) -> int:
        """How many frames a transition may borrow before the clip."""
        return self.source_frame * self.speed.den // self.speed.num

    @property
    def tail(self) -> int:
        """How many frames a transition may borrow after it; a held clip has no end of them."""
        if self.hold:
            return 10_000
        last = (self.media_frames - self.source_frame) * self.speed.den
        return -(-last // self.speed.num) - self.frames

    @model_validator(mode="after")
    def _inside_media(self) -> TimelineClip:
        if self.hold >= self.frames:
            raise ValueError(f"{self.name}: is held longer than it lasts")
        if self.source_at(self.frames - 1) >= self.media_frames:
            raise ValueError(f"{self.name}: asks for frames beyond the end of its media")
        return self


class Transition(Frozen):
    """What happens at cut point ``at``: 0 is before the first clip, ``n`` after the n-th."""

    at: int = Field(ge=0)
    kind: TransitionKind
    out_frames: int = Field(ge=0)
    in_frames: int = Field(ge=0)
    colour: str = Field(default="", pattern=r"^(#[0-9a-f]{6})?$")
    """Of a dip: what it goes through. Fades know theirs."""
    direction: Direction = "left_to_right"
    """Of a wipe: where the incoming picture moves."""

    @property
    def mixes(self) -> bool:
        return self.kind in MIXES

    @property
    def through(self) -> str | None:
        """The colour that it goes through, ``#rrggbb``; ``None`` for one that mixes."""
        return None if self.mixes else _COLOURS.get(self.kind, self.colour or "#000000")


class Quote(Frozen):
    """Direct speech within a narration: frames counted from the speech's first, half-open."""

    first_frame: int = Field(ge=0)
    frames: int = Field(gt=0)


class Speech(Frozen):
    """Narration laid on the film, from the first sample of its sound. Word times count in seconds from there."""

    scene: int
    media: MediaRef
    record_frame: int = Field(ge=0)
    frames: int = Field(gt=0)
    text: str
    words: tuple[Word, ...] = ()
    quotes: tuple[Quote, ...] = ()
    """Where a character speaks: dialogue, on a track of its own."""
    origins: tuple[Origin, ...] = ()


class MusicSpan(Frozen):
    """Music laid under the film. Spans may overlap: the one fades out while the other fades in."""

    media: MediaRef
    record_frame: int = Field(ge=0)
    frames: int = Field(gt=0)
    source_frame: int = Field(default=0, ge=0)
    """Where in its sound it begins, in frames of the film."""
    fade_in: int = Field(default=0, ge=0)
    fade_out: int = Field(default=0, ge=0)
    """Frames over which it comes and goes, at equal power; 0 is the shortest that does not click."""
    mood: str = ""
    origins: tuple[Origin, ...] = ()


class Delivery(Frozen):
    """How the film is to be handed over."""

    loudness_lufs: Loudness = -16
    burn_in: bool = False
    """Whether the captions are drawn into the picture, too."""


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
    delivery: Delivery = Delivery()

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
        if t.mixes:
            if before is None or after is None:
                raise ValueError(f"a {t.kind} needs a clip on both sides")
            if t.out_frames > before.tail or t.in_frames > after.head:
                raise ValueError(f"{t.kind} at {before.name}/{after.name} is longer than the handles")
        if before and t.out_frames + t.in_frames > before.frames * (2 if after else 1):
            raise ValueError(f"transition after {before.name} is longer than the clip")
