"""The neutral edit: what a file of another editor says, before anybody knows which footage it means.

Every number counts frames at the edit's own rate and may be a fraction: whether it lies on a frame of the film is seen
later. Record frames count from the edit's first frame, source frames from the media's. A shot's ``frames`` are its own,
up to the cut points around it; what a transition borrows beyond them is the joint's business, as in OpenTimelineIO.
A fade is a joint between a shot and a gap, which may have no length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Literal, TypeAlias

from studio_pipeline.editorial.timecode import Timecode
from studio_pipeline.editorial.timeline import Direction
from studio_pipeline.errors import BadInput
from studio_pipeline.film.rate import Rate
from studio_pipeline.wording import clipped

BLACK = "#000000"
_KNOWN_RATES = tuple(
    Fraction(base * 1000, 1001) if ntsc else Fraction(base)
    for base in (12, 15, 24, 25, 30, 48, 50, 60, 100, 120)
    for ntsc in (False, True)
)
_MOST_PLACES = 3
_MOST_LINES = 40
_MOST_SHOTS = 5000
"""More than any film has, and few enough to be looked at in seconds."""


@dataclass(frozen=True)
class Link:
    """How a file names a media: whatever of this it says."""

    name: str = ""
    url: str = ""
    reel: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Marked:
    """A marker a person may have set: a source frame and words."""

    source: Fraction
    name: str
    note: str = ""


@dataclass(frozen=True)
class Shot:
    """A clip on the picture track. ``place`` says in words where it is."""

    link: Link
    place: str
    frames: Fraction
    source: Fraction
    speed: Fraction = Fraction(1)
    """Source frames a frame; 0 stands still."""
    moves: Fraction | None = None
    """So many frames after its first the picture stops; ``None``: never."""
    marks: tuple[Marked, ...] = ()


@dataclass(frozen=True)
class Gap:
    """Nothing, or one colour. ``said`` where the file means it, as a list of edits means its black."""

    frames: Fraction
    place: str = ""
    colour: str = BLACK
    said: bool = False


Item: TypeAlias = Shot | Gap


@dataclass(frozen=True)
class Joint:
    """A transition at the border ``at`` of the items: 0 before the first, ``n`` after the n-th. It takes ``before``
    frames of the film before that border and ``after`` frames after it."""

    at: int
    before: Fraction
    after: Fraction
    kind: Literal["dissolve", "wipe"] = "dissolve"
    direction: Direction = "left_to_right"


@dataclass(frozen=True)
class Sound:
    """A stretch of a sound laid on the edit."""

    link: Link
    place: str
    record: Fraction
    frames: Fraction
    source: Fraction
    fade_in: Fraction = Fraction(0)
    fade_out: Fraction = Fraction(0)


@dataclass(frozen=True)
class Edit:
    """All that a file says."""

    title: str
    rate: Fraction | None
    """Frames a second; ``None`` where the format does not say."""
    items: tuple[Item, ...]
    joints: tuple[Joint, ...] = ()
    sounds: tuple[Sound, ...] | None = None
    """``None`` where there is no sound track at all."""
    cut: str = ""
    """The cut of ours it was made from, where the file still says so."""
    language: str = ""


@dataclass
class Margin:
    """What is written in the margin of an edit while it is read: one line for each thing, with the places it is at."""

    _places: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, place: str = "") -> None:
        """``what`` is a whole sentence without its full stop."""
        places = self._places.setdefault(what, [])
        if place:
            places.append(place)

    @property
    def lines(self) -> tuple[str, ...]:
        made = []
        for what, places in self._places.items():
            shown = ", ".join(dict.fromkeys(places[:_MOST_PLACES]))
            more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
            made.append(f"{what} ({shown}{more})." if shown else f"{what}.")
        if len(made) > _MOST_LINES:
            made = [*made[:_MOST_LINES], f"There are {len(made) - _MOST_LINES} more remarks like these."]
        return tuple(made)


def exact_rate(fps: float | Fraction) -> Fraction:
    """The rate that a number in a file means: 23.98 and 23.976 are 24000/1001.

    Raises:
        BadInput: nothing runs at such a rate.
    """
    if not 1 <= fps <= 1000:  # NaN too
        raise BadInput(f"The file counts {fps:g} frames a second, which no film has")
    near = min(_KNOWN_RATES, key=lambda rate: abs(rate - Fraction(fps)))
    return near if abs(near - Fraction(fps)) < Fraction(1, 125) else Fraction(fps).limit_denominator(1001)


def at_timecode(frame: Fraction | int, rate: Fraction) -> str:
    """Where in an edit something is, for people."""
    counting = Timecode.of(Rate(num=rate.numerator, den=rate.denominator))
    return counting.at(max(0, round(frame)))


def named(name: str, where: str) -> str:
    """A clip in words: its name as the file has it, and where it is."""
    return f"“{clipped(name, 40)}” at {where}" if name.strip() else f"at {where}"


def check_number_of_shots(count: int) -> None:
    if count > _MOST_SHOTS:
        raise BadInput(f"The file has more than {_MOST_SHOTS} clips", todo="Export one film only.")


@dataclass(frozen=True)
class Motion:
    """What a clip's time does over its length; see ``Shot``."""

    source: Fraction
    speed: Fraction
    moves: Fraction | None = None
    ramp: bool = False
    """Whether it changes its speed in a way that is not told by the other three."""

    def later(self, frames: Fraction) -> Motion:
        """The same, told from so many frames later on."""
        moves = None if self.moves is None else self.moves - frames
        return Motion(self.source + frames * self.speed, self.speed, moves, self.ramp)


def motion(points: Sequence[tuple[Fraction, Fraction]], first: Fraction, frames: Fraction) -> Motion:
    """Read a curve of (own time → source frame) over ``frames`` frames from own time ``first`` on.

    The line goes on before its first point and after its last as it does beside them.
    """
    points = [point for n, point in enumerate(points) if n == 0 or point[0] > points[n - 1][0]]
    if len(points) < 2:
        return Motion(points[0][1] if points else first, Fraction(0) if points else Fraction(1))
    segments = [(a, b, (b[1] - a[1]) / (b[0] - a[0])) for a, b in pairwise(points)]
    index = next((n for n, (_, end, _) in enumerate(segments) if first < end[0]), len(segments) - 1)
    start, end, speed = segments[index]
    source = start[1] + (first - start[0]) * speed
    later = [segment for segment in segments[index + 1 :] if segment[0][0] < first + frames - 1]
    stops = bool(later) and later[0][2] == 0
    ramp = any(segment[2] != speed for segment in (later[1:] if stops else later)) and not (
        stops and all(segment[2] == 0 for segment in later)
    )
    return Motion(source, speed, end[0] - first + 1 if stops else None, ramp)
