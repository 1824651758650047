"""What every prompt would be filled with for a brief: the studio's own agents are run by rules, on a mind that listens.

Nothing is sent, bought or kept. An agent is called just as its asset calls it, with a mind that writes down what it is
asked and gives no answer, so the rules decide and the next agent has something to go on from. Where an agent needs
takes that were shot, there are none: it is shown what planned takes would be, and says so (``Question.made_up``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from studio_pipeline.cli.listening import Listening, Question, ReadingByRules
from studio_pipeline.errors import BadInput, VendorAway
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.orchestration.minds import Mind

if TYPE_CHECKING:
    from studio_pipeline.film.pilot import Pilot, Strategies
    from studio_pipeline.film.ratings import SceneRating
    from studio_pipeline.film.script import Scene, Script
    from studio_pipeline.film.shots import Shot, ShotPlan
    from studio_pipeline.film.story import Story
    from studio_pipeline.film.takes import Narration, ShotTakes
    from studio_pipeline.orchestration.studio_home import StudioHome
    from studio_pipeline.providers.capabilities import Model

_READ = "no part was read by a model: the notes on them are those of the rules"
_WORDED = "no model worded the shots: the wordings are what was planned, and the same after the scene's heading"
_TAKES = "no take was shot: the takes are those that are planned"
_NO_DUBS = "the brief asks for no dubs"
_RATED = "no take was shot: the ratings are made up"


@dataclass(frozen=True)
class PlannedFilm:
    """All that is there of a film before a picture is made; its ratings are made up."""

    story: Story
    script: Script
    plans: Sequence[ShotPlan]
    ratings: Sequence[SceneRating]


class ReadThrough:
    """One brief, read through by every agent, as far as that goes without a picture being made.

    Raises:
        BadInput: for a brief that cannot be used, as ``studio produce`` does.
    """

    def __init__(self, brief: Path, home: StudioHome) -> None:
        from studio_pipeline.stages.planning.brief import read_brief
        from studio_pipeline.stages.planning.submission import brief_rules, check_tiers

        kept: list[bytes] = []
        rules = brief_rules()
        not_kept = rules.pop("put_story")

        def put_story(story: bytes) -> MediaRef:
            kept.append(story)
            return not_kept(story)

        self._home = home
        self.brief: Brief = read_brief(brief, put_story=put_story, **rules)
        check_tiers(self.brief)
        self._text = kept[0].decode("utf-8") if kept else ""

    def question(self, function: str) -> Question:
        """What the agent of ``function`` would ask first. Raises ``BadInput`` where it would ask nothing."""
        if function not in READERS:
            raise BadInput(
                f"What {function} is asked with follows from nothing that a brief has",
                todo=f"There are: {', '.join(READERS)}.",
            )
        return READERS[function](self)

    def _heard(self, function: str, cell: Cell, say: Callable[[Mind], object]) -> Question:
        heard: list[Question] = []
        say(Listening(function, cell, heard))
        if not heard:
            raise BadInput(f"{function} would be asked nothing for this brief", where=self.brief.title)
        return heard[0]

    def film(self) -> PlannedFilm:
        """The film as the rules plan it, with made-up ratings."""
        return PlannedFilm(self._story, self._script, self._plans, self._ratings)

    # What the rules make of it

    @property
    def _whole(self) -> Cell:
        return Cell(production=self.brief.production)

    @cached_property
    def _story(self) -> Story:
        from studio_pipeline.film.story import Story
        from studio_pipeline.stages.planning.story import ingest

        return ingest(self._text, self.brief.language) if self._text else Story()

    def _strategies(self, mind: Mind | None = None) -> Strategies:
        from studio_pipeline.orchestration.estimate import estimate
        from studio_pipeline.orchestration.grid import tiers
        from studio_pipeline.stages.planning.producer import strategize

        prices = estimate(self._home, self.brief)
        return strategize(self.brief, self._story, tiers(), prices.expected_usd, mind=mind)

    @cached_property
    def _pilot(self) -> Pilot:
        return self._strategies().pilots[0]

    def _write(self, mind: Mind | None = None) -> Script:
        from studio_pipeline.settings import settings
        from studio_pipeline.stages.scripting.screenwriter import write_script

        return write_script(self.brief, self._story, self._pilot, max_scenes=settings().max_scenes, mind=mind)

    @cached_property
    def _script(self) -> Script:
        return self._write()

    @cached_property
    def _plans(self) -> Sequence[ShotPlan]:
        return [self._plan(scene.number) for scene in self._script.scenes]

    @cached_property
    def _models(self) -> Sequence[Model]:
        from studio_pipeline.orchestration.resources import VendorResource
        from studio_pipeline.settings import settings

        video = VendorResource(kind="video", provider=settings().video_provider, home=self._home)
        return video.shop(self.brief).capabilities(self._pilot.tier)

    def _plan(self, scene: int, mind: Mind | None = None) -> ShotPlan:
        from studio_pipeline.settings import settings
        from studio_pipeline.stages.shooting.cinematographer import plan_shots

        return plan_shots(
            self._script,
            scene,
            self._pilot,
            size=self.brief.frame_size,
            max_shots=settings().max_shots,
            models=self._models,
            kid=self._kid,
            mind=mind,
        )

    @property
    def _test_plan(self) -> ShotPlan:
        """The plan of the first scene that is shot."""
        return self._plans[self._script.test_scenes[0] - 1]

    @property
    def _kid(self) -> bool:
        return self.brief.content_mode == "kid"

    @property
    def _bar(self) -> float:
        from studio_pipeline.orchestration.quality import quality

        return quality().refinement.good[self.brief.quality_mode]

    def _cell(self, scene: int | None = None) -> Cell:
        return Cell(production=self.brief.production, tier=self._pilot.tier, scene=scene)

    @cached_property
    def _ratings(self) -> Sequence[SceneRating]:
        """As if every planned shot had been shot once and found fair."""
        from studio_pipeline.film.ratings import Issue, SceneRating, ShotRating

        soft = Issue(code="soft", severity="warning", message="The picture is soft", points=8.0)
        return [
            SceneRating(
                scene=plan.scene,
                rating=72.0,
                shots=tuple(
                    ShotRating(
                        shot=f"{self._pilot.tier}.s{plan.scene:02d}.k{shot.number}",
                        take=1,
                        rating=72.0,
                        measures={"frames": float(shot.clip_frames)},
                        issues=(soft,),
                    )
                    for shot in plan.shots
                ),
            )
            for plan in self._plans
        ]

    # The questions

    def story_reader(self) -> Question:
        return self._heard("story_reader", self._whole, lambda mind: self._read(mind, ReadingByRules()))

    def story_merger(self) -> Question:
        heard = self._heard("story_merger", self._whole, lambda mind: self._read(ReadingByRules(), mind))
        return replace(heard, made_up=_READ)

    def _read(self, reader: Mind, merger: Mind) -> None:
        from studio_pipeline.stages.planning.story import ingest

        ingest(self._text, self.brief.language, reader=reader, merger=merger)

    def producer(self) -> Question:
        return self._heard("producer", self._whole, self._strategies)

    def screenwriter(self) -> Question:
        return self._heard("script_generator", self._cell(), self._write)

    def cinematographer(self) -> Question:
        scene = self._test_plan.scene
        return self._heard("cinematographer", self._cell(scene), lambda mind: self._plan(scene, mind))

    def enhancer(self) -> Question:
        from studio_pipeline.stages.shooting.prompt_enhancement import enhanced
        from studio_pipeline.stages.shooting.prompt_parts import limit_of

        plan, limit = self._test_plan, limit_of(self._models)
        return self._heard(
            "prompt_enhancer",
            self._cell(plan.scene),
            lambda mind: enhanced(plan, self._script, self._pilot, mind=mind, limit=limit, kid=self._kid),
        )

    def quality_evaluator(self) -> Question:
        from studio_pipeline.stages.shooting.prompt_enhancement import best_of, rooms_of
        from studio_pipeline.stages.shooting.prompt_parts import limit_of, seen_in

        plan, scene = self._test_plan, self._script.scenes[self._test_plan.scene - 1]
        rooms = rooms_of(plan, self._pilot, limit_of(self._models))
        planned = tuple(seen_in(shot) for shot in plan.shots if shot.number in rooms)
        wordings = (planned, tuple(f"{scene.heading}: {seen}" for seen in planned))
        heard = self._heard(
            "quality_evaluator",
            self._cell(plan.scene),
            lambda mind: best_of(wordings, plan, rooms, mind, [], kid=self._kid),
        )
        return replace(heard, made_up=_WORDED)

    def refiner(self) -> Question:
        from studio_pipeline.stages.shooting.prompt_parts import limit_of
        from studio_pipeline.stages.shooting.refinement import refine

        shot, rating = self._test_plan.shots[0], self._ratings[self._test_plan.scene - 1].shots[0]
        heard = self._heard(
            "prompt_refiner",
            self._cell(self._test_plan.scene),
            lambda mind: refine(shot, rating.issues, mind, limit=limit_of(self._models), kid=self._kid),
        )
        return replace(heard, made_up=_RATED)

    def translator(self) -> Question:
        from studio_pipeline.prose.pace import AIR_S
        from studio_pipeline.stages.shooting.dubbing_mind import translate

        script = self._script
        scene = next((one for one in script.scenes if one.narration.strip()), script.scenes[0])
        other = "en" if script.language == "hi" else "hi"
        language = next((code for code in self.brief.dubs if code != script.language), other)
        room_s = script.rate.seconds(scene.frames) - AIR_S

        def say(mind: Mind) -> None:
            with suppress(VendorAway):  # nothing translates by rules
                translate(mind, script, scene, language, room_s=room_s, kid=self._kid)

        heard = self._heard("translator", self._cell(scene.number), say)
        return heard if self.brief.dubs else replace(heard, made_up=f"{_NO_DUBS}: this one is for {language}")

    def inspector(self) -> Question:
        from studio_pipeline.stages.reviewing.inspector_mind import values
        from studio_pipeline.stages.reviewing.judgement import SceneJudgement, Seen

        plan = self._test_plan
        rated = self._ratings[plan.scene - 1].shots
        takes = [Seen(shot, 1, Path(), rating) for shot, rating in zip(plan.shots, rated, strict=True)]
        asked = values(self.brief, self._script, plan, takes)
        return Question("video_evaluator", asked, SceneJudgement, asked["pages"], _TAKES)

    def critic(self) -> Question:
        from studio_pipeline.stages.reviewing.critic import judge

        tested = [self._ratings[number - 1] for number in self._script.test_scenes]
        heard = self._heard(
            "critic",
            self._cell(),
            lambda mind: judge(self.brief, self._pilot, self._script, tested, bar=self._bar, mind=mind),
        )
        return replace(heard, made_up=_RATED)

    def editor(self) -> Question:
        from studio_pipeline.stages.editing.editor import propose_cuts
        from studio_pipeline.stages.editing.footage import PilotFootage

        takes = {
            rating.shot: _planned_take(shot, rating.shot)
            for plan, scene in zip(self._plans, self._ratings, strict=True)
            for shot, rating in zip(plan.shots, scene.shots, strict=True)
        }
        footage = PilotFootage(
            tier=self._pilot.tier,
            script=self._script,
            plans={plan.scene: plan for plan in self._plans},
            takes=takes,
            ratings={rating.scene: rating for rating in self._ratings},
            narration={scene.number: _unspoken(scene, self._script.language) for scene in self._script.scenes},
        )
        heard = self._heard(
            "editor",
            self._whole,
            lambda mind: propose_cuts(self.brief, {footage.tier: footage}, bar=self._bar, mind=mind),
        )
        return replace(heard, made_up=_RATED)


def _unspoken(scene: Scene, language: str) -> Narration:
    """A scene's narration, as long as it will be about, of no sound."""
    from studio_pipeline.film.frozen import digest_of
    from studio_pipeline.film.takes import Narration
    from studio_pipeline.prose.pace import speaking_s

    said = scene.narration
    sound = MediaRef(sha256=digest_of(said), suffix=".wav", size_bytes=0) if said else None
    length_s = speaking_s(said, language) if said else 0.0
    return Narration(scene=scene.number, text=said, language=language, sound=sound, duration_s=length_s)


