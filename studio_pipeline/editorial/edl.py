"""The picture as a CMX3600 edit decision list, the one format every editing room has read since the seventies.

Our own writer: the public adapter loses which fade was a fade and cuts reel names to the same eight letters. Its
*reader* opens these lists, and a test holds them to it.

- Record time starts at 00:00:00:00, the film's own first frame; source time at the media's first frame. Timecode
  counts frames, never dropping any: 23.976 reads as 24, 29.97 as 30 (``FCM: NON-DROP FRAME``).
- A dissolve is ``D nnn``. It begins at the record-in of the incoming clip, whose source-in lies that much earlier in
  its handle.
- A fade goes to and from the black source ``BL``. The frames of a fade that are black (the last of a fade out, the
  first of a fade in) are ``BL``'s, the others are a dissolve with it; so every frame of the list is a frame of the
  film, and a film that fades in begins with one frame of ``BL``.
- A reel is one media. It is named after scene, shot and take where that is free, eight characters at most.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import BadInput
from studio_pipeline.film.media_ref import MediaRef

_BLACK = "BL"
_MOST_EVENTS = 999


@dataclass(frozen=True)
class _Event:
    """One edit. ``dissolve`` frames are mixed with the event before; 0 is a cut."""

    reel: str
    name: str
    dissolve: int
    source_in: int
    record_in: int
    record_out: int

    @property
    def source_out(self) -> int:
        return self.source_in + self.record_out - self.record_in


def write_edl(timeline: Timeline, into: Path) -> None:
    """Write the picture of ``timeline`` to ``into``."""
    into.write_text(to_edl(timeline), encoding="utf-8", newline="\r\n")


def to_edl(timeline: Timeline) -> str:
    """The list as text.

    Raises:
        BadInput: the film has more edits than the format can number.
    """
    events = list(_events(timeline))
    if len(events) > _MOST_EVENTS:
        raise BadInput(
            f"An EDL holds {_MOST_EVENTS} edits and this cut has {len(events)}",
            where=f"cut {timeline.name}",
            todo="Use the .otio file.",
        )
    tc = _Timecode(round(timeline.rate.fps))
    lines = [f"TITLE: {_one_line(timeline.title) or timeline.name}", "FCM: NON-DROP FRAME"]
    before = _Event(_BLACK, "", 0, 0, 0, 0)
    for number, event in enumerate(events, start=1):
        times = (tc(event.source_in), tc(event.source_out), tc(event.record_in), tc(event.record_out))
        if event.dissolve:
            joint = (tc(before.source_out), tc(before.source_out), tc(event.record_in), tc(event.record_in))
            lines.append(_line(number, before.reel, "C", joint))
            lines.append(_line(number, event.reel, f"D    {event.dissolve:03d}", times))
            lines += [f"* FROM CLIP NAME: {before.name}"] if before.name else []
            lines += [f"* TO CLIP NAME: {event.name}"] if event.name else []
        else:
            lines.append(_line(number, event.reel, "C", times))
            lines += [f"* FROM CLIP NAME: {event.name}"] if event.name else []
        before = event
    return "\n".join(lines) + "\n"


def _events(timeline: Timeline) -> Iterator[_Event]:
    """The edits in record order; each ends where the next begins."""
    reels = reel_names(timeline)
    starts = (*timeline.record_frames(), timeline.frames)
    last = len(timeline.clips)
    clip_starts: list[tuple[int, int]] = []  # (record-in, dissolve) of each clip
    blacks: dict[int, tuple[int, int, int]] = {}  # cut point → (record-in, dissolve, record-out) of its black
    for cut_point in range(last + 1):
        cut, transition = starts[cut_point], timeline.transition_at(cut_point)
        record_in, dissolve = cut, 0
        if transition is not None and transition.mixes:
            record_in, dissolve = cut - transition.in_frames, transition.in_frames + transition.out_frames
        elif transition is not None:
            fade_out = transition.out_frames if cut_point > 0 else 0
            fade_in = transition.in_frames if cut_point < last else 0
            if fade_in:
                record_in, dissolve = cut + 1, fade_in - 1
            if fade_out or fade_in:
                blacks[cut_point] = (cut - fade_out, max(0, fade_out - 1), record_in)
        clip_starts.append((record_in, dissolve))
    for index, clip in enumerate(timeline.clips):
        if index in blacks:
            yield _black(*blacks[index])
        record_in, dissolve = clip_starts[index]
        record_out = blacks[index + 1][0] if index + 1 in blacks else clip_starts[index + 1][0]
        source_in = clip.source_at(record_in - starts[index])
        yield _Event(reels[clip.media], _one_line(clip.name), dissolve, source_in, record_in, record_out)
    if last in blacks:
        yield _black(*blacks[last])


def _black(record_in: int, dissolve: int, record_out: int) -> _Event:
    return _Event(_BLACK, "", dissolve, 0, record_in, record_out)


def reel_names(timeline: Timeline) -> dict[MediaRef, str]:
    """A reel for every media: at most eight letters and digits, no two alike."""
    reels: dict[MediaRef, str] = {}
    for number, clip in enumerate(timeline.clips, start=1):
        if clip.media in reels:
            continue
        place = "".join(re.findall(r"[A-Z0-9]", clip.name.rpartition(".s")[2].upper()))
        wanted = f"S{place}T{clip.take}"
        taken = set(reels.values())
        reels[clip.media] = wanted if len(wanted) <= 8 and wanted not in taken else f"R{number:05d}"
    return reels


class _Timecode:
    """``hh:mm:ss:ff`` at ``base`` whole frames a second."""

    def __init__(self, base: int) -> None:
        self._base = base

    def __call__(self, frame: int) -> str:
        seconds, frames = divmod(frame, self._base)
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"


def _line(number: int, reel: str, edit: str, times: tuple[str, str, str, str]) -> str:
    return f"{number:03d}  {reel:<8} V     {edit:<8} {' '.join(times)}"


def _one_line(text: str) -> str:
    """``text`` without anything that could begin another line of the list."""
    plain = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    return " ".join(plain.split())[:70]
