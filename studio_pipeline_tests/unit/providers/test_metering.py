"""The one path to a vendor, against a fake vendor that keeps its own books."""

import json
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.budget.purchase import Account
from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.errors import (
    BadInput,
    HomeDamaged,
    HomeFull,
    JobFailed,
    MediaDamaged,
    OutOfBudget,
    PromptRefused,
    ProviderFailed,
    Unanswered,
    VendorAway,
)
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers.errand import JOB_LIMIT_S
from studio_pipeline.providers.metering import Metered
from studio_pipeline.providers.vendor import Fetched, JobState

WHOLE = "production:lighthouse"
ACCOUNT = Account(production="lighthouse", place="animated.s01.k1", stage="shooting", envelopes=(WHOLE,))


class Painting(Frozen):
    model: str = "painter/oil"
    prompt: str = "a lamp"


@dataclass
class FakeVendor:
    """Sells paintings at $1. ``books`` is its own account of what it accepted and what it would bill."""

    books: Path
    simulated: bool = False
    states: list[JobState] = field(default_factory=lambda: [JobState(state="done")])
    before_accepting: Callable[[], None] = lambda: None
    after_accepting: Callable[[], None] = lambda: None
    while_polling: Callable[[], None] = lambda: None
    while_fetching: Callable[[], None] = lambda: None
    content: bytes | None = None
    suffix: str = ".png"
    name: str = "painter"

    def normalised(self, request: Painting) -> dict[str, str]:
        return request.model_dump()

    def validate_credentials(self) -> str:
        return "no key needed"

    def quote(self, request: Painting) -> Quote:
        return Quote(expected_usd=Decimal(1), max_usd=Decimal(1), simulated=self.simulated, source="a price list")

    def submit(self, request: Painting, *, client_tag: str) -> str:
        self.before_accepting()
        job_id = f"job-{len(self.accepted()) + 1}"
        with self.books.open("a", encoding="utf-8") as books:
            books.write(json.dumps({"job": job_id, "prompt": request.prompt, "tag": client_tag}) + "\n")
            books.flush()
            os.fsync(books.fileno())
        self.after_accepting()
        return job_id

    def poll(self, job_id: str, request: Painting) -> JobState:
        assert job_id in [job["job"] for job in self.accepted()]
        self.while_polling()
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]

    def fetch(self, job_id: str, request: Painting, into: Path) -> Fetched:
        assert job_id in [job["job"] for job in self.accepted()]
        self.while_fetching()
        into.write_bytes(f"painting of {request.prompt}".encode() if self.content is None else self.content)
        return Fetched(suffix=self.suffix, events=("painted smaller",), details={"words": [{"start_s": 0.5}]})

    def accepted(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.books.read_text().splitlines()] if self.books.exists() else []


