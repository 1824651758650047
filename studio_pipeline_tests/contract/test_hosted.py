"""What every hosted vendor of media promises, over real HTTP, against vendors that cost nothing and keep their own
books. Language models are held to the same by ``test_language.py``.

To add a vendor: its shape in ``studio_pipeline/fake_vendor/shapes/`` and its ``cases/<vendor>.py``.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image

from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.budget.purchase import Account, Entry
from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.errors import MediaDamaged, PromptRefused, ProviderFailed, StudioError, UnknownPrice, VendorAway
from studio_pipeline.fake_vendor.faults import FaultName, Faults
from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.fake_vendor.shapes import shapes
from studio_pipeline.media.arrival import check_clip, check_picture, check_sound
from studio_pipeline.media.probe import probe, probe_sound
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers import factory
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.metering import Metered, Purchase
from studio_pipeline.providers.vendor import Cancels, JobState, Keeps, Lists, NoAnswer, Vendor
from studio_pipeline.settings import ASSETS_DIR
from studio_pipeline_tests.contract.hosted_case import PROMPT, Case, Lack

KEY = "sk-very-secret-key-4711"
CARDS = RateCards.load(ASSETS_DIR / "vendors", accepted=lambda: _Everything())
HOSTED = {
    name: data
    for name, data in factory.vendors().items()
    if data.manifest.hosted and set(data.manifest.kinds) != {"language"}
}
CAP = Decimal(1000)


class _Everything(frozenset[str]):
    """A person who accepts every old price: the tests shall not fail by the calendar."""

    def __contains__(self, name: object) -> bool:
        return True


def cases_of(vendor: str) -> list[Case]:
    module = f"studio_pipeline_tests.contract.cases.{vendor.replace('-', '_')}"
    return importlib.import_module(module).CASES if importlib.util.find_spec(module) else []


ALL = [(vendor, case) for vendor in HOSTED for case in cases_of(vendor)]
FIRST = list({(vendor, case.kind): (vendor, case) for vendor, case in reversed(ALL)}.values())[::-1]
"""One case a vendor and kind: what does not depend on the model is tried with these."""


def _name(value: tuple[str, Case]) -> str:
    return f"{value[1].kind}:{value[1].model}"


@dataclass
class Stage:
    """An adapter, a fake vendor behind it, a ledger and a store."""

    vendor_name: str
    case: Case
    fake: FakeVendor
    folder: Path
    environ: dict[str, str]

    @cached_property
    def store(self) -> MediaStore:
        return MediaStore(self.folder / "media")

    @cached_property
    def ledger(self) -> Ledger:
        made = Ledger(f"sqlite:///{self.folder / 'ledger.sqlite3'}")
        made.set_caps({"all": CAP})
        return made

    def setup(self, environ: dict[str, str] | None = None) -> Setup:
        data = HOSTED[self.vendor_name]
        return Setup(data.manifest, data.models, CARDS, self.store.path, self.folder / "inbox", environ or self.environ)

    def adapter(self, environ: dict[str, str] | None = None) -> Vendor[Any]:
        """The vendor's own file, without what the factory puts around it: nothing is asked twice."""
        setup = self.setup(environ)
        return importlib.import_module(setup.manifest.kinds[self.case.kind]).build(self.case.kind, setup)

    def with_key(self, key: str) -> Vendor[Any]:
        return self.adapter({**self.environ, **dict.fromkeys(HOSTED[self.vendor_name].manifest.keys, key)})

    def request(self, prompt: str = PROMPT) -> Any:
        return self.case.build(HOSTED[self.vendor_name].models[self.case.model], self.store, prompt)

    def buy(self, *, request: Any = None, take: int = 1) -> Purchase:
        account = Account(production="kite", place="animated.s01.k1", stage="shooting", envelopes=("all",))
        metered = Metered(self.ledger, self.store, sleep=lambda _: None)
        return metered.buy(
            factory.vendor(self.case.kind, self.setup()),
            request or self.request(),
            take=take,
            account=account,
            check=self.check,
        )

    def check(self, made: Path) -> None:
        """Raises ``MediaDamaged`` when the file is not at least what was asked for."""
        request = self.request()
        match self.case.kind:
            case "video":
                check_clip(made, least_s=request.frames / 24 - 0.05)
                _check_size(probe(made).size, request.size)
            case "image":
                check_picture(made)
                with Image.open(made) as picture:
                    _check_size(picture.size, request.size)
            case "voice":
                check_sound(made)
            case "music":
                check_sound(made)
                if probe_sound(made).duration_s < request.duration_s - 0.2:
                    raise MediaDamaged(f"the track is shorter than {request.duration_s} s")

    @property
    def billed(self) -> Decimal:
        self.fake.engine.jobs()
        return self.fake.meter.billed_usd(self.vendor_name)

    @property
    def jobs(self) -> int:
        return self.fake.meter.accepted(self.vendor_name)

    def entries(self) -> list[Entry]:
        return [entry for entry in self.ledger.entries("kite") if entry.state != "avoided"]

    def plan(self, *faults: FaultName | None) -> None:
        self.fake.engine.plan(*faults)

    def waits_for(self, adapter: Vendor[Any], job: str, request: Any) -> JobState:
        until = time.monotonic() + 10
        while (state := adapter.poll(job, request)).state not in ("done", "failed"):
            assert time.monotonic() < until, "the job does not end"
        return state


