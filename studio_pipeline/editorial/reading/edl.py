"""Reading CMX3600 edit decision lists, of ours and as editors write them again.

A list says neither its rate nor what is heard: both are the film's. Reels may have been renamed, so names and files in
comments count, too (``material.py``). Record time may begin anywhere; the first event is the film's first frame. Media
begin at 00:00:00:00, or at a whole hour. How fades are told as dissolves with black is in ``editorial/edl.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor

from studio_pipeline.editorial.reading.edit import (
    BLACK,
    Edit,
    Gap,
    Item,
    Joint,
    Link,
    Margin,
    Marked,
    Shot,
    check_number_of_shots,
    named,
)
from studio_pipeline.editorial.timecode import Timecode
from studio_pipeline.editorial.timeline import Direction
from studio_pipeline.errors import BadInput
from studio_pipeline.film.rate import Rate
from studio_pipeline.wording import clipped

_TC = r"(\d{1,2}[:;.]\d{2}[:;.]\d{2}[:;.,]\d{2})"
_EVENT = re.compile(
    r"\s*(\d{1,6})\s+(\S.*?)\s+(\S+)\s+(C|D|KB?|KO|W\d{1,3})\s+(?:(\d{1,4})\s+)?" + r"\s+".join([_TC] * 4)
)
_LOOKS_LIKE_EVENT = re.compile(r"\s*\d{3,6}\s+\S+\s+\S+\s+[CDKW]")
_MOTION = re.compile(rf"\s*M2\s+(\S.*?)\s+(-?\d+(?:\.\d+)?)\s+{_TC}")
_COMMENT = re.compile(r"\*\s*([A-Z ]+?)\s*:\s*(.*?)\s*$")
_REPLACED = re.compile(r"FINAL CUT PRO REEL:\s*(.+?)\s+REPLACED BY:\s*(\S+)")
_LOCATOR = re.compile(rf"{_TC}\s+\S+\s*(.*)")
_COLOUR = re.compile(r"\*\s*THROUGH COLOUR (#[0-9A-F]{6})")
_BLACK_REELS = frozenset({"BL", "BLK", "BLACK"})
_PICTURE = re.compile(r"(?:.*/)?(?:B|V1?|VA\d*|AV)(?:/.*)?")
_HOUR_S = 3600


@dataclass(frozen=True)
class _Line:
    number: str
    reel: str
    edit: str
    mix: int
    source_in: int
    source_out: int
    record_in: int
    record_out: int
    said_at: str


@dataclass
class _Event:
    """The lines of one edit and what is remarked on it."""

    lines: list[_Line]
    comments: dict[str, str] = field(default_factory=dict)
    speeds: list[tuple[str, int, Fraction]] = field(default_factory=list)
    colour: str = BLACK
    reversed_wipe: bool = False

    @property
    def last(self) -> _Line:
        return self.lines[-1]


def read_edl(text: str, rate: Rate, margin: Margin) -> Edit:
    """What a list says, if it counts ``rate`` frames a second.

    Raises:
        BadInput: there is no edit in it, or it counts other frames.
    """
    return _Reader(text, rate, margin).edit()


class _Reader:
    def __init__(self, text: str, rate: Rate, margin: Margin) -> None:
        self._margin = margin
        self._rate = rate
        lines = text.splitlines()
        drops = "FCM: DROP FRAME" in text or any(";" in line for line in lines if _EVENT.match(line))
        self._counting = Timecode.of(rate, drop_frame=drops)
        self._title = next((line.partition(":")[2].strip() for line in lines if line.startswith("TITLE:")), "")
        self._reels = {new: old for old, new in _REPLACED.findall(text)}
        self._locators: list[tuple[int, str]] = []
        self._events = self._read(lines)

    def _read(self, lines: list[str]) -> list[_Event]:
        events: list[_Event] = []
        for line in lines:
            if match := _EVENT.match(line):
                check_number_of_shots(len(events))
                read = self._line(match)
                if read is None:
                    continue
                same = events and events[-1].last.number == read.number and read.mix and not events[-1].last.mix
                if same and events[-1].last.record_in == events[-1].last.record_out:
                    events[-1].lines.append(read)
                else:
                    events.append(_Event([read]))
            elif _LOOKS_LIKE_EVENT.match(line):
                self._margin.note("A line of the list cannot be read", clipped(line.strip(), 50))
            elif events:
                self._remark(events[-1], line)
        return events

    def _line(self, match: re.Match[str]) -> _Line | None:
        number, reel, channel, edit, mix, *times = match.groups()
        place = f"event {number} at {times[2]}"
        if not _PICTURE.fullmatch(channel.upper()):
            what = "A list's sound" if channel.upper().startswith(("A", "N")) else "A second picture track"
            self._margin.note(f"{what} is left out", place)
            return None
        if edit.startswith("K"):
            self._margin.note("A key (one picture over another) is left out", place)
            return None
        frames = [self._frame(time) for time in times]
        return _Line(
            number, self._reels.get(reel, reel), edit, int(mix or 0) if edit != "C" else 0, *frames, said_at=times[2]
        )

    def _frame(self, text: str) -> int:
        hours, minutes, seconds, frames = re.split("[:;.,]", text)
        mark = ";" if self._counting.drop_frame else ":"
        try:
            return self._counting.frame(f"{int(hours):02d}:{minutes}:{seconds}{mark}{frames}")
        except BadInput as wrong:
            raise BadInput(
                f"The list does not count {self._rate.fps:g} frames a second as the film does. {wrong.what}",
                todo="Set the editor's sequence to the film's rate and export the list again.",
            ) from wrong

    def _remark(self, event: _Event, line: str) -> None:
        if match := _MOTION.match(line):
            fps = Fraction(match[2]) / self._counting.base
            reel = self._reels.get(match[1], match[1])
            event.speeds.append((reel, self._frame(match[3]), fps.limit_denominator(100)))
        elif match := _COLOUR.match(line):
            event.colour = match[1].lower()
        elif "WIPE REVERSED" in line:
            event.reversed_wipe = True
        elif match := _COMMENT.match(line):
            if match[1] == "LOC" and (locator := _LOCATOR.match(match[2])):
                self._locators.append((self._frame(locator[1]), locator[2]))
            event.comments.setdefault(match[1], match[2])
        elif line.startswith(("M2", "SPLIT", "AUD")) or "EFFECTS NAME" in line:
            self._margin.note("A remark of the list is not understood", clipped(line.strip(), 50))

    def edit(self) -> Edit:
        if not self._events:
            raise BadInput("There is no edit in the list that can be read")
        items: list[Item] = []
        joints: list[Joint] = []
        first = at = self._events[0].lines[0].record_in
        for event in self._events:
            line = event.last
            place = named(self._name(event), f"event {line.number}, {line.said_at}")
            frames = line.record_out - line.record_in
            if frames <= 0:
                self._margin.note("An edit of no length is left out", place)
                continue
            if line.record_in < at:
                self._margin.note("An edit that lies over the one before it is left out", place)
                continue
            if line.record_in > at:
                items.append(Gap(Fraction(line.record_in - at), place))
            if line.mix:
                joints += self._mixed(event, items, place)
            items.append(self._item(event, place))
            at = line.record_out
        return Edit(self._title, None, self._with_marks(items, first), tuple(joints))

    def _mixed(self, event: _Event, items: list[Item], place: str) -> list[Joint]:
        """What mixes with the event: the one before it, or a clip that is only there to be mixed."""
        line, before = event.last, items[-1] if items else None
        goes = event.lines[0] if len(event.lines) > 1 else None
        if goes is not None and goes.reel in _BLACK_REELS:
            if not isinstance(before, Gap):
                items.append(Gap(Fraction(0), place, event.colour, said=True))
        elif goes is not None and not self._goes_on(before, goes):
            comments = event.comments
            link = Link(
                comments.get("FROM CLIP NAME", ""),
                comments.get("FROM SOURCE FILE", comments.get("FROM FILE", "")),
                goes.reel,
            )
            items.append(
                Shot(link, place, Fraction(0), Fraction(self._source(goes.source_in)), self._speed(event, goes))
            )
        elif before is None:
            items.append(Gap(Fraction(0), place, said=True))
        elif goes is not None and isinstance(before, Shot) and before.speed and self._speed(event, goes) == 0:
            # It comes to stand with the first frame of the mix, which may be one more than it has shown.
            shows = floor(before.source + (before.frames - 1) * before.speed)
            items[-1] = replace(before, moves=before.frames + (self._source(goes.source_in) > shows))
        if line.mix > line.record_out - line.record_in:
            self._margin.note("A transition that is longer than what it leads to is shortened", place)
        mix = Fraction(min(line.mix, line.record_out - line.record_in))
        if line.edit == "D":
            return [Joint(len(items), Fraction(0), mix)]
        ways: dict[str, tuple[Direction, Direction]] = {
            "W001": ("left_to_right", "right_to_left"),
            "W002": ("top_to_bottom", "bottom_to_top"),
        }
        if line.edit not in ways:
            self._margin.note(f"The wipe {line.edit} is not known and runs from left to right", place)
        return [Joint(len(items), Fraction(0), mix, "wipe", ways.get(line.edit, ways["W001"])[event.reversed_wipe])]

    def _goes_on(self, before: Item | None, goes: _Line) -> bool:
        if not isinstance(before, Shot) or before.link.reel != goes.reel:
            return False
        # A slow clip may be cut between two source frames, and a standing one goes nowhere.
        there = before.source + before.frames * before.speed
        return abs(there - self._source(goes.source_in)) <= 1 + before.speed

    def _item(self, event: _Event, place: str) -> Item:
        line = event.last
        frames = line.record_out - line.record_in
        if line.reel in _BLACK_REELS:
            return Gap(Fraction(frames), place, event.colour, said=True)
        comments = event.comments
        file = comments.get("TO SOURCE FILE") or comments.get("TO FILE") or comments.get("SOURCE FILE") or ""
        if not file and not line.mix:
            file = comments.get("FROM SOURCE FILE") or comments.get("FROM FILE") or ""
        speed = self._speed(event, line)
        taken = line.source_out - line.source_in
        if not event.speeds and taken > 0 and taken != frames:
            speed = Fraction(taken, frames)
            self._margin.note(
                "An edit without a speed takes more or less of its source than it shows; it is played so", place
            )
        if speed < 0:
            self._margin.note("A clip that runs backwards is played forwards", place)
            speed = -speed
        link = Link(self._name(event), file, line.reel)
        return Shot(link, place, Fraction(frames), Fraction(self._source(line.source_in)), speed)

    def _name(self, event: _Event) -> str:
        comments = event.comments
        names = ("TO CLIP NAME", "CLIP NAME") if event.last.mix else ("FROM CLIP NAME", "CLIP NAME")
        name = next((comments[key] for key in names if comments.get(key)), "")
        from_black = event.last.mix and event.lines[0].reel in _BLACK_REELS
        return name or (comments.get("FROM CLIP NAME", "") if from_black else "")

    def _speed(self, event: _Event, line: _Line) -> Fraction:
        """The speed that a motion line says for one side of an edit; 1 where none does."""
        mine = [(at, speed) for reel, at, speed in event.speeds if reel == line.reel]
        exact = [speed for at, speed in mine if at == line.source_in]
        alone = len({each.reel for each in event.lines}) == len(event.lines)
        return next(iter(exact), mine[0][1] if mine and alone else Fraction(1))

    def _source(self, frame: int) -> int:
        """Media counted from a whole hour are counted from 0 here: none of ours is an hour long."""
        hour = self._rate.fraction * _HOUR_S
        return round(frame - frame // hour * hour) if frame >= hour else frame

    def _with_marks(self, items: list[Item], first: int) -> tuple[Item, ...]:
        if not self._locators:
            return tuple(items)
        made: list[Item] = []
        at = Fraction(first)
        for item in items:
            if isinstance(item, Shot):
                here = [(frame, words) for frame, words in self._locators if at <= frame < at + item.frames]
                marks = tuple(
                    Marked(item.source + (frame - at) * item.speed, words or "marker") for frame, words in here
                )
                item = replace(item, marks=marks)
            made.append(item)
            at += item.frames
        return tuple(made)
