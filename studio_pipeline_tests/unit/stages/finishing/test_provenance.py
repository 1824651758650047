"""Who made what: every frame of the film has its maker, and the film declares no more and no less than that."""

from __future__ import annotations

from collections import Counter

import pytest

from studio_pipeline.editorial.timecode import Timecode
from studio_pipeline.editorial.timeline import (
    ColourMatch,
    Delivery,
    MusicSpan,
    Speech,
    Speed,
    Timeline,
    TimelineClip,
    Transition,
)
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Origin
from studio_pipeline.providers.factory import vendors
from studio_pipeline.stages.editing.continuity import BY_FLOW
from studio_pipeline.stages.finishing.provenance import (
    DRAWN,
    LABEL,
    MIXED,
    TRAINED,
    UNKNOWN,
    document,
    manifest,
    provenance,
)


def origin(role, vendor, simulated=False) -> Origin:
    return Origin(role=role, vendor=vendor, model=f"{vendor}/m", identity=f"{vendor} {role}", simulated=simulated)


def media(number: int) -> MediaRef:
    return MediaRef(sha256=f"{number:064x}", suffix=".mp4", size_bytes=1)


HOSTED = (origin("still", "google"), origin("clip", "runway"))
OWN = (origin("still", "storyboard"), origin("clip", "storyboard"))
REHEARSED = (origin("still", "google-rehearsal"), origin("clip", "runway-rehearsal"))


def clip(number: int, origins: tuple[Origin, ...], frames: int = 20, **more) -> TimelineClip:
    return TimelineClip(
        name=f"animated.s01.k{number}", media=media(number), media_frames=3000, source_frame=10, frames=frames,
        scene=1, take=2, origins=origins, **more,
    )  # fmt: skip


def film(*clips: TimelineClip, voice: str = "", fps: float = 24, **more) -> Timeline:
    words = Speech(scene=1, media=media(90), record_frame=4, frames=12, text="Hi", origins=(origin("voice", voice),))
    return Timeline(
        name="balanced", title="Sea", language="en", rate=Rate.of(fps), size=(128, 96), clips=clips,
        narration=(words,) if voice else (), **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("timeline", "term"),
    [
        (film(clip(1, OWN), voice="espeak"), DRAWN),
        (film(clip(1, REHEARSED), voice="elevenlabs-rehearsal"), DRAWN),
        (film(clip(1, HOSTED), clip(2, HOSTED), voice="elevenlabs"), TRAINED),
        (film(clip(1, (origin("still", "google"), origin("clip", "storyboard")))), TRAINED),
        (film(clip(1, HOSTED), clip(2, OWN)), MIXED),
        (film(clip(1, HOSTED), voice="espeak"), MIXED),
        (film(clip(1, HOSTED), clip(2, ())), MIXED),
        (film(clip(1, OWN), clip(2, ())), UNKNOWN),
        (film(clip(1, ())), UNKNOWN),
        (film(clip(1, (origin("clip", "a vendor of tomorrow"),))), TRAINED),
        (film(clip(1, HOSTED), clip(2, (BY_FLOW,)), clip(3, HOSTED)), TRAINED),
        (film(clip(1, OWN), clip(2, (BY_FLOW,)), clip(3, OWN)), DRAWN),
    ],
)
def test_a_film_declares_what_its_parts_are(timeline, term):
    facts = provenance(timeline, "film.mp4")
    assert facts["digital_source_type"] == term
    (action,) = manifest(facts)["assertions"][0]["data"]["actions"]
    assert (action["action"], action["digitalSourceType"]) == ("c2pa.created", term)


def test_each_vendor_says_in_its_manifest_whether_it_makes_things_with_a_trained_model():
    assert {name for name, data in vendors().items() if not data.manifest.trained} == {
        "espeak", "rules", "silence", "storyboard", "synth",
    }  # fmt: skip


