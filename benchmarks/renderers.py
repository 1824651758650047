"""One film by one renderer, in a process of its own, so that its processor time and memory are its own.

``python -m benchmarks.renderers NAME`` reads one JSON object from stdin and prints one: see ``Order`` and ``Took``.
MoviePy is only ever a program to compare with: ``pip install moviepy==2.2.1`` beside the studio.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from benchmarks.barcode_film import Material
from benchmarks.memory import peak_memory
from benchmarks.workshop import ROOT
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.media.deliver import mux
from studio_pipeline.media.filter_graph import render_picture
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.smart_render import RenderReport, smart_render
from studio_pipeline.media.sound.loudness import master
from studio_pipeline.media.sound.mix import mix

MOVIEPY, GRAPH, OURS, FILM = "MoviePy", "one ffmpeg graph", "ours", "ours, with sound"


@dataclass(frozen=True)
class Order:
    """What to render. ``cache`` is a folder, or empty for none."""

    timeline: str
    material: str
    into: str
    cache: str = ""


@dataclass(frozen=True)
class Took:
    """What it took, children included; imports are not counted."""

    wall_s: float
    cpu_s: float
    peak_bytes: int
    encoded_frames: int


def installed(name: str) -> bool:
    return name != MOVIEPY or find_spec("moviepy") is not None


def render(name: str, timeline: Timeline, material: Material, into: Path, cache: Path | None = None) -> Took:
    """Have the film rendered by ``name`` in a new process."""
    order = Order(timeline.model_dump_json(), str(material.folder), str(into), str(cache or ""))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.renderers", name],
        input=json.dumps(dataclasses.asdict(order)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{name} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return Took(**json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    order = Order(**json.load(sys.stdin))
    timeline, material = Timeline.model_validate_json(order.timeline), Material(Path(order.material))
    run = _RENDERERS[sys.argv[1]](timeline, material, Path(order.into), order.cache)
    before, began = _cpu_s(), time.monotonic()
    with peak_memory() as peak:
        report = run()
        peak.look()
    took = Took(
        wall_s=time.monotonic() - began,
        cpu_s=_cpu_s() - before,
        peak_bytes=peak.most_bytes,
        encoded_frames=report.encoded_frames if isinstance(report, RenderReport) else timeline.frames,
    )
    print(json.dumps(dataclasses.asdict(took)))


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _ours(timeline: Timeline, material: Material, into: Path, cache: str) -> Callable[[], RenderReport]:
    kept = RenderCache(Path(cache)) if cache else None
    return lambda: smart_render(timeline, material.resolve, into, cache=kept)


def _graph(timeline: Timeline, material: Material, into: Path, cache: str) -> Callable[[], None]:
    return lambda: render_picture(timeline, material.resolve, into)


def _film(timeline: Timeline, material: Material, into: Path, cache: str) -> Callable[[], RenderReport]:
    """Picture, mix, master, and all in one file."""
    kept = RenderCache(Path(cache)) if cache else None

    def run() -> RenderReport:
        with tempfile.TemporaryDirectory(dir=into.parent) as name:
            folder = Path(name)
            report = smart_render(timeline, material.resolve, folder / "picture.mp4", cache=kept)
            mixed = mix(timeline, material.resolve, folder, cache=kept)
            master(mixed.mix, folder / "sound.m4a", cache=kept)
            mux(folder / "picture.mp4", folder / "sound.m4a", None, into, title="Bench", language="en")
        return report

    return run


def _moviepy(timeline: Timeline, material: Material, into: Path, cache: str) -> Callable[[], None]:
    """The same cut as its documentation has it: clips on top of each other, with effects for their joints."""
    from moviepy import CompositeVideoClip, VideoFileClip, vfx

    fps = timeline.rate.num

    def run() -> None:
        layers = []
        starts = timeline.record_frames()
        for number, (shot, start) in enumerate(zip(timeline.clips, starts, strict=True)):
            before, after = timeline.transition_at(number), timeline.transition_at(number + 1)
            head = before.in_frames if before and before.mixes else 0
            tail = after.out_frames if after and after.mixes else 0
            first, last = shot.source_frame - head, shot.source_frame + shot.frames + tail
            clip = VideoFileClip(str(material.resolve(shot.media)), audio=False).subclipped(first / fps, last / fps)
            effects = []
            if before is not None:
                length_s = (before.in_frames + (before.out_frames if before.mixes else 0)) / fps
                effects.append(vfx.CrossFadeIn(length_s) if before.mixes else vfx.FadeIn(length_s))
            if after is not None and not after.mixes:
                effects.append(vfx.FadeOut(after.out_frames / fps))
            layers.append(clip.with_effects(effects).with_start((start - head) / fps))
        film = CompositeVideoClip(layers, size=timeline.size)
        film.write_videofile(
            str(into),
            fps=fps,
            codec="libx264",
            preset="veryfast",
            audio=False,
            threads=2,
            ffmpeg_params=["-crf", "18"],
            logger=None,
        )
        film.close()

    return run


_RENDERERS = {MOVIEPY: _moviepy, GRAPH: _graph, OURS: _ours, FILM: _film}


if __name__ == "__main__":
    main()
