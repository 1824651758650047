"""A vendor never has more jobs at once than it should, whoever hands them in and however they die."""

import os
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal

import pytest

from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.budget.purchase import Account
from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.errors import HomeError
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers.limited import WAIT_S, Limited
from studio_pipeline.providers.metering import Metered
from studio_pipeline.providers.vendor import Fetched, JobState


class Painting(Frozen):
    model: str = "painter/oil"
    prompt: str = "a lamp"


class Painter:
    """Charges $1, takes two looks to finish, and counts what it has under way."""

    name = "painter"

    def __init__(self):
        self.under_way, self.most = set(), 0
        self.lock = threading.Lock()
        self.at_submit = lambda: None
        self.at_poll = lambda: None

    def normalised(self, request):
        return request.model_dump()

    def quote(self, request):
        return Quote(expected_usd=Decimal(1), max_usd=Decimal(1), simulated=False, source="a price list")

    def submit(self, request, *, client_tag):
        self.at_submit()
        with self.lock:
            self.under_way.add(client_tag)
            self.most = max(self.most, len(self.under_way))
        return client_tag

    def poll(self, job_id, request):
        self.at_poll()
        time.sleep(0.01)
        with self.lock:
            self.under_way.discard(job_id)
        return JobState(state="done")

    def fetch(self, job_id, request, into):
        into.write_bytes(request.prompt.encode())
        return Fetched(suffix=".png")

    def validate_credentials(self):
        return "good"


class Enough(Exception):
    pass


def enough():
    raise Enough


@pytest.fixture
def limited(tmp_path):
    return Limited(Painter(), tmp_path / "slots", 2, sleep=lambda _: None)


def full(limited) -> bool:
    """Whether one more job would have to wait."""
    try:
        with limited.turn(enough):
            return False
    except Enough:
        return True


def test_the_third_of_two_waits_until_one_has_ended(limited):
    with limited.turn(enough):
        with limited.turn(enough):
            assert full(limited)
        assert not full(limited)


def test_waiting_looks_again_after_a_moment_and_tells_that_it_waits(tmp_path):
    slept, told = [], []
    first = Limited(Painter(), tmp_path / "slots", 1)
    second = Limited(Painter(), tmp_path / "slots", 1, sleep=lambda s: (slept.append(s), holder.close())[0])

    def hold():
        with first.turn(enough):
            yield

    holder = hold()
    next(holder)
    with second.turn(lambda: told.append("waiting")):
        assert full(first)
    assert (slept, told) == ([WAIT_S], ["waiting"])


def test_a_slot_is_free_again_after_any_error(limited):
    with pytest.raises(ZeroDivisionError), limited.turn(enough), limited.turn(enough):
        raise ZeroDivisionError
    with limited.turn(enough), limited.turn(enough):
        assert full(limited)


def test_a_folder_that_cannot_be_written_is_told_as_the_homes_trouble(tmp_path):
    (tmp_path / "slots").write_text("a file")
    with pytest.raises(HomeError), Limited(Painter(), tmp_path / "slots", 2).turn(enough):
        pass


HOLD = """
import sys, time
from pathlib import Path
from studio_pipeline.providers.limited import Limited
class Nobody: name = "nobody"
with Limited(Nobody(), Path(sys.argv[1]), 2).turn(lambda: None):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_killed_process_gives_its_slot_back_at_once(limited, tmp_path):
    holders = [
        subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "slots")], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    try:
        for holder in holders:
            assert holder.stdout.readline() == "held\n"
        assert full(limited)
        holders[0].send_signal(signal.SIGKILL)
        holders[0].wait()
        assert not full(limited)
    finally:
        for holder in holders:
            holder.kill()
            holder.wait()


def test_eight_forked_processes_are_never_more_than_two_at_once(limited, tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    limited._sleep = lambda _: time.sleep(0.002)
    children = []
    for _ in range(8):
        if (child := os.fork()) == 0:
            most = 0
            try:
                for turn in range(10):
                    with limited.turn(lambda: None):
                        mine = inside / f"{os.getpid()}-{turn}"
                        mine.touch()
                        most = max(most, len(list(inside.iterdir())))
                        time.sleep(0.001)
                        mine.unlink()
            except Exception:  # noqa: BLE001 — a child of a test must never go on as one
                most = 99
            finally:
                os._exit(most)
        children.append(child)
    most = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert set(most) <= {1, 2}


def test_a_child_does_not_keep_the_slot_of_the_parent_that_forked_it(limited):
    with limited.turn(enough):
        if (child := os.fork()) == 0:
            signal.pause()
            os._exit(0)
    try:
        with limited.turn(enough), limited.turn(enough):
            assert full(limited)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


class Shop:
    def __init__(self, folder, vendor, most=2):
        self.ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite3'}")
        self.ledger.set_caps({"production:p": Decimal(30)})
        self.limited = Limited(vendor, folder / "slots", most, sleep=lambda _: time.sleep(0.002))
        self.metered = Metered(self.ledger, MediaStore(folder / "media"), sleep=lambda _: None)

    def buy(self, prompt="a lamp"):
        account = Account(production="p", place="animated.s01.k1", stage="shooting", envelopes=("production:p",))
        return self.metered.buy(self.limited, Painting(prompt=prompt), take=1, account=account)

    @property
    def states(self):
        return [entry.state for entry in self.ledger.entries("p")]


def test_bought_from_eight_threads_the_vendor_never_has_more_than_two_jobs(tmp_path):
    vendor = Painter()
    shop = Shop(tmp_path, vendor)
    threads = [threading.Thread(target=shop.buy, args=(f"lamp {number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shop.states == ["settled"] * 8
    assert 1 <= vendor.most <= 2


def test_a_job_holds_its_slot_until_it_is_done_and_no_longer(tmp_path):
    vendor = Painter()
    shop = Shop(tmp_path, vendor, most=1)
    seen = []
    vendor.at_submit = vendor.at_poll = lambda: seen.append(full(shop.limited))
    shop.buy()
    assert seen == [True, True]
    assert not full(shop.limited)


def test_who_dies_in_the_queue_has_spent_nothing_and_set_nothing_aside(tmp_path):
    shop = Shop(tmp_path, Painter(), most=1)

    def interrupted(_):
        assert shop.states == ["reserved"]
        raise KeyboardInterrupt

    shop.limited._sleep = interrupted
    with shop.limited.turn(enough), pytest.raises(KeyboardInterrupt):
        shop.buy()
    assert shop.states == ["released"]


def test_a_job_that_the_vendor_has_already_is_waited_for_without_a_slot(tmp_path):
    vendor = Painter()
    shop = Shop(tmp_path, vendor, most=1)

    def dying():
        raise KeyboardInterrupt

    vendor.at_poll = dying
    with pytest.raises(KeyboardInterrupt):
        shop.buy()
    assert shop.states == ["submitted"]
    vendor.at_poll = lambda: None
    with shop.limited.turn(enough):
        shop.buy()
    assert shop.states == ["settled"]
