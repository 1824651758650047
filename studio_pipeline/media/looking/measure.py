"""Measures of real picture and sound files: numbers with units, no opinions.

One streaming pass over a clip's decoded frames, on luma scaled down to 320 pixels, holds a few frames in memory
whatever the clip's length. What the numbers mean for a film is decided in ``stages/reviewing``; what kind of file it
is, in ``probe.py``. Luma levels are full range, 0 (black) to 255 (white). Frames count from 0; runs of frames
include both ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.media.looking.motion import CameraMotion, MotionTracker, tile_means
from studio_pipeline.media.opening import open_to_read

_LONG_SIDE_PX = 320
_DETAIL_EVERY = 12
"""Sharpness and colour change slowly: they are measured on every twelfth frame."""
_CAPTION_SHARE = 0.18

BLACK_P99_LEVELS = 24.0
"""A frame is black when 99 % of its pixels are darker than this: a lit window at night is not."""
HELD_STEP_LEVELS = 0.4
HELD_DRIFT_LEVELS = 0.8
"""A picture is held while no tile of a 16 × 9 grid changes by more than the first from frame to frame, nor by more
than the second since the hold began. Encoders go on refining a held picture (x264 at CRF 18: up to 0.05 levels at
720p, 0.38 at 480 × 270) without getting anywhere; a pan of 0.03 pixels a frame changes its busiest tile by 0.5 each
time. Both measured on encoded clips."""
_REPAINTED = 4
"""How many times that a held picture may change at a keyframe, where the encoder paints all of it anew: 0.4 to 0.65
levels on drawn pictures held at 720p, 1.4 at 320 × 180. One frame says nothing about a move."""
SHORTEST_HOLD = 5
"""Frames; in shorter runs the slowest moves and held pictures look alike."""


class FrameRun(Frozen):
    """Consecutive frames, both ends included."""

    first_frame: int
    last_frame: int

    @property
    def frames(self) -> int:
        return self.last_frame - self.first_frame + 1


class PictureMeasures(Frozen):
    """What one clip measures. Names carry the unit."""

    frames: int
    width_px: int
    height_px: int
    rate_fps: float
    luma_mean_levels: float
    luma_p5_levels: float
    luma_p95_levels: float
    contrast_levels: float
    """Mean over frames of p95 − p5."""
    sharpness_laplacian_variance: float
    colourfulness: float
    """Hasler & Süsstrunk 2003: 0 grey, 15 slightly, 33 moderately, 59 highly colourful."""
    flicker_levels: float
    """RMS second difference of the mean luma; a fade has none."""
    change_levels: float
    """Mean absolute change of a pixel from frame to frame."""
    caption_contrast_ratio: float
    """WCAG 2.2 contrast of white letters against the bright parts of the lower 18 %, where captions lie: 1 to 21."""
    camera_motion_permille_per_frame: float
    """Mean travel of a picture corner by pan, tilt and zoom of the whole picture, in thousandths of its long side
    (1 ‰ is 1.28 pixels at 720p)."""
    jitter_permille: float
    """RMS change of that travel from frame to frame (second difference of the path): what reads as shaking."""
    inner_motion_levels: float
    """How much more the liveliest tiles change than the median one, camera motion taken out: things that move."""
    grain_levels: float
    """Change of the median tile with the camera's motion taken out: noise that boils, or everything moving."""
    black_runs: tuple[FrameRun, ...]
    frozen_runs: tuple[FrameRun, ...]
    """Runs of at least ``SHORTEST_HOLD`` frames that look like the one before the run; that one is not counted."""
    jump_frames: tuple[int, ...]
    """Frames that have nothing to do with the one before: cuts inside a shot."""

    @property
    def frozen_frames(self) -> int:
        return sum(run.frames for run in self.frozen_runs)

    def numbers(self) -> dict[str, float]:
        """All single numbers by name, rounded for people and for equal digests on every processor."""
        singles = {name: value for name, value in self if isinstance(value, int | float)}
        return {name: round(float(value), 3) for name, value in singles.items()}


class SoundMeasures(Frozen):
    """What one wav measures."""

    duration_s: float
    rms_dbfs: float | None
    """Loudness of the parts that are not silent; ``None`` when everything is."""
    peak_dbfs: float | None
    clipped_samples: int


