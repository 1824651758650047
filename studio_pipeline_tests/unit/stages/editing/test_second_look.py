"""What is done to a cut once its pictures are seen: by rule on made-up measures, and once on real files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio_pipeline.editorial.cut import Cut, CutSet
from studio_pipeline.editorial.pieces import pieces
from studio_pipeline.editorial.timeline import Mark, Timeline, TimelineClip, Transition
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.bridge import Flow
from studio_pipeline.media.encode import encode_clip
from studio_pipeline.media.looking.colour import Colours
from studio_pipeline.media.looking.fingerprint import Fingerprint
from studio_pipeline.media.looking.glances import Glances
from studio_pipeline.media.looking.joints import JointFacts
from studio_pipeline.media.store import MediaStore
from studio_pipeline.stages.editing.continuity import BY_FLOW, Shown
from studio_pipeline.stages.editing.second_look import looked_over
from studio_pipeline.stages.editing.viewing import ViewingRoom
from studio_pipeline_tests.unit.stages.editing.shot_footage import media

RATE = Rate.of(24)
JUMP = JointFacts(ssim=0.6, blurred_ssim=0.94, hsv_correlation=0.99, luma_step=1)
STEP = JointFacts(ssim=0.995, blurred_ssim=1, hsv_correlation=1, luma_step=0)
SURE = Flow(certain=0.93, move_permille=20)


def clip(name: str, **changes: object) -> TimelineClip:
    facts: dict[str, object] = {
        "name": f"animated.{name}",
        "media": media(name),
        "media_frames": 60,
        "source_frame": 6,
        "frames": 48,
        "scene": int(name[1:3]),
        "take": 1,
        "rating": 80.0,
    }
    return TimelineClip.model_validate({**facts, **changes})


def timeline(*clips: TimelineClip, transitions: tuple[Transition, ...] = ()) -> Timeline:
    return Timeline(
        name="pace", title="L", language="en", rate=RATE, size=(320, 180), clips=clips, transitions=transitions
    )


@dataclass
class Measured:
    """A viewing of pictures that nobody made: joints by the media on both sides, looks by media."""

    joints: Mapping[tuple[str, str], JointFacts] = field(default_factory=dict)
    flows: Flow | None = SURE
    can_bridge: bool = True
    prints: Mapping[str, Fingerprint | None] = field(default_factory=dict)
    looks: Mapping[str, Colours] = field(default_factory=dict)
    read: dict[MediaRef, Set[int]] = field(default_factory=dict)
    bridged: list[tuple[Shown, Shown, int]] = field(default_factory=list)

    def look(self, frames: Mapping[MediaRef, Set[int]]) -> None:
        self.read.update(frames)

    def joint(self, before: Shown, after: Shown) -> JointFacts | None:
        self._check_read(before.media, before.frame)
        self._check_read(after.media, after.frame)
        return STEP if before.media == after.media else self.joints.get((name(before.media), name(after.media)))

    def flow(self, before: Shown, after: Shown) -> Flow | None:
        return self.flows

    def bridge(self, before: Shown, after: Shown, frames: int, timeline: Timeline) -> MediaRef:
        self.bridged.append((before, after, frames))
        return media(f"bridge {len(self.bridged)}")

    def fingerprint(self, media: MediaRef, frame: int) -> Fingerprint | None:
        self._check_read(media, frame)
        return self.prints.get(name(media), _different(name(media)))

    def colours(self, media: MediaRef, frames: Sequence[int]) -> Colours | None:
        return self.looks.get(name(media), Colours(y=100, y_spread=40, cb=128, cr=128))

    def _check_read(self, media: MediaRef, frame: int) -> None:
        if not name(media).startswith("bridge"):
            assert frame in self.read[media], "every frame is announced, so that a file is read once"


NAMES = {media(f"s{scene:02d}.k{shot}"): f"s{scene:02d}.k{shot}" for scene in range(1, 30) for shot in range(1, 5)}
NAMES |= {media(f"bridge {number}"): f"bridge {number}" for number in range(1, 5)}


def name(ref: MediaRef) -> str:
    return NAMES[ref]


def _different(of: str) -> Fingerprint:
    bits = int.from_bytes(hashlib.sha256(of.encode()).digest(), "big")
    return Fingerprint(lighter=bits, darker=~bits & ((1 << 256) - 1))


def seen(made: Timeline, viewing: Measured) -> Cut:
    cut = Cut(name="pace", timeline=made, rating=50, rationale="", notes=("As planned.",))
    (found,) = looked_over(CutSet(cuts=(cut,), recommended="pace"), viewing).cuts
    assert found.timeline.frames == made.frames, "the film keeps its length"
    assert found.notes[0] == "As planned."
    pieces(found.timeline)
    return found


def test_a_jump_inside_a_scene_gets_a_bridge_in_the_place_of_frames_on_both_sides() -> None:
    fade = Transition(at=2, kind="fade_black", out_frames=8, in_frames=8)
    marks = (Mark(source_frame=8, name="far"), Mark(source_frame=53, name="gone"))
    made = timeline(clip("s01.k1", marks=marks), clip("s01.k2"), clip("s02.k1"), transitions=(fade,))
    viewing = Measured({("s01.k1", "s01.k2"): JUMP, ("s01.k2", "s02.k1"): JUMP})
    found = seen(made, viewing)
    names = [(each.name, each.source_frame, each.frames) for each in found.timeline.clips]
    assert names == [
        ("animated.s01.k1", 6, 45),
        ("animated.s01.k1-k2", 0, 6),
        ("animated.s01.k2", 9, 45),
        ("animated.s02.k1", 6, 48),
    ]
    bridge = found.timeline.clips[1]
    assert (bridge.scene, bridge.rating, bridge.origins, bridge.media_frames) == (1, None, (BY_FLOW,), 6)
    assert viewing.bridged == [(Shown(media("s01.k1"), 50), Shown(media("s01.k2"), 9), 6)]
    assert found.timeline.transitions == (fade.model_copy(update={"at": 3}),), "the fade stays between its scenes"
    assert [mark.name for mark in found.timeline.clips[0].marks] == ["far"]
    (_, note) = found.notes
    assert note == (
        "animated.s01.k1 and animated.s01.k2 show the same view at two moments (SSIM 0.60, 0.94 blurred, colours "
        "0.99): 6 frames between them are drawn along the movement, of which 93% is certain (animated.s01.k1-k2)."
    )


def test_two_bridges_on_one_clip_leave_it_something() -> None:
    jumps = {("s01.k1", "s01.k2"): JUMP, ("s01.k2", "s01.k3"): JUMP}
    found = seen(timeline(clip("s01.k1"), clip("s01.k2", frames=8), clip("s01.k3")), Measured(jumps))
    assert [each.frames for each in found.timeline.clips] == [45, 6, 2, 6, 45]
    short = seen(timeline(clip("s01.k1"), clip("s01.k2", frames=6), clip("s01.k3")), Measured(jumps))
    assert [each.name for each in short.timeline.clips if "-" in each.name] == ["animated.s01.k1-k2"]
    assert "too short to be bridged" in short.notes[-1] and "the joint jumps" in short.notes[-1]


@pytest.mark.parametrize(
    ("viewing", "why"),
    [
        ({"flows": Flow(certain=0.4, move_permille=20)}, "cannot be known (only 40% of it is found again)"),
        ({"flows": None}, "cannot be known (nothing of it is found again)"),
        ({"flows": Flow(certain=0.9, move_permille=200)}, "too far (20 % of the picture)"),
        ({"can_bridge": False}, "OpenCV (extra “continuity”) is not installed"),
    ],
)
def test_where_no_bridge_is_to_be_believed_the_jump_is_dissolved_or_left_and_why_is_said(
    viewing: dict[str, object], why: str
) -> None:
    jump = {("s01.k1", "s01.k2"): JUMP}
    found = seen(timeline(clip("s01.k1"), clip("s01.k2")), Measured(jump, **viewing))  # type: ignore[arg-type]
    (joint,) = found.timeline.transitions
    assert (joint.at, joint.kind, joint.out_frames, joint.in_frames) == (1, "dissolve", 6, 6)
    assert why in found.notes[1] and "so they are dissolved over 12 frames" in found.notes[1]
    bare = timeline(clip("s01.k1", media_frames=54), clip("s01.k2"))
    left = seen(bare, Measured(jump, **viewing))  # type: ignore[arg-type]
    assert left.timeline == bare
    assert why in left.notes[1] and "no handles to be dissolved: the joint jumps" in left.notes[1]


@pytest.mark.parametrize("frames", range(9, 25))
@pytest.mark.parametrize("sure_at", [1, 2])
def test_a_bridge_and_a_dissolve_never_meet_inside_a_short_shot(sure_at: int, frames: int) -> None:
    """At 60 frames a second a bridge takes 8 frames of a shot, and a dissolve may be longer than what is left."""
    shots = clip("s01.k1"), clip("s01.k2", source_frame=20, frames=frames), clip("s01.k3")
    cut = timeline(*shots).model_copy(update={"rate": Rate.of(60)})
    jumps = {("s01.k1", "s01.k2"): JUMP, ("s01.k2", "s01.k3"): JUMP}

    class Sometimes(Measured):
        def flow(self, before: Shown, after: Shown) -> Flow:
            return SURE if name(after.media) == f"s01.k{sure_at + 1}" else Flow(certain=0.1, move_permille=20)

    mended = seen(cut, Sometimes(joints=jumps)).timeline
    assert sum(piece.frames for piece in pieces(mended)) == mended.frames == cut.frames


@pytest.mark.parametrize(
    ("facts", "flow"),
    [
        (JointFacts(ssim=0.5, blurred_ssim=0.69, hsv_correlation=0.96, luma_step=3), SURE),
        (JointFacts(ssim=0.6, blurred_ssim=0.9, hsv_correlation=0.99, luma_step=-40), SURE),
        (JointFacts(ssim=0.98, blurred_ssim=1, hsv_correlation=1, luma_step=0), SURE),
        (JointFacts(ssim=0.4, blurred_ssim=0.6, hsv_correlation=0.98, luma_step=0), Flow(certain=0.1, move_permille=9)),
        (JointFacts(ssim=0.4, blurred_ssim=0.3, hsv_correlation=0.99, luma_step=0), SURE),
        (None, SURE),
    ],
    ids=["another framing", "another time of day", "the same moment", "no way there", "another view", "unreadable"],
)
def test_a_cut_is_a_cut(facts: JointFacts | None, flow: Flow) -> None:
    made = timeline(clip("s01.k1"), clip("s01.k2"), clip("s02.k1"))
    joints = {("s01.k2", "s02.k1"): JUMP} | ({("s01.k1", "s01.k2"): facts} if facts else {})
    found = seen(made, Measured(joints, flows=flow))
    assert (found.timeline, found.notes) == (made, ("As planned.",))


def test_a_view_that_is_far_enough_off_is_bridged_only_along_a_sure_way() -> None:
    far = {("s01.k1", "s01.k2"): JUMP.model_copy(update={"blurred_ssim": 0.6})}
    made = timeline(clip("s01.k1"), clip("s01.k2"))
    assert len(seen(made, Measured(far)).timeline.clips) == 3
    assert seen(made, Measured(far, can_bridge=False)).timeline == made
    assert seen(made, Measured(far, flows=Flow(certain=0.56, move_permille=5))).notes == ("As planned.",)


def test_takes_of_one_view_are_brought_to_the_colours_of_the_best_rated_one_within_limits() -> None:
    same = Fingerprint(lighter=(1 << 90) - 1, darker=0)
    made = timeline(clip("s01.k1"), clip("s01.k2", rating=60.0), clip("s01.k3", rating=90.0), clip("s02.k1"))
    looks = {
        "s01.k1": Colours(y=104, y_spread=40, cb=127, cr=129),
        "s01.k2": Colours(y=40, y_spread=20, cb=148, cr=126),
        "s02.k1": Colours(y=60, y_spread=40, cb=128, cr=128),
    }
    prints = {"s01.k1": same, "s01.k2": same, "s01.k3": same, "s02.k1": same}
    found = seen(made, Measured(prints=prints, looks=looks))
    matches = {each.name: each.colour for each in found.timeline.clips if each.colour}
    assert set(matches) == {"animated.s01.k2"}, "k1 hardly differs, k3 is the best, and s02 is another scene"
    match = matches["animated.s01.k2"]
    assert (match.y_gain, match.y_offset, match.cb_offset, match.cr_offset) == (1.2, 20, -10, 2)
    assert "animated.s01.k2 is brought to the colours of animated.s01.k3: it was 60 levels darker" in found.notes[1]
    other_view = seen(made, Measured(looks=looks))
    assert not [each for each in other_view.timeline.clips if each.colour], "another view may have other colours"


def test_a_joint_is_measured_and_bridged_in_the_colours_it_will_have() -> None:
    same = {f"s01.k{shot}": Fingerprint(lighter=(1 << 90) - 1, darker=0) for shot in (1, 2)}
    looks = {"s01.k2": Colours(y=80, y_spread=40, cb=128, cr=128)}
    viewing = Measured({("s01.k1", "s01.k2"): JUMP}, prints=same, looks=looks)
    found = seen(timeline(clip("s01.k1"), clip("s01.k2")), viewing)
    ((before, after, _),) = viewing.bridged
    assert before.colour is None and after.colour == found.timeline.clips[2].colour is not None


def test_footage_that_comes_twice_is_marked_and_the_worst_of_it_told() -> None:
    same, near = Fingerprint(lighter=(1 << 100) - 1, darker=0), Fingerprint(lighter=(1 << 90) - 1, darker=0)
    black = Fingerprint(lighter=3, darker=0)
    alike = ["s01.k1", "s03.k1", "s05.k1", "s06.k1", "s07.k1"]
    prints = dict.fromkeys(alike, same) | {"s05.k1": near, "s08.k1": black, "s09.k1": black, "s02.k1": None}
    clips = [clip(each) for each in ("s01.k1", "s02.k1", "s03.k1", "s05.k1", "s06.k1", "s07.k1", "s08.k1", "s09.k1")]
    again = clip("s10.k1", media=media("s02.k1"), source_frame=30, frames=20)
    found = seen(timeline(*clips, again), Measured(prints=prints))
    assert found.notes[1] == "animated.s10.k1 shows 20 frames of animated.s02.k1 again, 14.0 s after it began."
    assert found.notes[2].startswith(
        "animated.s03.k1 shows nearly what animated.s01.k1 did (fingerprints differ in 0%)"
    )
    assert found.notes[4] == "2 more of its 9 clips show what was seen before; they are marked."
    assert len(found.notes) == 5
    marked = {each.name: each.marks[0] for each in found.timeline.clips if each.marks}
    assert set(marked) == {f"animated.s{scene:02d}.k1" for scene in (3, 5, 6, 7, 10)}
    assert (marked["animated.s05.k1"].name, marked["animated.s05.k1"].source_frame) == ("repeated", 30)
    assert "fingerprints differ in 10%" in marked["animated.s05.k1"].note


def test_parts_of_one_take_that_do_not_overlap_and_a_view_that_goes_on_are_no_repeats() -> None:
    first, second = clip("s01.k1", frames=20), clip("s04.k1", media=media("s01.k1"), source_frame=26, frames=20)
    assert seen(timeline(first, second), Measured()).notes == ("As planned.",)
    same = {f"s01.k{shot}": Fingerprint(lighter=(1 << 90) - 1, darker=0) for shot in (1, 2)}
    assert seen(timeline(clip("s01.k1"), clip("s01.k2")), Measured(prints=same)).notes == ("As planned.",)


def test_on_real_files_a_jump_in_a_pan_is_bridged_with_footage_that_lies_in_the_store(tmp_path: Path) -> None:
    store, size = MediaStore(tmp_path / "media"), (320, 180)
    rng = np.random.default_rng(5)
    wide = Image.fromarray(rng.integers(20, 230, (18, 48, 3), np.uint8)).resize((480, 180), Image.Resampling.BICUBIC)

    def shot(scene: int, start: float) -> TimelineClip:
        frames = (wide.resize(size, box=(start + at, 0, start + at + 320, 180)) for at in range(60))
        encode_clip((np.asarray(frame) for frame in frames), size, RATE, tmp_path / "shot.mp4", count=60)
        ref = store.put_file(tmp_path / "shot.mp4", ".mp4")
        return clip(f"s{scene:02d}.k{1 + bool(start)}", media=ref)

    lost = clip("s01.k3", media=media("lost"))
    made = timeline(shot(1, 0), shot(1, 55), lost)
    cut = Cut(name="pace", timeline=made, rating=50, rationale="")
    cuts = CutSet(cuts=(cut, cut.model_copy(update={"name": "story"})), recommended="pace")
    one, other = looked_over(cuts, ViewingRoom(store)).cuts
    bridge = one.timeline.clips[1]
    assert bridge.name == "animated.s01.k1-k2" and store.has(bridge.media)
    assert one.timeline == other.timeline and one.timeline.frames == made.frames
    glances = Glances()
    places = [(each, at) for each in one.timeline.clips[:3] for at in range(each.frames)][42:56]
    shown = [glances.look(store.path(each.media), {each.source_at(at)})[each.source_at(at)] for each, at in places]
    steps = [float(np.abs(b.luma - a.luma).mean()) for a, b in pairwise(shown)]
    jump = float(np.abs(_luma(store, made.clips[1], 0) - _luma(store, made.clips[0], 47)).mean())
    assert max(steps) < jump / 2, "nowhere does the picture move as far at once as it did"
    assert looked_over(cuts, ViewingRoom(store)).cuts == (one, other), "the same files give the same cuts"


def _luma(store: MediaStore, shown: TimelineClip, at: int) -> np.ndarray:
    frame = shown.source_at(at)
    return Glances().look(store.path(shown.media), {frame})[frame].luma
