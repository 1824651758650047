"""The sound department: has narration spoken and music made for a pilot, through the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from studio_pipeline.errors import BadInput, VendorAway
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.script import Script
from studio_pipeline.film.takes import Music, Narration, Word
from studio_pipeline.providers.metering import Purchase
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

    def ask(model: str) -> Purchase:
        request = SpeechRequest(
            model=model,
            text=scene.narration,
            language=script.language,
            max_duration_s=max(1.0, script.rate.seconds(scene.frames) - AIR_S),
        )
        return voice.buy(
            request, production=cell.production, tier=cell.tier or "", place=cell.place, stage="narration", take=1
        )

    spoken, other = _first_that_can(voice.models(cell.tier or ""), ask)
    return Narration(
        scene=scene.number,
        text=scene.narration,
        language=script.language,
        sound=spoken.media,
        duration_s=float(spoken.details["duration_s"]),
        words=tuple(Word.model_validate(word) for word in spoken.details["words"]),
        receipt=spoken.receipt,
        events=(*other, *spoken.events),
    )


def compose(cell: Cell, script: Script, brief: Brief, band: Shop) -> Music:
    """One track for the film, in the mood most of the film is in."""
    weights: Counter[str] = Counter()
    for scene in script.scenes:
        weights[scene.mood] += scene.frames

    def ask(model: str) -> Purchase:
        request = MusicRequest.model_validate(
            {
                "model": model,
                "mood": max(sorted(weights), key=weights.__getitem__),
                "duration_s": script.rate.seconds(script.frames),
                "seed": brief.seed,
            }
        )
        return band.buy(
            request, production=cell.production, tier=cell.tier or "", place=cell.place, stage="music", take=1
        )

    track, other = _first_that_can(band.models(cell.tier or ""), ask)
    tempo_bpm = track.details.get("tempo_bpm")
    return Music(
        sound=track.media,
        duration_s=float(track.details["duration_s"]),
        tempo_bpm=None if tempo_bpm is None else float(tempo_bpm),
        beats_s=tuple(track.details.get("beats_s", ())),
        receipt=track.receipt,
        events=(*other, *track.events),
    )


def _first_that_can(models: Sequence[str], ask: Callable[[str], Purchase]) -> tuple[Purchase, tuple[str, ...]]:
    """What the first vendor that is not away delivers, and what is to be told about the others."""
    events: list[str] = []
    for model, following in pairwise((*models, None)):
        try:
            return ask(model or ""), tuple(events)
        except VendorAway as away:
            if following is None:
                raise
            events.append(f"{away.what}: {following} is asked instead of {model}.")
    raise BadInput("No vendor is in use for this kind of sound", where="VOICE_PROVIDER, MUSIC_PROVIDER")