def measure_clip(path: Path) -> PictureMeasures:
    """Measure the first video stream of ``path``.

    Raises:
        MediaDamaged: it is not a picture file, a frame does not decode, or there are none.
    """
    try:
        with open_to_read(path) as media:
            if not media.streams.video:
                raise _damaged(path, "has no pictures in it")
            stream = media.streams.video[0]
            stream.thread_type = "AUTO"
            rate_fps = float(stream.average_rate or 0)
            promised = stream.frames
            measured = _measure(media.decode(stream), rate_fps)
    except (FFmpegError, ValueError) as bad:
        raise _damaged(path, "cannot be read as pictures") from bad
    if measured is None or measured.frames < promised:
        found = 0 if measured is None else measured.frames
        raise _damaged(path, f"is cut off: {found} of {promised or 'its'} frames decode")
    return measured


@dataclass
class _Tally:
    """What is kept of each frame: a few numbers."""

    mean: list[float] = field(default_factory=list)
    p5: list[float] = field(default_factory=list)
    p95: list[float] = field(default_factory=list)
    black: list[bool] = field(default_factory=list)
    change: list[float] = field(default_factory=list)
    frozen: list[bool] = field(default_factory=list)
    sharpness: list[float] = field(default_factory=list)
    colour: list[float] = field(default_factory=list)
    caption_ground: list[float] = field(default_factory=list)
    motion: list[CameraMotion] = field(default_factory=list)


def _measure(frames: Iterable[VideoFrame], rate_fps: float) -> PictureMeasures | None:
    tally, tracker, before, held = _Tally(), None, None, None
    width = height = 0
    for number, frame in enumerate(frames):
        if tracker is None:
            width, height = frame.width, frame.height
            tracker = MotionTracker(_small_size(width, height), scale=1000 / max(_small_size(width, height)))
        luma = _small_luma(frame, width, height)
        _add_levels(tally, luma)
        if number % _DETAIL_EVERY == 0:
            tally.sharpness.append(_laplacian_variance(frame))
            tally.colour.append(_colourfulness(frame, width, height))
            tally.caption_ground.append(_bright_luminance(luma[-round(luma.shape[0] * _CAPTION_SHARE) :]))
        if before is not None:
            difference = np.abs(luma - before)
            tally.change.append(float(difference.mean()))
            step, drift = float(tile_means(difference).max()), float(tile_means(np.abs(luma - held)).max())
            limit = _REPAINTED if frame.key_frame else 1
            tally.frozen.append(step < limit * HELD_STEP_LEVELS and drift < limit * HELD_DRIFT_LEVELS)
            tally.motion.append(tracker.between(before, luma))
        if held is None or not tally.frozen[-1] or frame.key_frame:
            held = luma
        before = luma
    return _summary(tally, width, height, rate_fps) if tally.mean else None


def _summary(tally: _Tally, width: int, height: int, rate_fps: float) -> PictureMeasures:
    moves = [step for step in tally.motion if not step.jump]
    path = np.array([step.path for step in moves]).reshape(-1, 3)
    steps = np.diff(path, axis=0)
    return PictureMeasures(
        frames=len(tally.mean),
        width_px=width,
        height_px=height,
        rate_fps=rate_fps,
        luma_mean_levels=_mean(tally.mean),
        luma_p5_levels=_mean(tally.p5),
        luma_p95_levels=_mean(tally.p95),
        contrast_levels=_mean(tally.p95) - _mean(tally.p5),
        sharpness_laplacian_variance=_mean(tally.sharpness),
        colourfulness=_mean(tally.colour),
        flicker_levels=_rms(np.diff(np.array(tally.mean), n=2)),
        change_levels=_mean(tally.change),
        caption_contrast_ratio=1.05 / (_mean(tally.caption_ground) + 0.05),
        camera_motion_permille_per_frame=_mean([step.travel for step in moves]),
        jitter_permille=_rms(np.sqrt((steps**2).sum(axis=1))) if len(steps) else 0.0,
        inner_motion_levels=_mean([step.liveliest_levels - step.median_levels for step in moves]),
        grain_levels=_mean([step.median_levels for step in moves]),
        black_runs=tuple(_runs(tally.black)),
        frozen_runs=tuple(run for run in _runs([False, *tally.frozen]) if run.frames >= SHORTEST_HOLD),
        jump_frames=tuple(at + 1 for at, step in enumerate(tally.motion) if step.jump),
    )


