"""The picture as a CMX3600 edit decision list, the one format every editing room has read since the seventies.

Our own writer: the public adapter loses which fade was a fade and cuts reel names to the same eight letters. Its
*reader* opens these lists, and a test holds them to it.

- Record time starts at 00:00:00:00, the film's own first frame; source time at the media's first frame. Timecode is
  drop-frame at 29.97 and 59.94 unless asked otherwise, and ``FCM`` says which (23.976 reads as 24).
- A dissolve is ``D nnn``, a wipe ``W001 nnn`` (``W002`` downwards: the shapes' numbers in SMPTE 258M; that a wipe runs
  the other way, those numbers do not say, so a comment does). It begins at the record-in of the incoming clip, whose
  source-in lies that much earlier in its handle.
- A fade goes to and from the black source ``BL``. The frames of a fade that are black (the last of a fade out, the
  first of a fade in) are ``BL``'s, the others are a dissolve with it; so every frame of the list is a frame of the
  film, and a film that fades in begins with one frame of ``BL``. The list knows no other colour: where a film goes
  through one, that is a comment, too.
- Speed is an ``M2`` line in frames a second of timecode (1/2 at 23.976 is 012.0). A list knows whole source frames
  only: where a dissolve cuts a slowed clip between two of them, the list is one frame early.
- A held picture is an event of its own at speed 000.0. A mix knows one speed a side: where a picture comes to stand
  while it is mixed, the list has it stand for the whole of the mix.
- A reel is one media. It is named after pilot, scene, shot and take where that is free, else after its content; eight
  characters at most, and no two cuts of a production use one name for two media.

There is no sound in it. Narration, dialogue and music overlap and fade; of four audio channels without levels an
editing room would get a wrong mix, or a list that does not open at all (the public reader refuses a third channel).
The sound goes out in the other formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from studio_pipeline.editorial.links import Resolve, one_line
from studio_pipeline.editorial.pieces import pieces
from studio_pipeline.editorial.timecode import Timecode
from studio_pipeline.editorial.timeline import Direction, Timeline, TimelineClip
from studio_pipeline.errors import BadInput
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.whole_file import write_whole

_BLACK = "BL"
_MOST_EVENTS = 999
_LONGEST_MIX = 999
_LONGEST_NAME = 70
_CUT = "C"
_DISSOLVE = "D   "
_WIPES: dict[Direction, str] = {
    "left_to_right": "W001",
    "right_to_left": "W001",
    "top_to_bottom": "W002",
    "bottom_to_top": "W002",
}
"""barWipe's two numbers, as W3C SMIL 2.0 lists SMPTE 258M-1993."""
_SHOT = re.compile(r"([a-z])[a-z0-9_]*\.s(\d{2})\.k(\d)")


@dataclass(frozen=True)
class _Event:
    """One edit. ``mix`` frames are mixed with the event before, in the way ``edit`` says; 0 is a cut."""

    reel: str
    name: str
    source_in: int
    source_out: int
    record_in: int
    record_out: int
    speed: Fraction = Fraction(1)
    edit: str = _CUT
    mix: int = 0
    goes_on: int = 0
    """The source frame that a mix after it begins with."""
    stands: bool = False
    """Whether it stands still in that mix."""
    file: str = ""
    notes: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        """0 for a clip that is only there to be mixed with the next: nothing is written for it."""
        return self.record_out - self.record_in


def write_edl(timeline: Timeline, into: Path, resolve: Resolve | None = None, *, drop_frame: bool = True) -> None:
    """Write the picture of ``timeline`` to ``into``. With ``resolve``, each edit says its media's file name."""
    text = to_edl(timeline, resolve, drop_frame=drop_frame)
    write_whole(into, text.replace("\n", "\r\n"))


