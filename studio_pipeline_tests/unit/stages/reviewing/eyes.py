"""A scene on film for tests of the judge: real clips, measured, and judges that say what they are told to.

What lives here: the scene, a mind without a model, and a model's vendor that charges and counts. What does not: any
expectation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image

from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Character, Scene, Script
from studio_pipeline.film.shots import Board, Shot, ShotPlan
from studio_pipeline.film.takes import Receipt, Take
from studio_pipeline.media.encode import encode_clip
from studio_pipeline.orchestration.quality import Inspection
from studio_pipeline.providers.language.asking import Answer
from studio_pipeline.providers.language.port import LanguageAnswer, LanguageRequest, Usage
from studio_pipeline.providers.vendor import Fetched, JobState
from studio_pipeline.stages.reviewing.inspector import inspect_shot
from studio_pipeline.stages.reviewing.judgement import SceneJudgement, Seen

RATE, SIZE, FRAMES = Rate.of(24), (320, 180), 24
RULES = Inspection(broken_below=40, broken_share=0.9, judge_weight=0.7, most_with_fault=59, most_takes=12)
MARA = Character(name="Mara", tag="M", look="a keeper of sixty, grey plait", colour="#aa3311")
BRIEF = Brief(title="The Lamp", concept="c", duration_s=40, budget_usd=Decimal(5))
_REF = MediaRef(sha256="0" * 64, suffix=".mp4", size_bytes=1)
_RECEIPT = Receipt(entry="e", identity="i", vendor="v", model="m", price_usd=Decimal(0), simulated=True)
_PAINT = np.random.default_rng(7).integers(20, 236, (24, 40, 3), dtype=np.uint8)
_CANVAS = Image.fromarray(_PAINT).resize((480, 288), Image.Resampling.NEAREST)


def shot_of(number: int) -> Shot:
    board = Board(heading="h", action="Mara looks up.", place="the lamp room", framing="close", characters=(MARA,))
    return Shot(number=number, frames=FRAMES - 12, handle=6, move="push_in", board=board, prompt="p")


PLAN = ShotPlan(scene=1, rate=RATE, size=SIZE, shots=(shot_of(1), shot_of(2)))
SCRIPT = Script(
    title="The Lamp",
    logline="",
    rate=RATE,
    language="en",
    scenes=(
        Scene(number=1, heading="Dark", place="the lamp room", frames=24, narration="n", direction="Mara looks up."),
    ),
    test_scenes=(1,),
    characters=(MARA,),
    look="gouache",
)


def pan(at: int) -> np.ndarray:
    return np.asarray(_CANVAS.resize(SIZE, Image.Resampling.BICUBIC, box=(40 + at / 2, 40, 360 + at / 2, 220)))


def black(at: int) -> np.ndarray:
    return np.zeros((SIZE[1], SIZE[0], 3), np.uint8)


def frozen(at: int) -> np.ndarray:
    return pan(0)


def filmed(folder: Path, shot: int, take: int, frame: Callable[[int], np.ndarray] = pan) -> Seen:
    """A take on disk, measured."""
    path = folder / f"k{shot}t{take}.mp4"
    encode_clip([frame(at) for at in range(FRAMES)], SIZE, RATE, path)
    return measured(shot, take, path)


def ruined(folder: Path, shot: int, take: int) -> Seen:
    path = folder / f"k{shot}t{take}.mp4"
    path.write_bytes(b"not a film")
    return measured(shot, take, path)


def measured(shot: int, take: int, path: Path) -> Seen:
    bought = Take(number=take, clip=_REF, poster=_REF, frames=FRAMES, plan_digest="d", still=_RECEIPT, video=_RECEIPT)
    name = f"animated.s01.k{shot}"
    return Seen(shot_of(shot), take, path, inspect_shot(shot_of(shot), bought, path, rate=RATE, size=SIZE, name=name))


def judgement(ratings: Mapping[tuple[int, int], float], issues: Sequence[Mapping[str, Any]] = (), **scene: Any) -> Any:
    """The JSON value of a judgement, with the issues on every take."""
    shots = [
        {"shot": shot, "take": take, "what_is_seen": "A woman looks up.", "issues": list(issues), "rating": rating}
        for (shot, take), rating in ratings.items()
    ]
    return {"shots": shots, "continuity": [], **scene}


@dataclass
class Eyes:
    """A mind without a model: answers with the judgement that it is given, through the agent's own checks."""

    says: Any
    model: str = "stub/eyes"
    sees: bool = True
    rules_last: bool = False
    asked: list[tuple[Mapping[str, Any], tuple[MediaRef, ...]]] = field(default_factory=list)
    variant: Any = field(default_factory=lambda: SimpleNamespace(prompt="inspector"))

    def ask(self, values: Any, output: Any, *, images: Any = (), make: Any = None) -> Answer[Any]:
        self.asked.append((values, tuple(images)))
        if isinstance(self.says, Exception):
            raise self.says
        return Answer(make(SceneJudgement.model_validate(self.says)), self.model, ())


@dataclass
class PaidEyes:
    """A vendor of eyes, to put behind a real mind: a dollar a look, and it counts them."""

    says: Any
    """A judgement, or what makes one of a request."""
    name: str = "anthropic"
    looks: int = 0

    def quote(self, request: LanguageRequest) -> Quote:
        return Quote(expected_usd=Decimal(1), max_usd=Decimal(1), simulated=False, source="test")

    def normalised(self, request: LanguageRequest) -> Mapping[str, Any]:
        return request.model_dump(mode="json")

    def submit(self, request: LanguageRequest, *, client_tag: str) -> str:
        self.looks += 1
        return f"look{self.looks}"

    def poll(self, job_id: str, request: LanguageRequest) -> JobState:
        return JobState(state="done", price_usd=Decimal(1))

    def fetch(self, job_id: str, request: LanguageRequest, into: Path) -> Fetched:
        says = self.says(request) if callable(self.says) else self.says
        said = LanguageAnswer(text=json.dumps(says), stop="end", usage=Usage(input_tokens=1, output_tokens=1))
        into.write_text(said.model_dump_json())
        return Fetched(suffix=".json")