def _check_size(made: tuple[int, int], wanted: tuple[int, int]) -> None:
    assert made[0] >= wanted[0], f"{made} is smaller than {wanted}"
    assert made[1] >= wanted[1], f"{made} is smaller than {wanted}"


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
def stage(request: pytest.FixtureRequest, running: FakeVendor, tmp_path: Path) -> Stage:
    vendor, case = request.param
    running.reset()
    running.engine.faults = Faults()
    manifest = HOSTED[vendor].manifest
    environ = {manifest.base_url_variable: running.url(vendor), **dict.fromkeys(manifest.keys, KEY)}
    return Stage(vendor, case, running, tmp_path, environ)


every_model = pytest.mark.parametrize("stage", ALL, ids=_name, indirect=True)


def every_vendor(*needs: Lack) -> Callable[[Any], Any]:
    """Every vendor and kind, less those that truly have not what the test is about."""
    able = [found for found in FIRST if not found[1].lacks & set(needs)]
    return pytest.mark.parametrize("stage", able, ids=_name, indirect=True)


@pytest.mark.parametrize("vendor", HOSTED)
def test_every_hosted_vendor_is_tried_in_every_kind_and_has_a_shape(vendor: str) -> None:
    manifest = HOSTED[vendor].manifest
    assert {case.kind for case in cases_of(vendor)} == set(manifest.kinds)
    assert vendor in shapes()
    assert manifest.base_url_variable == shapes()[vendor].BASE_URL_VARIABLE
    assert set(shapes()[vendor].KEYS) >= set(manifest.keys)


@every_model
def test_the_price_is_known_before_anything_is_made(stage: Stage) -> None:
    quote = stage.adapter().quote(stage.request())
    assert Decimal(0) < quote.expected_usd <= quote.max_usd
    assert not quote.simulated
    assert (stage.billed, stage.jobs) == (0, 0)


@every_model
def test_the_file_is_at_least_what_was_asked_for_and_costs_what_the_vendor_bills(stage: Stage) -> None:
    bought = stage.buy()
    stage.check(stage.store.verify(bought.media))
    (entry,) = stage.entries()
    assert entry.state == "settled"
    assert (entry.settled_usd, stage.jobs) == (stage.billed, 1)
    assert Decimal(0) < stage.billed <= entry.max_usd

    again = stage.buy()
    assert (again.avoided, again.media) == (True, bought.media)
    assert (entry.settled_usd, stage.jobs) == (stage.billed, 1)


