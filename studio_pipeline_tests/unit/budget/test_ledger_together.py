"""Many processes and threads on one ledger file."""

import contextlib
import gc
import os
import threading
from decimal import Decimal

from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.errors import HomeError, OutOfBudget
from studio_pipeline.film.media_ref import MediaRef

WHOLE, ANIMATED = "production:lighthouse", "pilot:lighthouse|animated"
CLIP = MediaRef(sha256="c" * 64, suffix=".mp4", size_bytes=7)


def in_processes(count: int, work) -> list[int]:
    """Run ``work(number)`` in ``count`` processes that start at once; their exit statuses."""
    start, ready = os.pipe()
    children = []
    for number in range(count):
        child = os.fork()
        if child == 0:
            status = 70
            try:
                os.close(ready)
                os.read(start, 1)  # returns when the parent closes its end
                work(number)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    os.close(start)
    os.close(ready)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def reserve_until_refused(url: str, order, number: int) -> int:
    ledger, got = Ledger(url), 0
    try:
        while True:
            ledger.reserve(order(f"shot {number}.{got}", "0.25"))
            got += 1
    except OutOfBudget:
        return got


def test_processes_that_reserve_at_once_use_the_cap_up_and_never_exceed_it(ledger, url, order, tmp_path):
    def work(number):
        (tmp_path / f"{number}.got").write_text(str(reserve_until_refused(url, order, number)))

    assert in_processes(6, work) == [0] * 6
    got = [int(file.read_text()) for file in tmp_path.glob("*.got")]
    assert sum(got) == 24
    balance = ledger.balance(ANIMATED)
    assert balance.reserved_usd == balance.cap_usd == Decimal(6)


def test_threads_that_share_one_ledger_never_exceed_the_cap(ledger, order):
    got = []

    def work(number):
        taken = 0
        try:
            while True:
                ledger.reserve(order(f"shot {number}.{taken}", "0.25"))
                taken += 1
        except OutOfBudget:
            got.append(taken)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(got) == 24
    assert ledger.available(ANIMATED) == 0


def test_processes_that_want_the_same_thing_get_one_line_between_them(ledger, url, order, tmp_path):
    def work(number):
        claim = Ledger(url).reserve(order("the same"))
        (tmp_path / f"{number}.kind").write_text(claim.kind + claim.entry.id)
        os.read(hold, 1)  # stay alive until all have asked

    hold, let_go = os.pipe()
    threading.Timer(1.0, os.close, (let_go,)).start()

    def child(number):
        os.close(let_go)
        work(number)

    assert in_processes(4, child) == [0] * 4
    answers = sorted(file.read_text() for file in tmp_path.glob("*.kind"))
    assert answers == ["busy1", "busy1", "busy1", "yours1"]
    assert len(ledger.entries("lighthouse")) == 1


def test_processes_that_open_a_new_ledger_at_once_all_find_it_ready(url):
    assert in_processes(6, lambda number: Ledger(url).set_caps({f"production:p{number}": Decimal(1)})) == [0] * 6
    assert len(Ledger(url).caps()) == 6


def test_a_forked_process_may_go_on_with_the_ledger_it_inherited(ledger, order):
    ledger.reserve(order("before", "1"))
    assert in_processes(2, lambda number: ledger.reserve(order(f"in {number}", "1"))) == [0, 0]
    ledger.reserve(order("after", "1"))
    assert ledger.balance(WHOLE).reserved_usd == Decimal(4)


def test_money_is_never_seen_halfway_while_others_spend(ledger, url, order):
    """Statements taken during purchases always add up."""
    from studio_pipeline.budget.report import cost_report

    def spend(number):
        theirs = Ledger(url)
        for shot in range(8):
            entry = theirs.submitting(theirs.reserve(order(f"{number}.{shot}", "0.3")).entry)
            theirs.settle(theirs.submitted(entry, f"job-{entry.id}"), Decimal("0.2"), CLIP)

    child = os.fork()
    if child == 0:
        status = 70
        try:
            spend(1)
            status = 0
        finally:
            os._exit(status)
    reports = 0
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        assert cost_report(ledger, "lighthouse").adds_up
        reports += 1
    assert reports > 1
    assert cost_report(ledger, "lighthouse").settled_usd == Decimal("1.6")


