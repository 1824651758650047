"""Ten thousand bad answers through the real questions: a value that can be used, or a clear failure; never a crash.

Every function of ``prompts/variants.yaml`` is asked as its agent asks it, for a real brief with a story that gives
orders to whoever reads it. Its good answer is what the fake vendor's model says, its bad ones are made from that.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from studio_pipeline.budget.purchase import Account
from studio_pipeline.cli import prompt_values
from studio_pipeline.cli.listening import Listening, Question
from studio_pipeline.cli.prompt_values import READERS, ReadThrough
from studio_pipeline.editorial.cut import CutSet
from studio_pipeline.errors import AnswerUnusable
from studio_pipeline.fake_vendor.answers import answer_for
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.pilot import Strategies
from studio_pipeline.film.ratings import Verdict
from studio_pipeline.film.script import Script
from studio_pipeline.film.shots import ShotPlan
from studio_pipeline.film.takes import Receipt
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.prompting import library, variants
from studio_pipeline.providers import factory
from studio_pipeline.providers.language.asking import Asking, Manner
from studio_pipeline.providers.language.port import LanguageAnswer, LanguageRequest
from studio_pipeline.providers.metering import Purchase
from studio_pipeline.stages.reviewing.judgement import checked
from studio_pipeline_tests.backlot.bad_minds import INJECTED, bad_answers

ANSWERS = 10_000
MODELS = [
    factory.vendors()["anthropic"].models[f"anthropic/{name}"] for name in ("claude-sonnet-5-5", "claude-haiku-5-5")
]
STORY = """The lamp on Gull Rock had never gone dark. Ines kept it. {injected}
Wren came up the stairs with Ines and counted every step. “Who will be awake tomorrow?” asked Wren. Nobody knew.
The storm came in the night. Tom rowed back, and Ines carried the letters up to Wren. {again}
They burned high and gold, and the Marguerite came home. Wren told Tom, and Tom told everyone, that Ines was awake.
"""
BRIEF = """title: Lamp
story: lamp.md
duration_s: 30
budget_usd: 60
"""


class Overheard(Listening):
    """A listening mind that also keeps what becomes of an answer."""

    make: Callable[[Any], Any] | None = None

    def ask(self, values: Mapping[str, Any], output: Any, *, make: Any = None, **rest: Any) -> Any:
        Overheard.make = staticmethod(make)
        return super().ask(values, output, **rest)


class BadShelf:
    """Buys nothing: every answer is the next bad one. Counts who was asked."""

    def __init__(self, folder: Path, answers: Any) -> None:
        self.asked = Counter[str]()
        self.served = 0
        self._folder, self._answers = folder, answers

    def buy(self, request: LanguageRequest, *, take: int, budget: Account) -> Purchase:
        answer: LanguageAnswer = next(self._answers)
        self.asked[request.model] += 1
        self.served += 1
        (self._folder / "answer.json").write_text(answer.model_dump_json(), encoding="utf-8")
        receipt = Receipt(
            entry="1", identity="0" * 64, vendor="v", model=request.model, price_usd=Decimal(0), simulated=False
        )
        return Purchase(media=MediaRef(sha256="0" * 64, suffix=".json", size_bytes=1), receipt=receipt, avoided=False)

    def known(self, request: LanguageRequest, *, take: int) -> bool:
        return False

    def path(self, media: MediaRef) -> Path:
        return self._folder / "answer.json"


@lru_cache(maxsize=1)
def reading(folder: Path) -> ReadThrough:
    text = STORY.format(injected=INJECTED[0], again=" ".join(INJECTED[1:6]))
    (folder / "lamp.md").write_text(text, encoding="utf-8")
    (folder / "lamp.yaml").write_text(BRIEF, encoding="utf-8")
    home = StudioHome(root=str(folder), artifacts_url=str(folder / "artifacts"), simulate=True)
    return ReadThrough(folder / "lamp.yaml", home)


def asked(function: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Question, Callable[[Any], Any]]:
    monkeypatch.setattr(prompt_values, "Listening", Overheard)
    monkeypatch.setattr(Overheard, "make", None)
    read = reading(folder)
    question = read.question(function)
    if function == "video_evaluator":
        seen = {(row["shot"], row["take"]) for row in question.values["takes"]}
        return question, lambda draft: checked(draft, [s for s in _seen(read) if s.key in seen])
    assert Overheard.make is not None
    return question, Overheard.make


def _seen(read: ReadThrough) -> list[Any]:
    from studio_pipeline.stages.reviewing.judgement import Seen

    plan, film = read._test_plan, read.film()
    rated = film.ratings[plan.scene - 1].shots
    return [Seen(shot, 1, Path(), rating) for shot, rating in zip(plan.shots, rated, strict=True)]


def sound(value: Any, read: ReadThrough) -> None:
    """What is promised of whatever comes of an answer."""
    match value:
        case Script():
            assert value.frames == read.brief.frames
            assert len(value.scenes) <= 15
        case ShotPlan():
            assert value.frames == read.film().script.scenes[value.scene - 1].frames
        case Strategies():
            money = sum((pilot.budget_usd for pilot in value.pilots), value.reserve_usd)
            assert money == read.brief.budget_usd
            assert 2 <= len({pilot.tier for pilot in value.pilots}) == len(value.pilots) <= 3
        case Verdict():
            assert (value.decision == "continue") == (value.share_pct > 0)
        case CutSet():
            assert len(value.cuts) >= 3
            assert all(clip.frames > 0 for cut in value.cuts for clip in cut.timeline.clips)
    text = str(value)
    assert "\u202e" not in text and "\x1b" not in text and "\x00" not in text, "nothing that does something when shown"


@pytest.mark.slow
@pytest.mark.parametrize("function", sorted(READERS))
def test_bad_answers_come_to_something_usable_or_fail_clearly(
    function: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question, make = asked(function, tmp_path, monkeypatch)
    read = reading(tmp_path)
    prompt = library.render(variants.function(function).variants[0].prompt, question.values)
    said = answer_for(question.output.model_json_schema(), f"{prompt.system}\n{prompt.shared}\n{prompt.ask}")
    assert said is not None
    good = json.loads(said)
    assert make(question.output.model_validate(good)) is not None, "the good answer is a good one"
    shelf = BadShelf(tmp_path, bad_answers(good, seed=len(function), count=10 * ANSWERS))
    asking = Asking(MODELS, shelf)
    budget = Account(production="lamp", place="", stage="test", envelopes=("production:lamp",))
    ends = Counter[str]()
    while shelf.served < ANSWERS / len(READERS):
        shelf.asked.clear()
        try:
            answer = asking.ask(
                prompt, question.output, budget=budget, manner=Manner(most_output_tokens=4000), make=make
            )
        except AnswerUnusable as unusable:
            ends["failed"] += 1
            assert unusable.what
            assert unusable.todo
            assert shelf.asked == {model.name: 2 for model in MODELS}, "asked once and repaired once, of each model"
        else:
            ends["used"] += 1
            assert max(shelf.asked.values()) <= 2, "at most one repair call"
            sound(answer.value, read)
    assert min(ends["used"], ends["failed"]) > 20, f"both ends are met: {ends}"


def test_every_function_is_among_those_that_are_asked_badly() -> None:
    assert READERS.keys() == variants.functions().keys()
