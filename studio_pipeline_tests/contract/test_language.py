"""What every hosted language model promises, over real HTTP, against fakes that cost nothing and keep their own books.

To add a vendor: its shape in ``studio_pipeline/fake_vendor/shapes/``, and a model of it in ``ASKED``
(``backlot/desk.py``). What only one of them has is in its own file beside this one.
"""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import pytest

from studio_pipeline.errors import OutOfBudget, PromptRefused, ProviderFailed, StudioError, UnknownPrice, VendorAway
from studio_pipeline.fake_vendor.faults import FaultName, Faults
from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.providers.backing_off import BackingOff
from studio_pipeline.providers.language.port import LanguageRequest
from studio_pipeline.providers.language.reading import read_answer
from studio_pipeline.providers.metering import identity_of
from studio_pipeline.providers.vendor import Keeps, NoAnswer
from studio_pipeline_tests.backlot.desk import ASKED, CAP, HOSTED, KEY, TAG, Desk, Scene, desk_of


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


@pytest.fixture(params=HOSTED)
def desk(request: pytest.FixtureRequest, running: FakeVendor, tmp_path: Path) -> Desk:
    return desk_of(request.param, running, tmp_path)


def test_every_hosted_language_model_is_tried() -> None:
    assert set(ASKED) == set(HOSTED)


# What an answer is, and what it costs


def test_the_price_is_known_before_anything_is_asked_and_says_where_it_comes_from(desk: Desk) -> None:
    quote = desk.adapter().quote(desk.question())
    assert Decimal(0) < quote.expected_usd <= quote.max_usd
    assert (quote.simulated, quote.by_use) == (False, True)
    assert ASKED[desk.vendor] in quote.source
    assert (desk.billed, desk.asked) == (0, 0)


def test_the_price_is_known_without_a_key_and_without_a_network(desk: Desk) -> None:
    counted = desk.adapter().quote(desk.question()).max_usd
    assert desk.with_key("").quote(desk.question()).max_usd >= counted
    assert desk.elsewhere("http://127.0.0.1:9").quote(desk.question()).max_usd >= counted


def test_an_answer_fits_its_schema_and_is_settled_at_what_the_vendor_bills(desk: Desk) -> None:
    bought = desk.buy()
    said = desk.said(bought)
    assert read_answer(said, Scene).mood == "calm"
    assert said.stop == "end"
    assert bought.details["usage"]["output_tokens"] == said.usage.output_tokens > 0
    (entry,) = desk.entries()
    assert (entry.state, entry.settled_usd) == ("settled", desk.billed)
    assert Decimal(0) < desk.billed <= entry.max_usd
    assert entry.drift_usd is None


def test_the_same_question_is_found_again_for_nothing_and_another_candidate_is_asked(desk: Desk) -> None:
    first, again, other = desk.buy(), desk.buy(), desk.buy(take=2)
    assert (first.avoided, again.avoided, other.avoided) == (False, True, False)
    assert again.media == first.media
    assert desk.asked == 2


def test_an_answer_whose_file_has_vanished_is_brought_again_for_nothing(desk: Desk) -> None:
    first = desk.buy()
    desk.store.path(first.media).unlink()
    assert desk.said(desk.buy()) == desk.said(first)
    assert desk.asked == 1


def test_an_answer_that_was_cut_off_says_so_and_is_paid(desk: Desk) -> None:
    said = desk.said(desk.buy(desk.question(most_output_tokens=2)))
    assert (said.stop, said.usage.output_tokens) == ("length", 2)
    assert desk.entries()[0].settled_usd == desk.billed > 0


def test_an_answer_that_cannot_be_read_is_paid_to_the_micro_dollar(desk: Desk) -> None:
    desk.plan("damaged")
    said = desk.said(desk.buy())
    with pytest.raises(ValueError):
        json.loads(said.text)
    assert desk.entries()[0].settled_usd == desk.billed > 0


def test_a_picture_is_sent_and_paid_for(desk: Desk) -> None:
    desk.buy()
    without = desk.billed
    desk.buy(desk.question(images=(desk.picture(),)))
    entry = desk.entries()[-1]
    assert desk.billed - without > without
    assert entry.settled_usd == desk.billed - without <= entry.max_usd


def test_a_repair_costs_the_answer_and_what_is_wrong_with_it_on_top(desk: Desk) -> None:
    desk.buy()
    alone = desk.billed
    desk.buy(desk.question(answered='{"title": 1}', objection="- title: no text"))
    desk.buy(desk.question(answered="", objection="- the answer is empty"))
    assert desk.billed > 2 * alone
    assert {entry.state for entry in desk.entries()} == {"settled"}


def test_a_question_there_is_no_money_for_is_not_asked(desk: Desk) -> None:
    desk.ledger.set_caps({"all": Decimal("0.000001")})
    with pytest.raises(OutOfBudget):
        desk.buy()
    assert desk.asked == 0


def test_what_would_be_asked_identifies_it_and_neither_the_key_nor_the_way_it_goes_does(desk: Desk) -> None:
    def named(request: LanguageRequest, vendor: Any = None) -> str:
        return identity_of(vendor or desk.adapter(), request, 1)

    question = desk.question()
    assert named(question) == named(question, desk.with_key("another"))
    assert named(question) == named(desk.question(priority="low"))
    others = [
        desk.question("An empty beach."),
        desk.question(images=(desk.picture(),)),
        desk.question(images=(desk.picture((320, 180)),)),
        desk.question(most_output_tokens=301),
        desk.question(answered="{}", objection="- title: is missing"),
        desk.question(system="You write songs."),
    ]
    assert len({named(question), *map(named, others)}) == 1 + len(others)
    assert KEY not in json.dumps(dict(desk.adapter().normalised(question)))


