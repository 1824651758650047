"""A cut to look at, small and soon: its picture with timecode and the names of its shots, its sound under it.

Clips are made small once and kept; then the renderer of films draws the small cut, so that cuts, dissolves, wipes,
fades, speed and holds are on the frames where the film has them, and a changed shot costs its own stretch of the cut.
Only size, encoding and what is written over it differ. A clip that cannot be shown is a card of its length, as in the
film.
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
from studio_pipeline.media.deliver import mux
from studio_pipeline.media.encode import COLOUR_TAGS, encode_still, timescale
from studio_pipeline.media.ffmpeg import BITEXACT, as_argument, run_ffmpeg
from studio_pipeline.media.missing_card import missing_card
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.smart_render import smart_render
from studio_pipeline.media.sound.mix import mix
from studio_pipeline.whole_file import disk_errors_told, whole_file

Resolve = Callable[[MediaRef], Path]

HEIGHT, UPRIGHT_HEIGHT = 270, 360
"""Of the preview in pixels: of pictures wider than high, and of the others."""

_VERSION = 1
"""Counts up when small clips are made otherwise than before."""
_SMALL = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-bf", "0", "-g", "12", "-threads", "1")
"""Small clips: quick to write and to read, and entered twice a second."""
_SOUND = ("-c:a", "aac", "-aac_coder", "fast", "-b:a", "128k", "-ac", "2", "-ar", "48000")


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
        cache: keeps what was made, for the next preview.

    Raises:
        BadInput: transitions of the timeline run into each other.
        MediaDamaged: a sound cannot be read.
        HomeFull: no space left.
    """
    with tempfile.TemporaryDirectory(prefix="preview-") as name, disk_errors_told(into, "The preview"):
        scratch = Path(name)
        kept = cache or RenderCache(scratch / "cache")
        clips = small_clips(timeline, resolve, kept)
        small = _of_small_clips(timeline, clips)
        files = dict(zip((clip.media for clip in small.clips), clips, strict=True))
        picture = scratch / "picture.mp4"
        smart_render(small, files.__getitem__, picture, cache=kept, burnt=burnt_timecode(small), use="sketch")
        if sound is None and (timeline.narration or timeline.music):
            sound = mix(timeline, resolve, scratch / "sound", cache=cache).mix
        heard = _encoded(sound, kept) if sound is not None else None
        into.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(into) as unfinished:
            mux(picture, heard, None, unfinished, title=timeline.title, language=timeline.language)


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


def _of_small_clips(timeline: Timeline, clips: Sequence[Path]) -> Timeline:
    """The same cut of other media: of ``clips``, one a clip, which the cache names by what they are made of."""
    small = (
        clip.model_copy(update={"media": MediaRef(sha256=path.stem, suffix=".mp4", size_bytes=path.stat().st_size)})
        for clip, path in zip(timeline.clips, clips, strict=True)
    )
    return timeline.model_copy(update={"size": small_size(timeline.size), "clips": tuple(small)})


def _encoded(sound: Path, cache: RenderCache) -> Path:
    """``sound`` as AAC; an .m4a is."""
    if sound.suffix == ".m4a":
        return sound
    with sound.open("rb") as file:
        key = _key("sound", _SOUND, hashlib.file_digest(file, "sha256").hexdigest())
    source = ["-i", as_argument(sound.absolute()), "-map", "0:a:0"]
    return cache.get(
        key, ".m4a", lambda into: run_ffmpeg([*source, *_SOUND, *BITEXACT, "-f", "ipod", as_argument(into)])
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
