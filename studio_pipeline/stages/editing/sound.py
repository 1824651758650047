"""Where narration lies in a cut, and what its pictures do to give it room.

The first word is said a little after its scene begins; the line ends with its last word. Words that are longer than
their pictures may run on into the next scene's air. What does not fit there makes the scene longer: by the handles of
its shots, then by a slower last shot, then by its last picture standing still. A lead is given up before a picture is
bent, and a narration that even then finds no room is left out and named: it never overlaps the next one, and its
pictures stay as they are. Places only: mixing is ``finishing``'s.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio_pipeline.editorial.timeline import NORMAL, Speech, Speed
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Narration
from studio_pipeline.stages.editing.dialogue import with_quotes
from studio_pipeline.stages.editing.footage import Piece, SceneCut

LEAD_S = 0.3
"""Air between a scene's first frame and its first word."""
GAP_S = 0.15
"""Least pause between two narrations."""
SLOWER: tuple[Speed, ...] = (Speed(num=9, den=10), Speed(num=5, den=6), Speed(num=4, den=5))
"""How slowly a shot may play for its narration; slower still is seen as slow motion."""
LONGEST_HOLD_S = 2.0
"""How long a picture may stand still for it."""
_SOUND_AFTER_WORD_S = 0.1
"""What a last word may ring on after its measured end before it counts as cut off."""


@dataclass(frozen=True)
class Narrated:
    """Scenes with what is said over them; words for people beside it."""

    scenes: tuple[SceneCut, ...]
    """As they were given, longer where their narration needs it."""
    speeches: tuple[Speech, ...]
    missing: tuple[str, ...]
    """What could not be placed."""
    notes: tuple[str, ...]
    """What was done so that something could."""


def spoken_frames(narration: Narration | None, rate: Rate) -> int:
    """Frames of a sound until its last word has been said; 0 where nothing is said."""
    if narration is None or narration.sound is None or narration.duration_s <= 0:
        return 0
    end_s = narration.duration_s
    if narration.words:
        end_s = min(end_s, narration.words[-1].end_s + _SOUND_AFTER_WORD_S)
    return max(1, math.ceil(end_s * rate.fps))


def unspoken_frames(narration: Narration | None, rate: Rate) -> int:
    """Frames of a sound before its first word."""
    spoken = spoken_frames(narration, rate)
    if narration is None or not narration.words or not spoken:
        return 0
    return min(spoken - 1, math.floor(max(0.0, narration.words[0].start_s) * rate.fps))


def needed_frames(narration: Narration | None, rate: Rate, *, air_s: float = 0.0) -> int:
    """Frames a scene needs so that its words fit, with their lead and ``air_s`` after them; 0 without narration."""
    line = _Line.of(narration, rate)
    return rate.frames(LEAD_S) + line.frames + rate.frames(air_s) if line else 0


@dataclass(frozen=True)
class _Line:
    """Narration in frames: of silence before its first word, and from there until its last word has been said."""

    before: int
    frames: int

    @classmethod
    def of(cls, narration: Narration | None, rate: Rate) -> _Line | None:
        before, spoken = unspoken_frames(narration, rate), spoken_frames(narration, rate)
        return cls(before, spoken - before) if spoken else None

    def earliest(self, scene_start: int, said_until: int | None, gap: int) -> int:
        """The first frame that its first word may fall on."""
        quiet_from = self.before if said_until is None else said_until + max(gap, self.before)
        return max(scene_start, quiet_from)


def _air(later: SceneCut, gap: int, rate: Rate) -> int:
    """How many frames of ``later`` the narration before it may use."""
    line = _Line.of(later.narration, rate)
    return max(0, later.frames - (max(gap, line.before) + line.frames if line else gap))


