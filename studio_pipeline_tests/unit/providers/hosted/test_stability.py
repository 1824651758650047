"""What the contract suite cannot see of Stability AI: a blurred picture is money lost, and what the form says."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from studio_pipeline.errors import ProviderFailed
from studio_pipeline.film.shots import Board
from studio_pipeline.providers import factory
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.hosted.stability import Stability
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.vendor import NoAnswer
from studio_pipeline_tests.backlot.line import CARDS, Line

BOARD = Board(heading="The gate", action="Mira waits.", place="gate", framing="medium")
DATA = factory.vendors()["stability"]
TAG = "0123456789abcdef"


@pytest.fixture
def stability(tmp_path: Path) -> Stability:
    setup = Setup(DATA.manifest, DATA.models, CARDS, lambda _: tmp_path, tmp_path, {"STABILITY_API_KEY": "k"})
    return Stability(setup)


def still(model: str = "stability/sd3.5-large", **more: Any) -> StillRequest:
    asked = {"prompt": "Mira waits.", "size": (1280, 720), "seed": 0, **more}
    return StillRequest(model=model, board=BOARD, **asked)


def test_a_picture_that_came_back_blurred_is_refused_and_was_charged(line: Line, stability: Stability) -> None:
    line.says({"image": base64.b64encode(b"blur").decode(), "finish_reason": "CONTENT_FILTERED", "seed": 1})
    job = stability.submit(still(), client_tag=TAG)
    state = stability.poll(job, still())
    assert (state.state, state.billed, state.refused) == ("failed", True, True)


def test_the_form_is_multipart_with_the_model_the_shape_and_a_seed_that_is_not_any(
    line: Line, stability: Stability
) -> None:
    line.says({"image": base64.b64encode(b"\x89PNG").decode(), "finish_reason": "SUCCESS", "seed": 1})
    stability.submit(still(negative_prompt="rain"), client_tag=TAG)
    (sent,) = line.sent
    assert sent.url.path == "/v2beta/stable-image/generate/sd3"
    assert sent.headers["content-type"].startswith("multipart/form-data")
    asked = stability.normalised(still(negative_prompt="rain"))
    assert asked["model"] == "sd3.5-large"
    assert asked["aspect_ratio"] == "16:9"
    assert asked["seed"] == "1"
    assert asked["negative_prompt"] == "rain"
    assert b'name="negative_prompt"\r\n\r\nrain' in sent.content
    assert 1 <= int(stability.normalised(still(seed=2**40 + 3))["seed"]) <= 4_294_967_294


def test_a_prompt_that_is_too_long_and_a_shape_there_is_not_are_never_sent(line: Line, stability: Stability) -> None:
    for wish in (still(prompt="x" * 10_001), still(size=(960, 720))):
        with pytest.raises(ProviderFailed):
            stability.submit(wish, client_tag=TAG)
    assert not line.sent


@pytest.mark.parametrize("told", [{}, {"image": "!!"}, {"image": 7}, ["odd"]])
def test_an_answer_whose_picture_cannot_be_read_may_have_been_paid_for(
    line: Line, stability: Stability, told: Any
) -> None:
    line.says(told)
    with pytest.raises(NoAnswer):
        stability.submit(still(), client_tag=TAG)