@every_vendor()
def test_what_a_vendor_says_that_it_charged_is_what_the_ledger_holds(stage: Stage) -> None:
    stage.fake.engine.faults = Faults(drift_pct=50)
    adapter, request = stage.adapter(), stage.request()
    told = stage.waits_for(adapter, adapter.submit(request, client_tag="0123456789abcdef"), request).price_usd
    if told is None:
        pytest.skip("it does not say what it charged")
    assert told == stage.billed > adapter.quote(request).max_usd
    stage.buy()
    assert stage.entries()[0].settled_usd == told


@every_vendor()
def test_the_steps_lead_from_a_request_to_a_file(stage: Stage, tmp_path: Path) -> None:
    adapter, request = stage.adapter(), stage.request()
    job = adapter.submit(request, client_tag="0123456789abcdef")
    assert stage.waits_for(adapter, job, request).state == "done"
    fetched = adapter.fetch(job, request, tmp_path / "made")
    assert fetched.suffix in (".mp4", ".png", ".jpg", ".jpeg", ".webp", ".wav", ".mp3")
    assert json.dumps(dict(fetched.details))
    stage.check(tmp_path / "made")


@every_vendor()
def test_a_model_that_there_is_not_is_refused(stage: Stage) -> None:
    unknown = stage.request().model_copy(update={"model": f"{stage.vendor_name}/nothing"})
    with pytest.raises((UnknownPrice, ProviderFailed)) as refused:
        stage.adapter().quote(unknown)
    assert "nothing" in str(refused.value)
    assert stage.jobs == 0


@every_vendor("overloaded")
def test_an_overloaded_vendor_says_when_to_ask_again_and_has_taken_nothing(stage: Stage) -> None:
    stage.fake.engine.faults = Faults(retry_after_s=17)
    stage.plan("overloaded", "unavailable")
    for _ in range(2):
        with pytest.raises(VendorAway) as away:
            stage.adapter().submit(stage.request(), client_tag="0123456789abcdef")
        assert away.value.retry_after_s == 17
    assert (stage.billed, stage.jobs) == (0, 0)


@every_vendor()
@pytest.mark.parametrize("fault", ["error_after_accepting", "dropped"])
def test_an_order_without_an_answer_is_never_bought_a_second_time(stage: Stage, fault: FaultName) -> None:
    stage.plan(fault)
    with pytest.raises(NoAnswer):
        stage.adapter().submit(stage.request(), client_tag="0123456789abcdef")
    assert stage.jobs == 1

    stage.fake.reset()
    stage.plan(fault)
    if isinstance(stage.adapter(), Lists):
        assert not stage.buy().avoided
        assert stage.entries()[0].state == "settled"
    else:
        for _ in range(2):
            with pytest.raises(StudioError, match="Nobody knows"):
                stage.buy()
        (entry,) = stage.entries()
        assert entry.state == "ambiguous"
        assert stage.ledger.balance("all").reserved_usd == entry.max_usd >= stage.billed
    assert stage.jobs == 1


@every_vendor()
def test_the_vendors_own_list_knows_the_job_that_got_lost(stage: Stage) -> None:
    adapter, request = stage.adapter(), stage.request()
    if not isinstance(adapter, Lists):
        pytest.skip("it has no list of jobs")
    since_s = time.time() - 5
    other = adapter.submit(stage.request("An empty beach."), client_tag="feedfeedfeedfeed")
    stage.plan("dropped")
    with pytest.raises(NoAnswer):
        adapter.submit(request, client_tag="0123456789abcdef")
    (found,) = cast(Lists[Any], adapter).jobs_like(request, client_tag="0123456789abcdef", since_s=since_s)
    assert found != other
    assert stage.waits_for(adapter, found, request).state == "done"
    assert not cast(Lists[Any], adapter).jobs_like(request, client_tag="0123456789abcdef", since_s=time.time() + 3600)


@every_vendor()
def test_a_job_that_waits_can_be_stopped(stage: Stage) -> None:
    adapter, request = stage.adapter(), stage.request()
    if not isinstance(adapter, Cancels):
        pytest.skip("it cannot be told to stop")
    stage.fake.engine.faults = Faults(latency_s=600)
    job = adapter.submit(request, client_tag="0123456789abcdef")
    assert adapter.poll(job, request).state == "queued"
    stopped = adapter.cancel(job)
    assert stopped.state == "failed"
    assert stopped.billed == (stage.billed > 0)


