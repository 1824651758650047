"""An overloaded vendor is asked again, politely; what may have cost money never is."""

import pytest

from studio_pipeline.errors import PromptRefused, ProviderFailed, VendorAway
from studio_pipeline.providers.backing_off import JITTER, LONGEST_PAUSE_S, PATIENCE_S, BackingOff
from studio_pipeline.providers.vendor import Fetched, JobState, NoAnswer


class Moody:
    """Raises what it was given, one after another, then works."""

    name = "moody"

    def __init__(self, *moods):
        self.moods = list(moods)
        self.asked = 0

    def _answer(self, good):
        self.asked += 1
        if self.moods:
            raise self.moods.pop(0)
        return good

    def normalised(self, request):
        return self._answer({})

    def quote(self, request):
        return self._answer("quote")

    def submit(self, request, *, client_tag):
        return self._answer("job")

    def poll(self, job_id, request):
        return self._answer(JobState(state="running"))

    def fetch(self, job_id, request, into):
        return self._answer(Fetched(suffix=".mp4"))

    def validate_credentials(self):
        return self._answer("good")

    def cancel(self, job_id):
        return self._answer(JobState(state="failed"))

    def jobs_like(self, request, *, client_tag, since_s):
        return self._answer(())


def busy(retry_after_s=0.0):
    return VendorAway("overloaded", retry_after_s=retry_after_s)


class Clock:
    def __init__(self):
        self.pauses = []

    def sleep(self, seconds):
        self.pauses.append(seconds)

    def now(self):
        return sum(self.pauses)


def backing_off(vendor, **options):
    clock = Clock()
    return BackingOff(vendor, sleep=clock.sleep, clock=clock.now, **options), clock.pauses


CALLS = {
    "submit": lambda vendor: vendor.submit("sea", client_tag="tag"),
    "poll": lambda vendor: vendor.poll("job", "sea"),
    "fetch": lambda vendor: vendor.fetch("job", "sea", None),
    "validate_credentials": lambda vendor: vendor.validate_credentials(),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


@each_call
def test_a_vendor_that_is_overloaded_for_a_moment_is_asked_again_until_it_answers(call):
    vendor = Moody(busy(), busy())
    wrapped, pauses = backing_off(vendor)
    assert call(wrapped)
    assert vendor.asked == 3
    assert len(pauses) == 2


@each_call
def test_after_the_last_try_its_last_word_goes_out(call):
    vendor = Moody(*(VendorAway(f"no {turn}", retry_after_s=0) for turn in range(9)))
    wrapped, pauses = backing_off(vendor, tries=4)
    with pytest.raises(VendorAway, match="no 3"):
        call(wrapped)
    assert vendor.asked == 4
    assert len(pauses) == 3


@each_call
@pytest.mark.parametrize(
    "trouble",
    [NoAnswer("dropped"), VendorAway("no key"), PromptRefused("no"), ProviderFailed("too long"), TimeoutError("?")],
    ids=lambda trouble: type(trouble).__name__,
)
def test_what_may_have_been_taken_or_needs_a_person_goes_straight_out(call, trouble):
    vendor = Moody(trouble)
    wrapped, pauses = backing_off(vendor)
    with pytest.raises(type(trouble)):
        call(wrapped)
    assert (vendor.asked, pauses) == (1, [])


@pytest.mark.parametrize(
    "call",
    [
        lambda vendor: vendor.normalised("sea"),
        lambda vendor: vendor.quote("sea"),
        lambda vendor: vendor.cancel("job"),
        lambda vendor: vendor.jobs_like("sea", client_tag="tag", since_s=0),
    ],
)
def test_nothing_else_is_asked_again(call):
    vendor = Moody(busy())
    wrapped, pauses = backing_off(vendor)
    with pytest.raises(VendorAway):
        call(wrapped)
    assert (vendor.asked, pauses) == (1, [])


def test_pauses_double_up_to_a_minute_and_differ_by_a_little():
    wrapped, pauses = backing_off(Moody(*[busy()] * 9), tries=10)
    wrapped.poll("job", "sea")
    wanted = [1, 2, 4, 8, 16, 32, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    for pause, least in zip(pauses, wanted, strict=True):
        assert least <= pause <= least * (1 + JITTER)
    assert len(set(pauses[-3:])) == 3


def test_a_vendor_that_names_a_time_is_never_asked_sooner():
    wrapped, pauses = backing_off(Moody(busy(30), busy(0.5)))
    wrapped.poll("job", "sea")
    assert 30 <= pauses[0] <= 30 * (1 + JITTER)
    assert 2 <= pauses[1] <= 2 * (1 + JITTER)


def test_pauses_are_the_same_each_time_for_a_job_and_differ_between_jobs_and_seeds():
    def pauses_of(job, seed=0):
        wrapped, pauses = backing_off(Moody(busy(), busy()), seed=seed)
        wrapped.poll(job, "sea")
        return pauses

    assert pauses_of("a") == pauses_of("a")
    assert pauses_of("a") != pauses_of("b")
    assert pauses_of("a") != pauses_of("a", seed=1)


def test_nobody_is_kept_waiting_so_long_that_others_take_the_process_for_dead():
    vendor = Moody(*[busy(250)] * 9)
    wrapped, pauses = backing_off(vendor, tries=9)
    with pytest.raises(VendorAway):
        wrapped.poll("job", "sea")
    assert 0 < sum(pauses) <= PATIENCE_S
