"""The cut as lists of shots: an Avid log (``.ale``) and a table for spreadsheets (``.csv``).

Both have one row a clip, in film order. Source and record times count frames from 00:00:00:00, out points exclude; the
frames that dissolves borrow are not in them. What a cell begins with is never a formula: a name that reads like one
gets an apostrophe in front, as OWASP advises against CSV injection.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from studio_pipeline.editorial.edl import reel_names
from studio_pipeline.editorial.links import Resolve, linked, one_line
from studio_pipeline.editorial.timecode import Timecode
from studio_pipeline.editorial.timeline import Timeline, TimelineClip, Transition
from studio_pipeline.whole_file import write_whole

_LONGEST_ALE_NAME = 63
"""What Media Composer keeps of a clip's name. Longer ones are cut, and numbered where that makes two alike."""
_ALE_COLUMNS = (
    "Name",
    "Tracks",
    "Start",
    "End",
    "Duration",
    "Tape",
    "Source File",
    "Scene",
    "Take",
    "Rating",
    "Speed",
    "Record In",
    "Record Out",
    "Shot",
    "Made By",
    "Comments",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}")
_ALE_HEIGHTS = {486: "NTSC", 576: "PAL", 720: "720", 1080: "1080"}


def write_ale(timeline: Timeline, into: Path, resolve: Resolve, *, drop_frame: bool = True) -> None:
    """Write ``timeline`` as an Avid log: its clips' used ranges, their tapes the reels of the EDL."""
    tc = Timecode.of(timeline.rate, drop_frame=drop_frame)
    reels = reel_names(timeline)
    names = _unique([one_line(clip.name) for clip in timeline.clips])
    rows = []
    for name, clip, start in zip(names, timeline.clips, timeline.record_frames(), strict=True):
        # Avid subtracts timecodes: where a second of them is left out, the duration must still be end less start.
        first, last = clip.source_frame, clip.source_frame + clip.source_frames
        rows.append(
            (
                name,
                "V",
                tc.at(first),
                tc.at(last),
                tc.at(last - first),
                reels[clip.media],
                resolve(clip.media).name,
                str(clip.scene),
                str(clip.take),
                _number(clip.rating),
                _speed(clip),
                tc.at(start),
                tc.at(start + clip.frames),
                clip.name,
                "; ".join(f"{origin.role}: {origin.vendor} {origin.model}" for origin in clip.origins),
                _issues(clip),
            )
        )
    heading = (
        ("FIELD_DELIM", "TABS"),
        ("VIDEO_FORMAT", _ALE_HEIGHTS.get(timeline.size[1], "CUSTOM")),
        ("AUDIO_FORMAT", "48khz"),
        ("FPS", f"{timeline.rate.fps:.3f}".rstrip("0").rstrip(".")),
    )
    lines = ["Heading", *("\t".join(pair) for pair in heading), "", "Column", "\t".join(_ALE_COLUMNS), "", "Data"]
    lines += ["\t".join(one_line(cell) for cell in row) for row in rows]
    write_whole(into, "\r\n".join(lines) + "\r\n")


def write_csv(timeline: Timeline, into: Path, resolve: Resolve, *, drop_frame: bool = True) -> None:
    """Write ``timeline`` as a table: UTF-8 with a mark that spreadsheets know it by, commas, one row a shot."""
    tc = Timecode.of(timeline.rate, drop_frame=drop_frame)
    table = io.StringIO()
    writer: csv.DictWriter[str] | None = None
    for row in _rows(timeline, tc, resolve, into.parent):
        if writer is None:
            writer = csv.DictWriter(table, fieldnames=list(row), lineterminator="\r\n")
            writer.writeheader()
        writer.writerow({name: _cell(value) for name, value in row.items()})
    write_whole(into, table.getvalue().encode("utf-8-sig"))


def _rows(timeline: Timeline, tc: Timecode, resolve: Resolve, folder: Path) -> Iterator[dict[str, str]]:
    for index, (clip, start) in enumerate(zip(timeline.clips, timeline.record_frames(), strict=True)):
        end, last = start + clip.frames, clip.source_frame + clip.source_frames
        still, moving = (_origin(clip, role) for role in ("still", "clip"))
        yield {
            "shot": clip.name,
            "scene": str(clip.scene),
            "take": str(clip.take),
            "rating": _number(clip.rating),
            "record_in": tc.at(start),
            "record_out": tc.at(end),
            "record_in_frame": str(start),
            "record_out_frame": str(end),
            "frames": str(clip.frames),
            "duration_s": f"{timeline.rate.seconds(clip.frames):.3f}",
            "source_in": tc.at(clip.source_frame),
            "source_out": tc.at(last),
            "source_in_frame": str(clip.source_frame),
            "source_out_frame": str(last),
            "speed": _speed(clip),
            "held_frames": str(clip.hold),
            "transition_in": _transition(timeline.transition_at(index), timeline.rate.seconds(1)),
            "vendor": moving[0],
            "model": moving[1],
            "still_vendor": still[0],
            "still_model": still[1],
            "issues": _issues(clip),
            "media": linked(resolve(clip.media), folder),
        }


def _origin(clip: TimelineClip, role: str) -> tuple[str, str]:
    """(vendor, model) of what made the clip or its still; empty where nobody knows."""
    return next(((origin.vendor, origin.model) for origin in clip.origins if origin.role == role), ("", ""))


def _transition(transition: Transition | None, frame_s: float) -> str:
    if transition is None:
        return "cut"
    frames = transition.out_frames + transition.in_frames
    said = transition.kind.replace("_", " ")
    if transition.kind == "wipe":
        said += f" {transition.direction.replace('_', ' ')}"
    if transition.kind == "dip":
        said += f" {transition.through}"
    return f"{said} {frames} frames ({frames * frame_s:.2f} s)"


def _issues(clip: TimelineClip) -> str:
    return "; ".join(f"{mark.name}: {mark.note}" if mark.note else mark.name for mark in clip.marks)


def _speed(clip: TimelineClip) -> str:
    return f"{float(clip.speed.fraction) * 100:.6g}%"


def _number(rating: float | None) -> str:
    return "" if rating is None else f"{rating:.0f}"


def _cell(text: str) -> str:
    """``text`` on one line, and never a formula."""
    line = one_line(text)
    return f"'{line}" if line.startswith(_FORMULA) else line


def _unique(names: list[str]) -> list[str]:
    """``names`` cut to what the format holds, and still all different."""
    made: list[str] = []
    for name in names:
        wanted, number = name[:_LONGEST_ALE_NAME].rstrip() or "shot", 2
        while wanted in made:
            wanted = f"{name[: _LONGEST_ALE_NAME - 5].rstrip()} {number}"
            number += 1
        made.append(wanted)
    return made
