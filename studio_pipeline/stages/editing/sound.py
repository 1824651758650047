"""Where narration lies in a cut.

Narration starts a little after its scene does. When it is longer than its pictures it may run on into the next
scene's air; what does not fit there stretches the pictures by their handles. It never overlaps the next narration,
never leaves the film, and what can not be placed is named. Places only: mixing is ``finishing``'s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from studio_pipeline.editorial.timeline import Speech
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Narration
from studio_pipeline.stages.editing.footage import SceneCut

LEAD_S = 0.3
"""Air between a scene's first frame and its narration."""
GAP_S = 0.15
"""Least pause between two narrations."""
_SOUND_AFTER_WORD_S = 0.1
"""What a last word may ring on after its measured end before it counts as cut off."""


@dataclass(frozen=True)
class PlacedSound:
    """Narration as placed, and in words what could not be."""

    speeches: tuple[Speech, ...]
    missing: tuple[str, ...]


def spoken_frames(narration: Narration | None, rate: Rate) -> int:
    """Frames until the last word has been said; 0 where nothing is said."""
    if narration is None or narration.sound is None or narration.duration_s <= 0:
        return 0
    end_s = narration.duration_s
    if narration.words:
        end_s = min(end_s, narration.words[-1].end_s + _SOUND_AFTER_WORD_S)
    return max(1, math.ceil(end_s * rate.fps))


def needed_frames(narration: Narration | None, rate: Rate, *, air_s: float = 0.0) -> int:
    """Frames a scene needs so that its narration fits, with its lead and ``air_s`` after it; 0 without narration."""
    spoken = spoken_frames(narration, rate)
    return rate.frames(LEAD_S) + spoken + rate.frames(air_s) if spoken else 0


def stretched(scenes: Sequence[SceneCut], rate: Rate) -> list[SceneCut]:
    """The scenes, made longer by handle frames where their narration would not find room otherwise."""
    lead, gap = rate.frames(LEAD_S), rate.frames(GAP_S)
    done: list[SceneCut] = []
    intrusion = 0
    for at, scene in enumerate(scenes):
        spoken = spoken_frames(scene.narration, rate)
        start = max(lead, intrusion + gap if intrusion else 0)
        over = (start + spoken if spoken else intrusion) - scene.frames
        if over > 0:
            air = 0
            if at + 1 < len(scenes):
                later = scenes[at + 1]
                air = max(0, later.frames - gap - spoken_frames(later.narration, rate))
            longer = scene.extended(max(0, over - air))
            over -= longer.frames - scene.frames
            scene = longer
        intrusion = max(0, over)
        done.append(scene)
    return done


def place_narration(scenes: Sequence[SceneCut], rate: Rate) -> PlacedSound:
    """Lay each scene's narration on the film made of ``scenes``."""
    film = sum(scene.frames for scene in scenes)
    lead, gap = rate.frames(LEAD_S), rate.frames(GAP_S)
    speeches: list[Speech] = []
    missing: list[str] = []
    scene_start, free_from = 0, 0
    for scene in scenes:
        scene_end = scene_start + scene.frames
        narration = scene.narration
        spoken = spoken_frames(narration, rate)
        if narration is not None and narration.text.strip() and not spoken:
            missing.append(f"the narration of scene {scene.scene.number} was not spoken")
        if narration is not None and narration.sound is not None and spoken:
            start = max(scene_start + lead, free_from)
            # The lead is given up before a word is.
            start = max(min(start, film - spoken), scene_start, free_from)
            if start >= scene_end or start + spoken > film:
                missing.append(
                    f"the narration of scene {scene.scene.number} ({narration.duration_s:.1f} s) finds no room"
                )
            else:
                whole = max(spoken, math.ceil(narration.duration_s * rate.fps))
                speeches.append(
                    Speech(
                        scene=scene.scene.number,
                        media=narration.sound,
                        record_frame=start,
                        frames=min(whole, film - start),
                        text=narration.text,
                        words=narration.words,
                    )
                )
                free_from = start + min(whole, film - start) + gap
        scene_start = scene_end
    return PlacedSound(tuple(speeches), tuple(missing))
