"""What it will cost to think a film through."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.errors import BadInput, UnknownPrice
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.orchestration.thinking import Thinking
from studio_pipeline.prompting import variants
from studio_pipeline.providers import factory
from studio_pipeline.providers.language.roles import minds

CARDS = RateCards.load(factory.VENDORS_DIR, accepted=lambda: RateCards.load(factory.VENDORS_DIR).stale())
NOVEL = MediaRef(sha256="0" * 64, suffix=".txt", size_bytes=360_000)


def brief(**changes: object) -> Brief:
    return Brief.model_validate(
        {"title": "Lamp", "concept": "A lamp.", "duration_s": 60, "budget_usd": Decimal(50)} | changes
    )


def thinking(*vendors: str, **changes: object) -> Thinking:
    return Thinking(CARDS, brief(**changes), vendors)


def test_rules_cost_nothing_and_a_rehearsal_asks_nobody():
    assert thinking("rules").pilot_usd(24) == 0
    assert thinking("anthropic", rehearse=True).pilot_usd(24) == 0


def test_a_pilot_costs_more_with_every_scene_and_most_is_more_than_expected():
    asked = thinking("anthropic")
    assert 0 < asked.pilot_usd(2) < asked.pilot_usd(24) < asked.pilot_usd(24, most=True)


def test_each_scene_is_translated_into_each_further_language():
    own, one, two = (thinking("anthropic", dubs=dubs).pilot_usd(24) for dubs in ((), ("hi",), ("hi", "de")))
    assert two - one == one - own > 0


def test_a_novel_is_read_part_by_part():
    idea, novel = thinking("anthropic"), thinking("anthropic", concept=None, story=NOVEL)
    read = minds().questions["story_reader"]
    a_part = (read.tokens_in * Decimal("0.10") + read.tokens_out * Decimal("0.50")) / 1_000_000
    assert novel.production_usd() - idea.production_usd() >= 10 * a_part


def test_a_simple_brief_is_thought_through_by_cheaper_models():
    simple = thinking("anthropic", duration_s=20)
    assert simple.pilot_usd(24) < thinking("anthropic").pilot_usd(24)


def test_nobody_waiting_is_half_the_price():
    assert thinking("anthropic", priority="low").pilot_usd(24) == pytest.approx(
        thinking("anthropic").pilot_usd(24) / 2, rel=Decimal("0.001")
    )


def test_a_server_whose_price_nobody_has_said_is_not_estimated_at_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_CHAT_MODEL", "llama3.2")
    monkeypatch.delenv("OPENAI_CHAT_PRICE", raising=False)
    with pytest.raises(UnknownPrice, match=r"Nobody knows what your chat server charges.*Set OPENAI_CHAT_PRICE"):
        thinking("openai-chat").pilot_usd(24)


def test_a_price_past_its_date_is_no_price_of_a_thought_either():
    model = "anthropic/claude-haiku-5-5"
    line = CARDS.line("anthropic", model)
    cards = RateCards({"anthropic": {model: line}}, today=lambda: line.review_after + timedelta(days=1))
    with pytest.raises(UnknownPrice, match="was to be looked at again"):
        Thinking(cards, brief(), (model,)).production_usd()


@pytest.mark.parametrize("setting", ["rules,anthropic", "anthropic,rules,openai-chat"])
def test_whoever_stands_behind_the_rules_would_never_be_asked_and_is_refused(setting: str):
    with pytest.raises(BadInput, match="`rules` always have an answer"):
        factory.listed("language", setting)
    assert factory.listed("language", "anthropic,rules") == ("anthropic", "rules")


def test_every_question_that_is_estimated_is_one_that_is_asked():
    assert minds().questions.keys() <= variants.functions().keys()
