"""The sound department: has narration spoken and music made for a pilot, through the ledger."""

from __future__ import annotations

from collections import Counter

from studio_pipeline.errors import JobFailed, PromptRefused
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.script import Script
from studio_pipeline.film.takes import Music, Narration
from studio_pipeline.orchestration.artifacts import Absent
from studio_pipeline.providers.metering import Purchase
from studio_pipeline.providers.music.port import MusicRequest
from studio_pipeline.stages.shooting.asking import ask
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


def compose(cell: Cell, script: Script, brief: Brief, band: Shop) -> Music | Absent:
    """One track for the film, in the mood most of the film is in; a *flagged* marker where no vendor made one."""
    weights: Counter[str] = Counter()
    for scene in script.scenes:
        weights[scene.mood] += scene.frames

    def buy(model: str, take: int) -> Purchase:
        request = MusicRequest.model_validate(
            {
                "model": model,
                "mood": max(sorted(weights), key=weights.__getitem__),
                "duration_s": script.rate.seconds(script.frames),
                "seed": brief.seed,
            }
        )
        return band.buy(
            request, production=cell.production, tier=cell.tier or "", place=cell.place, stage="music", take=take
        )

    events: list[str] = []
    try:
        track, _ = ask(band.models(cell.tier or ""), buy, 1, events)
    except (JobFailed, PromptRefused) as error:
        return Absent(kind="flagged", reason=" ".join((str(error), *events)))
    tempo_bpm = track.details.get("tempo_bpm")
    return Music(
        sound=track.media,
        duration_s=float(track.details["duration_s"]),
        tempo_bpm=None if tempo_bpm is None else float(tempo_bpm),
        beats_s=tuple(track.details.get("beats_s", ())),
        receipt=track.receipt,
        events=(*events, *track.events),
    )
