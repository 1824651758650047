"""Choosing and trimming: which scenes are strong enough, how short a scene may get, where the beat falls.

Steps from scenes to scenes; every one keeps the order and never invents frames. Joining is ``assembly.py``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.film.rate import Rate
from studio_pipeline.stages.editing.footage import Piece, SceneCut
from studio_pipeline.stages.editing.sound import needed_frames

SHORTEST_PIECE_S = 1.0
AIR_S = 0.4
"""Air after a narration in a tight cut."""
UNSPOKEN_SHARE = 0.7
"""What is left of a scene without narration in a tight cut."""
BEAT_WINDOW_S = 0.25
"""A cut point is moved to a beat that is at most this far away."""
DROPPED_SHARE = 0.25
"""At most this part of the scenes is left out for quality."""
CLEARLY_SHORTER = 0.9
"""What is cut for quality has at most this part of the frames there are, where enough may go."""
CLEARLY_BETTER_POINTS = 5.0
"""Another pilot's scene must be better by this much to be worth a change of look."""


@dataclass(frozen=True)
class Selection:
    """The scenes of a cut, each from one pilot."""

    scenes: tuple[SceneCut, ...]
    borrowed: tuple[int, ...] = ()
    """Numbers of scenes taken from another pilot."""


def best_of(main: Sequence[SceneCut], others: Mapping[str, Sequence[SceneCut]]) -> Selection:
    """Scene by scene the best-rated pilot's, where the pilots tell the same scene in the same words.

    Looks change at scene borders only, and only for a scene that is clearly better or was not shot at all.
    """
    return _selected(main, others, _clearly_better)


def filled(main: Sequence[SceneCut], others: Mapping[str, Sequence[SceneCut]]) -> Selection:
    """The scenes of ``main``, and those that nobody shot there from the first pilot that has pictures of them, where
    it tells them in the same words."""
    return _selected(main, others, lambda candidate, best: bool(candidate.pieces) and not best.pieces)


def _selected(
    main: Sequence[SceneCut],
    others: Mapping[str, Sequence[SceneCut]],
    better: Callable[[SceneCut, SceneCut], bool],
) -> Selection:
    chosen, borrowed = [], []
    for at, scene in enumerate(main):
        best = scene
        for cuts in others.values():
            if at < len(cuts) and _same_story(scene, cuts[at]) and better(cuts[at], best):
                best = cuts[at]
        if best is not scene:
            borrowed.append(scene.scene.number)
        chosen.append(best)
    return Selection(tuple(chosen), borrowed=tuple(borrowed))


def _same_story(one: SceneCut, other: SceneCut) -> bool:
    return (one.scene.narration, one.scene.frames) == (other.scene.narration, other.scene.frames)


def _clearly_better(candidate: SceneCut, best: SceneCut) -> bool:
    if not candidate.pieces or candidate.missing:
        return False
    if not best.pieces:
        return True
    return (candidate.rating or 0) >= (best.rating or 0) + CLEARLY_BETTER_POINTS


def spare(scenes: Sequence[SceneCut]) -> int:
    """How many scenes may be left out: at most a quarter."""
    return int(len(scenes) * DROPPED_SHARE)


def droppable(scenes: Sequence[SceneCut]) -> list[SceneCut]:
    """Scenes that may be left out. The first, the last and the climax stay: without them it is another film."""
    return [scene for scene in scenes[1:-1] if scene.scene.beat not in ("hook", "climax", "end")]


def strongest(scenes: Sequence[SceneCut], bar: float) -> tuple[int, ...]:
    """Numbers of the scenes that stay when the weak ones go: everything under ``bar``, and otherwise the weakest one,
    as far as the story allows."""
    ranked = sorted(droppable(scenes), key=lambda scene: (scene.rating or 0, -scene.scene.number))
    weak = [scene for scene in ranked if (scene.rating or 0) < bar] or ranked[:1]
    dropped = {scene.scene.number for scene in weak[: spare(scenes)]}
    return tuple(scene.scene.number for scene in scenes if scene.scene.number not in dropped)


