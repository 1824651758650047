"""Asking a model, told what it did wrong, and the next one, with the real ledger and real HTTP to a fake vendor."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from studio_pipeline.budget.purchase import Account
from studio_pipeline.errors import AnswerUnusable, OutOfBudget, PromptRefused, Unanswered, VendorAway
from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.fake_vendor.shapes import anthropic as shape
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.prompting.prompt import RenderedPrompt
from studio_pipeline.providers import factory
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.providers.language.asking import (
    BEST_OF_STEP,
    MOST_LOST,
    MOST_LOST_IN_A_RUN,
    MOST_NUMBERS,
    Answer,
    Asking,
    Manner,
)
from studio_pipeline.providers.language.port import LanguageRequest
from studio_pipeline.providers.language.reading import Objection
from studio_pipeline.providers.metering import Purchase, identity_of
from studio_pipeline_tests.backlot.desk import Desk, Scene, desk_of

SONNET, HAIKU = (factory.vendors()["anthropic"].models[f"anthropic/claude-{name}-5-5"] for name in ("sonnet", "haiku"))
PROMPT = RenderedPrompt(
    name="scene", version=1, digest="0" * 64, system="You write scenes.", shared="The story.", ask="A scene by the sea."
)
GOOD = '{"title": "The lamp", "mood": "calm"}'
BAD = '{"title": "The lamp", "mood": 7, "stars": 5}'


class Shelf:
    """``Store``: the desk's ledger and media."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.requests: list[LanguageRequest] = []

    def buy(self, request: LanguageRequest, *, take: int, budget: Account) -> Purchase:
        self.requests.append(request)
        return self.desk.buy(request, take=take)

    def known(self, request: LanguageRequest, *, take: int) -> bool:
        entry = self.desk.ledger.find(identity_of(self.desk.adapter(), request, take))
        return entry is not None and entry.state == "settled"

    def path(self, media: MediaRef) -> Path:
        return self.desk.store.path(media)


