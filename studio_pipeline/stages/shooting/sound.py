"""The sound department: has narration spoken and music made for a pilot, through the ledger."""

from __future__ import annotations

from collections import Counter

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.script import Script
from studio_pipeline.film.takes import Music, Narration, Word
from studio_pipeline.providers.music.port import MusicRequest
from studio_pipeline.providers.voice.port import SpeechRequest
from studio_pipeline.stages.shooting.take import Shop

AIR_S = 0.6
"""Silence a scene keeps around its narration, so that scenes do not run into each other."""


def narrate(cell: Cell, script: Script, brief: Brief, voice: Shop) -> Narration:
    """The spoken narration of the scene in ``cell``."""
    scene = script.scenes[(cell.scene or 1) - 1]
    if not scene.narration.strip():
        return Narration(scene=scene.number, text="", language=script.language, sound=None, duration_s=0)
    request = SpeechRequest(
        model=voice.model(""),
        text=scene.narration,
        language=script.language,
        max_duration_s=max(1.0, script.rate.seconds(scene.frames) - AIR_S),
    )
    spoken = voice.buy(
        request, production=cell.production, tier=cell.tier or "", place=cell.place, stage="narration", take=1
    )
    return Narration(
        scene=scene.number,
        text=scene.narration,
        language=script.language,
        sound=spoken.media,
        duration_s=float(spoken.details["duration_s"]),
        words=tuple(Word.model_validate(word) for word in spoken.details["words"]),
        receipt=spoken.receipt,
        events=spoken.events,
    )


def compose(cell: Cell, script: Script, brief: Brief, band: Shop) -> Music:
    """One track for the film, in the mood most of the film is in."""
    weights: Counter[str] = Counter()
    for scene in script.scenes:
        weights[scene.mood] += scene.frames
    request = MusicRequest.model_validate(
        {
            "model": band.model(""),
            "mood": max(sorted(weights), key=weights.__getitem__),
            "duration_s": script.rate.seconds(script.frames),
            "seed": brief.seed,
        }
    )
    track = band.buy(request, production=cell.production, tier=cell.tier or "", place=cell.place, stage="music", take=1)
    return Music(
        sound=track.media,
        duration_s=float(track.details["duration_s"]),
        tempo_bpm=float(track.details["tempo_bpm"]),
        beats_s=tuple(track.details["beats_s"]),
        receipt=track.receipt,
    )
