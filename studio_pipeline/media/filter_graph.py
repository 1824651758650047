"""The renderer that can draw everything: any stretch of a timeline's picture through ffmpeg's filter graphs.

What a graph says is in ``picture_graph.py``; here the clips that a stretch touches become ffmpeg's inputs, those that
are not needed from their start are sought, ffmpeg is run and what came out is counted. A stretch of many clips is drawn
by several graphs, one after another, into one encoder: memory does not grow with the film. Every frame is encoded
again; copying untouched ones is another renderer's trade. Sound is not here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

from av.error import FFmpegError

from studio_pipeline.editorial.pieces import Mix, pieces
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import BadInput, MediaDamaged
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.burnt_in import BurntIn
from studio_pipeline.media.encode import COLOUR_TAGS, Use, house_video_args, raw_input
from studio_pipeline.media.ffmpeg import as_argument, run_ffmpeg, run_in_turn_into_ffmpeg
from studio_pipeline.media.opening import open_to_read
from studio_pipeline.media.picture_graph import CAPTIONS, FONTS, Span, Ticks, picture_graph, views
from studio_pipeline.media.probe import probe
from studio_pipeline.media.type.fonts import lay_out_fonts

_FILM = ("-map", "[film]", "-an")
_RAW = ("-pix_fmt", "yuv420p", "-fps_mode", "passthrough", "-f", "rawvideo", "-")
"""The output of a drawing that is handed on frame by frame, to whoever takes ``raw_input``."""
_REPORT = "progress.txt"
_MOST_CLIPS = 8
"""Clips in one graph. Each takes some 20 MB at 720p from the first frame on, whenever it is shown: one graph of 60
clips took 1.15 GB."""
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
    burnt: BurntIn | None = None,
    use: Use = "film",
    progress: Callable[[float], None] | None = None,
) -> None:
    """Write the film's picture, without sound, to ``into`` as an MP4 in the house format.

    Equal timelines, media and spans give equal bytes; a frame is drawn alike in every span that has it.

    Args:
        resolve: where a media lies.
        span: the record frames to draw, from the first up to, not including, the second; all by default.
        burnt: what is written over it; the captions by default, where they are to be burnt in.
        use: what it is encoded for.
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
    burnt = burnt or BurntIn.captions(timeline)
    with tempfile.TemporaryDirectory(prefix="graph-") as name:
        scratch = Path(name)
        if burnt.text:
            (scratch / CAPTIONS).write_text(burnt.text, encoding="utf-8")
            lay_out_fonts(scratch / FONTS, burnt.text)
        drawn = _drawings(
            timeline, lambda clip: resolve(timeline.clips[clip].media), scratch, span=span, burn_in=bool(burnt.text)
        )
        encoded = [
            *(*house_video_args(timeline.rate, timeline.size, use), "-movflags", "+faststart", "-f", "mp4"),
            *("-progress", _REPORT, "-stats_period", str(_LOOK_EVERY_S)),
            as_argument(into.absolute()),
        ]
        if len(drawn) == 1:
            work = partial(run_ffmpeg, [*drawn[0], *encoded], folder=scratch)
        else:
            given = raw_input(timeline.size, timeline.rate, "yuv420p")
            taking = [*given, "-i", "-", "-vf", COLOUR_TAGS, *encoded]
            work = partial(run_in_turn_into_ffmpeg, [[*part, *_RAW] for part in drawn], taking, folder=scratch)
        _told(work, scratch / _REPORT, span[1] - span[0], progress)
    made = probe(into).frames
    if made != span[1] - span[0]:
        raise MediaDamaged(
            f"The film came out with {made} frames where the cut has {span[1] - span[0]}",
            where=f"cut {timeline.name}",
            todo="A clip is shorter than it says; conform the cut again.",
        )


def _drawings(
    timeline: Timeline,
    clip_file: Callable[[int], Path],
    folder: Path,
    *,
    span: Span,
    burn_in: bool = False,
) -> list[list[str]]:
    """What to tell ffmpeg, started in ``folder``, so that it draws ``span``: everything but the output. Several runs,
    one after another, where one would need too much memory. Their graphs are written into ``folder``.

    Args:
        clip_file: where a clip lies, by its number from 0.
        burn_in: whether the captions and fonts that lie in ``folder`` are drawn, too.
    """
    runs: list[list[str]] = []
    for number, part in enumerate(_parts(timeline, span)):
        inputs, ticks = _inputs(timeline, part, clip_file)
        graph = f"graph{number}.txt"
        drawn = picture_graph(timeline, part, ticks=ticks, burn_in=burn_in)
        (folder / graph).write_text(drawn, encoding="ascii")
        # A frame that is damaged inside ends it, and is not shown half.
        runs.append(["-xerror", "-copyts", *inputs, "-filter_complex_threads", "2", "-/filter_complex", graph, *_FILM])
    return runs


def _parts(timeline: Timeline, span: Span) -> list[Span]:
    """``span`` in stretches, each of which touches so few clips that a graph for it fits into memory."""
    parts: list[Span] = []
    start, touched = span[0], set[int]()
    for piece in pieces(timeline):
        first, last = max(piece.record_frame, span[0]), min(piece.record_frame + piece.frames, span[1])
        if first >= last:
            continue
        clips = {piece.outgoing, piece.incoming} if isinstance(piece, Mix) else {piece.clip}
        if len(touched | clips) > _MOST_CLIPS:
            parts.append((start, first))
            start, touched = first, set()
        touched |= clips
    return [*parts, (start, span[1])]


def _inputs(timeline: Timeline, span: Span, clip_file: Callable[[int], Path]) -> tuple[list[str], dict[int, Ticks]]:
    """ffmpeg's inputs for the clips that ``span`` touches, and how the frames of those it seeks in are found."""
    first: dict[int, int] = {}
    for view in views(timeline, span):
        frame = timeline.clips[view.clip].source_at(view.offset)
        first[view.clip] = min(frame, first.get(view.clip, frame))
    args: list[str] = []
    ticks: dict[int, Ticks] = {}
    for number, frame in sorted(first.items()):
        path = clip_file(number).absolute()
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
        with open_to_read(path) as media:
            stream = media.streams.video[0]
            base, start = stream.time_base, stream.start_time
    except (FFmpegError, IndexError):
        return None  # ffmpeg will say what is wrong with it
    if base is None or start is None or (1 / (rate.fraction * base)).denominator != 1 or base.numerator != 1:
        return None
    return Ticks(timescale=base.denominator, first=start, frame=int(1 / (rate.fraction * base)))


def _told(work: Callable[[], object], report: Path, frames: int, progress: Callable[[float], None] | None) -> None:
    """Do ``work``, and meanwhile pass on what ffmpeg reports."""
    if progress is None:
        work()
        return
    with ThreadPoolExecutor(max_workers=1) as worker:
        running = worker.submit(work)
        while wait([running], timeout=_LOOK_EVERY_S).not_done:
            progress(min(1.0, _frames_done(report) / frames))
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