def to_edl(timeline: Timeline, resolve: Resolve | None = None, *, drop_frame: bool = True) -> str:
    """The list as text.

    Raises:
        BadInput: the film has more edits, or a longer transition, than the format can number.
    """
    everything = list(_events(timeline, resolve))
    events = [event for event in everything if event.frames]
    if len(events) > _MOST_EVENTS:
        raise BadInput(
            f"An EDL holds {_MOST_EVENTS} edits and this cut has {len(events)}",
            where=f"cut {timeline.name}",
            todo="Use the .otio file.",
        )
    if any(event.mix > _LONGEST_MIX for event in events):
        raise BadInput(
            f"An EDL holds transitions of {_LONGEST_MIX} frames at most",
            where=f"cut {timeline.name}",
            todo="Use the .otio file.",
        )
    tc = Timecode.of(timeline.rate, drop_frame=drop_frame)
    lines = [
        f"TITLE: {one_line(timeline.title, _LONGEST_NAME) or timeline.name}",
        "FCM: DROP FRAME" if tc.drop_frame else "FCM: NON-DROP FRAME",
    ]
    before, number = _Event(_BLACK, "", 0, 0, 0, 0), 0
    for event in everything:
        if event.frames:
            number += 1
            lines += _written(number, before, event, tc)
        before = event
    return "\n".join(lines) + "\n"


def _written(number: int, before: _Event, event: _Event, tc: Timecode) -> list[str]:
    times = (tc.at(event.source_in), tc.at(event.source_out), tc.at(event.record_in), tc.at(event.record_out))
    lines = []
    if event.mix:
        joint = (tc.at(before.goes_on), tc.at(before.goes_on), tc.at(event.record_in), tc.at(event.record_in))
        lines.append(_line(number, before.reel, _CUT, joint))
        lines.append(_line(number, event.reel, f"{event.edit} {event.mix:03d}", times))
        lines += _speed(replace(before, speed=Fraction(0) if before.stands else before.speed), before.goes_on, tc)
    else:
        lines.append(_line(number, event.reel, _CUT, times))
    lines += _speed(event, event.source_in, tc)
    if event.mix:
        lines += [f"* FROM CLIP NAME: {before.name}"] if before.name else []
        lines += [f"* TO CLIP NAME: {event.name}"] if event.name else []
    else:
        lines += [f"* FROM CLIP NAME: {event.name}"] if event.name else []
    lines += ["* FREEZE FRAME"] if event.speed == 0 else []
    if event.mix and before.file and not before.frames:  # it has no event of its own that would say it
        lines.append(f"* FROM SOURCE FILE: {before.file}")
    lines += [f"* SOURCE FILE: {event.file}"] if event.file else []
    return [*lines, *(f"* {note}" for note in event.notes)]


def _speed(event: _Event, source_in: int, tc: Timecode) -> list[str]:
    """The motion line of an event that does not play at normal speed."""
    if event.speed == 1:
        return []
    fps = event.speed * tc.base
    places = 1 if (fps * 10).denominator == 1 else 3
    # Colons even in drop-frame lists: the public reader knows no others in this line.
    at = tc.at(source_in).replace(";", ":")
    return [f"M2   {event.reel:<8}       {float(fps):0{places + 4}.{places}f}                {at}"]


def _events(timeline: Timeline, resolve: Resolve | None) -> Iterator[_Event]:
    """The edits in record order; each ends where the next begins."""
    pieces(timeline)  # where two transitions meet inside one clip, no list can say what a frame shows
    reels = reel_names(timeline)
    starts = (*timeline.record_frames(), timeline.frames)
    for index, clip in enumerate(timeline.clips):
        yield from _black(timeline, index, starts[index])
        first, last = _own(timeline, index, starts[index]), _end(timeline, index, starts[index + 1])
        transition = timeline.transition_at(index)
        edit, mix = _CUT, 0
        if transition is not None and transition.mixes:
            edit = _WIPES[transition.direction] if transition.kind == "wipe" else _DISSOLVE
            mix = transition.in_frames + transition.out_frames
        elif transition is not None and transition.in_frames:
            edit, mix = _DISSOLVE, transition.in_frames - 1
        reverse = transition is not None and transition.direction in ("right_to_left", "bottom_to_top")
        name = one_line(clip.name, _LONGEST_NAME)
        event = _Event(
            reel=reels[clip.media],
            name=name,
            source_in=clip.source_at(first - starts[index]),
            source_out=0,
            record_in=first,
            record_out=last,
            speed=clip.speed.fraction,
            edit=edit,
            mix=mix,
            goes_on=clip.source_at(last - starts[index]),
            stands=clip.hold > 0 and starts[index + 1] - clip.hold < last + _leaves(timeline, index),
            file=one_line(resolve(clip.media).name) if resolve is not None else "",
            notes=("WIPE REVERSED",) if mix and transition and transition.kind == "wipe" and reverse else (),
        )
        yield from _stopped(clip, event, starts[index])
    yield from _black(timeline, len(timeline.clips), timeline.frames)


