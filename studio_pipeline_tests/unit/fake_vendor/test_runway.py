"""The Runway shape satisfies Runway's own SDK."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import av
import httpx
import pytest

from studio_pipeline.fake_vendor import media
from studio_pipeline.fake_vendor.faults import Faults
from studio_pipeline.fake_vendor.server import FakeVendor

runwayml = pytest.importorskip("runwayml")


@pytest.fixture
def fake() -> Iterator[FakeVendor]:
    with FakeVendor() as running:
        yield running


@pytest.fixture
def sdk(fake: FakeVendor) -> runwayml.RunwayML:
    return runwayml.RunwayML(api_key="any", base_url=fake.url("runway"), max_retries=0)


def test_a_task_goes_its_way_and_says_what_it_cost(fake: FakeVendor, sdk: runwayml.RunwayML) -> None:
    fake.engine.faults = Faults(latency_s=600)
    waiting = sdk.text_to_video.create(model="gen4.5", prompt_text="sea", ratio="1280:720", duration=5)
    assert (waiting.estimated_cost.credits, sdk.tasks.retrieve(waiting.id).status) == (60, "PENDING")
    sdk.tasks.delete(waiting.id)
    assert sdk.tasks.retrieve(waiting.id).cost.credits == 0

    fake.engine.faults = Faults()
    made = sdk.tasks.retrieve(
        sdk.text_to_video.create(model="veo3.1", prompt_text="sea", ratio="1280:720", duration=4, audio=False).id
    )
    assert (made.status, made.cost.credits) == ("SUCCEEDED", 80)
    assert httpx.get(made.output[0]).headers["content-type"] == "video/mp4"
    assert sdk.organization.retrieve().credit_balance == 1_000_000 - 80
    usage = sdk.organization.retrieve_usage()
    assert [used.amount for day in usage.results for used in day.used_credits if used.model == "veo3.1"] == [80]


@pytest.mark.parametrize("uploaded", [False, True])
def test_a_clip_begins_with_the_picture_that_was_sent(sdk: runwayml.RunwayML, uploaded: bool) -> None:
    picture = media.still((1280, 720), 0xABCDEF12)
    sent = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    if uploaded:
        sent = sdk.uploads.create_ephemeral(file=("first.png", picture, "image/png")).uri
    links = []
    for uri in (sent, f"data:image/png;base64,{base64.b64encode(media.still((64, 36), 5)).decode()}"):
        task = sdk.image_to_video.create(
            model="gen4_turbo", prompt_image=uri, prompt_text="sea", ratio="1280:720", duration=2
        )
        links.append(sdk.tasks.retrieve(task.id).output[0])
    first, other = (httpx.get(link).content for link in links)
    assert first != other
    with av.open(io.BytesIO(first)) as clip:
        assert clip.streams.video[0].frames == 48


def test_an_account_without_credits_is_a_400(fake: FakeVendor) -> None:
    broke = runwayml.RunwayML(api_key="broke", base_url=fake.url("runway"), max_retries=0)
    with pytest.raises(runwayml.BadRequestError, match="enough credits"):
        broke.text_to_video.create(model="gen4.5", prompt_text="sea", ratio="1280:720", duration=5)


def test_the_sdks_own_retries_are_charged_each_time(fake: FakeVendor) -> None:
    """Why the adapter turns them off."""
    eager = runwayml.RunwayML(api_key="any", base_url=fake.url("runway"), max_retries=1)
    fake.engine.plan("error_after_accepting", "error_after_accepting")
    with pytest.raises(runwayml.InternalServerError):
        eager.text_to_video.create(model="gen4.5", prompt_text="sea", ratio="1280:720", duration=5)
    assert fake.meter.accepted("runway") == 2
