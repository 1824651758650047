"""A wrapped vendor can do what the vendor inside can, and says so."""

from contextlib import contextmanager
from pathlib import Path

import pytest

from studio_pipeline.providers.backing_off import BackingOff
from studio_pipeline.providers.limited import Limited
from studio_pipeline.providers.vendor import Cancels, Fetched, JobState, Lists, TakesTurns


class Plain:
    name = "plain"

    def __init__(self) -> None:
        self.calls = []

    def normalised(self, request):
        return {"prompt": request}

    def quote(self, request):
        return f"price of {request}"

    def submit(self, request, *, client_tag):
        self.calls.append(("submit", request, client_tag))
        return "job"

    def poll(self, job_id, request):
        self.calls.append(("poll", job_id, request))
        return JobState(state="done")

    def fetch(self, job_id, request, into):
        self.calls.append(("fetch", job_id, request, into))
        return Fetched(suffix=".mp4")

    def validate_credentials(self):
        return "the key is good"


class Cancelling(Plain):
    def cancel(self, job_id):
        return JobState(state="failed", billed=False, message=f"{job_id} was stopped")


class Listing(Plain):
    def jobs_like(self, request, *, client_tag, since_s):
        return (f"{request} {client_tag} {since_s}",)


class Both(Cancelling, Listing):
    pass


def limited(vendor, folder):
    return Limited(vendor, folder / "slots", 1)


WRAPPERS = {
    "backing off": lambda vendor, folder: BackingOff(vendor),
    "limited": limited,
    "limited around backing off": lambda vendor, folder: limited(BackingOff(vendor), folder),
    "backing off around limited": lambda vendor, folder: BackingOff(limited(vendor, folder)),
}


@pytest.fixture(params=WRAPPERS.values(), ids=WRAPPERS.keys())
def wrap(request, tmp_path):
    return lambda vendor: request.param(vendor, tmp_path)


@pytest.mark.parametrize(
    ("vendor", "cancels", "lists"),
    [(Plain(), False, False), (Cancelling(), True, False), (Listing(), False, True), (Both(), True, True)],
    ids=lambda value: type(value).__name__,
)
def test_a_wrapped_vendor_can_cancel_and_list_exactly_when_the_vendor_can(wrap, vendor, cancels, lists):
    wrapped = wrap(vendor)
    assert (isinstance(wrapped, Cancels), isinstance(wrapped, Lists)) == (cancels, lists)
    assert hasattr(wrapped, "cancel") == cancels
    assert hasattr(wrapped, "jobs_like") == lists


def test_what_the_vendor_says_comes_out_unchanged(wrap):
    vendor = Both()
    wrapped = wrap(vendor)
    assert wrapped.name == "plain"
    assert wrapped.normalised("sea") == {"prompt": "sea"}
    assert wrapped.quote("sea") == "price of sea"
    assert wrapped.submit("sea", client_tag="tag") == "job"
    assert wrapped.poll("job", "sea") == JobState(state="done")
    assert wrapped.fetch("job", "sea", Path("file")).suffix == ".mp4"
    assert wrapped.validate_credentials() == "the key is good"
    assert wrapped.cancel("job").message == "job was stopped"
    assert wrapped.jobs_like("sea", client_tag="tag", since_s=7.0) == ("sea tag 7.0",)
    assert vendor.calls == [("submit", "sea", "tag"), ("poll", "job", "sea"), ("fetch", "job", "sea", Path("file"))]


def test_only_a_limited_vendor_takes_turns_and_a_wrapper_around_it_passes_them_on(tmp_path):
    inner = limited(Plain(), tmp_path)
    assert not isinstance(BackingOff(Plain()), TakesTurns)
    outer = BackingOff(inner)
    assert isinstance(outer, TakesTurns)

    class Enough(Exception):
        pass

    @contextmanager
    def giving_up():
        def enough():
            raise Enough

        yield enough

    with outer.turn(lambda: None), giving_up() as enough, pytest.raises(Enough), inner.turn(enough):
        pass


def test_kinds_of_wrappers_do_not_mix_up_the_abilities_of_different_vendors(wrap):
    able, plain = wrap(Both()), wrap(Plain())
    assert isinstance(able, Cancels)
    assert not isinstance(plain, Cancels)
    assert type(able).__name__ == type(plain).__name__
