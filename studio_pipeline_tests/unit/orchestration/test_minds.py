"""A mind with the real ledger, and real HTTP to a fake vendor: who is asked, what is used, and out of which money."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from studio_pipeline.budget.envelopes import pilot_envelope, production_envelope
from studio_pipeline.budget.purchase import Entry
from studio_pipeline.errors import OutOfBudget, VendorAway
from studio_pipeline.fake_vendor import answers
from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.fake_vendor.shapes import anthropic as shape
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.settings import settings
from studio_pipeline.stages.shooting.prompt_enhancement import EnhancedPrompts

SHOTS = [{"shot": 1, "planned": "A lamp is lit in the rain, high above the rocks.", "room": 200}]
VALUES = {
    "content_mode": "general",
    "tier_look": "Painted.",
    "look": "",
    "bible": [],
    "place": "the tower",
    "mood": "calm",
    "hints": "",
    "shots": SHOTS,
}
RESERVE_USD = Decimal(3)


@pytest.fixture(scope="module", autouse=True)
def one_tls_context() -> Iterator[None]:
    """Reading the machine's certificates takes longer than most tests here, and none of them speaks TLS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", lru_cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="module")
def running() -> Iterator[FakeVendor]:
    with FakeVendor() as fake:
        yield fake


@pytest.fixture
def home(running: FakeVendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudioHome:
    running.reset()
    for name, value in running.environ().items():
        monkeypatch.setenv(name, value)
    return StudioHome(
        root=str(tmp_path),
        artifacts_url=str(tmp_path / "artifacts"),
        ledger_url=f"sqlite:///{tmp_path / 'ledger.sqlite3'}",
        simulate=False,
    )


@pytest.fixture
def mind_of(home: StudioHome) -> Callable[..., Mind]:
    def made(production: str = "lamp", *, tier: str | None = None, vendors: Sequence[str] = ("anthropic",)) -> Mind:
        brief = Brief(title="Lamp", concept="A lamp.", duration_s=30, budget_usd=Decimal(10))
        return Mind("prompt_enhancer", brief, Cell(production=production, tier=tier), "shooting", home, vendors)

    return made


def bought(home: StudioHome, production: str = "lamp") -> list[Entry]:
    return [entry for entry in home.ledger.entries(production) if entry.state != "avoided"]


def first(wordings: Sequence[Any]) -> int:
    return 0


def test_who_is_not_set_up_is_passed_over_with_a_word(
    home: StudioHome, mind_of: Callable[..., Mind], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HUGGINGFACE_MODEL", raising=False)
    answer = mind_of(vendors=("huggingface", "anthropic")).ask(VALUES, EnhancedPrompts)
    assert answer.model.startswith("anthropic/")
    (event,) = answer.events
    assert "HUGGINGFACE_MODEL is not set" in event
    with pytest.raises(VendorAway, match="HUGGINGFACE_MODEL"):
        mind_of("kite", vendors=("huggingface",)).ask(VALUES, EnhancedPrompts)


def test_a_paid_answer_is_used_where_there_is_no_money_for_another_to_choose_from(
    home: StudioHome, mind_of: Callable[..., Mind]
) -> None:
    mind_of().ask(VALUES, EnhancedPrompts)
    (once,) = bought(home)
    assert once.settled_usd is not None
    home.ledger.set_caps({production_envelope("kite"): once.max_usd})
    as_long = {**VALUES, "place": "the mower"}
    answer = mind_of("kite").ask(as_long, EnhancedPrompts, rank=first)
    assert answer.value.prompts[0].shot == 1
    (event,) = answer.events
    assert "1 instead of 2 answers" in event
    assert [entry.state for entry in bought(home, "kite")] == ["settled"]
    home.ledger.set_caps({production_envelope("mill"): Decimal("0.000001")})
    with pytest.raises(OutOfBudget):
        mind_of("mill").ask({**VALUES, "place": "the mill"}, EnhancedPrompts, rank=first)


def test_a_pilot_draws_on_the_reserve_for_a_question_and_not_again_for_its_known_answer(
    home: StudioHome, mind_of: Callable[..., Mind]
) -> None:
    own = pilot_envelope("lamp", "animated")
    home.ledger.set_caps({production_envelope("lamp"): RESERVE_USD, own: Decimal(0)})
    mind_of(tier="animated").ask(VALUES, EnhancedPrompts)
    (entry,) = bought(home)
    assert home.ledger.caps()[own] == entry.max_usd
    home.ledger.set_caps({own: entry.settled_usd or Decimal(0)})  # what was left went to another pilot
    mind_of(tier="animated").ask(VALUES, EnhancedPrompts)
    assert home.ledger.caps()[own] == entry.settled_usd
    assert len(bought(home)) == 1


def test_a_mind_that_is_asked_nothing_has_no_variant_in_the_experiments(
    home: StudioHome, mind_of: Callable[..., Mind]
) -> None:
    mind = mind_of()
    assert home.records.assignments() == ()
    mind.ask(VALUES, EnhancedPrompts)
    (drawn,) = home.records.assignments()
    assert (drawn.production, drawn.function) == ("lamp", "prompt_enhancer")


def test_scenes_that_think_at_the_same_time_all_draw_on_the_reserve(
    home: StudioHome, mind_of: Callable[..., Mind]
) -> None:
    home.ledger.set_caps({production_envelope("lamp"): RESERVE_USD, pilot_envelope("lamp", "animated"): Decimal(0)})
    minds = [mind_of(tier="animated") for _ in range(8)]

    def ask(at: int) -> str:
        return minds[at].ask({**VALUES, "place": f"room {at}"}, EnhancedPrompts).model

    with ThreadPoolExecutor(len(minds)) as pool:
        assert len(list(pool.map(ask, range(len(minds))))) == len(minds)
    assert home.ledger.balance(production_envelope("lamp")).reserved_usd == 0


def test_no_more_questions_are_under_way_at_once_than_llm_parallel_says(
    home: StudioHome, mind_of: Callable[..., Mind], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_PARALLEL", "2")
    settings.cache_clear()
    lock, under_way, most = threading.Lock(), 0, 0

    def answer_for(schema: dict[str, Any], prompt_text: str) -> str | None:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        threading.Event().wait(0.05)  # as long as a model thinks
        with lock:
            under_way -= 1
        return answers.answer_for(schema, prompt_text)

    monkeypatch.setattr(shape, "answer_for", answer_for)
    minds = [mind_of() for _ in range(6)]
    try:
        with ThreadPoolExecutor(len(minds)) as pool:
            list(pool.map(lambda at: minds[at].ask({**VALUES, "place": f"room {at}"}, EnhancedPrompts), range(6)))
    finally:
        settings.cache_clear()
    assert most == 2
