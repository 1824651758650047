"""The renderer that can draw everything: any stretch of a timeline's picture through one ffmpeg filter graph.

What the graph says is in ``picture_graph.py``; here the clips that a stretch touches become ffmpeg's inputs, those that
are not needed from their start are sought, ffmpeg is run and what came out is counted. Every frame is encoded again;
copying untouched ones is another renderer's trade. Sound is not here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import av
from av.error import FFmpegError

from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import BadInput, MediaDamaged
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.captions import cues
from studio_pipeline.media.captions_ass import write_ass
from studio_pipeline.media.encode import house_video_args
from studio_pipeline.media.ffmpeg import as_argument, run_ffmpeg
from studio_pipeline.media.fonts import lay_out_fonts
from studio_pipeline.media.picture_graph import CAPTIONS, FONTS, Span, Ticks, picture_graph, views
from studio_pipeline.media.probe import probe

_GRAPH, _REPORT = "graph.txt", "progress.txt"
_LOOK_EVERY_S = 0.5
"""How often ffmpeg reports and we look; its own default."""
_SEEK_FROM = 24
"""Nearer to its start than this many frames a clip is read from there: seeking would save nothing."""
_SEEK_EARLIER = 8
"""So many frames ahead of the first one wanted we seek: a keyframe is found by when it is decoded, which is up to two
frames before it is shown."""


def render_picture(
    timeline: Timeline,
    resolve: Callable[[MediaRef], Path],
    into: Path,
    *,
    span: Span | None = None,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Write the film's picture, without sound, to ``into`` as an MP4 in the house format.

    Equal timelines, media and spans give equal bytes; a frame is drawn alike in every span that has it.

    Args:
        resolve: where a media lies.
        span: the record frames to draw, from the first up to, not including, the second; all by default.
        progress: hears shares from 0 to 1.

    Raises:
        BadInput: transitions of the timeline run into each other, or ``span`` is no part of the film.
        MediaDamaged: a clip does not decode, or gave fewer frames than the timeline says.
        HomeFull: no space left.
    """
    span = span or (0, timeline.frames)
    if not 0 <= span[0] < span[1] <= timeline.frames:
        raise BadInput(
            f"Frames {span[0]} to {span[1]} cannot be drawn", where=f"cut {timeline.name} of {timeline.frames} frames"
        )
    inputs, ticks = _inputs(timeline, span, resolve)
    spoken = cues(timeline) if timeline.delivery.burn_in else ()
    with tempfile.TemporaryDirectory(prefix="graph-") as name:
        scratch = Path(name)
        graph = picture_graph(timeline, span, ticks=ticks, burn_in=bool(spoken))
        (scratch / _GRAPH).write_text(graph, encoding="ascii")
        if spoken:
            write_ass(spoken, scratch / CAPTIONS, size=timeline.size, language=timeline.language)
            lay_out_fonts(scratch / FONTS)
        args = [
            *("-xerror", "-copyts", *inputs),  # a frame that is damaged inside ends it, and is not shown half
            *("-filter_complex_threads", "2", "-/filter_complex", _GRAPH, "-map", "[film]", "-an"),
            *(*house_video_args(timeline.rate, timeline.size), "-movflags", "+faststart", "-f", "mp4"),
            *("-progress", _REPORT, "-stats_period", str(_LOOK_EVERY_S)),
            as_argument(into.absolute()),
        ]
        _run(args, scratch, span[1] - span[0], progress)
    made = probe(into).frames
    if made != span[1] - span[0]:
        raise MediaDamaged(
            f"The film came out with {made} frames where the cut has {span[1] - span[0]}",
            where=f"cut {timeline.name}",
            todo="A clip is shorter than it says; conform the cut again.",
        )


def _inputs(timeline: Timeline, span: Span, resolve: Callable[[MediaRef], Path]) -> tuple[list[str], dict[int, Ticks]]:
    """ffmpeg's inputs for the clips that ``span`` touches, and how the frames of those it seeks in are found."""
    first: dict[int, int] = {}
    for view in views(timeline, span):
        frame = timeline.clips[view.clip].source_at(view.offset)
        first[view.clip] = min(frame, first.get(view.clip, frame))
    args: list[str] = []
    ticks: dict[int, Ticks] = {}
    for number, frame in sorted(first.items()):
        path = resolve(timeline.clips[number].media).absolute()
        if frame >= _SEEK_FROM and (found := _ticks(path, timeline.rate)):
            ticks[number] = found
            start_us = (frame - _SEEK_EARLIER) * 1_000_000 * timeline.rate.den // timeline.rate.num
            args += ["-noaccurate_seek", "-ss", f"{start_us}us"]
        # One decoding thread an input: each thread holds frames, and at most two inputs are read at any time.
        args += ["-threads", "1", "-i", as_argument(path)]
    return args, ticks


def _ticks(path: Path, rate: Rate) -> Ticks | None:
    """Where the frames of ``path`` lie; ``None`` where they do not lie on ticks, so that they have to be counted."""
    try:
        with av.open(str(path)) as media:
            stream = media.streams.video[0]
            base, start = stream.time_base, stream.start_time
    except (FFmpegError, IndexError):
        return None  # ffmpeg will say what is wrong with it
    if base is None or start is None or (1 / (rate.fraction * base)).denominator != 1 or base.numerator != 1:
        return None
    return Ticks(timescale=base.denominator, first=start, frame=int(1 / (rate.fraction * base)))


def _run(args: list[str], folder: Path, frames: int, progress: Callable[[float], None] | None) -> None:
    if progress is None:
        run_ffmpeg(args, folder=folder)
        return
    with ThreadPoolExecutor(max_workers=1) as worker:
        running = worker.submit(run_ffmpeg, args, folder=folder)
        while wait([running], timeout=_LOOK_EVERY_S).not_done:
            progress(min(1.0, _frames_done(folder / _REPORT) / frames))
        running.result()
    progress(1.0)


def _frames_done(report: Path) -> int:
    if not report.is_file():
        return 0
    counts = [
        line[6:]
        for line in report.read_text(encoding="ascii", errors="replace").splitlines(keepends=True)
        if line.startswith("frame=") and line.endswith("\n")
    ]
    return int(counts[-1]) if counts and counts[-1].strip().isdecimal() else 0
