"""Words of OpenTimelineIO as ours: its parser held in check, how a clip names its media, our metadata, its numbers.

The library's parser recurses without end and takes the process with it, so a file's depth is looked at before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, cast, get_args

import opentimelineio as otio

from studio_pipeline.editorial.otio import METADATA
from studio_pipeline.editorial.reading.edit import BLACK, Link, Margin
from studio_pipeline.editorial.timeline import Direction
from studio_pipeline.errors import BadInput
from studio_pipeline.wording import clipped

_DEEPEST = 400
"""Brackets within brackets; compound clips within compound clips need some ten each."""
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_COLOURED = re.compile(r"(?:fade|dip) (?:from|to|through) (black|white|#[0-9a-f]{6})")
_COLOURS = {"black": BLACK, "white": "#ffffff"}


def parsed(text: str) -> Any:
    """The object that ``text`` is; raises what the library raises, and ``BadInput`` for endless depth."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", _STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        raise BadInput(f"The file nests {deepest} levels deep, which no editor writes")
    return otio.core.deserialize_json_from_string(text)


def timeline_of(root: Any, margin: Margin) -> otio.schema.Timeline:
    """The timeline in a file: its root, the first one of a collection, or one around a single track."""
    if isinstance(root, otio.schema.SerializableCollection):
        films = [child for child in root if isinstance(child, otio.schema.Timeline)]
        for other in films[1:]:
            margin.note(
                "There are further timelines in the file; the first one is read", f"“{clipped(other.name, 40)}”"
            )
        root = films[0] if films else None
    if isinstance(root, otio.schema.Timeline):
        return root
    if isinstance(root, otio.schema.Track):
        film = otio.schema.Timeline(name=root.name)
        film.tracks.append(root.deepcopy())
        return film
    raise BadInput("There is no timeline in the file")


def link_of(clip: otio.schema.Clip) -> Link:
    """Everything by which a clip names its media."""
    media = clip.media_reference
    url = ""
    if isinstance(media, otio.schema.ExternalReference):
        url = str(media.target_url or "")
    elif isinstance(media, otio.schema.ImageSequenceReference):
        url = f"{media.target_url_base}/{media.name_prefix}{media.name_suffix}"
    said = ours(clip)
    # The name in our metadata is the shot's; people rename clips, editors name them after files.
    name = str(clip.name or "").removesuffix(" (held)")
    return Link(name=name or str(said.get("shot", "")), url=url, sha256=str(said.get("sha256", "")))


def ours(thing: Any) -> Mapping[str, Any]:
    """Our metadata of an object; empty where there are none, or somebody has put something else there."""
    said = thing.metadata.get(METADATA, {})
    return said if isinstance(said, Mapping) or hasattr(said, "get") else {}


def colour_of(transition: otio.schema.Transition) -> str:
    """What a transition goes through, by our metadata or its name; empty for one that mixes."""
    colour = str(ours(transition).get("colour", ""))
    if not colour and (told := _COLOURED.fullmatch(transition.name or "")):
        colour = _COLOURS.get(told[1], told[1])
    return colour if not colour or re.fullmatch("#[0-9a-f]{6}", colour) else BLACK


def direction_of(transition: otio.schema.Transition) -> Direction:
    """Where the incoming picture of a wipe moves."""
    word = str(ours(transition).get("direction", "")) or (transition.name or "").removeprefix("wipe ").replace(" ", "_")
    return cast("Direction", word) if word in get_args(Direction) else "left_to_right"


def count_of(value: Any) -> Fraction:
    """A count of frames in our metadata; 0 where it is none."""
    return Fraction(value) if isinstance(value, int) and 0 <= value < 10**6 else Fraction(0)


def fraction_of(value: float) -> Fraction:
    """A number of a file as the fraction that was meant.

    Raises:
        BadInput: it is no number.
    """
    if not abs(value) < 1e9:  # NaN too
        raise BadInput(f"The file has a time of {value} frames")
    return Fraction(value).limit_denominator(10_000)