def _add_levels(tally: _Tally, luma: np.ndarray) -> None:
    p5, p95, p99 = np.percentile(luma, (5, 95, 99))
    tally.mean.append(float(luma.mean()))
    tally.p5.append(float(p5))
    tally.p95.append(float(p95))
    tally.black.append(bool(p99 < BLACK_P99_LEVELS))


def _small_size(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, _LONG_SIDE_PX / max(width, height))
    return max(16, round(width * scale / 2) * 2), max(16, round(height * scale / 2) * 2)


def _small_luma(frame: VideoFrame, width: int, height: int) -> np.ndarray:
    """Luma scaled down by averaging, as full-range float levels. By one thread: calling others takes longer."""
    columns, rows = _small_size(width, height)
    small = frame.reformat(width=columns, height=rows, format="yuv420p", interpolation="AREA", threads=1)
    return _plane(small)


def _plane(frame: VideoFrame) -> np.ndarray:
    """The luma plane as full-range float levels: limited range (16–235) is stretched, as a screen does."""
    plane = frame.planes[0]
    stored = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
    levels = stored.astype(np.float32)
    return levels if frame.color_range == ColorRange.JPEG else (levels - 16.0) * (255.0 / 219.0)


def _laplacian_variance(frame: VideoFrame) -> float:
    luma = _plane(frame if frame.format.name == "yuv420p" else frame.reformat(format="yuv420p"))
    core = luma[1:-1, 1:-1]
    laplacian = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:] - 4 * core
    return float(laplacian.var())


def _bright_luminance(luma: np.ndarray) -> float:
    """Relative luminance, 0 to 1, that a twentieth of the picture exceeds."""
    return float(max(0.0, np.percentile(luma, 95)) / 255) ** 2.2


def _colourfulness(frame: VideoFrame, width: int, height: int) -> float:
    columns, rows = _small_size(width, height)
    rgb = frame.reformat(width=columns, height=rows, format="rgb24", interpolation="AREA", threads=1).to_ndarray()
    red, green, blue = np.moveaxis(rgb.astype(np.float32), 2, 0)
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = math.hypot(float(red_green.std()), float(yellow_blue.std()))
    return spread + 0.3 * math.hypot(float(red_green.mean()), float(yellow_blue.mean()))


def _runs(flags: Sequence[bool]) -> Iterator[FrameRun]:
    start = None
    for at, flag in enumerate([*flags, False]):
        if flag and start is None:
            start = at
        elif not flag and start is not None:
            yield FrameRun(first_frame=start, last_frame=at - 1)
            start = None


def measure_sound(path: Path) -> SoundMeasures:
    """Measure a sound. Loudness is the RMS of the 50 ms blocks above −50 dBFS: pauses do not make a voice soft.

    Raises:
        MediaDamaged: it is not a sound, or does not decode.
    """
    try:
        with open_to_read(path) as media:
            if not media.streams.audio:
                raise _damaged(path, "has no sound in it")
            rate_hz = media.streams.audio[0].codec_context.sample_rate
            as_floats = av.AudioResampler(format="fltp")
            blocks = [part.to_ndarray() for frame in media.decode(audio=0) for part in as_floats.resample(frame)]
    except (FFmpegError, ValueError) as bad:
        raise _damaged(path, "cannot be read as a sound") from bad
    if not blocks:
        raise _damaged(path, "has no sound in it")
    samples = np.concatenate(blocks, axis=1).T.astype(np.float64)
    peak = float(np.abs(samples).max())
    block = max(1, rate_hz // 20)
    whole = len(samples) // block * block
    powers = (samples[:whole] ** 2).reshape(whole // block, -1).mean(axis=1) if whole else np.zeros(0)
    spoken = powers[powers > 10 ** (-50 / 10)]
    return SoundMeasures(
        duration_s=len(samples) / rate_hz,
        rms_dbfs=10 * math.log10(float(spoken.mean())) if len(spoken) else None,
        peak_dbfs=20 * math.log10(peak) if peak > 0 else None,
        clipped_samples=int((np.abs(samples) >= 32767 / 32768).sum()),
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2))) if len(values) else 0.0


def _damaged(path: Path, problem: str) -> MediaDamaged:
    return MediaDamaged(f"{path.name} {problem}", where=str(path), todo="Make or fetch it again.")
