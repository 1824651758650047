"""The sound department: has the narration of a scene spoken, through the ledger. Music is ``composing.py``'s."""

from __future__ import annotations

from studio_pipeline.errors import JobFailed, PromptRefused
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.script import Script
from studio_pipeline.film.takes import Narration
from studio_pipeline.orchestration.artifacts import Absent
from studio_pipeline.stages.shooting.speaking import spoken
from studio_pipeline.stages.shooting.take import Shop

AIR_S = 0.6
"""Silence a scene keeps around its narration, so that scenes do not run into each other."""


def narrate(cell: Cell, script: Script, brief: Brief, voice: Shop) -> Narration | Absent:
    """The spoken narration of the scene in ``cell``; a *flagged* marker where no vendor would speak it."""
    scene = script.scenes[(cell.scene or 1) - 1]
    if not scene.narration.strip():
        return Narration(scene=scene.number, text="", language=script.language, sound=None, duration_s=0)

    events: list[str] = []
    longest_s = script.rate.seconds(scene.frames) - AIR_S
    try:
        return spoken(cell, scene.narration, script.language, voice, events, longest_s=longest_s)
    except (JobFailed, PromptRefused) as error:
        return Absent(kind="flagged", reason=" ".join((str(error), *events)))