class Studio:
    """A home with $3, opened anew as often as a test likes."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite3'}")
        self.store = MediaStore(folder / "media")
        self.slept: list[float] = []
        self.now = 0.0
        self.metered = Metered(self.ledger, self.store, sleep=self.sleep, clock=lambda: self.now)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def buy(self, vendor, request=None, *, take=1, check=None):
        return self.metered.buy(vendor, request or Painting(), take=take, account=ACCOUNT, check=check)

    @property
    def states(self) -> list[str]:
        return [entry.state for entry in self.ledger.entries("lighthouse")]


@pytest.fixture
def studio(tmp_path) -> Studio:
    studio = Studio(tmp_path)
    studio.ledger.set_caps({WHOLE: Decimal(3)})
    return studio


@pytest.fixture
def vendor(tmp_path) -> FakeVendor:
    return FakeVendor(tmp_path / "books.jsonl")


def test_a_purchase_is_in_the_store_and_on_the_books_of_both_sides(studio, vendor):
    bought = studio.buy(vendor)
    assert studio.store.verify(bought.media).read_bytes() == b"painting of a lamp"
    assert bought.receipt.price_usd == Decimal(1)
    assert bought.avoided is False
    assert bought.events == ("painted smaller",)
    assert bought.details == {"words": [{"start_s": 0.5}]}
    assert len(vendor.accepted()) == 1
    assert studio.ledger.totals("lighthouse").settled_usd == Decimal(1)


def test_the_same_wish_again_costs_nothing_and_comes_back_whole(studio, vendor):
    first, again = studio.buy(vendor), studio.buy(vendor)
    assert again.media == first.media
    assert again.details == first.details
    assert again.events == first.events
    assert again.receipt == first.receipt
    assert again.avoided
    assert len(vendor.accepted()) == 1
    assert studio.states == ["settled", "avoided"]
    assert studio.ledger.totals("lighthouse").avoided_usd == Decimal(1)


def test_a_new_take_or_another_request_is_another_purchase(studio, vendor):
    studio.buy(vendor)
    studio.buy(vendor, take=2)
    studio.buy(vendor, Painting(prompt="the sea"))
    assert [job["prompt"] for job in vendor.accepted()] == ["a lamp", "a lamp", "the sea"]


def test_without_money_nothing_is_sent_but_what_was_bought_before_is_still_there(studio, vendor):
    for take in (1, 2, 3):
        studio.buy(vendor, take=take)
    with pytest.raises(OutOfBudget, match=r"production:lighthouse has \$0\.00 left"):
        studio.buy(vendor, take=4)
    assert len(vendor.accepted()) == 3
    assert studio.buy(vendor, take=2).avoided


def test_a_running_job_is_polled_until_it_is_done_at_the_price_the_vendor_says(studio, vendor):
    vendor.states = [
        JobState(state="queued"),
        JobState(state="running"),
        JobState(state="done", price_usd=Decimal("0.8")),
    ]
    assert studio.buy(vendor).receipt.price_usd == Decimal("0.8")
    assert studio.slept == [1.0, 1.0]
    assert studio.ledger.available(WHOLE) == Decimal("2.2")


def test_a_price_finer_than_the_ledger_keeps_is_rounded_up(studio, vendor):
    vendor.states = [JobState(state="done", price_usd=Decimal("0.99999912"))]
    assert studio.buy(vendor).receipt.price_usd == Decimal(1)


def test_a_price_above_the_rate_card_is_an_event_that_people_see(studio, vendor):
    vendor.states = [JobState(state="done", price_usd=Decimal("1.5"))]
    assert any("charged $1.5" in event for event in studio.buy(vendor).events)
    assert any("charged $1.5" in event for event in studio.buy(vendor).events)


def test_an_unbilled_failure_gives_the_money_back_and_another_take_may_succeed(studio, vendor):
    vendor.states = [JobState(state="failed", billed=False, message="no oil left")]
    with pytest.raises(JobFailed, match=r"charged nothing and delivered nothing: no oil left"):
        studio.buy(vendor)
    assert studio.ledger.available(WHOLE) == Decimal(3)
    vendor.states = [JobState(state="done")]
    assert not studio.buy(vendor, take=2).avoided


def test_a_take_that_the_vendor_has_ended_is_not_asked_for_again(studio, vendor):
    """Whoever goes on after a crash finds the same failed takes, and so the same good one behind them."""
    vendor.states = [JobState(state="failed", billed=False, message="no oil left")]
    for known in (False, True):
        with pytest.raises(JobFailed, match="no oil left") as failed:
            studio.buy(vendor)
        assert failed.value.before is known
    assert len(vendor.accepted()) == 1


@pytest.mark.parametrize("billed", [False, True])
def test_what_moderation_refused_is_told_as_that_every_time(studio, vendor, billed):
    vendor.states = [JobState(state="failed", billed=billed, refused=True, message="too wild")]
    for _ in range(2):
        with pytest.raises(PromptRefused, match="refused the prompt: too wild"):
            studio.buy(vendor)
    assert len(vendor.accepted()) == 1
    assert studio.ledger.totals("lighthouse").settled_usd == Decimal(billed)


def test_a_billed_failure_is_lost_and_never_bought_a_second_time(studio, vendor):
    vendor.states = [JobState(state="failed", billed=True, price_usd=Decimal("0.4"), message="moderated")]
    for _ in range(2):
        with pytest.raises(ProviderFailed, match=r"charged \$0\.40 and delivered nothing: moderated.*new take"):
            studio.buy(vendor)
    assert len(vendor.accepted()) == 1
    assert studio.ledger.totals("lighthouse").lost_usd == Decimal("0.4")
    vendor.states = [JobState(state="done")]
    studio.buy(vendor, take=2)


def test_a_refusal_at_the_door_gives_the_money_back(studio, vendor):
    def refuse():
        raise ProviderFailed("the prompt is too long")

    vendor.before_accepting = refuse
    with pytest.raises(ProviderFailed, match="too long"):
        studio.buy(vendor)
    assert studio.states == ["released"]


def test_a_job_that_failed_at_the_door_is_remembered_so_that_going_on_asks_for_the_next_take(studio, vendor):
    def fail():
        raise JobFailed("no picture came of it")

    vendor.before_accepting = fail
    with pytest.raises(JobFailed) as first:
        studio.buy(vendor)
    with pytest.raises(JobFailed) as again:
        studio.buy(vendor)
    assert (first.value.before, again.value.before, studio.states) == (False, True, ["released"])


def test_a_lost_answer_holds_the_money_and_nobody_tries_again(studio, vendor):
    def drop():
        raise ConnectionResetError("connection reset")

    vendor.after_accepting = drop
    for _ in range(2):
        with pytest.raises(ProviderFailed, match=r"Nobody knows whether painter charged \$1\.00.*connection reset"):
            studio.buy(vendor)
    assert len(vendor.accepted()) == 1
    assert studio.ledger.balance(WHOLE).reserved_usd == Decimal(1)
    assert vendor.accepted()[0]["tag"] in str(studio.ledger.open_entries()[0].identity)


def test_a_lost_answer_of_an_offline_vendor_holds_nothing_because_nobody_can_have_charged(studio, vendor):
    def crash():
        raise RuntimeError("out of paint")

    vendor.simulated, vendor.after_accepting = True, crash
    with pytest.raises(RuntimeError):
        studio.buy(vendor)
    assert studio.states == ["released"]


def test_a_download_that_fails_is_fetched_again_by_the_next_run_for_nothing(studio, vendor):
    def drop():
        raise ProviderFailed("the link expired")

    vendor.while_fetching = drop
    with pytest.raises(ProviderFailed, match="link expired"):
        studio.buy(vendor)
    assert studio.states == ["submitted"]
    vendor.while_fetching = lambda: None
    assert studio.buy(vendor).receipt.price_usd == Decimal(1)
    assert len(vendor.accepted()) == 1


def test_a_file_that_fails_its_check_three_times_counts_as_not_delivered_and_is_not_stored(studio, vendor):
    seen = []

    def check(file: Path) -> None:
        seen.append(file.suffix)
        raise MediaDamaged("twelve frames instead of ten")

    with pytest.raises(JobFailed, match=r"charged \$1\.00 and delivered nothing: twelve frames instead of ten"):
        studio.buy(vendor, check=check)
    assert seen == [".png"] * 3
    assert [file for file in studio.store.root.rglob("*") if file.is_file()] == []
    assert studio.states == ["lost"]
    assert len(vendor.accepted()) == 1


def test_a_file_that_came_down_broken_once_is_fetched_again(studio, vendor):
    broken = [MediaDamaged("cut off")]

    def check(_file: Path) -> None:
        if broken:
            raise broken.pop()

    studio.buy(vendor, check=check)
    assert studio.states == ["settled"]
    assert len(vendor.accepted()) == 1


def test_a_finished_job_whose_vendor_is_away_is_fetched_by_the_next_run(studio, vendor):
    def away() -> None:
        raise VendorAway("the line is down", retry_after_s=0)

    vendor.while_fetching = away
    with pytest.raises(ProviderFailed, match="the line is down; job job-1 stays handed in"):
        studio.buy(vendor)
    assert studio.states == ["submitted"]
    vendor.while_fetching = lambda: None
    studio.buy(vendor)
    assert studio.states == ["settled"]
    assert len(vendor.accepted()) == 1


@pytest.mark.parametrize("trouble", [VendorAway("no key"), PromptRefused("no"), JobFailed("gone")])
@pytest.mark.parametrize("moment", ["while_polling", "while_fetching"])
def test_trouble_with_a_job_that_the_vendor_has_is_no_reason_to_ask_somebody_else(studio, vendor, moment, trouble):
    def make_trouble() -> None:
        raise trouble

    setattr(vendor, moment, make_trouble)
    with pytest.raises(ProviderFailed, match="stays handed in") as caught:
        studio.buy(vendor)
    assert not isinstance(caught.value, VendorAway | PromptRefused | JobFailed)
    assert studio.states == ["submitted"]


@dataclass
class ListingVendor(FakeVendor):
    """Keeps a list of its jobs that one can ask for."""

    def jobs_like(self, request: Painting, *, client_tag: str, since_s: float) -> tuple[str, ...]:
        return tuple(job["job"] for job in self.accepted() if job["prompt"] == request.prompt)


def drop_the_line() -> None:
    raise ConnectionResetError("connection reset")


def test_an_answer_that_got_lost_is_found_in_the_vendors_own_list_and_not_asked_for_again(studio, tmp_path):
    vendor = ListingVendor(tmp_path / "books.jsonl", after_accepting=drop_the_line)
    bought = studio.buy(vendor)
    assert bought.receipt.price_usd == Decimal(1)
    assert studio.states == ["settled"]
    assert len(vendor.accepted()) == 1


@pytest.mark.parametrize("trouble", [VendorAway("no list today"), ProviderFailed("404"), AttributeError("no list")])
def test_a_list_that_cannot_be_had_or_read_proves_nothing_and_a_person_is_asked(studio, tmp_path, trouble):
    class WithoutItsList(ListingVendor):
        def jobs_like(self, request: Painting, *, client_tag: str, since_s: float) -> tuple[str, ...]:
            raise trouble

    vendor = WithoutItsList(tmp_path / "books.jsonl", after_accepting=drop_the_line)
    for _ in range(2):
        with pytest.raises(Unanswered, match="studio ledger resolve 1"):
            studio.buy(vendor)
    assert (studio.states, len(vendor.accepted())) == (["ambiguous"], 1)


def test_two_lost_answers_of_equal_requests_are_given_a_job_each(studio, tmp_path):
    vendor = ListingVendor(tmp_path / "books.jsonl", after_accepting=drop_the_line)
    for take in (1, 2):
        studio.buy(vendor, take=take)
    assert {entry.job_id for entry in studio.ledger.entries("lighthouse")} == {"job-1", "job-2"}
    assert len(vendor.accepted()) == 2


def test_not_being_in_the_list_proves_nothing(studio, tmp_path):
    vendor = ListingVendor(tmp_path / "books.jsonl", before_accepting=drop_the_line)
    for _ in range(2):
        with pytest.raises(Unanswered, match=r"studio ledger resolve 1 --billed"):
            studio.buy(vendor)
    assert studio.ledger.balance(WHOLE).reserved_usd == Decimal(1)

    studio.ledger.resolve("1", False, "a person")
    vendor.before_accepting = lambda: None
    studio.buy(vendor)
    assert studio.states == ["released", "settled"]


def test_a_job_that_a_person_finds_in_the_vendors_console_is_fetched_and_not_bought_again(studio, vendor):
    vendor.after_accepting = drop_the_line
    with pytest.raises(Unanswered):
        studio.buy(vendor)
    studio.ledger.name_job("1", "job-1")
    assert studio.buy(vendor).receipt.price_usd == Decimal(1)
    assert studio.states == ["settled"]
    assert len(vendor.accepted()) == 1
    with pytest.raises(BadInput, match="settled"):
        studio.ledger.name_job("1", "job-1")


def test_a_vendor_that_charged_more_than_it_said_is_reserved_for_at_that_from_then_on(studio, vendor):
    """Only its first surprise can go beyond a cap."""
    vendor.states = [JobState(state="done", price_usd=Decimal("1.25"))]
    studio.buy(vendor, take=1)
    with pytest.raises(OutOfBudget, match=r"has \$0\.50 left and .* may cost \$1\.25"):
        for take in (2, 3):
            studio.buy(vendor, take=take)
    assert studio.ledger.balance(WHOLE).settled_usd == Decimal("2.50")
    assert len(vendor.accepted()) == 2


def test_a_vendor_that_charges_by_use_has_charged_too_much_only_above_the_most_that_was_quoted(studio, vendor):
    quote = Quote(expected_usd=Decimal("0.5"), max_usd=Decimal(1), simulated=False, source="tokens", by_use=True)
    vendor.quote = lambda request: quote
    vendor.states = [
        JobState(state="done", price_usd=Decimal("0.95")),
        JobState(state="done", price_usd=Decimal("1.1")),
    ]
    for take in (1, 2):
        studio.buy(vendor, take=take)
        assert studio.ledger.entries("lighthouse")[-1].max_usd == Decimal(1)
    with pytest.raises(OutOfBudget, match=r"may cost \$1\.10"):
        studio.buy(vendor, take=3)


def test_the_same_shot_asking_again_and_again_has_saved_its_price_once(studio, vendor):
    for _ in range(4):
        studio.buy(vendor)
    assert studio.states == ["settled", "avoided"]


def test_a_full_disk_after_the_vendor_has_answered_is_no_proof_that_it_was_not_charged(studio, vendor):
    def fill() -> None:
        raise HomeFull("no space left")

    vendor.after_accepting = fill
    with pytest.raises(Unanswered):
        studio.buy(vendor)
    assert studio.ledger.balance(WHOLE).reserved_usd == Decimal(1)


@pytest.mark.parametrize(("content", "suffix"), [(b"", ".png"), (b"x", "/../../evil"), (b"x", ".TOOLONG")])
def test_an_empty_file_or_one_with_a_name_that_is_no_name_is_not_stored(studio, vendor, tmp_path, content, suffix):
    vendor.content, vendor.suffix = content, suffix
    with pytest.raises(ProviderFailed):
        studio.buy(vendor)
    assert [file for file in studio.store.root.rglob("*") if file.is_file()] == []
    assert sorted(tmp_path.glob("*evil*")) == []


def test_a_full_disk_during_the_download_keeps_the_job_for_later(studio, vendor):
    def fill():
        raise OSError(28, "No space left on device")

    vendor.while_fetching = fill
    with pytest.raises(HomeFull, match="Free some space"):
        studio.buy(vendor)
    vendor.while_fetching = lambda: None
    studio.buy(vendor)
    assert len(vendor.accepted()) == 1


def test_ctrl_c_while_waiting_leaves_the_job_to_the_next_run(studio, vendor):
    def interrupt():
        raise KeyboardInterrupt

    vendor.while_fetching = interrupt
    with pytest.raises(KeyboardInterrupt):
        studio.buy(vendor)
    assert [entry.owner for entry in studio.ledger.open_entries()] == [None]
    vendor.while_fetching = lambda: None
    studio.buy(vendor)
    assert len(vendor.accepted()) == 1


def test_a_job_that_never_ends_is_left_at_the_vendor_and_waited_for_by_the_next_run(studio, vendor):
    vendor.states = [JobState(state="running")]
    with pytest.raises(ProviderFailed, match="stays handed in"):
        studio.buy(vendor)
    assert studio.now > JOB_LIMIT_S
    assert studio.states == ["submitted"]
    vendor.states = [JobState(state="done")]
    studio.buy(vendor)
    assert len(vendor.accepted()) == 1


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"rotten")])
def test_a_paid_file_that_vanished_is_fetched_again_for_nothing_and_says_so(studio, vendor, harm):
    bought = studio.buy(vendor)
    harm(studio.store.path(bought.media))
    again = studio.buy(vendor)
    assert studio.store.verify(again.media).read_bytes() == b"painting of a lamp"
    assert any("fetched again" in event for event in again.events)
    assert len(vendor.accepted()) == 1
    assert studio.states == ["settled", "avoided"]


def test_a_paid_file_that_vanished_for_good_is_a_decision_for_a_person_and_not_bought_again(studio, vendor):
    studio.store.path(studio.buy(vendor).media).unlink()

    def gone():
        raise ProviderFailed("the link expired")

    vendor.while_fetching = gone
    with pytest.raises(HomeDamaged, match=r"paid for as entry 1.*cannot give it again.*new take.*link expired"):
        studio.buy(vendor)
    assert len(vendor.accepted()) == 1


def test_threads_that_want_the_same_thing_share_one_purchase(studio, vendor, tmp_path):
    sharing = Metered(studio.ledger, studio.store, poll_interval_s=0.01)
    gate = threading.Barrier(2)
    vendor.before_accepting = lambda: gate.wait(10) and None
    bought = []

    def buy():
        bought.append(sharing.buy(vendor, Painting(), take=1, account=ACCOUNT))

    threads = [threading.Thread(target=buy) for _ in range(4)]
    for thread in threads:
        thread.start()
    gate.wait(10)  # one of them is at the vendor's door by now
    for thread in threads:
        thread.join()
    assert len({purchase.media for purchase in bought}) == 1
    assert sorted(purchase.avoided for purchase in bought) == [False, True, True, True]
    assert len(vendor.accepted()) == 1


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(thing: object, method: str) -> None:
    real = getattr(thing, method)

    def then_die(*args, **kwargs):
        real(*args, **kwargs)
        kill()

    setattr(thing, method, then_die)


STEPS: dict[str, Callable[[Studio, FakeVendor], None]] = {
    "reserved": lambda studio, vendor: die_after(studio.ledger, "reserve"),
    "submitting, not yet sent": lambda studio, vendor: die_after(studio.ledger, "submitting"),
    "accepted, answer lost": lambda studio, vendor: setattr(vendor, "after_accepting", kill),
    "submitted": lambda studio, vendor: die_after(studio.ledger, "submitted"),
    "polled": lambda studio, vendor: die_after(vendor, "poll"),
    "fetching": lambda studio, vendor: setattr(vendor, "while_fetching", kill),
    "fetched": lambda studio, vendor: die_after(vendor, "fetch"),
    "stored": lambda studio, vendor: die_after(studio.store, "put_file"),
    "settled": lambda studio, vendor: die_after(studio.ledger, "settle"),
}
IN_DOUBT = {"submitting, not yet sent", "accepted, answer lost"}


def killed_at(step: str, folder: Path, vendor: FakeVendor) -> None:
    child = os.fork()
    if child == 0:
        try:
            studio = Studio(folder)
            STEPS[step](studio, vendor)
            studio.buy(vendor)
        finally:
            os._exit(70)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize("step", [step for step in STEPS if step not in IN_DOUBT])
def test_killed_between_any_two_steps_the_next_run_pays_once_and_has_the_file(studio, vendor, tmp_path, step):
    killed_at(step, tmp_path, vendor)
    bought = studio.buy(vendor)
    assert studio.store.verify(bought.media).read_bytes() == b"painting of a lamp"
    assert bought.details == {"words": [{"start_s": 0.5}]}
    assert len(vendor.accepted()) == 1
    balance = studio.ledger.balance(WHOLE)
    assert (balance.settled_usd, balance.reserved_usd) == (Decimal(1), Decimal(0))
    leftovers = [file for file in (studio.store.root / "work").rglob("*") if file.is_file()]
    assert leftovers == [] or step == "settled"


@pytest.mark.parametrize("step", sorted(IN_DOUBT))
def test_killed_while_handing_in_to_a_real_vendor_the_money_is_held_and_nothing_is_sent_again(
    studio, vendor, tmp_path, step
):
    killed_at(step, tmp_path, vendor)
    sent = len(vendor.accepted())
    for _ in range(2):
        with pytest.raises(ProviderFailed, match=r"Nobody knows whether painter charged \$1"):
            studio.buy(vendor)
    assert len(vendor.accepted()) == sent <= 1
    assert studio.states == ["ambiguous"]
    assert studio.ledger.balance(WHOLE).reserved_usd == Decimal(1)


@dataclass
class AnswersWithTheFile(FakeVendor):
    """Its answer is put away before anybody is told of it."""

    def kept(self, client_tag: str) -> str | None:
        return next((job["job"] for job in self.accepted() if job["tag"] == client_tag), None)


def test_killed_after_the_answer_was_put_away_it_is_the_job_and_nobody_has_to_be_asked(studio, tmp_path):
    vendor = AnswersWithTheFile(tmp_path / "books.jsonl")
    killed_at("accepted, answer lost", tmp_path, vendor)
    bought = studio.buy(vendor)
    assert studio.store.verify(bought.media).read_bytes() == b"painting of a lamp"
    assert (studio.states, len(vendor.accepted())) == (["settled"], 1)


def test_trouble_after_the_answer_was_put_away_leaves_nothing_in_doubt(studio, tmp_path):
    vendor = AnswersWithTheFile(tmp_path / "books.jsonl", after_accepting=drop_the_line)
    studio.buy(vendor)
    assert (studio.states, len(vendor.accepted())) == (["settled"], 1)


def test_killed_before_any_answer_was_put_away_the_money_is_held(studio, tmp_path):
    vendor = AnswersWithTheFile(tmp_path / "books.jsonl")
    killed_at("submitting, not yet sent", tmp_path, vendor)
    with pytest.raises(Unanswered):
        studio.buy(vendor)
    assert (studio.states, len(vendor.accepted())) == (["ambiguous"], 0)


@pytest.mark.parametrize("step", sorted(STEPS))
def test_killed_anywhere_an_offline_vendor_simply_goes_on(studio, vendor, tmp_path, step):
    vendor.simulated = True
    killed_at(step, tmp_path, vendor)
    bought = studio.buy(vendor)
    assert studio.store.verify(bought.media).read_bytes() == b"painting of a lamp"
    balance = studio.ledger.balance(WHOLE)
    assert (balance.settled_usd, balance.reserved_usd) == (Decimal(1), Decimal(0))
    assert studio.ledger.totals("lighthouse").simulated is True


def test_a_vendor_that_takes_a_day_is_waited_for_a_day(studio, vendor):
    vendor.states = [JobState(state="running")]
    vendor.job_limit_s = lambda request: 24 * 3600.0
    with pytest.raises(ProviderFailed, match="in 1440 minutes"):
        studio.buy(vendor)
    assert studio.now > 24 * 3600
