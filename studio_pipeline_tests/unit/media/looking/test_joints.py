"""Joints, bridges, colours and fingerprints, measured on small real clips of a view that we know."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from studio_pipeline.editorial.timeline import ColourMatch
from studio_pipeline.errors import MediaDamaged
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.bridge import Between, picture, write_bridge
from studio_pipeline.media.encode import encode_clip
from studio_pipeline.media.looking.colour import corrected, measure_colours
from studio_pipeline.media.looking.fingerprint import fingerprint
from studio_pipeline.media.looking.glances import Glances, frames_of
from studio_pipeline.media.looking.joints import JointFacts, compare

SIZE, RATE = (320, 180), Rate.of(24)


def view(seed: int, left: float = 0.0, *, tint: tuple[int, int, int] = (0, 0, 0)) -> Image.Image:
    """A place with things in it, seen by a camera that has gone ``left`` pixels to the right."""
    rng = np.random.default_rng(seed)
    wide = Image.fromarray(rng.integers(60, 180, (9, 24, 3), np.uint8)).resize((480, 180), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(wide)
    for _ in range(40):
        x, y, side = (int(rng.integers(0, most)) for most in (470, 170, 40))
        draw.rectangle((x, y, x + 6 + side, y + 4 + side // 2), fill=tuple(int(c) for c in rng.integers(20, 230, 3)))
    seen = wide.resize(SIZE, Image.Resampling.BICUBIC, box=(left, 0, left + SIZE[0], SIZE[1]))
    return Image.fromarray(np.clip(np.asarray(seen, int) + tint, 0, 255).astype(np.uint8))


def pan(
    folder: Path, seed: int, *, frames: int = 48, start: float = 0.0, tint: tuple[int, int, int] = (0, 0, 0)
) -> Path:
    """A pan of one pixel a frame."""
    into = folder / f"{seed}-{start}-{sum(tint)}.mp4"
    encode_clip((np.asarray(view(seed, start + at, tint=tint)) for at in range(frames)), SIZE, RATE, into, count=frames)
    return into


def test_the_frames_asked_for_are_those_frames_and_each_is_read_once(tmp_path: Path) -> None:
    clip = pan(tmp_path, 1)
    with av.open(str(clip)) as media:
        every = [frame.to_ndarray(format="yuv420p") for frame in media.decode(video=0)]
    for wanted in ({0}, {47}, {1, 2, 29, 30, 46}, set(range(48))):
        found = dict(frames_of(clip, wanted))
        assert set(found) == wanted
        assert all((found[at].to_ndarray(format="yuv420p") == every[at]).all() for at in wanted)
    glances = Glances()
    first = glances.look(clip, {7})[7]
    clip.unlink()
    assert glances.look(clip, {7})[7] is first
    with pytest.raises(MediaDamaged):
        glances.look(clip, {8})


def test_what_is_no_clip_or_has_no_such_frame_is_damaged(tmp_path: Path) -> None:
    html = tmp_path / "clip.mp4"
    html.write_text("<html>no such clip</html>")
    with pytest.raises(MediaDamaged, match="cannot be read"):
        Glances().look(html, {0})
    with pytest.raises(MediaDamaged, match="has no frame 48"):
        Glances().look(pan(tmp_path, 1), {3, 48})


def joint(outgoing: Path, last_frame: int, incoming: Path, first_frame: int) -> JointFacts:
    glances = Glances()
    before, after = glances.look(outgoing, {last_frame}), glances.look(incoming, {first_frame})
    return compare(before[last_frame], after[first_frame])


def test_the_same_moment_the_same_view_and_another_view_measure_apart(tmp_path: Path) -> None:
    clip, other = pan(tmp_path, 1), pan(tmp_path, 2)
    step, jump, cut = (joint(clip, 20, *to) for to in ((clip, 21), (clip, 28), (other, 0)))
    assert joint(clip, 20, clip, 20).ssim == 1
    assert step.ssim > jump.ssim + 0.1 > cut.ssim + 0.1
    assert min(step.blurred_ssim, jump.blurred_ssim) > 0.75 > 0.5 > cut.blurred_ssim
    assert min(step.hsv_correlation, jump.hsv_correlation) > 0.97 > cut.hsv_correlation
    lighter = joint(clip, 20, pan(tmp_path, 1, tint=(20, 20, 20)), 20)
    assert 10 < lighter.luma_step < 20


def test_a_bridge_moves_what_is_seen_from_the_one_picture_to_the_other(tmp_path: Path) -> None:
    clip = pan(tmp_path, 1)
    between = Between(picture(clip, 10), picture(clip, 24))
    flow = between.facts()
    assert flow.certain > 0.8
    assert flow.move_permille == pytest.approx(1000 * 14 / 320, rel=0.2)
    write_bridge(between, 6, SIZE, RATE, tmp_path / "bridge.mp4")
    made = {at: frame.to_ndarray(format="yuv420p") for at, frame in frames_of(tmp_path / "bridge.mp4", range(6))}
    for at, true in ((0, 12), (2, 16), (5, 22)):  # a seventh of the way is two frames of the pan
        (truth,) = (frame.to_ndarray(format="yuv420p") for _, frame in frames_of(clip, {true}))
        held = np.abs(made[at].astype(int) - picture_bytes(clip, 10)).mean()
        assert np.abs(made[at].astype(int) - truth).mean() < min(4, held)
    write_bridge(Between(picture(clip, 10), picture(clip, 24)), 6, SIZE, RATE, tmp_path / "again.mp4")
    assert (tmp_path / "again.mp4").read_bytes() == (tmp_path / "bridge.mp4").read_bytes()


def picture_bytes(clip: Path, frame: int) -> np.ndarray:
    return next(found.to_ndarray(format="yuv420p").astype(int) for _, found in frames_of(clip, {frame}))


def test_between_two_different_pictures_no_movement_is_certain(tmp_path: Path) -> None:
    one, other = pan(tmp_path, 1), pan(tmp_path, 2)
    assert Between(picture(one, 10), picture(other, 10)).facts().certain < 0.3


def test_colours_are_measured_and_a_correction_brings_them_together(tmp_path: Path) -> None:
    plain, tinted = pan(tmp_path, 1), pan(tmp_path, 1, tint=(18, 6, -12))
    glances = Glances()
    wanted, look = (measure_colours(list(glances.look(clip, {6, 24}).values())) for clip in (plain, tinted))
    assert look.cr - wanted.cr > 3 > -3 > look.cb - wanted.cb
    match = ColourMatch(y_offset=wanted.y - look.y, cb_offset=wanted.cb - look.cb, cr_offset=wanted.cr - look.cr)
    after = picture(tinted, 24, match)
    truth = picture(plain, 24)
    for one, other in zip(after.planes, truth.planes, strict=True):
        assert abs(float(one.mean()) - float(other.mean())) < 1
    black = np.zeros((4, 4), np.uint8)
    held = corrected((black, black, black + 255), ColourMatch(y_offset=-9, cr_offset=9))
    assert [int(plane[0, 0]) for plane in held] == [16, 16, 240]


def test_a_fingerprint_knows_a_picture_again_and_no_other(tmp_path: Path) -> None:
    glances = Glances()

    def print_of(clip: Path, frame: int = 24):
        return fingerprint(glances.look(clip, {frame})[frame])

    first = print_of(pan(tmp_path, 1))
    assert first.distance(first) == 0
    assert first.distance(print_of(pan(tmp_path, 1, tint=(12, 10, 8)))) < 0.1
    assert first.distance(print_of(pan(tmp_path, 1, frames=47), 25)) < 0.1
    assert first.distance(print_of(pan(tmp_path, 2))) > 0.5
    encode_clip([np.full((180, 320, 3), 90, np.uint8)] * 2, SIZE, RATE, tmp_path / "plain.mp4")
    assert print_of(tmp_path / "plain.mp4", 1).told == 0
