"""What every prompt would be filled with for a brief: the studio's own agents are run by rules, on a mind that listens.

Nothing is sent, bought or kept. An agent is called just as its asset calls it, with a mind that writes down what it is
asked and gives no answer, so the rules decide and the next agent has something to go on from. Where an agent needs
takes that were shot, there are none: it is shown what planned takes would be, and says so (``Question.made_up``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import BaseModel

from studio_pipeline.errors import BadInput, VendorAway
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.prompting import variants
from studio_pipeline.providers.language.asking import Answer

if TYPE_CHECKING:
    from studio_pipeline.film.pilot import Pilot, Strategies
    from studio_pipeline.film.ratings import SceneRating
    from studio_pipeline.film.script import Script
    from studio_pipeline.film.shots import ShotPlan
    from studio_pipeline.film.story import Story
    from studio_pipeline.orchestration.resources import StudioHome

_READ = "no part was read by a model: the notes on them are those of the rules"
_TAKES = "no take was shot: the takes are those that are planned"
_RATED = "no take was shot: the ratings are made up"


@dataclass(frozen=True)
class Question:
    """What an agent would ask."""

    function: str
    values: Mapping[str, Any]
    output: type[BaseModel]
    pictures: int = 0
    made_up: str = ""
    """What of it is not real, in words; empty when all of it follows from the brief."""


class ReadingByRules(Mind):
    """A mind that reads a part of a story as the rules do, so that there are notes to put together."""

    def __init__(self) -> None:
        self.rules_last = True
        self.room_tokens = None

    def ask(self, values: Mapping[str, Any], output: type[BaseModel], *, make: Any = None, **_: Any) -> Answer[Any]:
        from studio_pipeline.stages.planning.story import ingest

        story = ingest(values["text"], "en")
        draft = {
            "summary": story.digest[: values["most_summary_characters"]],
            "characters": [
                {"name": one.name, "quote": one.evidence, "what": one.what, "narrator": False}
                for one in story.characters
            ],
            "places": [{"name": one.name, "quote": one.evidence} for one in story.places],
            "themes": story.themes,
            "language": story.language,
        }
        return Answer(make(output.model_validate(draft)), "rules", ())


@dataclass(frozen=True)
class PlannedFilm:
    """All that is there of a film before a picture is made; its ratings are made up."""

    story: Story
    script: Script
    plans: Sequence[ShotPlan]
    ratings: Sequence[SceneRating]


class Listening(Mind):
    """A mind that writes down what it is asked and says nothing."""

    def __init__(self, function: str, cell: Cell, heard: list[Question]) -> None:
        self.function = variants.function(function)
        self.variant = self.function.variant_of(cell.production)
        self.cell = cell
        self.rules_last = True
        self.sees = True
        self.room_tokens = None
        self._heard = heard

    def ask(self, values: Mapping[str, Any], output: type[BaseModel], **_: Any) -> NoReturn:
        self._heard.append(Question(self.function.name, dict(values), output))
        raise VendorAway("Nobody was asked", todo="This mind only listens.")


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

    def _plan(self, scene: int) -> ShotPlan:
        from studio_pipeline.settings import settings
        from studio_pipeline.stages.shooting.cinematographer import plan_shots

        size, most = self.brief.frame_size, settings().max_shots
        return plan_shots(self._script, scene, self._pilot, size=size, max_shots=most)

    @cached_property
    def _test_scene(self) -> int:
        return self._script.test_scenes[0]

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

    def inspector(self) -> Question:
        from studio_pipeline.stages.reviewing.inspector_mind import values
        from studio_pipeline.stages.reviewing.judgement import SceneJudgement, Seen

        plan = self._plans[self._test_scene - 1]
        rated = self._ratings[self._test_scene - 1].shots
        takes = [Seen(shot, 1, Path(), rating) for shot, rating in zip(plan.shots, rated, strict=True)]
        asked = values(self.brief, self._script, plan, takes)
        return Question("video_evaluator", asked, SceneJudgement, asked["pages"], _TAKES)

    def critic(self) -> Question:
        from studio_pipeline.stages.reviewing.critic import judge

        tested = [self._ratings[number - 1] for number in self._script.test_scenes]
        heard = self._heard(
            "critic", self._cell(), lambda mind: judge(self.brief, self._pilot, self._script, tested, mind=mind)
        )
        return replace(heard, made_up=_RATED)


READERS: Mapping[str, Callable[[ReadThrough], Question]] = {
    "story_reader": ReadThrough.story_reader,
    "story_merger": ReadThrough.story_merger,
    "producer": ReadThrough.producer,
    "script_generator": ReadThrough.screenwriter,
    "video_evaluator": ReadThrough.inspector,
    "critic": ReadThrough.critic,
}
"""Who asks, by function."""
