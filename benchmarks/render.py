"""The picture of a film: MoviePy, one ffmpeg graph and ours on the same cut, and again after one changed shot.

``python -m benchmarks.render [--lengths S …] [--transitions N …] [--without-moviepy] [--material DIR]`` works alone.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.barcode_film import SHOT_FRAMES, Looked, Material, look
from benchmarks.machine import busy, machine_line
from benchmarks.renderers import FILM, GRAPH, MOVIEPY, OURS, Took, installed, render
from benchmarks.report import Report, Table
from benchmarks.workshop import Workshop
from studio_pipeline.editorial.timeline import Timeline

LENGTHS_S = (30, 60, 120, 300)
TRANSITIONS = (0, 6, 12, 24)
MOST_TRANSITIONS = 24
MOST_OF_MOVIEPY_PCT, MOST_OF_GRAPH_PCT, MOST_AGAIN_PCT, MOST_MB = 10, 25, 15, 400


@dataclass(frozen=True)
class Film:
    """One cut by one renderer."""

    took: Took
    looked: Looked


def run(
    workshop: Workshop,
    *,
    lengths_s: Sequence[int] = LENGTHS_S,
    transitions: Sequence[int] = TRANSITIONS,
    names: Sequence[str] = (MOVIEPY, GRAPH, OURS),
    folder: Path | None = None,
) -> Report:
    report = Report(
        "Rendering",
        f"A film in shots of {SHOT_FRAMES / 24:.0f} s, textured, in motion and grainy, 720p24; a fade through black "
        "after every three dissolves, plain cuts between. Each render is a process of its own; processor time and "
        "memory include its children. “Identical” are, of the frames that show a frame of a clip as it was shot, those "
        "that do so to the bit; PSNR is that of all of these. A frame is wrong when the barcode in its corner is not "
        f"the one the cut asks for. {_moviepy_line()}",
    )
    material = Material(folder or workshop.scratch / "render-clips")
    material.make()
    renders = _Renders(workshop.scratch, material, report)
    films = renders.by_length(lengths_s, [name for name in names if installed(name)])
    renders.by_transitions(transitions, max(lengths_s))
    again = renders.after_a_change(lengths_s)
    _aims(report, films, again)
    return report


def _moviepy_line() -> str:
    if not installed(MOVIEPY):
        return "MoviePy is not installed here: `pip install moviepy==2.2.1`."
    return f"MoviePy is {version('moviepy')}, told the same encoder, preset and quality as the house format."


class _Renders:
    def __init__(self, scratch: Path, material: Material, report: Report) -> None:
        self._scratch = scratch
        self._material = material
        self._report = report

    def by_length(self, lengths_s: Sequence[int], names: Sequence[str]) -> dict[tuple[str, int], Film]:
        table = self._table(f"By length; every second cut is a transition, {MOST_TRANSITIONS} at most")
        films = {}
        for seconds in lengths_s:
            timeline = self._usual(seconds)
            for name in (MOVIEPY, GRAPH, OURS):
                if name not in names:
                    table.add(f"{seconds} s, {name}", "–" if installed(name) else "not installed", *["–"] * 7)
                    continue
                films[name, seconds] = film = self._film(name, timeline)
                table.add(f"{seconds} s, {name}", *_row(film, timeline))
        return films

    def by_transitions(self, counts: Sequence[int], seconds: int) -> None:
        table = self._table(f"{seconds} s, by the number of transitions")
        for count in counts:
            timeline = self._material.cut(seconds, count)
            for name in (GRAPH, OURS):
                table.add(
                    f"{len(timeline.transitions)} transitions, {name}", *_row(self._film(name, timeline), timeline)
                )

    def after_a_change(self, lengths_s: Sequence[int]) -> dict[int, Film]:
        """Ours once more with what was kept of the film before, after one shot in the middle was taken anew."""
        table = self._table(
            "Again after one changed shot (with sound: and its line), with the cache of the film before"
        )
        again = {}
        for seconds in lengths_s:
            before = self._usual(seconds)
            for name, timeline in ((OURS, before), (FILM, self._material.with_sound(before))):
                with tempfile.TemporaryDirectory(dir=self._scratch) as cache:
                    first = self._film(name, timeline, Path(cache))
                    changed = self._material.retaken(timeline)
                    film = self._film(name, changed, Path(cache))
                table.add(f"{seconds} s, {name}, first", *_row(first, timeline))
                table.add(f"{seconds} s, {name}, again", *_row(film, changed))
                if name == OURS:
                    again[seconds] = film
        return again

    def _usual(self, seconds: int) -> Timeline:
        return self._material.cut(seconds, min(MOST_TRANSITIONS, max(1, round(seconds * 24 / SHOT_FRAMES) // 2)))

    def _table(self, about: str) -> Table:
        return self._report.table(
            "Film", "wall", "processor", "memory", "encoded", "identical", "PSNR", "wrong", "× real", about=about
        )

    def _film(self, name: str, timeline: Timeline, cache: Path | None = None) -> Film:
        into = self._scratch / "film.mp4"
        took = render(name, timeline, self._material, into, cache)
        return Film(took, look(into, timeline, self._material))


def _row(film: Film, timeline: Timeline) -> tuple[str, ...]:
    took, looked = film.took, film.looked
    return (
        f"{took.wall_s:.1f} s",
        f"{took.cpu_s:.1f} s",
        f"{took.peak_bytes / 1e6:.0f} MB",
        f"{took.encoded_frames} of {timeline.frames}",
        f"{100 * looked.identical / max(1, looked.untouched):.1f} %",
        f"{looked.psnr_db:.1f} dB",
        str(looked.wrong),
        f"{timeline.duration_s / took.wall_s:.1f}",
    )


def _aims(report: Report, films: dict[tuple[str, int], Film], again: dict[int, Film]) -> None:
    usual_s = 60 if (OURS, 60) in films else min(seconds for _, seconds in films)
    ours = films[OURS, usual_s].took
    for name, most_pct in ((MOVIEPY, MOST_OF_MOVIEPY_PCT), (GRAPH, MOST_OF_GRAPH_PCT)):
        if (name, usual_s) in films:
            pct = 100 * ours.wall_s / films[name, usual_s].took.wall_s
            report.aim(
                f"A film of {usual_s} s, wall time against {name}",
                limit=f"{most_pct} %",
                found=f"{pct:.1f} % ({100 / pct:.1f} times as fast)",
                met=pct <= most_pct,
            )
    for seconds, film in again.items():
        if (GRAPH, seconds) in films:
            pct = 100 * film.took.wall_s / films[GRAPH, seconds].took.wall_s
            report.aim(
                f"{seconds} s again after one changed shot, against all of it by the graph",
                limit=f"{MOST_AGAIN_PCT} %",
                found=f"{pct:.1f} %",
                met=pct <= MOST_AGAIN_PCT,
            )
    longest_s = max(seconds for _, seconds in films)
    most_mb = films[OURS, longest_s].took.peak_bytes / 1e6
    report.aim(f"Memory for {longest_s} s", limit=f"{MOST_MB} MB", found=f"{most_mb:.0f} MB", met=most_mb <= MOST_MB)
    mine = [film for (name, _), film in films.items() if name == OURS] + list(again.values())
    wrong = sum(film.looked.wrong for film in mine)
    report.aim("Wrong frames in all of ours", limit="0", found=str(wrong), met=wrong == 0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.render", description=__doc__)
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS_S, metavar="S", help="seconds of film")
    parser.add_argument("--transitions", type=int, nargs="+", default=TRANSITIONS, metavar="N")
    parser.add_argument("--without-moviepy", action="store_true", help="it takes a minute for a minute of film")
    parser.add_argument("--material", type=Path, help="a folder for the clips, so that they are made only once")
    given = parser.parse_args()
    print(f"{machine_line()}; load when begun {busy()}")
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as scratch:
        run(
            Workshop(Path(scratch)),
            lengths_s=given.lengths,
            transitions=given.transitions,
            names=(GRAPH, OURS) if given.without_moviepy else (MOVIEPY, GRAPH, OURS),
            folder=given.material.absolute() if given.material else None,
        )


if __name__ == "__main__":
    main()
