"""The first renderer: the picture of a whole timeline through one ffmpeg filter graph.

The graph is made of integers only (input numbers, frame numbers, the rate), so no name or text can enter it, and
it travels in a file, not on a command line. Frames are counted, never timed: ``trim`` cuts by frame number and
``setpts=N`` numbers them anew, so each frame of the film is exactly the source frame ``editorial/pieces.py`` says.
Every frame is encoded again; copying untouched ones is another renderer's trade. Sound is not here.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

from studio_pipeline.editorial.pieces import Mix, Straight, pieces
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.encode import COLOUR_TAGS, house_video_args
from studio_pipeline.media.ffmpeg import as_argument, run_ffmpeg
from studio_pipeline.media.probe import probe

_LOOK_EVERY_S = 0.5
"""How often ffmpeg reports and we look; its own default."""


def render_picture(
    timeline: Timeline,
    resolve: Callable[[MediaRef], Path],
    into: Path,
    *,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Write the film's picture, without sound, to ``into`` as an MP4 in the house format.

    Equal timelines and media give equal bytes. ``progress`` hears shares from 0 to 1.

    Raises:
        BadInput: transitions of the timeline run into each other.
        MediaDamaged: a clip does not decode, or gave fewer frames than the timeline says.
        HomeFull: no space left.
    """
    inputs: list[str] = []
    for clip in timeline.clips:
        # One decoding thread an input: each thread holds frames, and at most two inputs are read at any time.
        inputs += ["-threads", "1", "-i", as_argument(resolve(clip.media).absolute())]
    with tempfile.TemporaryDirectory(prefix="graph-") as scratch:
        graph, report = Path(scratch, "graph.txt"), Path(scratch, "progress.txt")
        graph.write_text(picture_graph(timeline), encoding="ascii")
        args = [
            *inputs,
            *("-filter_complex_threads", "2", "-/filter_complex", str(graph), "-map", "[film]", "-an"),
            *(*house_video_args(timeline.rate), "-movflags", "+faststart", "-f", "mp4"),
            *("-progress", str(report), "-stats_period", str(_LOOK_EVERY_S)),
            as_argument(into.absolute()),
        ]
        _run(args, report, timeline.frames, progress)
    made = probe(into).frames
    if made != timeline.frames:
        raise MediaDamaged(
            f"The film came out with {made} frames where the cut has {timeline.frames}",
            where=f"cut {timeline.name}",
            todo="A clip is shorter than it says; conform the cut again.",
        )


def picture_graph(timeline: Timeline) -> str:
    """The filter graph of ``timeline``: input ``i`` is its i-th clip, the output is called ``film``."""
    film = pieces(timeline)
    uses: dict[int, list[str]] = defaultdict(list)
    """Labels of the branches that each input feeds."""
    chains: list[str] = []
    for number, piece in enumerate(film):
        if isinstance(piece, Straight):
            branch = _branch(uses[piece.clip], piece.clip)
            steps = [
                *_cut(timeline.clips[piece.clip].source_at(piece.first), piece.frames, timeline.rate),
                *_fades(piece, timeline.rate),
            ]
            chains.append(f"[{branch}]{','.join(steps)}[p{number}]")
        else:
            chains += _dissolve(timeline, piece, number, uses)
    heads = [
        f"[{clip}:v:0]{COLOUR_TAGS},format=yuv420p,split={len(branches)}{_labels(branches)}"
        for clip, branches in sorted(uses.items())
    ]
    joined = f"{_labels([f'p{number}' for number in range(len(film))])}concat=n={len(film)}:v=1:a=0"
    # concat counts in microseconds; numbering once more puts every frame exactly on its tick.
    return ";\n".join([*heads, *chains, f"{joined},{_numbered(timeline.rate)},{COLOUR_TAGS}[film]"]) + "\n"


def _cut(source_frame: int, frames: int, rate: Rate) -> list[str]:
    return [f"trim=start_frame={source_frame}:end_frame={source_frame + frames}", _numbered(rate)]


def _numbered(rate: Rate) -> str:
    return f"settb={rate.den}/{rate.num},setpts=N,fps={rate.num}/{rate.den}"


def _fades(piece: Straight, rate: Rate) -> list[str]:
    steps = []
    if piece.fade_in:
        steps.append(f"fade=t=in:start_frame=0:nb_frames={piece.fade_in}")
    if piece.fade_out:
        # The filter leaves the frame it starts on untouched and never reaches black. Counting the piece from 1
        # makes its last frame black, also when the fade takes the whole piece.
        start_us, length_us = _us(piece.frames - piece.fade_out, rate), _us(piece.fade_out, rate)
        steps += ["setpts=N+1", f"fade=t=out:start_time={start_us}us:duration={length_us}us", "setpts=N"]
        steps.append(f"fps={rate.num}/{rate.den}")
    return steps


def _dissolve(timeline: Timeline, piece: Mix, number: int, uses: dict[int, list[str]]) -> list[str]:
    rate = timeline.rate
    sides = []
    chains = []
    for side, clip, frame in (
        ("a", piece.outgoing, timeline.clips[piece.outgoing].source_at(piece.outgoing_first)),
        ("b", piece.incoming, timeline.clips[piece.incoming].source_at(piece.incoming_first)),
    ):
        branch = _branch(uses[clip], clip)
        chains.append(f"[{branch}]{','.join(_cut(frame, piece.frames, rate))}[p{number}{side}]")
        sides.append(f"p{number}{side}")
    # xfade starts at all of one side and ends at all of the other: one frame more on each end, so all are mixed.
    times = f"duration={_us(piece.frames + 1, rate)}us:offset=-{_us(1, rate)}us"
    chains.append(f"{_labels(sides)}xfade=transition=fade:{times}[p{number}]")
    return chains


def _branch(branches: list[str], clip: int) -> str:
    branches.append(f"c{clip}u{len(branches)}")
    return branches[-1]


def _labels(names: Sequence[str]) -> str:
    return "".join(f"[{name}]" for name in names)


def _us(frames: int, rate: Rate) -> int:
    """``frames`` in whole microseconds, the unit of ffmpeg's durations."""
    return round(frames * 1_000_000 * rate.den / rate.num)


def _run(args: list[str], report: Path, frames: int, progress: Callable[[float], None] | None) -> None:
    if progress is None:
        run_ffmpeg(args)
        return
    with ThreadPoolExecutor(max_workers=1) as worker:
        running = worker.submit(run_ffmpeg, args)
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