@every_vendor()
def test_a_missing_key_is_told_by_its_variable(stage: Stage) -> None:
    keys = HOSTED[stage.vendor_name].manifest.keys
    if not keys:
        pytest.skip("it needs no key")
    variable = HOSTED[stage.vendor_name].manifest.base_url_variable
    adapter = stage.adapter({variable: stage.environ[variable]})
    for ask in (
        lambda: adapter.submit(stage.request(), client_tag="0123456789abcdef"),
        adapter.validate_credentials,
    ):
        with pytest.raises(VendorAway) as away:
            ask()
        assert any(name in str(away.value) for name in keys)
        assert away.value.retry_after_s is None
    assert adapter.quote(stage.request()).max_usd > 0
    assert stage.jobs == 0


@every_vendor()
def test_a_key_that_is_not_accepted_is_for_a_person_and_bills_nothing(stage: Stage) -> None:
    if not HOSTED[stage.vendor_name].manifest.keys:
        pytest.skip("it needs no key")
    assert stage.adapter().validate_credentials()
    adapter = stage.with_key("wrong")
    for ask in (
        lambda: adapter.submit(stage.request(), client_tag="0123456789abcdef"),
        adapter.validate_credentials,
    ):
        with pytest.raises(VendorAway) as away:
            ask()
        assert away.value.retry_after_s is None
    assert (stage.billed, stage.jobs) == (0, 0)


@every_vendor("broke")
def test_an_account_without_money_is_for_a_person_and_bills_nothing(stage: Stage) -> None:
    if not HOSTED[stage.vendor_name].manifest.keys:
        pytest.skip("it needs no key")
    with pytest.raises(VendorAway) as away:
        stage.with_key("broke").submit(stage.request(), client_tag="0123456789abcdef")
    assert away.value.retry_after_s is None
    assert (stage.billed, stage.jobs) == (0, 0)


@every_vendor()
def test_a_vendor_that_is_not_there_has_taken_nothing(stage: Stage) -> None:
    variable = HOSTED[stage.vendor_name].manifest.base_url_variable
    with pytest.raises(VendorAway) as away:
        stage.adapter({**stage.environ, variable: "http://127.0.0.1:9"}).submit(
            stage.request(), client_tag="0123456789abcdef"
        )
    assert away.value.retry_after_s == 0


@every_vendor("moderated")
def test_a_prompt_that_moderation_refuses_at_once_costs_nothing(stage: Stage) -> None:
    stage.plan("moderated")
    with pytest.raises(PromptRefused):
        stage.buy()
    assert stage.entries()[0].state == "released"
    assert (stage.billed, stage.jobs) == (0, 0)


@every_vendor("moderated_late")
def test_a_job_that_moderation_ends_is_told_from_one_that_failed(stage: Stage) -> None:
    stage.plan("moderated_late")
    adapter, request = stage.adapter(), stage.request()
    state = stage.waits_for(adapter, adapter.submit(request, client_tag="0123456789abcdef"), request)
    assert (state.state, state.refused) == ("failed", True)


@every_vendor("failed_unbilled")
def test_a_job_that_fails_unbilled_gives_its_money_back(stage: Stage) -> None:
    stage.plan("failed_unbilled")
    with pytest.raises(ProviderFailed):
        stage.buy()
    (entry,) = stage.entries()
    assert entry.state == "released"
    assert stage.billed == 0
    assert stage.ledger.available("all") == CAP


@every_vendor("failed_billed")
def test_a_job_that_fails_and_is_billed_is_money_lost(stage: Stage) -> None:
    stage.plan("failed_billed")
    with pytest.raises(ProviderFailed):
        stage.buy()
    (entry,) = stage.entries()
    assert entry.state == "lost"
    assert entry.settled_usd == stage.billed > 0


