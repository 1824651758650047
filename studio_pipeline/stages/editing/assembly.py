"""The timeline that comes of scenes: pieces joined in a cut's manner (``joining.py``), with narration and music."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studio_pipeline.editorial.timeline import Delivery, Timeline
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Music
from studio_pipeline.stages.editing.footage import SceneCut
from studio_pipeline.stages.editing.joining import Manner, transitions
from studio_pipeline.stages.editing.music import place_music
from studio_pipeline.stages.editing.sound import narrated


@dataclass(frozen=True)
class Assembled:
    """A timeline, and in words what did not find a place in it, and what was done so that something did."""

    timeline: Timeline
    missing: tuple[str, ...]
    notes: tuple[str, ...] = ()


def assemble(
    name: str,
    brief: Brief,
    scenes: Sequence[SceneCut],
    *,
    manner: Manner,
    music: Music | None,
    rate: Rate,
    size: tuple[int, int],
    palette: Sequence[str] = (),
) -> Assembled:
    """Build the timeline of ``scenes`` in order; scenes without pieces are not among them."""
    told = narrated(scenes, rate)
    scenes = told.scenes
    pieces = [piece for scene in scenes for piece in scene.pieces]
    timeline = Timeline(
        name=name,
        title=brief.title,
        language=brief.language,
        rate=rate,
        size=size,
        clips=tuple(piece.clip for piece in pieces),
        transitions=transitions(scenes, manner, rate, palette),
        narration=told.speeches,
        music=place_music(music, [(scene.scene.number, scene.frames) for scene in scenes], rate),
        delivery=Delivery(loudness_lufs=brief.loudness_lufs, burn_in=brief.captions == "burned_in"),
    )
    return Assembled(timeline, told.missing, told.notes)
