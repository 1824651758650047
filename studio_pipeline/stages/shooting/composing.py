"""The composer: has the music of a pilot's film made, a track for each mood, through the ledger.

Which scenes share a music is ``editorial/music_cues.py``'s; where it lies in a cut is the editor's.
"""

from __future__ import annotations

from studio_pipeline.editorial.music_cues import LEAST_CUE_S, Run, runs, track_s, without
from studio_pipeline.errors import JobFailed, PromptRefused
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.script import Mood, Script
from studio_pipeline.film.takes import Music, MusicCue, MusicTrack
from studio_pipeline.orchestration.artifacts import Absent
from studio_pipeline.providers.metering import Purchase
from studio_pipeline.providers.music.port import MusicRequest
from studio_pipeline.stages.shooting.asking import ask
from studio_pipeline.stages.shooting.take import Shop


def compose(cell: Cell, script: Script, brief: Brief, band: Shop) -> Music | Absent:
    """A track for each mood that the film is in for a while, as long as its longest run of scenes.

    A mood that no vendor plays is given its neighbours' music, and the events say so; a *flagged* marker where none
    was played.
    """
    wanted = runs([(scene.mood, scene.frames) for scene in script.scenes], least_frames=script.rate.frames(LEAST_CUE_S))
    tracks: dict[Mood, MusicTrack] = {}
    failed: dict[Mood, str] = {}
    events: list[str] = []
    moods: dict[Mood, None] = {run.mood: None for run in wanted}
    for mood in moods:
        longest = max(run.frames for run in wanted if run.mood == mood)
        seconds = track_s(script.rate.seconds(longest), script.rate.seconds(script.frames))
        try:
            tracks[mood] = _track(cell, mood, seconds, brief, band, events)
        except (JobFailed, PromptRefused) as error:
            failed[mood] = str(error)
    events = list(dict.fromkeys(events))  # who is away is away for every mood
    if not tracks:
        return Absent(kind="flagged", reason=" ".join((*dict.fromkeys(failed.values()), *events)))
    events += [_given_up(wanted, mood, why) for mood, why in failed.items()]
    cues = tuple(
        MusicCue(first_scene=script.scenes[run.first].number, mood=run.mood) for run in without(wanted, tuple(failed))
    )
    return Music(tracks=tuple(tracks.values()), cues=cues, events=tuple(events))


def _track(cell: Cell, mood: Mood, seconds: float, brief: Brief, band: Shop, events: list[str]) -> MusicTrack:
    """The music of one mood, as long as ``seconds`` or as the model makes any."""

    def buy(model: str, take: int) -> Purchase:
        able = band.capability(model)
        longest_s = able.longest_s if able else None
        request = MusicRequest(model=model, mood=mood, duration_s=min(seconds, longest_s or seconds), seed=brief.seed)
        return band.buy(
            request, production=cell.production, tier=cell.tier or "", place=cell.place, stage="music", take=take
        )

    bought, _ = ask(band.models(cell.tier or ""), buy, 1, events)
    events += bought.events
    tempo_bpm = bought.details.get("tempo_bpm")
    return MusicTrack(
        mood=mood,
        sound=bought.media,
        duration_s=float(bought.details["duration_s"]),
        tempo_bpm=None if tempo_bpm is None else float(tempo_bpm),
        beats_s=tuple(bought.details.get("beats_s", ())),
        receipt=bought.receipt,
    )


def _given_up(wanted: tuple[Run, ...], mood: Mood, why: str) -> str:
    scenes = [str(run.first + 1 + at) for run in wanted if run.mood == mood for at in range(run.count)]
    which = f"Scene {scenes[0]} has" if len(scenes) == 1 else f"Scenes {', '.join(scenes)} have"
    return f"Nobody plays music of {mood} ({why.rstrip('.')}). {which} the music beside it."