@pytest.mark.parametrize("fps", [24, 29.97])
def test_every_frame_has_its_shot_and_the_timecodes_are_those_of_the_edit(fps):
    timeline = film(clip(1, HOSTED, 2000), clip(2, OWN, 31), clip(3, OWN, 7), fps=fps)
    shots = provenance(timeline, "film.mp4")["shots"]
    covered = Counter(
        frame for shot in shots for frame in range(shot["record_frame"], shot["record_frame"] + shot["frames"])
    )
    assert covered == Counter(range(timeline.frames))
    written = Timecode.of(timeline.rate)
    assert [(written.frame(shot["from"]), written.frame(shot["to"])) for shot in shots] == [
        (0, 2000),
        (2000, 2031),
        (2031, 2038),
    ]


def test_a_maker_is_told_with_the_request_that_it_answered():
    (shot,) = provenance(film(clip(1, HOSTED)), "film.mp4")["shots"]
    assert shot["media_sha256"] == media(1).sha256 and shot["take"] == 2
    still, moving = shot["made_by"]
    assert still == {
        "role": "still",
        "vendor": "google",
        "model": "google/m",
        "request_sha256": "google still",
        "simulated": False,
    }
    assert (moving["role"], moving["vendor"]) == ("clip", "runway")
    assert shot["by_the_studio"] == {}


def test_what_the_studio_did_is_told_where_it_did_it():
    timeline = film(
        clip(1, HOSTED, speed=Speed(num=4, den=5)),
        clip(2, (BY_FLOW,), frames=6),
        clip(3, HOSTED, hold=5, colour=ColourMatch(y_gain=1.5)),
        delivery=Delivery(burn_in=True),
    )
    facts = provenance(timeline, "film.mp4")
    slow, bridge, held = (shot["by_the_studio"] for shot in facts["shots"])
    assert slow == {"speed": "4/5"}
    assert "optical flow" in bridge["bridge"] and facts["shots"][1]["made_by"][0]["model"] == "studio/optical-flow"
    assert held == {"held_frames": 5, "colour_match": {"y_gain": 1.5}}
    assert facts["captions_burnt_in"] is True


def test_the_frames_of_transitions_are_those_that_are_mixed(library, what_shows):
    shelf = library()
    timeline = shelf.timeline(
        [24, 20, 16],
        [
            Transition(at=0, kind="fade_white", out_frames=0, in_frames=4),
            Transition(at=1, kind="dissolve", out_frames=3, in_frames=5),
            Transition(at=2, kind="dip", out_frames=2, in_frames=3),
            Transition(at=3, kind="fade_black", out_frames=6, in_frames=0),
        ],
    )
    told = provenance(timeline, "film.mp4")["transitions"]
    covered = {frame for each in told for frame in range(each["record_frame"], each["record_frame"] + each["frames"])}
    touched = {
        frame
        for frame in range(timeline.frames)
        if len(what_shows(timeline, frame)) > 1 or what_shows(timeline, frame)[0][2] < 1
    }
    assert touched <= covered and len(covered) == 4 + 8 + 5 + 6


def test_what_cannot_be_shown_or_heard_has_no_maker():
    music = MusicSpan(media=media(80), record_frame=0, frames=40, mood="calm", origins=(origin("music", "google"),))
    timeline = film(clip(1, OWN), clip(2, HOSTED), voice="elevenlabs", music=(music,))
    facts = provenance(timeline, "film.mp4", {media(2), media(90), media(80)})
    assert facts["digital_source_type"] == DRAWN
    shown, card = facts["shots"]
    assert shown["made_by"] and card["made_by"] == [] and "card" in card["by_the_studio"]
    assert facts["narration"][0]["made_by"] == [] and "silence" in facts["narration"][0]["by_the_studio"]
    assert facts["music"] == []


def test_the_document_and_the_manifest_hold_the_same_facts():
    facts = provenance(film(clip(1, HOSTED)), "film.mp4")
    assert document([facts])["films"] == [facts]
    (ours,) = [each["data"] for each in manifest(facts)["assertions"] if each["label"] == LABEL]
    assert ours == facts