def narrated(scenes: Sequence[SceneCut], rate: Rate) -> Narrated:
    """Lay each scene's narration on the film made of ``scenes``, and give it room where it has none."""
    lead, gap = rate.frames(LEAD_S), rate.frames(GAP_S)
    done: list[SceneCut] = []
    speeches: list[Speech] = []
    missing: list[str] = []
    notes: list[str] = []
    at, said_until = 0, None
    for number, scene in enumerate(scenes, start=1):
        narration, line = scene.narration, _Line.of(scene.narration, rate)
        if narration is not None and narration.sound is not None and line is not None:
            earliest = line.earliest(at, said_until, gap)
            start = max(at + lead, earliest)
            air = _air(scenes[number], gap, rate) if number < len(scenes) else 0
            # It begins in its own scene, and ends in its own or in the next one's air.
            over = start + max(1, line.frames - air) - (at + scene.frames)
            longer = _longer(scene, over, start - earliest, rate) if over > 0 else _Longer(scene)
            if longer is None:
                missing.append(
                    f"the narration of scene {scene.scene.number} ({_seconds(line.frames, rate)}) finds no room"
                )
            else:
                notes += _told(scene, longer, rate)
                scene = longer.scene
                speeches.append(_speech(scene, narration, narration.sound, start - longer.lead, line, rate))
                said_until = start - longer.lead + line.frames
        elif narration is not None and narration.text.strip():
            missing.append(f"the narration of scene {scene.scene.number} was not spoken")
        done.append(scene)
        at += scene.frames
    return Narrated(tuple(done), tuple(speeches), tuple(missing), tuple(notes))


def _speech(scene: SceneCut, narration: Narration, sound: MediaRef, start: int, line: _Line, rate: Rate) -> Speech:
    """The narration with its first word on frame ``start``."""
    speech = Speech(
        scene=scene.scene.number,
        media=sound,
        record_frame=start - line.before,
        frames=line.before + line.frames,
        text=narration.text,
        words=narration.words,
        origins=(narration.receipt.origin("voice"),) if narration.receipt else (),
    )
    return with_quotes(speech, rate)


def _told(scene: SceneCut, longer: _Longer, rate: Rate) -> list[str]:
    if not longer.told:
        return []
    seconds = _seconds(longer.scene.frames - scene.frames, rate)
    return [f"scene {scene.scene.number} lasts {seconds} longer for its narration: {', '.join(longer.told)}"]


@dataclass(frozen=True)
class _Longer:
    """A scene with room for its narration, the frames of its lead that were given up, and what was done, in words."""

    scene: SceneCut
    lead: int = 0
    told: tuple[str, ...] = ()


def _longer(scene: SceneCut, over: int, lead: int, rate: Rate) -> _Longer | None:
    """``scene`` with room for ``over`` frames more; ``None`` where there is not enough to be had.

    Args:
        lead: how many frames sooner its first word may come.
    """
    longer = scene.extended(over)
    told: list[str] = []
    if gained := longer.frames - scene.frames:
        told.append(f"{_seconds(gained, rate)} of its shots that were to spare")
        over -= gained
    given = min(over, lead)
    over -= given
    last = longer.pieces[-1]
    if over > 0 and last.moves and last.speed == NORMAL and not last.hold:
        slow = _slower(last, over)
        if gained := slow.frames - last.frames:
            told.append(f"{last.name} at {slow.speed.fraction} of its speed")
            last, over = slow, over - gained
    if over > rate.frames(LONGEST_HOLD_S):
        return None
    if over > 0:
        told.append(f"the last picture of {last.name} held for {_seconds(over, rate)}")
        last = replace(last, frames=last.frames + over, hold=last.hold + over)
    return _Longer(replace(longer, pieces=(*longer.pieces[:-1], last)), given, tuple(told))


def _slower(piece: Piece, wanted: int) -> Piece:
    """``piece`` as little slower as makes it ``wanted`` frames longer, or as slow and long as it may be."""
    speed = next((speed for speed in SLOWER if replace(piece, speed=speed).tail >= wanted), SLOWER[-1])
    return replace(piece, speed=speed).extended(after=wanted)


def _seconds(frames: int, rate: Rate) -> str:
    return f"{rate.seconds(frames):.1f} s"
