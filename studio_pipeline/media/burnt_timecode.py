"""Timecode and names of shots over a picture, as the subtitle file that ffmpeg draws: one event a frame, one a clip.

For pictures to work with, never for films. The letters' sizes follow the picture; whatever a shot is called, its name
stays text (``captions_ass.styled``).
"""

from __future__ import annotations

from collections.abc import Iterator

from studio_pipeline.editorial.timecode import Timecode
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.burnt_in import BurntIn
from studio_pipeline.media.captions.ass import EVENT_FORMAT, STYLE_FORMAT, styled
from studio_pipeline.media.type.fonts import family, windows_extent
from studio_pipeline.media.type.typography import text_width

_EM = 1 / 18
"""Of the timecode, as a share of the picture's height."""
_NAME = 0.8
"""Size of the name, as a share of the timecode's."""
_LONGEST_NAME = 80


def burnt_timecode(timeline: Timeline) -> BurntIn:
    """What is written over the film of ``timeline``: at the lower left the record timecode of each frame (drop-frame
    where the rate has it), beside it the name of the clip that the frame belongs to."""
    width, height = timeline.size
    em = min(height * _EM, width / 16)
    style = f"{family('sans')},{em * sum(windows_extent('sans')):.2f},&H00F4F6F6,&H00F4F6F6,&H70101010,&H70101010"
    text = "\n".join(
        [
            *("[Script Info]", "ScriptType: v4.00+", f"PlayResX: {width}", f"PlayResY: {height}", "WrapStyle: 2"),
            *("ScaledBorderAndShadow: yes", "", "[V4+ Styles]", STYLE_FORMAT),
            f"Style: Burnt,{style},0,0,0,0,100,100,0,0,3,{em * 0.12:.2f},0,1,0,0,0,1",
            *("", "[Events]", EVENT_FORMAT, *_events(timeline, em, height), ""),
        ]
    )
    shown = [
        range(start, start + clip.frames) for clip, start in zip(timeline.clips, timeline.record_frames(), strict=True)
    ]
    return BurntIn(text, tuple(shown), tuple(clip.name for clip in timeline.clips))


def _events(timeline: Timeline, em: float, height: int) -> Iterator[str]:
    rate, timecode = timeline.rate, Timecode.of(timeline.rate)
    left, baseline, below = em * 0.6, height - em * 0.75, windows_extent("sans")[1]
    for frame in range(timeline.frames):
        yield _event(frame, frame + 1, rate, left, baseline + below * em, timecode.at(frame))
    beside = left + text_width(timecode.at(0), 100) / 100 * em + em * 0.8
    for clip, start in zip(timeline.clips, timeline.record_frames(), strict=True):
        name = styled(clip.name[:_LONGEST_NAME], em * _NAME)
        yield _event(start, start + clip.frames, rate, beside, baseline + below * em * _NAME, name)


def _event(start: int, end: int, rate: Rate, x: float, y: float, text: str) -> str:
    times = f"{_clock(start, rate)},{_clock(end, rate)}"
    return rf"Dialogue: 0,{times},Burnt,,0,0,0,,{{\pos({x:.1f},{y:.1f})}}{text}"


def _clock(frame: int, rate: Rate) -> str:
    """The last hundredth that is not after ``frame`` begins; frames are further apart than that."""
    hundredths = frame * 100 * rate.den // rate.num
    whole = hundredths // 100
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}.{hundredths % 100:02d}"
