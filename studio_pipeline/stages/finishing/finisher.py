"""The finisher: a chosen cut becomes the film's folder. No Dagster, no vendor, no money.

Conform, picture, sound, captions, one file, exports, contact sheet, report; all of it in a folder beside the film's,
then moved over file by file. Until then the film that was there stays; a full disk or a killed process leaves it
whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from studio_pipeline.editorial.conform import Problem, conform
from studio_pipeline.editorial.cut import Cut
from studio_pipeline.editorial.edl import write_edl
from studio_pipeline.editorial.otio import write_otio
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.film import Film
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.media.captions import cues, write_srt, write_vtt
from studio_pipeline.media.contact_sheet import Tile, contact_sheet
from studio_pipeline.media.deliver import AI_NOTICE, mux
from studio_pipeline.media.filter_graph import render_picture
from studio_pipeline.media.loudness import Loudness, master
from studio_pipeline.media.mix import mix
from studio_pipeline.media.probe import probe, probe_sound
from studio_pipeline.whole_file import disk_errors_told, sync, unfinished_folder

FILM, CAPTIONS_SRT, CAPTIONS_VTT = "film.mp4", "film.srt", "film.vtt"
OTIO, EDL, CONTACT_SHEET, REPORT = "film.otio", "film.edl", "contact_sheet.jpg", "report.json"

_PICTURE_SHARE = 0.85
"""Of the time a film takes, how much is rendering the picture."""
_MOST_PROBLEMS = 5
"""How many problems an error lists; the first few are what a person can act on."""

Resolve = Callable[[MediaRef], Path]
Progress = Callable[[float], None]


def finish(cut: Cut, resolve: Resolve, into: Path, *, progress: Progress | None = None) -> Film:
    """Make the film of ``cut`` and put it into the folder ``into``, replacing the film that was there.

    Args:
        resolve: where a media lies.
        progress: hears shares from 0 to 1.

    Raises:
        MediaDamaged: a media of the cut is missing, damaged, or not what the cut says; every problem names its shot.
        HomeFull: no space left; the film that was there is untouched.
    """
    timeline = cut.timeline
    if problems := conform(timeline, lambda ref: probe(resolve(ref)), lambda ref: probe_sound(resolve(ref))):
        raise _not_conforming(problems)
    tell = progress or (lambda share: None)
    with _work_beside(into) as work:
        drawn = (lambda share: progress(share * _PICTURE_SHARE)) if progress else None
        render_picture(timeline, resolve, work / "picture.mp4", progress=drawn)
        sound = mix(timeline, resolve, work / "stems")
        loudness = master(sound.mix, work / "sound.m4a")
        shutil.rmtree(work / "stems")  # 69 MB a minute, and nobody needs them any more
        tell(0.93)
        spoken = cues(timeline)
        captions = work / CAPTIONS_SRT if spoken else None
        if captions is not None:
            write_srt(spoken, captions)
            write_vtt(spoken, work / CAPTIONS_VTT)
        mux(
            *(work / "picture.mp4", work / "sound.m4a", captions, work / FILM),
            title=timeline.title,
            language=timeline.language,
        )
        # ``work`` lies beside ``into``: relative links to media mean the same from both.
        write_otio(timeline, work / OTIO, resolve)
        write_edl(timeline, work / EDL)
        contact_sheet(timeline.title, _tiles(timeline, resolve), work / CONTACT_SHEET)
        film = _film(cut, loudness, work / FILM, has_captions=captions is not None)
        report = json.dumps(_report(cut, film), indent=2, ensure_ascii=False, sort_keys=True)
        (work / REPORT).write_text(report + "\n", encoding="utf-8")
        # The film goes last: while it is the old one, so is the film.
        _publish(work, into, [CAPTIONS_SRT, CAPTIONS_VTT, OTIO, EDL, CONTACT_SHEET, REPORT, FILM])
    tell(1.0)
    return film


def export(cut: Cut, resolve: Resolve, into_dir: Path) -> tuple[Path, Path]:
    """Write the timelines of a candidate cut, ``<name>.otio`` and ``<name>.edl``, and return their paths.

    Raises:
        HomeFull: no space left.
    """
    names = [f"{cut.name}.otio", f"{cut.name}.edl"]  # a cut's name is lower-case letters, digits, - and _
    with _work_beside(into_dir) as work:
        write_otio(cut.timeline, work / names[0], resolve)
        write_edl(cut.timeline, work / names[1])
        _publish(work, into_dir, names)
    return into_dir / names[0], into_dir / names[1]


def _not_conforming(problems: tuple[Problem, ...]) -> MediaDamaged:
    listed = "; ".join(str(problem).rstrip(".") for problem in problems[:_MOST_PROBLEMS])
    more = f"; and {len(problems) - _MOST_PROBLEMS} more" if len(problems) > _MOST_PROBLEMS else ""
    return MediaDamaged(
        f"The cut does not conform: {listed}{more}",
        where=problems[0].shot,
        todo="Make the named shots again with `studio retake`, or choose another cut.",
    )


def _tiles(timeline: Timeline, resolve: Resolve) -> list[Tile]:
    """The middle frame of what the cut uses of each clip."""
    tiles = []
    for clip, start in zip(timeline.clips, timeline.record_frames(), strict=True):
        at_s = timeline.rate.seconds(start)
        note = f"{int(at_s // 60)}:{int(at_s % 60):02d} · {timeline.rate.seconds(clip.frames):.1f} s"
        tiles.append(Tile(resolve(clip.media), clip.source_frame + clip.frames // 2, clip.name, note))
    return tiles


def _film(cut: Cut, loudness: Loudness, file: Path, *, has_captions: bool) -> Film:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return Film(
        cut=cut.name,
        film=FILM,
        files=({"captions_srt": CAPTIONS_SRT, "captions_vtt": CAPTIONS_VTT} if has_captions else {})
        | {"otio": OTIO, "edl": EDL, "contact_sheet": CONTACT_SHEET, "report": REPORT},
        frames=cut.timeline.frames,
        duration_s=cut.timeline.duration_s,
        size=cut.timeline.size,
        integrated_lufs=loudness.integrated_lufs,
        true_peak_dbtp=loudness.true_peak_dbtp,
        digest=digest,
        missing=cut.missing,
    )


def _report(cut: Cut, film: Film) -> dict[str, object]:
    """What the film is made of, for people and programs; no date, so that equal films have equal reports."""
    timeline = cut.timeline
    starts = timeline.record_frames()
    return {
        "notice": AI_NOTICE,
        "title": timeline.title,
        "language": timeline.language,
        "film": film.model_dump(mode="json"),
        "cut": {"name": cut.name, "rating": cut.rating, "rationale": cut.rationale},
        "rate": {"num": timeline.rate.num, "den": timeline.rate.den},
        "shots": [
            {
                "shot": clip.name,
                "scene": clip.scene,
                "take": clip.take,
                "rating": clip.rating,
                "record_frame": start,
                "source_frame": clip.source_frame,
                "frames": clip.frames,
                "media": clip.media.sha256,
            }
            for clip, start in zip(timeline.clips, starts, strict=True)
        ],
        "transitions": [transition.model_dump(mode="json") for transition in timeline.transitions],
    }


@contextmanager
def _work_beside(folder: Path) -> Iterator[Path]:
    with disk_errors_told(folder, "The film's folder"), unfinished_folder(folder) as work:
        yield work


def _publish(work: Path, into: Path, names: list[str]) -> None:
    """Move the files ``names`` from ``work`` over those in ``into``, each whole or not at all.

    A file that was not made this time is removed from ``into``: captions of another cut are worse than none.
    """
    made = [name for name in names if (work / name).exists()]
    for name in made:
        sync(work / name)
    into.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name in made:
            (work / name).replace(into / name)
        else:
            (into / name).unlink(missing_ok=True)
    sync(into)
