"""What the editor is handed: one pilot's script, plans, takes, ratings and sounds; and pieces cut from it.

Lookups and small steps on frozen values. Which pieces a cut takes is decided in ``pacing.py`` and ``editor.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from studio_pipeline.editorial.timeline import NORMAL, ColourMatch, Mark, Speed, TimelineClip
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.ratings import Issue, SceneRating, Verdict
from studio_pipeline.film.script import Scene, Script
from studio_pipeline.film.shots import Framing, Shot, ShotPlan
from studio_pipeline.film.takes import Music, Narration, Origin, ShotTakes


@dataclass(frozen=True)
class PilotFootage:
    """Everything shot for one pilot. A partial film simply has fewer takes.

    ``plans``, ``ratings`` and ``narration`` go by scene number, ``takes`` by the shot's place (``animated.s03.k2``).
    """

    tier: str
    script: Script
    plans: Mapping[int, ShotPlan]
    takes: Mapping[str, ShotTakes]
    ratings: Mapping[int, SceneRating] = field(default_factory=dict)
    narration: Mapping[int, Narration] = field(default_factory=dict)
    music: Music | None = None
    verdict: Verdict | None = None

    @property
    def survives(self) -> bool:
        """Whether the critic let it live, or has not spoken."""
        return self.verdict is None or self.verdict.decision == "continue"

    def place(self, scene: int, shot: int) -> str:
        return f"{self.tier}.s{scene:02d}.k{shot}"


@dataclass(frozen=True)
class Piece:
    """A range of one take, as ``TimelineClip`` has it, and how it is framed. ``head`` and ``tail`` are the frames of
    the take that lie unused before and after it."""

    name: str
    scene: int
    media: MediaRef
    media_frames: int
    source_frame: int
    frames: int
    take: int
    rating: float | None
    framing: Framing
    moves: bool = True
    """Whether its picture was planned to move; one that stands still is not played slower."""
    speed: Speed = NORMAL
    hold: int = 0
    colour: ColourMatch | None = None
    marks: tuple[Mark, ...] = ()
    origins: tuple[Origin, ...] = ()

    @property
    def clip(self) -> TimelineClip:
        """The piece as the timeline has it."""
        return TimelineClip(
            name=self.name,
            media=self.media,
            media_frames=self.media_frames,
            source_frame=self.source_frame,
            frames=self.frames,
            scene=self.scene,
            take=self.take,
            rating=self.rating,
            speed=self.speed,
            hold=self.hold,
            colour=self.colour,
            marks=tuple(mark for mark in self.marks if self.source_frame <= mark.source_frame < self._source_end),
            origins=self.origins,
        )

    @property
    def head(self) -> int:
        return self.clip.head

    @property
    def tail(self) -> int:
        return self.clip.tail

    @property
    def _source_end(self) -> int:
        moving = self.frames - self.hold
        return self.source_frame + (moving - 1) * self.speed.num // self.speed.den + 1

    def shortened(self, frames: int) -> Piece:
        """Only the first ``frames`` frames."""
        return replace(self, frames=min(self.frames, frames))

    def extended(self, *, before: int = 0, after: int = 0) -> Piece:
        """Longer by handle frames, as far as there are any."""
        before, after = min(before, self.head), min(after, self.tail)
        return replace(self, source_frame=self.source_frame - before, frames=self.frames + before + after)


@dataclass(frozen=True)
class SceneCut:
    """One scene as a cut has it: its pieces in order, from one pilot, with its narration."""

    tier: str
    scene: Scene
    pieces: tuple[Piece, ...]
    narration: Narration | None = None
    missing: tuple[str, ...] = ()
    """Planned shots of the scene that nobody shot, in words."""
    planned: bool = True
    """Whether anybody knows which shots it should have."""

    @property
    def frames(self) -> int:
        return sum(piece.frames for piece in self.pieces)

    @property
    def shot_share(self) -> float:
        """How many of its planned shots were shot, 0 to 1."""
        return len(self.pieces) / max(1, len(self.pieces) + len(self.missing))

    @property
    def rating(self) -> float | None:
        """Mean of its pieces by length; ``None`` when none of them was rated."""
        rated = [(piece.rating, piece.frames) for piece in self.pieces if piece.rating is not None]
        if not rated:
            return None
        return sum(rating * frames for rating, frames in rated) / sum(frames for _, frames in rated)

    def extended(self, wanted: int) -> SceneCut:
        """Longer by up to ``wanted`` frames, from the last piece's tail and then the first piece's head."""
        pieces = list(self.pieces)
        after = min(wanted, pieces[-1].tail)
        pieces[-1] = pieces[-1].extended(after=after)
        pieces[0] = pieces[0].extended(before=wanted - after)
        return replace(self, pieces=tuple(pieces))


def scene_cuts(footage: PilotFootage) -> tuple[SceneCut, ...]:
    """Every scene of the script as shot, in order; a scene without a single take has no pieces."""
    cuts = []
    for scene in footage.script.scenes:
        plan = footage.plans.get(scene.number)
        pieces, missing = [], []
        for shot in plan.shots if plan else ():
            name = footage.place(scene.number, shot.number)
            takes = footage.takes.get(name)
            if takes is None:
                missing.append(f"{name} was not shot ({shot.board.framing.replace('_', ' ')}: {shot.board.action})")
            else:
                pieces.append(_piece(footage, name, scene.number, shot, takes))
        if plan is None:
            missing.append(f"scene {scene.number} “{scene.heading}” was not planned")
        narration = footage.narration.get(scene.number)
        planned = plan is not None
        cuts.append(SceneCut(footage.tier, scene, tuple(pieces), narration, tuple(missing), planned))
    return tuple(cuts)


def _piece(footage: PilotFootage, name: str, scene: int, shot: Shot, takes: ShotTakes) -> Piece:
    take = takes.take
    frames = min(shot.frames, take.frames)
    rated = footage.ratings.get(scene)
    # The inspector may have labelled the shot by its number alone.
    labels = (name, f"k{shot.number}")
    seen = next((each for each in rated.shots if each.shot in labels), None) if rated else None
    return Piece(
        name=name,
        scene=scene,
        media=take.clip,
        media_frames=take.frames,
        source_frame=min(shot.handle, take.frames - frames),
        frames=frames,
        take=take.number,
        rating=seen.rating if seen else None,
        framing=shot.board.framing,
        moves=shot.move != "hold",
        marks=tuple(_mark(issue) for issue in seen.issues if issue.first_frame is not None) if seen else (),
        origins=(take.still.origin("still"), take.video.origin("clip")),
    )


def _mark(issue: Issue) -> Mark:
    return Mark(source_frame=issue.first_frame or 0, name=issue.code, note=issue.message)
