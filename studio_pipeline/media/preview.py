"""A cut to look at, small and soon: its picture with timecode and the names of its shots, its sound under it.

Clips are made small once and kept; then the same filter graphs that draw films draw the small cut, so that cuts,
dissolves, wipes, fades, speed and holds are on the frames where the film has them. Only size and encoding differ.
Captions are not in it. A clip that cannot be shown is a card of its length, as in the film.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

from studio_pipeline.editorial.timeline import Timeline, TimelineClip
from studio_pipeline.errors import HomeError, StudioError
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.burnt_timecode import burnt_timecode
from studio_pipeline.media.encode import COLOUR_TAGS, encode_still, raw_input, timescale
from studio_pipeline.media.ffmpeg import BITEXACT, as_argument, run_ffmpeg, run_in_turn_into_ffmpeg
from studio_pipeline.media.filter_graph import RAW, drawings
from studio_pipeline.media.missing_card import missing_card
from studio_pipeline.media.picture_graph import CAPTIONS, FONTS
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound.mix import mix
from studio_pipeline.media.type.fonts import lay_out_fonts
from studio_pipeline.whole_file import disk_errors_told, whole_file

Resolve = Callable[[MediaRef], Path]

HEIGHT, UPRIGHT_HEIGHT = 270, 360
"""Of the preview in pixels: of pictures wider than high, and of the others."""

_VERSION = 1
"""Counts up when small clips are made otherwise than before."""
_SMALL = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-bf", "0", "-g", "12", "-threads", "1")
"""Small clips: quick to write and to read, and entered twice a second."""
_SHOWN = ("-c:v", "libx264", "-preset", "superfast", "-crf", "23", "-g", "24", "-threads", "2")
_SOUND = ("-c:a", "aac", "-aac_coder", "fast", "-b:a", "128k", "-ac", "2", "-ar", "48000")
_MOST_CLIPS = 24
"""In one graph: so a preview takes some 100 MB. One graph for 300 clips took 800."""


def preview(
    timeline: Timeline,
    resolve: Resolve,
    into: Path,
    *,
    sound: Path | None = None,
    cache: RenderCache | None = None,
) -> None:
    """Write ``timeline`` small to ``into``, an MP4 of exactly its frames, with timecode at the lower left.

    Args:
        sound: the cut's sound, wav or .m4a (which is copied); without it the cut is mixed, where it has sound.
        cache: keeps the small clips and what the mix makes, for the next preview.

    Raises:
        BadInput: transitions of the timeline run into each other.
        MediaDamaged: a sound cannot be read.
        HomeFull: no space left.
    """
    with tempfile.TemporaryDirectory(prefix="preview-") as name, disk_errors_told(into, "The preview"):
        scratch = Path(name)
        kept = cache or RenderCache(scratch / "cache")
        small = timeline.model_copy(update={"size": small_size(timeline.size)})
        clips = small_clips(timeline, resolve, kept)
        (scratch / CAPTIONS).write_text(burnt_timecode(small, small.size), encoding="utf-8")
        lay_out_fonts(scratch / FONTS)
        if sound is None and (timeline.narration or timeline.music):
            sound = mix(timeline, resolve, scratch / "sound", cache=cache).mix
        into.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(into) as unfinished:
            _draw(small, clips, sound, scratch, unfinished)


def small_size(size: tuple[int, int]) -> tuple[int, int]:
    """``size`` made small: the same shape within a pixel or two, both sides even."""
    height = HEIGHT if size[0] > size[1] else UPRIGHT_HEIGHT
    return max(16, round(Fraction(size[0] * height, size[1] * 2)) * 2), height


def small_clips(timeline: Timeline, resolve: Resolve, cache: RenderCache) -> list[Path]:
    """Where each clip of ``timeline`` lies small, frame for frame. Two are made at a time: decoding one keeps one core
    busy. A clip that cannot be shown is a card."""
    rate, size = timeline.rate, small_size(timeline.size)
    with ThreadPoolExecutor(max_workers=2) as workers:
        jobs = {
            (clip.media, clip.media_frames): workers.submit(_small_clip, clip, rate, size, resolve, cache)
            for clip in {(clip.media, clip.media_frames): clip for clip in timeline.clips}.values()
        }
        return [jobs[clip.media, clip.media_frames].result() for clip in timeline.clips]


def _draw(small: Timeline, clips: Sequence[Path], sound: Path | None, scratch: Path, into: Path) -> None:
    rate, inputs = small.rate, [*raw_input(small.size, small.rate, "yuv420p"), "-i", "-"]
    heard: list[str] = []
    if sound is not None:
        inputs += ["-i", as_argument(sound.absolute())]
        heard = ["-map", "1:a:0", *(("-c:a", "copy") if sound.suffix == ".m4a" else _SOUND)]
    drawn = drawings(small, clips.__getitem__, scratch, span=(0, small.frames), most_clips=_MOST_CLIPS)
    run_in_turn_into_ffmpeg(
        [[*part, *RAW] for part in drawn],
        [
            *(*inputs, "-vf", f"ass={CAPTIONS}:fontsdir={FONTS},{COLOUR_TAGS}", "-map", "0:v:0"),
            *(*heard, *_SHOWN, "-pix_fmt", "yuv420p", "-fps_mode", "passthrough"),
            *("-video_track_timescale", str(timescale(rate)), *BITEXACT, "-movflags", "+faststart", "-f", "mp4"),
            as_argument(into.absolute()),
        ],
        folder=scratch,
    )


def _small_clip(clip: TimelineClip, rate: Rate, size: tuple[int, int], resolve: Resolve, cache: RenderCache) -> Path:
    key = _key("clip", clip.media.sha256, clip.media_frames, (rate.num, rate.den), size)

    def shrink(into: Path) -> None:
        source = ["-threads", "1", "-skip_loop_filter", "nokey", "-i", as_argument(resolve(clip.media).absolute())]
        # The last picture stands in for frames that are not there.
        steps = [
            f"scale={size[0]}:{size[1]}:flags=fast_bilinear+accurate_rnd",
            *(f"tpad=stop=-1:stop_mode=clone,settb={rate.den}/{rate.num},setpts=N", f"fps={rate.num}/{rate.den}"),
            *(COLOUR_TAGS, "format=yuv420p"),
        ]
        args = [*source, "-an", "-vf", ",".join(steps), "-frames:v", str(clip.media_frames), *_SMALL]
        run_ffmpeg([*args, "-video_track_timescale", str(timescale(rate)), *BITEXACT, "-f", "mp4", as_argument(into)])

    try:
        return cache.get(key, ".mp4", shrink)
    except HomeError:
        raise
    except StudioError:  # said by the film, which the preview is only a sketch of
        note = f"scene {clip.scene} · {rate.seconds(clip.frames):.1f} s"
        card = missing_card(clip.name, note, size)
        key = _key("card", clip.name, note, clip.media_frames, (rate.num, rate.den), size)
        return cache.get(key, ".mp4", lambda into: encode_still(card, clip.media_frames, size, rate, into))


def _key(*recipe: object) -> str:
    made_of = ["preview", _VERSION, version("imageio-ffmpeg"), _SMALL, *recipe]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()