def _planned_take(shot: Shot, place: str) -> ShotTakes:
    """A take as it was planned, of no picture and for no money."""
    from studio_pipeline.film.frozen import digest_of
    from studio_pipeline.film.takes import Receipt, ShotTakes, Take

    digest = digest_of(shot)
    nothing = Receipt(entry="", identity=digest, vendor="", model="", price_usd=Decimal(0), simulated=True)
    clip = MediaRef(sha256=digest, suffix=".mp4", size_bytes=0)
    take = Take(
        number=1, clip=clip, poster=clip, frames=shot.clip_frames, plan_digest=digest, still=nothing, video=nothing
    )
    return ShotTakes(shot=place, takes=(take,), circled=1)


READERS: Mapping[str, Callable[[ReadThrough], Question]] = {
    "story_reader": ReadThrough.story_reader,
    "story_merger": ReadThrough.story_merger,
    "producer": ReadThrough.producer,
    "script_generator": ReadThrough.screenwriter,
    "cinematographer": ReadThrough.cinematographer,
    "prompt_enhancer": ReadThrough.enhancer,
    "quality_evaluator": ReadThrough.quality_evaluator,
    "prompt_refiner": ReadThrough.refiner,
    "translator": ReadThrough.translator,
    "video_evaluator": ReadThrough.inspector,
    "critic": ReadThrough.critic,
    "editor": ReadThrough.editor,
}
"""Who asks, by function."""
