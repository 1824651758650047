"""Who made what in a film: the facts of ``provenance.json``, and the same facts as a C2PA manifest. Pure.

What a film declares about itself is a term of the IPTC's vocabulary of digital source types (cv.iptc.org/newscodes/
digitalsourcetype, version of 2024-10-23), chosen by what each part comes from:

- all from trained models: ``trainedAlgorithmicMedia``, created using generative AI;
- all drawn, spoken and played by rules, as without any key: ``algorithmicMedia``, not based on sampled training data;
- both, or footage from elsewhere with parts from trained models: ``compositeSynthetic``, a composite of which at least
  one element is generative AI (``compositeWithTrainedAlgorithmicMedia`` would say that something was only edited);
- footage from elsewhere otherwise: ``composite``, whose elements may or may not be generative AI.

What the studio does to pictures on the way (a dissolve, a colour match, captions) is told and changes none of that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from studio_pipeline import __version__
from studio_pipeline.editorial.timecode import Timecode
from studio_pipeline.editorial.timeline import MusicSpan, Speech, Timeline, TimelineClip
from studio_pipeline.film.frozen import plain
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.takes import STUDIO, Origin
from studio_pipeline.media.deliver import AI_NOTICE, one_line
from studio_pipeline.providers.trained import is_trained

GENERATOR = "studio_pipeline"
LABEL = f"{GENERATOR}.provenance"
"""Of the assertion that holds our own facts."""

_TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TRAINED = f"{_TERMS}trainedAlgorithmicMedia"
DRAWN = f"{_TERMS}algorithmicMedia"
MIXED = f"{_TERMS}compositeSynthetic"
UNKNOWN = f"{_TERMS}composite"


def provenance(timeline: Timeline, film: str, lost: Collection[MediaRef] = ()) -> dict[str, Any]:
    """Who made what in the film of ``timeline``, as JSON values.

    Record frames count from the film's first frame; ``to`` is the timecode behind the last one.

    Args:
        film: name of its file.
        lost: media that cannot be shown or heard.
    """
    shots = list(_shots(timeline, lost))
    narration = [_sound(timeline, speech, lost, scene=speech.scene) for speech in timeline.narration]
    music = [_sound(timeline, span, lost, mood=span.mood) for span in timeline.music if span.media not in lost]
    return {
        "film": film,
        "title": timeline.title,
        "language": timeline.language,
        "frames": timeline.frames,
        "rate": f"{timeline.rate.num}/{timeline.rate.den}",
        "digital_source_type": _together([part["digital_source_type"] for part in (*shots, *narration, *music)]),
        "shots": shots,
        "narration": narration,
        "music": music,
        "transitions": _transitions(timeline),
        "captions_burnt_in": timeline.delivery.burn_in,
    }


def document(films: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The content of ``provenance.json``: the provenance of each version of a film."""
    return {"notice": AI_NOTICE, "made_with": {"name": GENERATOR, "version": __version__}, "films": list(films)}


def manifest(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The C2PA manifest definition of a film with this ``provenance``.

    It holds no time: what is equal is signed once. Whether others may train on it nobody was asked, so nothing is said.
    """
    studio = {"name": GENERATOR, "version": __version__}
    created = {
        "action": "c2pa.created",
        "digitalSourceType": facts["digital_source_type"],
        "softwareAgent": studio,
        "description": AI_NOTICE,
    }
    return {
        "claim_generator_info": [studio],
        "title": one_line(facts["title"]),
        "format": "video/mp4",
        "assertions": [
            {"label": "c2pa.actions.v2", "created": True, "data": {"actions": [created]}},
            {"label": LABEL, "created": True, "data": dict(facts)},
        ],
    }


def _shots(timeline: Timeline, lost: Collection[MediaRef]) -> Iterator[dict[str, Any]]:
    before = DRAWN
    for clip, start in zip(timeline.clips, timeline.record_frames(), strict=True):
        gone = clip.media in lost
        # A bridge is drawn out of the shots beside it, and is what they are.
        source = DRAWN if gone else before if _is_bridge(clip) else _source(clip.origins)
        before = source
        yield {
            "shot": clip.name,
            "scene": clip.scene,
            "take": clip.take,
            **_place(timeline, start, clip.frames),
            "media_sha256": clip.media.sha256,
            "digital_source_type": source,
            "made_by": [] if gone else _makers(clip.origins),
            "by_the_studio": {"card": "its media could not be shown"} if gone else _treatment(clip),
        }


def _treatment(clip: TimelineClip) -> dict[str, Any]:
    """What the studio did to a clip; only what it did."""
    done: dict[str, Any] = {}
    if _is_bridge(clip):
        done["bridge"] = "drawn along the optical flow between the shots beside it"
    if clip.speed.fraction != 1:
        done["speed"] = f"{clip.speed.num}/{clip.speed.den}"
    if clip.hold:
        done["held_frames"] = clip.hold
    if clip.colour is not None:
        done["colour_match"] = plain(clip.colour)
    return done


def _sound(
    timeline: Timeline, sound: Speech | MusicSpan, lost: Collection[MediaRef], **what: int | str
) -> dict[str, Any]:
    gone = sound.media in lost
    return {
        **what,
        **_place(timeline, sound.record_frame, sound.frames),
        "media_sha256": sound.media.sha256,
        "digital_source_type": DRAWN if gone else _source(sound.origins),
        "made_by": [] if gone else _makers(sound.origins),
        **({"by_the_studio": {"silence": "its media could not be heard"}} if gone else {}),
    }


def _place(timeline: Timeline, start: int, frames: int) -> dict[str, Any]:
    written = Timecode.of(timeline.rate)
    return {
        "record_frame": start,
        "frames": frames,
        "from": written.at(start),
        "to": written.at(start + frames),
    }


def _makers(origins: Sequence[Origin]) -> list[dict[str, Any]]:
    return [
        {
            "role": origin.role,
            "vendor": origin.vendor,
            "model": origin.model,
            # The request is the prompt, the pictures it was given, the model and its settings.
            **({"request_sha256": origin.identity} if origin.identity else {}),
            "simulated": origin.simulated,
        }
        for origin in origins
    ]


def _transitions(timeline: Timeline) -> list[dict[str, Any]]:
    """Which frames the studio mixed or faded."""
    cut_points = (*timeline.record_frames(), timeline.frames)
    told = []
    for each in timeline.transitions:
        # Of a mix, the incoming clip shows before the cut point what it lends; a fade out lies before it.
        before = each.in_frames if each.mixes else each.out_frames
        place = _place(timeline, cut_points[each.at] - before, each.in_frames + each.out_frames)
        told.append({"kind": each.kind, **place})
    return told


def _is_bridge(clip: TimelineClip) -> bool:
    return any(origin.vendor == STUDIO for origin in clip.origins)


def _source(origins: Sequence[Origin]) -> str:
    """The term for one piece of media."""
    if not origins:
        return UNKNOWN
    return TRAINED if any(is_trained(origin.vendor) for origin in origins) else DRAWN


def _together(parts: Collection[str]) -> str:
    """The term for a film of these parts."""
    found = set(parts)
    if len(found) == 1:
        return found.pop()
    return MIXED if TRAINED in found else UNKNOWN