@every_vendor()
def test_an_old_job_is_found_and_fetched_again_by_a_new_process(stage: Stage, tmp_path: Path) -> None:
    request = stage.request()
    job = stage.adapter().submit(request, client_tag="0123456789abcdef")
    for name in ("first", "second"):
        heir = stage.adapter()
        assert stage.waits_for(heir, job, request).state == "done"
        heir.fetch(job, request, tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    assert stage.jobs == 1


@every_vendor()
def test_an_answer_that_was_put_away_before_the_process_died_is_used(stage: Stage) -> None:
    if not isinstance(stage.adapter(), Keeps):
        pytest.skip("its answer is no file")
    tag = "0123456789abcdef"
    assert cast(Keeps, stage.adapter()).kept(tag) is None
    job = stage.adapter().submit(stage.request(), client_tag=tag)
    assert cast(Keeps, stage.adapter()).kept(tag) == job


@every_vendor()
def test_what_the_vendor_would_be_sent_identifies_it_and_holds_no_key(stage: Stage) -> None:
    adapter = stage.adapter()
    sent = json.dumps(dict(adapter.normalised(stage.request())), sort_keys=True)
    assert sent == json.dumps(dict(stage.with_key("another").normalised(stage.request())), sort_keys=True)
    assert sent != json.dumps(dict(adapter.normalised(stage.request("An empty beach."))), sort_keys=True)
    assert KEY not in sent
    assert stage.environ[HOSTED[stage.vendor_name].manifest.base_url_variable] not in sent


@every_vendor()
def test_no_key_is_ever_shown(stage: Stage, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    adapter, request = stage.adapter(), stage.request()
    shown = [repr(adapter), str(adapter)]
    stage.plan("overloaded", "unavailable", "error_after_accepting", "dropped", "moderated")
    for _ in range(5):
        with pytest.raises((StudioError, NoAnswer)) as failed:
            adapter.submit(request, client_tag="0123456789abcdef")
        shown += [str(failed.value), repr(failed.value), repr(failed.value.__cause__)]
    nowhere = "12345678-1234-4234-8234-123456789abc"
    for ask in (lambda: adapter.poll(nowhere, request), lambda: adapter.fetch(nowhere, request, tmp_path / "none")):
        try:
            shown.append(repr(ask()))
        except StudioError as failed:
            shown += [str(failed), repr(failed)]
    bought = stage.buy()
    shown += [*bought.events, bought.model_dump_json(), stage.entries()[-1].model_dump_json(), *capfd.readouterr()]
    assert [text for text in shown if KEY in text] == []


@every_vendor("links")
@pytest.mark.parametrize("elsewhere", ["http://10.0.0.1", "http://169.254.169.254", "https://files.example.net"])
def test_a_link_that_leads_elsewhere_is_not_followed(
    stage: Stage, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    real = socket.create_connection

    def call(address: tuple[str, int], *rest: Any, **named: Any) -> socket.socket:
        called.append(address[0])
        if address[0] != "127.0.0.1":
            raise OSError("no way out of the test")
        return real(address, *rest, **named)

    monkeypatch.setattr(socket, "create_connection", call)
    adapter, request = stage.adapter(), stage.request()
    job = adapter.submit(request, client_tag="0123456789abcdef")
    stage.fake.engine.faults = Faults(links_to=elsewhere)
    with pytest.raises(ProviderFailed):
        adapter.fetch(job, request, tmp_path / "made")
    assert set(called) <= {"127.0.0.1"}
    assert not (tmp_path / "made").exists()


@every_vendor()
def test_a_damaged_file_does_not_settle_as_a_good_one(stage: Stage) -> None:
    stage.plan("damaged", "damaged")  # a web page in place of the file, then half a file
    for take in (1, 2):
        with pytest.raises(StudioError):
            stage.buy(take=take)
        entry = stage.entries()[-1]
        assert (entry.take, stage.jobs) == (take, take)
        assert entry.state in ("lost", "submitted", "ambiguous"), "it was billed"