def polished(scenes: Sequence[SceneCut], rate: Rate, *, bar: float, most_frames: int) -> tuple[SceneCut, ...]:
    """Without the shots under ``bar``, and otherwise without the weakest ones until ``most_frames`` are left, as far
    as every scene keeps a shot and room for its narration. Shots that nobody rated stay."""
    kept = {piece.name: piece for scene in scenes for piece in scene.pieces}
    rated = [(scene, piece, piece.rating) for scene in scenes for piece in scene.pieces if piece.rating is not None]
    for scene, piece, rating in sorted(rated, key=lambda found: (found[2], found[1].name)):
        long = sum(each.frames for each in kept.values()) > most_frames
        rest = sum(each.frames for each in scene.pieces if each.name in kept and each is not piece)
        if (rating < bar or long) and rest >= max(1, needed_frames(scene.narration, rate, air_s=AIR_S)):
            del kept[piece.name]
    return tuple(
        replace(scene, pieces=tuple(piece for piece in scene.pieces if piece.name in kept)) for scene in scenes
    )


def tightened(scene: SceneCut, rate: Rate) -> SceneCut:
    """The scene as short as its narration and a little air allow; without narration a part of it.

    Shots that would become a flicker go, the weakest first; what remains shares the time in proportion.
    """
    least_piece = rate.frames(SHORTEST_PIECE_S)
    needed = needed_frames(scene.narration, rate, air_s=AIR_S) or round(scene.frames * UNSPOKEN_SHARE)
    target = min(scene.frames, max(needed, least_piece))
    pieces = list(scene.pieces)
    while len(pieces) > 1 and target < least_piece * len(pieces):
        weakest = min(pieces, key=lambda piece: (piece.rating or 0, -piece.frames))
        if sum(piece.frames for piece in pieces if piece is not weakest) < target:
            break
        pieces.remove(weakest)
    return replace(scene, pieces=tuple(_shared(pieces, target)))


def _shared(pieces: Sequence[Piece], target: int) -> list[Piece]:
    """The pieces shortened in proportion so that together they have ``target`` frames."""
    total = sum(piece.frames for piece in pieces)
    kept, upto, given = [], 0, 0
    for piece in pieces:
        upto += piece.frames
        share = round(target * upto / total) - given
        given += share
        kept.append(piece.shortened(max(1, share)))
    return kept


def snapped(scenes: Sequence[SceneCut], beats: Sequence[int], rate: Rate) -> tuple[SceneCut, ...]:
    """Move each cut point to the nearest beat, where the pieces have the frames and the narration keeps its room.

    No cut point moves with those before it, and the film stays as long as it is: its music is laid from its end.

    Args:
        beats: the record frames with a beat, rising.
    """
    window, least = rate.frames(BEAT_WINDOW_S), rate.frames(SHORTEST_PIECE_S)
    film = sum(scene.frames for scene in scenes)
    done: list[SceneCut] = []
    at = planned = 0
    for scene in scenes:
        pieces: list[Piece] = []
        needed = needed_frames(scene.narration, rate)
        for number, piece in enumerate(scene.pieces, start=1):
            planned += piece.frames
            rest = sum(later.frames for later in scene.pieces[number:])
            so_far = sum(before.frames for before in pieces)
            most = piece.frames + piece.tail
            fewest = min(most, max(min(least, piece.frames), needed - so_far - rest))
            beat = _nearest(beats, planned, window, (at + fewest, at + most)) if planned < film else None
            end = min(max(planned, at + fewest), at + most) if beat is None else beat
            pieces.append(replace(piece, frames=end - at))
            at = end
        done.append(replace(scene, pieces=tuple(pieces)))
    return tuple(done)


@dataclass(frozen=True)
class OnBeat:
    """How many cut points a cut has, and how many of them lie on a beat."""

    cut_points: int
    on_beat: int

    @classmethod
    def of(cls, timeline: Timeline, beats: Sequence[int]) -> OnBeat:
        cut_points = timeline.record_frames()[1:]
        return cls(len(cut_points), len(set(cut_points) & set(beats)))


def _nearest(beats: Sequence[int], frame: int, window: int, allowed: tuple[int, int]) -> int | None:
    """The beat nearest to ``frame`` within the window that is allowed; ``None`` when there is none."""
    first, last = max(frame - window, allowed[0]), min(frame + window, allowed[1])
    near = beats[bisect_left(beats, first) : bisect_left(beats, last + 1)]
    return min(near, key=lambda beat: (abs(beat - frame), beat), default=None)
