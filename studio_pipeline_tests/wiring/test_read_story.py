"""Stories read by Claude's stand-in over the line: within its room, billed to the cent, and shown where people look."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import dagster as dg
import pytest

from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.fake_vendor.wire import Request, Response
from studio_pipeline.film.story import Story
from studio_pipeline.orchestration.resources import LanguageResource
from studio_pipeline.prompting.tokens import estimated_tokens
from studio_pipeline_tests.backlot.lot import Lot, open_lot, words_of
from studio_pipeline_tests.backlot.stories import STORIES, novel
from studio_pipeline_tests.backlot.studio import PRODUCTION, Studio

pytestmark = pytest.mark.slow

PILOT = f"{PRODUCTION}|animated"


class Listening(FakeVendor):
    """Keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []

    def answer(self, request: Request, shape: Any) -> Response:
        if request.path == "/v1/messages":
            self.asked.append(request.json())
        return super().answer(request, shape)


@pytest.fixture
def lot(fresh_copy: Callable[[], Studio], monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Lot, Listening]]:
    studio, fake = fresh_copy(), Listening()
    with fake:
        for name, value in fake.environ().items():
            monkeypatch.setenv(name, value)
        with open_lot(studio, language=LanguageResource(provider="anthropic", home=studio.home)) as opened:
            yield opened, fake


def read(opened: Lot, text: str, *, notes: tuple[str, ...] = (), **brief_says: Any) -> tuple[Story, dict[str, str]]:
    """The story asset of the production, whose story is ``text`` now; and what the UI shows of it."""
    brief = opened.home.orders.brief(PRODUCTION)
    assert brief is not None
    kept = opened.home.media.put_bytes(text.encode(), suffix=".txt")
    opened.home.orders.hand_in(brief.model_copy(update={"story": kept, "story_notes": notes, **brief_says}))
    ran: dg.ExecuteInProcessResult | None = None
    for asset in ("brief", "story"):
        ran = opened.materialize(asset, PRODUCTION)
        assert ran.success, words_of(ran)
    assert ran is not None
    (event,) = ran.asset_materializations_for_node("story")
    shown = {name: str(value.value) for name, value in event.metadata.items()}
    return opened.artifact("story", PRODUCTION).content, shown


def test_a_novel_is_read_in_a_dozen_questions_none_above_its_budget_and_the_bill_is_the_ledger(
    lot: tuple[Lot, Listening],
) -> None:
    opened, fake = lot
    story, shown = read(opened, novel())
    assert 11 <= len(fake.asked) <= 15
    assert (
        max(estimated_tokens(json.dumps([ask["system"], ask["messages"]], ensure_ascii=False)) for ask in fake.asked)
        < 16_000
    )
    assert len(story.chapter_digests) == len(fake.asked) - 1
    assert story.characters and all(person.evidence for person in story.characters)
    entries = [entry for entry in opened.home.ledger.entries(PRODUCTION) if entry.vendor == "anthropic"]
    assert {entry.stage for entry in entries} == {"planning: thinking"}
    assert sum(entry.settled_usd or 0 for entry in entries) == fake.meter.billed_usd("anthropic") > 0
    assert all(person.name in shown["characters"] for person in story.characters)
    assert shown["chapter_digests"].count("\n- ") == len(story.chapter_digests) - 1
    asked = len(fake.asked)
    assert read(opened, novel())[0] == story
    assert len(fake.asked) == asked, "the same questions are answered from the store"


def test_a_novel_becomes_a_film_of_a_minute_without_a_question_above_its_budget(lot: tuple[Lot, Listening]) -> None:
    (opened, fake), text = lot, novel()
    read(opened, text, duration_s=60.0, budget_usd=Decimal(200))
    for asset, key in (("pilot_strategies", PRODUCTION), ("scenes", PILOT), ("shot_plans", f"{PILOT}.s01")):
        ran = opened.materialize(asset, key)
        assert ran.success, words_of(ran)
    script, plan = (opened.artifact(a, k).content for a, k in (("scenes", PILOT), ("shot_plans", f"{PILOT}.s01")))
    assert script.rate.seconds(script.frames) == 60
    assert 10 <= len(script.scenes) <= 15
    assert script.characters and all(character.name in text for character in script.characters)
    assert plan.frames == script.scenes[0].frames
    sizes = [estimated_tokens(json.dumps([ask["system"], ask["messages"]], ensure_ascii=False)) for ask in fake.asked]
    assert len(sizes) > 14
    assert max(sizes) < 28_000, "a writer is shown at most 18,000 tokens of a story beside its own words"


@pytest.mark.parametrize("language", STORIES)
def test_stories_of_four_scripts_are_read_and_told_in_their_own_words(
    lot: tuple[Lot, Listening], language: str
) -> None:
    opened, fake = lot
    story, _ = read(opened, STORIES[language])
    assert story.language == language
    assert len(fake.asked) == 2
    sent = " ".join(part["text"] for message in fake.asked[0]["messages"] for part in message["content"])
    assert all(passage in " ".join(sent.split()) for passage in story.passages)


def test_what_was_done_to_the_file_is_shown_with_the_story_and_makes_nothing_stale(lot: tuple[Lot, Listening]) -> None:
    opened, _ = lot
    before = opened.header("brief", PRODUCTION)
    note = "The story is not UTF-8; it was read as windows-1252 (Western): “Müller”"
    story, shown = read(opened, opened.studio.root.joinpath("kite.md").read_text(), notes=(note,))
    assert story.events[0] == note
    assert "windows" in shown["events"]
    after = opened.header("brief", PRODUCTION)
    assert before is not None and after is not None
    assert before.parts["film"] == after.parts["film"]
