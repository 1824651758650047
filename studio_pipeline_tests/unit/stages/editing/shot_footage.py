"""Footage that nobody shot, for the tests of the editor; no file is opened. And what holds of every timeline."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from itertools import pairwise

from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.ratings import SceneRating, ShotRating, Verdict
from studio_pipeline.film.script import Mood, Scene, Script
from studio_pipeline.film.shots import Board, Framing, Shot, ShotPlan
from studio_pipeline.film.takes import Music, MusicCue, MusicTrack, Narration, Receipt, ShotTakes, Take, Word
from studio_pipeline.stages.editing.footage import PilotFootage

RATE = Rate.of(24)
BEATS = ("hook", "setup", "rise", "rise", "turn", "climax", "fall", "end")


def media(name: str, suffix: str = ".mp4") -> MediaRef:
    return MediaRef(sha256=hashlib.sha256(name.encode()).hexdigest(), suffix=suffix, size_bytes=1)


def receipt(price_usd: str) -> Receipt:
    return Receipt(entry="e", identity="i", vendor="v", model="m", price_usd=Decimal(price_usd), simulated=True)


def brief(**changes: object) -> Brief:
    facts: dict[str, object] = {"title": "Lighthouse", "concept": "x", "duration_s": 30, "budget_usd": Decimal(5)}
    return Brief.model_validate({**facts, **changes})


def spoken(scene: int, seconds: float) -> Narration:
    return Narration(
        scene=scene,
        text=f"Words of scene {scene}.",
        language="en",
        sound=media(f"n{scene}", ".wav"),
        duration_s=seconds,
        words=(Word(text="Words", start_s=0.0, end_s=max(0.1, seconds - 0.05)),),
    )


def footage(
    tier: str = "animated",
    *,
    scenes: int = 6,
    scene_frames: int = 120,
    shots: int = 2,
    speech_s: float | dict[int, float] = 3.5,
    ratings: dict[int, float] | None = None,
    lost: frozenset[str] = frozenset(),
    verdict: str | None = "continue",
    handle: int = 6,
    beats_s: tuple[float, ...] = tuple(at * 0.5 for at in range(200)),
    still_usd: str = "0",
    video_usd: str = "0",
    places: dict[int, str] | None = None,
    moods: dict[int, Mood] | None = None,
    shot_ratings: dict[str, float] | None = None,
    palette: tuple[str, ...] = (),
) -> PilotFootage:
    framings: tuple[Framing, ...] = ("wide", "medium", "close", "insert")
    script_scenes = tuple(
        Scene(
            number=n,
            heading=f"Scene {n}",
            place=(places or {}).get(n, "the sea"),
            mood=(moods or {}).get(n, "calm"),
            frames=scene_frames,
            narration=f"Words of scene {n}.",
            direction="It rains.",
            beat=BEATS[(n - 1) % len(BEATS)],
        )
        for n in range(1, scenes + 1)
    )
    script = Script(
        title="L", logline="", rate=RATE, language="en", scenes=script_scenes, test_scenes=(1,), palette=palette
    )
    plans, takes, rated, said = {}, {}, {}, {}
    for scene in script_scenes:
        n = scene.number
        lengths = [scene_frames // shots] * shots
        lengths[-1] += scene_frames - sum(lengths)
        planned = tuple(
            Shot(
                number=k + 1,
                frames=length,
                handle=handle,
                move="drift",
                board=Board(heading="", action=f"Shot {k + 1}.", place="the sea", framing=framings[k]),
                prompt="p",
            )
            for k, length in enumerate(lengths)
        )
        plans[n] = ShotPlan(scene=n, rate=RATE, size=(1280, 720), shots=planned)
        rated_shots = []
        for shot in planned:
            place = f"{tier}.s{n:02d}.k{shot.number}"
            if place in lost:
                continue
            take = Take(
                number=1,
                clip=media(place),
                poster=media(place, ".png"),
                frames=shot.clip_frames,
                plan_digest="d",
                still=receipt(still_usd),
                video=receipt(video_usd),
            )
            takes[place] = ShotTakes(shot=place, takes=(take,), circled=1)
            score = (shot_ratings or {}).get(place, (ratings or {}).get(n, 80.0))
            rated_shots.append(ShotRating(shot=place, take=1, rating=score, measures={}))
        rated[n] = SceneRating(scene=n, rating=(ratings or {}).get(n, 80.0), shots=tuple(rated_shots))
        seconds = speech_s.get(n, 0.0) if isinstance(speech_s, dict) else speech_s
        if seconds > 0:
            said[n] = spoken(n, seconds)
    judged = None
    if verdict is not None:
        share = 100 if verdict == "continue" else 0
        judged = Verdict.model_validate(
            {"tier": tier, "rating": 80, "decision": verdict, "share_pct": share, "gap": "", "reasons": ()}
        )
    duration_s = scenes * scene_frames / 24
    score = Music(tracks=(music_track("calm", duration_s, beats_s),), cues=(MusicCue(first_scene=1, mood="calm"),))
    return PilotFootage(tier, script, plans, takes, rated, said, score, judged)


def music_track(mood: Mood, duration_s: float, beats_s: tuple[float, ...] = ()) -> MusicTrack:
    return MusicTrack(
        mood=mood,
        sound=media(f"music {mood}", ".wav"),
        duration_s=duration_s,
        tempo_bpm=120 if beats_s else None,
        beats_s=beats_s,
        receipt=receipt("0"),
    )


def check_sound(timeline: Timeline) -> None:
    for before, after in pairwise(timeline.narration):
        assert before.record_frame + before.frames <= after.record_frame, "two narrations overlap"
    for speech in timeline.narration:
        assert speech.record_frame + speech.frames <= timeline.frames
        starts = dict(zip((clip.name for clip in timeline.clips), timeline.record_frames(), strict=True))
        first = min(starts[clip.name] for clip in timeline.clips if clip.scene == speech.scene)
        last = max(starts[clip.name] + clip.frames for clip in timeline.clips if clip.scene == speech.scene)
        words = speech.words[0].start_s if speech.words else 0
        assert first <= speech.record_frame + timeline.rate.frames(words) < last, "its words start over another scene"