# What certainly was not taken


def test_a_model_that_there_is_not_is_refused(desk: Desk) -> None:
    with pytest.raises((UnknownPrice, ProviderFailed), match="nothing"):
        desk.adapter().quote(desk.question(model=f"{desk.vendor}/nothing"))


def test_an_overloaded_vendor_is_asked_again_when_it_says_and_nothing_is_paid_twice(desk: Desk) -> None:
    desk.fake.engine.faults = Faults(retry_after_s=17)
    desk.plan("overloaded", "unavailable")
    pauses: list[float] = []
    desk.buy(vendor=BackingOff(desk.adapter(), sleep=pauses.append))
    assert len(pauses) == 2
    assert min(pauses) >= 17
    assert desk.asked == 1
    assert desk.entries()[0].settled_usd == desk.billed


def test_a_missing_key_is_told_by_its_variable(desk: Desk) -> None:
    if not HOSTED[desk.vendor].manifest.keys:
        pytest.skip("it needs no key")
    for ask in (
        lambda: desk.with_key("").submit(desk.question(), client_tag=TAG),
        desk.with_key("").validate_credentials,
    ):
        with pytest.raises(VendorAway, match="_KEY") as away:
            ask()
        assert away.value.retry_after_s is None
    assert desk.asked == 0


@pytest.mark.parametrize("key", ["wrong", "broke"])
def test_a_key_that_opens_nothing_is_for_a_person_and_bills_nothing(desk: Desk, key: str) -> None:
    assert desk.adapter().validate_credentials()
    with pytest.raises(VendorAway) as away:
        desk.with_key(key).submit(desk.question(), client_tag=TAG)
    assert away.value.retry_after_s is None
    if key == "wrong":
        with pytest.raises(VendorAway):
            desk.with_key(key).validate_credentials()
    assert (desk.billed, desk.asked) == (0, 0)


def test_a_vendor_that_is_not_there_has_taken_nothing(desk: Desk) -> None:
    with pytest.raises(VendorAway) as away:
        desk.elsewhere("http://127.0.0.1:9").submit(desk.question(), client_tag=TAG)
    assert away.value.retry_after_s == 0


@pytest.mark.parametrize("fault", ["moderated", "moderated_late"])
def test_a_refusal_that_costs_nothing_gives_the_money_back(desk: Desk, fault: FaultName) -> None:
    desk.plan(fault)
    with pytest.raises(PromptRefused):
        desk.buy()
    assert (desk.entries()[0].state, desk.billed) == ("released", 0)
    assert desk.ledger.available("all") == CAP


# What may have been taken


@pytest.mark.parametrize("fault", ["error_after_accepting", "dropped"])
def test_an_answer_that_got_lost_is_never_asked_for_a_second_time(desk: Desk, fault: FaultName) -> None:
    desk.plan(fault)
    for _ in range(2):
        with pytest.raises(StudioError, match="Nobody knows"):
            desk.buy()
    (entry,) = desk.entries()
    assert entry.state == "ambiguous"
    assert desk.ledger.balance("all").reserved_usd == entry.max_usd >= desk.billed > 0
    assert desk.asked == 1


def test_a_process_that_dies_with_the_answer_put_away_has_lost_nothing(desk: Desk) -> None:
    assert desk.ledger.available("all") == CAP
    child = os.fork()
    if child == 0:
        try:
            dying = desk.adapter()
            real = dying.submit

            def submit(request: Any, *, client_tag: str) -> str:
                real(request, client_tag=client_tag)
                os._exit(9)

            dying.submit = submit
            desk.metered(desk.opened_ledger()).buy(dying, desk.question(), take=1, account=desk.account)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert [entry.state for entry in desk.entries()] == ["submitting"]

    bought = desk.buy()
    assert read_answer(desk.said(bought), Scene)
    (entry,) = desk.entries()
    assert (entry.state, entry.settled_usd, desk.asked) == ("settled", desk.billed, 1)


def test_an_answer_is_put_away_before_anybody_is_told_of_it(desk: Desk) -> None:
    assert cast(Keeps, desk.adapter()).kept(TAG) is None
    job = desk.adapter().submit(desk.question(), client_tag=TAG)
    assert cast(Keeps, desk.adapter()).kept(TAG) == job


def test_no_key_is_ever_shown(desk: Desk, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    adapter = desk.adapter()
    shown = [repr(adapter), str(adapter)]
    desk.plan("overloaded", "unavailable", "error_after_accepting", "dropped")
    with caplog.at_level("DEBUG"):
        for _ in range(4):
            with pytest.raises((StudioError, NoAnswer)) as failed:
                adapter.submit(desk.question(), client_tag=TAG)
            shown += [str(failed.value), repr(failed.value), repr(failed.value.__cause__)]
        bought = desk.buy()
    shown += [bought.model_dump_json(), desk.entries()[-1].model_dump_json(), caplog.text, *capfd.readouterr()]
    assert [text for text in shown if KEY in text] == []
