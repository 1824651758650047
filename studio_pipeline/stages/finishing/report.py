"""The film's report: what it is made of, how it was rendered, what it lacks; for people and programs.

It holds no date, so that equal films have equal reports.
"""

from __future__ import annotations

from typing import Any

from studio_pipeline.editorial.cut import Cut
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.film.film import Film
from studio_pipeline.film.frozen import plain
from studio_pipeline.media.deliver import AI_NOTICE


def report(cut: Cut, film: Film) -> dict[str, Any]:
    """The report of ``film``, which was made of ``cut``, as JSON values."""
    timeline = cut.timeline
    return {
        "notice": AI_NOTICE,
        "title": timeline.title,
        "language": timeline.language,
        "film": film.model_dump(mode="json"),
        "cut": {"name": cut.name, "rating": cut.rating, "rationale": cut.rationale, "notes": cut.notes},
        "rate": {"num": timeline.rate.num, "den": timeline.rate.den},
        "shots": _shots(timeline),
        "transitions": [transition.model_dump(mode="json") for transition in timeline.transitions],
        "narration": [
            {
                "scene": speech.scene,
                "record_frame": speech.record_frame,
                "frames": speech.frames,
                "media": speech.media.sha256,
                "made_by": [plain(origin) for origin in speech.origins],
            }
            for speech in timeline.narration
        ],
        "music": [
            {
                "mood": span.mood,
                "record_frame": span.record_frame,
                "frames": span.frames,
                "media": span.media.sha256,
                "made_by": [plain(origin) for origin in span.origins],
            }
            for span in timeline.music
        ],
    }


def _shots(timeline: Timeline) -> list[dict[str, Any]]:
    return [
        {
            "shot": clip.name,
            "scene": clip.scene,
            "take": clip.take,
            "rating": clip.rating,
            "record_frame": start,
            "source_frame": clip.source_frame,
            "frames": clip.frames,
            "speed": f"{clip.speed.num}/{clip.speed.den}",
            "held_frames": clip.hold,
            "colour": None if clip.colour is None else plain(clip.colour),
            "media": clip.media.sha256,
            "made_by": [plain(origin) for origin in clip.origins],
        }
        for clip, start in zip(timeline.clips, timeline.record_frames(), strict=True)
    ]