def _stopped(clip: TimelineClip, event: _Event, start: int) -> Iterator[_Event]:
    """``event`` with its end in the source; its held frames, if the list gets to see some, as a second event."""
    stop = min(event.record_out, start + clip.frames - clip.hold)
    if stop < event.record_in + event.mix:
        stop = event.record_in
    if stop > event.record_in or not event.frames:
        moved = event.source_in + (stop - event.record_in) * clip.speed.num // clip.speed.den
        yield replace(event, source_out=max(moved, event.source_in + bool(event.frames)), record_out=stop)
        event = replace(event, edit=_CUT, mix=0, notes=(), record_in=stop)
    if event.record_out > event.record_in:
        standing = clip.source_at(clip.frames - 1)
        yield replace(event, speed=Fraction(0), source_in=standing, source_out=standing + 1)


def _leaves(timeline: Timeline, index: int) -> int:
    """For how many frames the clip is mixed with what comes after it."""
    transition = timeline.transition_at(index + 1)
    if transition is None:
        return 0
    if transition.mixes:
        return transition.in_frames + transition.out_frames
    return max(0, transition.out_frames - 1)


def _own(timeline: Timeline, index: int, start: int) -> int:
    """The record frame at which the event of clip number ``index`` begins."""
    transition = timeline.transition_at(index)
    if transition is None:
        return start
    return start - transition.in_frames if transition.mixes else start + min(1, transition.in_frames)


def _end(timeline: Timeline, index: int, end: int) -> int:
    """The record frame at which the event of clip number ``index`` ends."""
    transition = timeline.transition_at(index + 1)
    if transition is None:
        return end
    return end - (transition.in_frames if transition.mixes else transition.out_frames)


def _black(timeline: Timeline, cut_point: int, cut: int) -> Iterator[_Event]:
    """The black between the clips around ``cut_point``, if a fade goes through it."""
    transition = timeline.transition_at(cut_point)
    if transition is None or transition.through is None:
        return
    fade_out = transition.out_frames if cut_point > 0 else 0
    fade_in = transition.in_frames if cut_point < len(timeline.clips) else 0
    if not fade_out and not fade_in:
        return
    first, last = cut - fade_out, cut + min(1, fade_in)
    notes = () if transition.through == "#000000" else (f"THROUGH COLOUR {transition.through.upper()}",)
    yield _Event(
        _BLACK,
        "",
        0,
        last - first,
        first,
        last,
        edit=_DISSOLVE,
        mix=_leaves(timeline, cut_point - 1) if cut_point else 0,
        goes_on=last - first,
        notes=notes,
    )


def reel_names(timeline: Timeline) -> dict[MediaRef, str]:
    """A reel for every media: at most eight letters and digits, no two alike."""
    reels: dict[MediaRef, str] = {}
    for clip in timeline.clips:
        if clip.media in reels:
            continue
        shot = _SHOT.fullmatch(clip.name)
        wanted = f"{shot[1]}{shot[2]}K{shot[3]}T{clip.take}".upper() if shot else ""
        digest = clip.media.sha256.upper()
        free = (digest[n : n + 8] for n in range(len(digest) - 7) if digest[n : n + 8] not in reels.values())
        reels[clip.media] = wanted if 0 < len(wanted) <= 8 and wanted not in reels.values() else next(free)
    return reels


def _line(number: int, reel: str, edit: str, times: tuple[str, str, str, str]) -> str:
    return f"{number:03d}  {reel:<8} V     {edit:<8} {' '.join(times)}"