class Table:
    """Somebody who asks. ``heard`` is what each question was, in full; ``says`` what is answered next."""

    def __init__(self, desk: Desk, says: list[str], heard: list[str]) -> None:
        self.desk, self.says, self.heard = desk, says, heard
        self.shelf = Shelf(desk)

    def ask(self, *models: Model, make: Callable[[Scene], Any] | None = None, **more: Any) -> Answer[Any]:
        manner = more.pop("manner", Manner(most_output_tokens=200))
        asking = Asking(models or (SONNET, HAIKU), self.shelf)
        return asking.ask(PROMPT, Scene, budget=self.desk.account, manner=manner, make=make, **more)

    @property
    def models(self) -> list[str]:
        return [entry.model.removeprefix("anthropic/claude-") for entry in self.desk.entries()]

    @property
    def takes(self) -> list[int]:
        return [entry.take for entry in self.desk.entries()]


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
def table(running: FakeVendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    says: list[str] = []
    heard: list[str] = []

    def answer_for(schema: dict[str, Any], prompt_text: str) -> str | None:
        heard.append(prompt_text)
        return says.pop(0) if says else None

    monkeypatch.setattr(shape, "answer_for", answer_for)
    return Table(desk_of("anthropic", running, tmp_path), says, heard)


def paid(table: Table) -> Decimal:
    entries = table.desk.entries()
    assert {entry.state for entry in entries} <= {"settled", "lost", "released"}
    return sum((entry.settled_usd or Decimal(0) for entry in entries), Decimal(0))


def test_a_good_answer_is_an_instance_with_what_it_cost(table: Table) -> None:
    table.says.append(GOOD)
    answer = table.ask()
    assert answer.value == Scene(title="The lamp", mood="calm")
    assert (answer.model, answer.events) == (SONNET.name, ())
    assert [receipt.price_usd for receipt in answer.receipts] == [table.desk.billed]
    assert table.heard == ["You write scenes.\nThe story.\nA scene by the sea."]


def test_an_answer_that_does_not_fit_is_told_everything_that_is_wrong_with_it_once(table: Table) -> None:
    table.says += [BAD, GOOD]
    answer = table.ask()
    assert answer.value.title == "The lamp"
    (event,) = answer.events
    assert "had to be told what was wrong" in event
    assert len(answer.receipts) == 2
    assert BAD in table.heard[1]
    assert "- mood: Input should be a valid string" in table.heard[1]
    assert "- stars: Extra inputs" in table.heard[1]
    assert paid(table) == table.desk.billed


def test_what_an_agent_objects_to_is_told_in_its_own_words(table: Table) -> None:
    table.says += [GOOD, GOOD.replace("The lamp", "A light")]

    def make(draft: Scene) -> str:
        if draft.title == "The lamp":
            raise Objection("title: “The lamp” is taken; find another", "mood: it may be tense")
        return draft.title.upper()

    assert table.ask(make=make).value == "A LIGHT"
    assert table.heard[1].endswith("- title: “The lamp” is taken; find another\n- mood: it may be tense")


def test_who_does_not_learn_from_it_is_followed_by_the_next_model(table: Table) -> None:
    table.says += [BAD, BAD, GOOD]
    answer = table.ask()
    assert answer.model == HAIKU.name
    assert table.models == ["sonnet-5-5", "sonnet-5-5", "haiku-5-5"]
    assert "haiku-5-5 is asked instead" in " ".join(answer.events)
    assert paid(table) == table.desk.billed


def test_when_nobody_answers_usably_it_is_a_clear_failure_and_everything_is_paid(table: Table) -> None:
    table.says += ["no", "", BAD, "{"]
    with pytest.raises(AnswerUnusable, match="haiku-5-5 did not answer Scene usably") as failed:
        table.ask()
    assert "kite animated" in str(failed.value)
    assert len(table.heard) == 4
    assert paid(table) == table.desk.billed > 0


def test_a_failed_question_is_asked_anew_in_the_next_run_and_only_so_often(table: Table) -> None:
    for run in range(MOST_NUMBERS):
        table.says += [BAD] * 4
        with pytest.raises(AnswerUnusable):
            table.ask()
        assert len(table.heard) == 4 * (run + 1)
    assert sorted(set(table.takes)) == [1 + BEST_OF_STEP * number for number in range(MOST_NUMBERS)]
    with pytest.raises(AnswerUnusable, match="asked for 3 times"):
        table.ask()
    assert len(table.heard) == 4 * MOST_NUMBERS
    assert paid(table) == table.desk.billed


def test_a_run_after_a_failed_one_that_succeeds_says_nothing_of_the_past(table: Table) -> None:
    table.says += [BAD] * 4
    with pytest.raises(AnswerUnusable):
        table.ask()
    table.says.append(GOOD)
    answer = table.ask()
    assert (answer.value.title, answer.events, len(table.heard)) == ("The lamp", (), 5)
    assert table.ask().value == answer.value
    assert len(table.heard) == 5


def test_the_same_question_costs_nothing_a_second_time_and_comes_from_whoever_answered(table: Table) -> None:
    table.says += [BAD, BAD, GOOD]
    first = table.ask()
    again = table.ask()
    assert (again.value, again.model, len(table.heard)) == (first.value, HAIKU.name, 3)
    assert paid(table) == table.desk.billed


def test_another_candidate_is_another_answer(table: Table) -> None:
    table.says += [GOOD, GOOD.replace("The lamp", "A light")]
    values = [table.ask(candidate=number).value.title for number in (1, 2)]
    assert values == ["The lamp", "A light"]
    assert table.takes == [1, 2]


def test_a_lost_answer_is_asked_for_again_of_the_same_model_and_its_money_stays_set_aside(table: Table) -> None:
    table.desk.plan("dropped")
    table.says += [GOOD, GOOD]
    answer = table.ask(SONNET)
    assert answer.value.title == "The lamp"
    assert answer.events == (f"An answer of {SONNET.name} got lost, and was asked for again (Scene).",)
    assert [entry.state for entry in table.desk.entries()] == ["ambiguous", "settled"]
    assert table.desk.billed > 0

    asked = table.desk.asked
    assert table.ask(SONNET).value.title == "The lamp"  # from the store, though the first is in doubt for ever
    assert table.desk.asked == asked


def test_an_answer_that_a_person_says_was_charged_and_lost_is_asked_for_again(table: Table) -> None:
    table.desk.plan("dropped", "dropped")
    with pytest.raises(Unanswered):
        table.ask(SONNET)
    first, second = table.desk.entries()
    table.desk.ledger.resolve(first.id, True, "Vera")
    assert second.state == "ambiguous"
    table.says.append(GOOD)
    assert table.ask(SONNET).value.title == "The lamp"


def test_a_line_that_stays_broken_is_left_alone_and_no_cap_is_broken_by_asking_again(table: Table) -> None:
    for run in range(1, 5):
        table.desk.plan("dropped", "dropped")
        with pytest.raises(Unanswered):
            table.ask(SONNET)
        assert len(table.desk.entries()) == min(run * MOST_LOST_IN_A_RUN, MOST_LOST)
    table.desk.plan()

    set_aside = sum((entry.max_usd for entry in table.desk.entries()), Decimal(0))
    table.desk.ledger.set_caps({"all": set_aside + Decimal("0.000001")})
    with pytest.raises(OutOfBudget):
        table.ask(SONNET, candidate=2)


def test_a_refusal_and_answers_that_stay_lost_are_for_the_next_model(table: Table) -> None:
    table.desk.plan("moderated_late", "dropped", "dropped")
    with pytest.raises(Unanswered):
        table.ask()
    assert [entry.state for entry in table.desk.entries()] == ["released", "ambiguous", "ambiguous"]
    table.desk.plan("failed_billed")
    with pytest.raises(PromptRefused, match="change the brief, name another model in LANGUAGE_PROVIDER, or `rules`"):
        table.ask(SONNET, candidate=2)


def test_nobody_away_is_asked_in_vain(table: Table) -> None:
    table.desk.environ["ANTHROPIC_API_KEY"] = "wrong"
    for _ in range(2):
        with pytest.raises(VendorAway):
            table.ask()
    assert table.desk.billed == 0
    table.desk.environ["ANTHROPIC_API_KEY"] = "good"
    table.says.append(GOOD)
    answer = table.ask()
    assert (answer.value.title, set(table.takes)) == ("The lamp", {1})


def test_a_question_that_a_model_cannot_hold_is_not_sent_to_it(table: Table) -> None:
    small = SONNET.model_copy(update={"context_tokens": 210})
    table.says.append(GOOD)
    answer = table.ask(small, HAIKU)
    assert answer.model == HAIKU.name
    assert table.models == ["haiku-5-5"]
    assert "more than anthropic/claude-sonnet-5-5 holds (210)" in answer.events[0]
    with pytest.raises(AnswerUnusable, match="tokens, more than"):
        table.ask(small)


def test_where_there_is_no_money_for_one_model_the_next_is_asked_that_there_is_money_for(table: Table) -> None:
    table.desk.ledger.set_caps({"all": Decimal("0.001")})
    table.says.append(GOOD)
    answer = table.ask()
    assert answer.model == HAIKU.name
    assert "haiku-5-5 is asked instead" in " ".join(answer.events)
    assert paid(table) == table.desk.billed <= Decimal("0.001")


def test_without_money_for_any_model_nothing_is_asked(table: Table) -> None:
    table.desk.ledger.set_caps({"all": Decimal("0.0001")})
    with pytest.raises(OutOfBudget):
        table.ask()
    assert table.heard == []


def test_pictures_go_to_models_that_see_and_a_temperature_to_those_that_take_one(table: Table) -> None:
    blind = HAIKU.model_copy(update={"sees": False, "temperature": True})
    manner = Manner(most_output_tokens=200, temperature=0.3)
    picture = table.desk.picture((56, 56))
    table.says += [BAD, BAD, GOOD]
    table.ask(SONNET, blind, images=[picture], manner=manner)
    first, _, last = table.shelf.requests
    assert (first.images, first.temperature) == ((picture,), None)
    assert (last.images, last.temperature) == ((), 0.3)


def test_no_answer_is_asked_for_that_is_longer_than_the_model_gives(table: Table) -> None:
    short = SONNET.model_copy(update={"output_tokens": 150})
    table.says.append(GOOD)
    table.ask(short)
    assert table.shelf.requests[0].most_output_tokens == 150


def test_what_nobody_waits_for_goes_in_a_batch_also_its_repair(table: Table) -> None:
    table.says += [BAD, GOOD]
    answer = table.ask(manner=Manner(most_output_tokens=200, low_priority=True))
    assert answer.value.title == "The lamp"
    assert all((entry.job_id or "").startswith("msgbatch_") for entry in table.desk.entries())


def test_a_cut_off_answer_is_told_to_be_shorter(table: Table) -> None:
    table.says += ["x" * 5000, GOOD]
    assert table.ask().value.title == "The lamp"
    assert table.heard[1].endswith("- the answer was cut off at the output limit; say the same with fewer words")
