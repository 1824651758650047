"""What a person has to see to before a cut is all it should be, and a cut whose transitions have no room.

Pure: the cutting room opens no files. Looking at media, and standing in for those that cannot be shown, is
``media/conformed.py``.
"""

from __future__ import annotations

from studio_pipeline.editorial.pieces import crowded
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.film.frozen import Frozen


class Problem(Frozen):
    """One thing wrong. ``shot`` names the piece of the timeline: a shot, a narration or the music."""

    shot: str
    message: str

    def __str__(self) -> str:
        return f"{self.shot}: {self.message}"


def with_room(timeline: Timeline) -> tuple[Timeline, tuple[Problem, ...]]:
    """``timeline`` without the transitions that leave a clip no frame of its own, and which those were."""
    problems: list[Problem] = []
    while too_short := crowded(timeline):
        clip = too_short[0]
        # The one at its end goes first: what opens a clip is seen sooner.
        gone = timeline.transition_at(clip + 1) or timeline.transition_at(clip)
        kind = gone.kind.replace("_", " to ") if gone else ""
        where = "at its end" if gone and gone.at == clip + 1 else "at its start"
        problems.append(
            Problem(
                shot=timeline.clips[clip].name,
                message=f"is shorter than the transitions at its two ends together; the {kind} {where} is a plain cut",
            )
        )
        timeline = timeline.model_copy(
            update={"transitions": tuple(other for other in timeline.transitions if other != gone)}
        )
    return timeline, tuple(problems)
