"""The formats a cut leaves in: which there are, what opens each, and writing them all.

What a format says and what it cannot say is in the docstring of its own file. All of them agree with the timeline
frame for frame (``test_interchange.py`` reads every one back by other means), or say in that docstring where not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from studio_pipeline.editorial.edl import write_edl
from studio_pipeline.editorial.fcp7 import write_fcp7
from studio_pipeline.editorial.fcpxml import write_fcpxml
from studio_pipeline.editorial.kdenlive import write_kdenlive
from studio_pipeline.editorial.links import Resolve
from studio_pipeline.editorial.otio import write_otio
from studio_pipeline.editorial.shot_list import write_ale, write_csv
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import BadInput


@dataclass(frozen=True)
class Format:
    """One way out. ``write`` takes the timeline, the file to write and where media lie; it raises ``BadInput`` for a
    timeline that the format cannot hold."""

    write: Callable[[Timeline, Path, Resolve], None]
    opens_in: str
    """What opens it, in one line for people."""


FORMATS: Mapping[str, Format] = {
    ".otio": Format(write_otio, "DaVinci Resolve, Kdenlive, Hiero and anything else that reads OpenTimelineIO"),
    ".edl": Format(write_edl, "every editing and grading system; picture only (CMX3600)"),
    ".xml": Format(write_fcp7, "Adobe Premiere Pro, DaVinci Resolve, Final Cut Pro 7 (xmeml)"),
    ".fcpxml": Format(write_fcpxml, "Final Cut Pro 10.6 and later, DaVinci Resolve (FCPXML 1.10)"),
    ".ale": Format(write_ale, "Avid Media Composer: the shots as a log for its bin"),
    ".csv": Format(write_csv, "spreadsheets: the shots as a table"),
    ".kdenlive": Format(write_kdenlive, "Kdenlive 21.12 and later, and `melt`"),
}
"""Every format by the suffix of its file."""


class Written(NamedTuple):
    """What came of writing all formats."""

    names: tuple[str, ...]
    """Names of the files that are there now."""
    left_out: tuple[str, ...]
    """What is not there and why, a sentence each, for people."""


def write_all(timeline: Timeline, folder: Path, stem: str, resolve: Resolve) -> Written:
    """Write ``timeline`` in every format to ``folder`` as ``stem`` and the format's suffix.

    A format that cannot hold the timeline does not stop the others. Files are written whole or not at all.
    """
    names, left_out = [], []
    for suffix, format_ in FORMATS.items():
        name = f"{stem}{suffix}"
        try:
            format_.write(timeline, folder / name, resolve)
        except BadInput as problem:
            left_out.append(f"{name} is left out. {problem}")
        else:
            names.append(name)
    return Written(tuple(names), tuple(left_out))


def kinds(written: Written, stem: str) -> dict[str, str]:
    """The files that were written, by what they are: ``otio``, ``edl``, ``xml``, …"""
    return {suffix[1:]: name for suffix in FORMATS if (name := f"{stem}{suffix}") in written.names}
