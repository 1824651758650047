"""What the fake vendor serves are real files, of the length and size that were asked for."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.fake_vendor import media
from studio_pipeline.fake_vendor.orders import Order
from studio_pipeline.media.arrival import check_clip, check_picture
from studio_pipeline.media.probe import probe, probe_sound


def kept(content: bytes, folder: Path) -> Path:
    place = folder / "file"
    place.write_bytes(content)
    return place


def test_a_clip_has_the_length_and_size_that_were_asked_for(tmp_path: Path) -> None:
    facts = probe(kept(media.clip(1.25, (128, 72), 7), tmp_path), decode=True)
    assert (facts.frames, facts.size, float(facts.rate.fps)) == (30, (128, 72), 24.0)


def test_a_clip_from_a_picture_shows_that_picture_and_moves(tmp_path: Path) -> None:
    red = io.BytesIO()
    Image.fromarray(
        np.dstack([np.tile(np.linspace(100, 255, 128), (72, 1)), *[np.zeros((72, 128))] * 2]).astype("u1")
    ).save(red, "PNG")
    with av.open(io.BytesIO(media.clip(1.0, (128, 72), 7, red.getvalue()))) as clip:
        frames = [frame.to_ndarray(format="rgb24").astype(float) for frame in clip.decode(video=0)]
    assert frames[0][..., 0].mean() > 120 > 40 > frames[0][..., 2].mean()
    assert np.abs(frames[0] - frames[-1]).mean() > 1


def test_equal_orders_give_equal_bytes_and_other_prompts_other_pictures() -> None:
    def order(prompt: str) -> Order:
        return Order(vendor="v", model="m", kind="image", price_usd=Decimal(1), prompt=prompt, size=(64, 36))

    media.still.cache_clear()
    first = media.made_for(order("sea"))
    media.still.cache_clear()
    assert media.made_for(order("sea")) == first
    assert media.made_for(order("hill")) != first


@pytest.mark.parametrize("form", ["wav", "mp3"])
def test_sounds_last_as_long_as_they_should(form: str, tmp_path: Path) -> None:
    order = Order(
        vendor="v", model="m", kind="music", price_usd=Decimal(1), prompt="calm", seconds=2.0, sent={"format": form}
    )
    assert probe_sound(kept(media.made_for(order)[0], tmp_path)).duration_s == pytest.approx(2.0, abs=0.06)


@pytest.mark.parametrize("how", ["page", "cut"])
def test_what_is_damaged_is_seen_to_be(how: media.Damage, tmp_path: Path) -> None:
    content, _ = media.damaged(how, media.clip(1.0, (128, 72), 7), "video/mp4")
    with pytest.raises(MediaDamaged):
        check_clip(kept(content, tmp_path), least_s=0.5)
    content, _ = media.damaged(how, media.still((64, 36), 7), "image/png")
    with pytest.raises(MediaDamaged):
        check_picture(kept(content, tmp_path))