def test_of_processes_that_find_a_dead_ones_purchase_one_takes_it_over(ledger, url, order, tmp_path):
    assert in_processes(1, lambda _number: Ledger(url).reserve(order("left behind"))) == [0]
    hold, let_go = os.pipe()
    threading.Timer(1.0, os.close, (let_go,)).start()

    def adopt(number):
        os.close(let_go)
        claim = Ledger(url).reserve(order("left behind"))
        (tmp_path / f"{number}.kind").write_text(claim.kind)
        os.read(hold, 1)  # stay alive until all have asked

    assert in_processes(4, adopt) == [0] * 4
    assert sorted(file.read_text() for file in tmp_path.glob("*.kind")) == ["busy"] * 3 + ["yours"]


def test_processes_that_share_a_slate_and_buy_for_different_productions_never_exceed_it(ledger, url, order):
    productions = ("harbour", "cliff", "dune", "lighthouse")
    for production in productions:
        ledger.set_caps({f"production:{production}": Decimal(99), f"pilot:{production}|animated": Decimal(99)})
        ledger.enrol(production, "slate:november")
    ledger.set_caps({"slate:november": Decimal(5)})

    def work(number):
        theirs = Ledger(url)
        with contextlib.suppress(OutOfBudget):
            for shot in range(20):
                wish = order(f"{number}.{shot}", "0.5", production=productions[number])
                # Each declares the same shots in another order, as two takes may: no deadlock.
                caps = {f"shot:{name}": Decimal(50) for name in ("xyz", "zyx", "yzx", "zxy")[number]}
                theirs.reserve(wish.model_copy(update={"account": wish.account.model_copy(update={"caps": caps})}))

    assert in_processes(4, work) == [0] * 4
    assert ledger.balance("slate:november").reserved_usd == Decimal(5)


def test_what_a_forked_process_commits_is_there_when_its_parent_is_gone_and_others_have_closed_the_ledger(url):
    """A child with an open connection of its parent's would hold no lock, and lose its log to the next who closes."""
    told, goes_on = os.pipe(), os.pipe()
    parent = os.fork()
    if parent == 0:
        ledger = Ledger(url)
        ledger.set_caps({"production:of the parent": Decimal(1)})
        gc.disable()
        ledger = Ledger(url)  # the first one's connection waits to be collected
        if os.fork():
            os.read(told[0], 1)
            os._exit(0)
        ledger.set_caps({"production:before": Decimal(1)})
        os.write(told[1], b"parent may go")
        os.read(goes_on[0], 1)
        ledger.set_caps({"production:after": Decimal(1)})
        os.write(told[1], b"!")
        os._exit(0)
    os.waitpid(parent, 0)
    another = Ledger(url)
    another.set_caps({"production:of another": Decimal(1)})
    another._database._engine.dispose()  # as at the end of its process
    os.write(goes_on[1], b"go on")
    os.read(told[0], 100)
    while os.read(told[0], 1) != b"!":
        pass
    assert sorted(Ledger(url).caps()) == [
        f"production:{who}" for who in ("after", "before", "of another", "of the parent")
    ]


def test_a_process_forked_in_the_middle_of_a_transaction_refuses_an_sqlite_ledger(ledger):
    with ledger._database.read():
        child = os.fork()
        if child == 0:
            try:
                ledger.caps()
            except HomeError as refused:
                os._exit(7 if "in the middle" in str(refused) else 8)
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == (7 if ledger._database.is_sqlite else 0)
    assert ledger.set_caps({WHOLE: Decimal(9)}) == {WHOLE: Decimal(9)}
