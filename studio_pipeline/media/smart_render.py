"""The renderer of films: copies what is shown as it was shot, draws what is not, and puts both together.

The order of work lives here. Which frames are copied is planned in ``segments.py``, packets are read and written in
``packets.py``, frames are drawn by ``filter_graph.py``, which also draws the whole film where nothing else fits. Each
drawn stretch is encoded on its own, so its bytes do not depend on what is beside it, and it is kept in the render cache
under the digest of everything it follows from (``recipe.py``). Sound is not here.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from av.error import FFmpegError

from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import MediaDamaged, ProviderFailed
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.media.burnt_in import BurntIn
from studio_pipeline.media.encode import Use
from studio_pipeline.media.filter_graph import render_picture
from studio_pipeline.media.packets import HouseFormat, Stretch, fits, read_seams, write_film
from studio_pipeline.media.picture_graph import Span
from studio_pipeline.media.probe import probe
from studio_pipeline.media.recipe import digest
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.segments import Copied, Drawn, Seams, Segment, segments
from studio_pipeline.whole_file import disk_errors_told, is_full, whole_file

Resolve = Callable[[MediaRef], Path]

_AT_ONCE = 2
"""Stretches drawn at a time."""
_DRAWING_SHARE = 0.95
"""Of the time, for the progress that people see."""


@dataclass(frozen=True)
class RenderReport:
    """What became of the frames of a film; the three kinds add up to ``frames``."""

    frames: int
    copied_frames: int
    """Taken over from their clips, bit for bit."""
    encoded_frames: int
    cached_frames: int
    """Encoded for an earlier film."""
    fallback: str = ""
    """Why frames were encoded that might have been copied, in plain words; empty when all went as it should."""


def smart_render(
    timeline: Timeline,
    resolve: Resolve,
    into: Path,
    *,
    cache: RenderCache | None = None,
    burnt: BurntIn | None = None,
    use: Use = "film",
    progress: Callable[[float], None] | None = None,
) -> RenderReport:
    """Write the film's picture, without sound, to ``into`` as an MP4 in the house format; whole, or not at all.

    Equal timelines and media give equal bytes, with a cache or without.

    Args:
        resolve: where a media lies.
        cache: what was drawn before and is kept for later.
        burnt: what is written over it; the captions by default, where they are to be burnt in.
        use: what drawn stretches are encoded for.
        progress: hears shares from 0 to 1.

    Raises:
        BadInput: transitions of the timeline run into each other.
        MediaDamaged: a clip does not decode, or has fewer frames than the timeline says.
        HomeFull: no space left.
    """
    house = HouseFormat.of(timeline.size, timeline.rate)
    seams = _all_seams(timeline, resolve, house)
    burnt = burnt or BurntIn.captions(timeline)
    plan = segments(timeline, lambda clip: seams[timeline.clips[clip].media], burnt.frames)
    with tempfile.TemporaryDirectory(prefix="render-") as scratch:
        drawing = _Drawing(timeline, resolve, house, burnt, use, cache or RenderCache(Path(scratch)))
        drawn = drawing.all([part for part in plan if isinstance(part, Drawn)], progress)
        if drawn is None:
            return drawing.whole(into, progress)
        film = [_stretch(timeline, resolve, part, drawn) for part in plan]
        with disk_errors_told(into, "The film"), whole_file(into) as unfinished:
            _write(unfinished, film, house)
            _check(unfinished, timeline)
    if progress is not None:
        progress(1.0)
    copied = sum(part.frames for part in plan if isinstance(part, Copied))
    return RenderReport(
        frames=timeline.frames,
        copied_frames=copied,
        encoded_frames=timeline.frames - copied - drawing.cached_frames,
        cached_frames=drawing.cached_frames,
        fallback=_uncut(timeline, seams),
    )


def _all_seams(timeline: Timeline, resolve: Resolve, house: HouseFormat) -> dict[MediaRef, Seams | None]:
    frames = {clip.media: clip.media_frames for clip in timeline.clips}
    return {media: read_seams(resolve(media), count, house) for media, count in frames.items()}


class _Drawing:
    """The stretches of one film being drawn."""

    def __init__(
        self, timeline: Timeline, resolve: Resolve, house: HouseFormat, burnt: BurntIn, use: Use, cache: RenderCache
    ) -> None:
        self._timeline = timeline
        self._resolve = resolve
        self._house = house
        self._burnt = burnt
        self._use: Use = use
        self._cache = cache
        self._counting = threading.Lock()
        self.cached_frames = 0

    def all(self, parts: Sequence[Drawn], progress: Callable[[float], None] | None) -> dict[Drawn, Path] | None:
        """Where each of ``parts`` lies; ``None`` when their packets cannot be part of one film."""
        equal: dict[str, list[Drawn]] = {}
        for part in parts:
            key = digest(self._timeline, part.record_frame, part.end, self._burnt, self._use)
            equal.setdefault(key, []).append(part)
        made: dict[Drawn, Path] = {}
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as workers:
            # Long ones first: a short one at the end leaves no processor idle for long.
            order = sorted(equal, key=lambda key: -equal[key][0].frames)
            running = {workers.submit(self._one, key, equal[key]): equal[key] for key in order}
            try:
                for future in as_completed(running):
                    path = future.result()
                    if path is None:
                        return None
                    made |= dict.fromkeys(running[future], path)
                    if progress is not None:
                        progress(
                            _DRAWING_SHARE * sum(part.frames for part in made) / sum(part.frames for part in parts)
                        )
            finally:
                workers.shutdown(wait=True, cancel_futures=True)
        return made

    def _one(self, key: str, equal: Sequence[Drawn]) -> Path | None:
        path, new = self._kept(key, equal[0])
        if not new and not fits(path, equal[0].frames, self._house):
            path.unlink(missing_ok=True)  # somebody has damaged what was kept
            path, new = self._kept(key, equal[0])
        if not new:
            with self._counting:
                self.cached_frames += sum(part.frames for part in equal)
        return path if not new or fits(path, equal[0].frames, self._house) else None

    def _kept(self, key: str, part: Drawn) -> tuple[Path, bool]:
        new = False

        def draw(into: Path) -> None:
            nonlocal new
            new = True
            self._draw(into, span=(part.record_frame, part.end))

        return self._cache.get(key, ".mp4", draw), new

    def whole(self, into: Path, progress: Callable[[float], None] | None) -> RenderReport:
        """Draw all of the film in one, where its stretches do not fit together."""
        with disk_errors_told(into, "The film"), whole_file(into) as unfinished:
            self._draw(unfinished, progress=progress)
        frames = self._timeline.frames
        return RenderReport(
            frames=frames,
            copied_frames=0,
            encoded_frames=frames,
            cached_frames=0,
            fallback="The encoder's parameter sets changed from stretch to stretch, so the whole film was encoded in "
            "one.",
        )

    def _draw(self, into: Path, *, span: Span | None = None, progress: Callable[[float], None] | None = None) -> None:
        render_picture(
            self._timeline, self._resolve, into, span=span, burnt=self._burnt, use=self._use, progress=progress
        )


def _stretch(timeline: Timeline, resolve: Resolve, part: Segment, drawn: dict[Drawn, Path]) -> Stretch:
    if isinstance(part, Drawn):
        return Stretch(drawn[part], 0, part.frames)
    return Stretch(resolve(timeline.clips[part.clip].media), part.source_frame, part.frames)


def _write(into: Path, film: Sequence[Stretch], house: HouseFormat) -> None:
    try:
        write_film(into, film, house)
    except FFmpegError as failed:
        of_the_disk = OSError(failed.errno, failed.strerror, str(into))
        if is_full(of_the_disk):
            raise of_the_disk from failed
        raise ProviderFailed(
            f"The film's packets cannot be put together: {failed.strerror}", where=str(into), todo="Report this line."
        ) from failed


def _check(film: Path, timeline: Timeline) -> None:
    made = probe(film).frames
    if made != timeline.frames:
        raise MediaDamaged(
            f"The film came out with {made} frames where the cut has {timeline.frames}",
            where=f"cut {timeline.name}",
            todo="A clip is not what it says; conform the cut again.",
        )


def _uncut(timeline: Timeline, seams: dict[MediaRef, Seams | None]) -> str:
    """What to say of clips whose packets could not be copied."""
    names = [clip.name for clip in timeline.clips if seams[clip.media] is None]
    if not names:
        return ""
    few = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"Not in the house format, so all their frames were encoded again: {few}."
