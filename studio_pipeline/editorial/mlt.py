"""Words of MLT's XML as Kdenlive writes them: playlists that fill from left to right, mixes, fades of light and sound.

Each function makes one element. What a project is made of, and why so, is in ``kdenlive.py``.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from studio_pipeline.editorial.timeline import Transition


class Playlist:
    """A playlist that is filled from left to right, blanks between."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.element = ET.Element("playlist", id=name)
        self.end = 0

    def place(self, producer: str, bin_id: str, record_frame: int, first: int, last: int) -> ET.Element:
        """Lay frames ``first`` to ``last`` of ``producer`` (both included) at ``record_frame``."""
        if record_frame > self.end:
            ET.SubElement(self.element, "blank", length=str(record_frame - self.end))
        entry = ET.SubElement(self.element, "entry", {"producer": producer, "in": str(first), "out": str(last)})
        self.end = record_frame + last - first + 1
        return say(entry, "kdenlive:id", bin_id)


def mixed(transition: Transition, cut: int, *, incoming: int) -> ET.Element:
    """The mix of the track's two playlists around ``cut``; ``incoming`` is the playlist of the clip that comes."""
    first, frames = cut - transition.in_frames, transition.in_frames + transition.out_frames
    # Kdenlive's own files end a mix one frame late, and its readers count on it.
    mix = ET.Element("transition", {"id": f"mix{transition.at}", "in": str(first), "out": str(first + frames)})
    wipe = transition.kind == "wipe"
    vertical = transition.direction in ("top_to_bottom", "bottom_to_top")
    for name, value in (
        ("a_track", "0"),
        ("b_track", "1"),
        ("factory", "loader"),
        ("resource", ("%luma02.pgm" if vertical else "%luma01.pgm") if wipe else ""),
        ("mlt_service", "luma"),
        ("kdenlive_id", "luma"),
        ("kdenlive:mixcut", str(transition.out_frames)),
        ("softness", "0"),
        ("alpha_over", "0"),
        ("reverse", str(1 - incoming)),
    ):
        say(mix, name, value)
    return mix


def light_fade(name: str, first: int, last: int, levels: tuple[float, float], *, through: str) -> ET.Element:
    """``fade_from_black`` or ``fade_to_black``, from the light of the producer's first frame to that of its last."""
    keyframes = f"0={levels[0]:.9g}" + (f";{last - first}={levels[1]:.9g}" if last > first else "")
    to_black = through == "#000000"
    effect = ET.Element("filter", {"id": f"{name}{first}", "in": str(first), "out": str(last)})
    for key, value in (
        ("start", "1"),
        ("mlt_service", "brightness"),
        ("kdenlive_id", name),
        ("level", keyframes if to_black else "1"),
        ("alpha", "1" if to_black else keyframes),
    ):
        say(effect, key, value)
    return effect


def sound_fade(name: str, first: int, last: int) -> ET.Element:
    """``fadein`` or ``fadeout`` of a sound, from the first to the last of the producer's own frames."""
    coming = name == "fadein"
    effect = ET.Element("filter", {"id": f"{name}{first}", "in": str(first), "out": str(last)})
    for key, value in (
        ("gain", "0" if coming else "1"),
        ("end", "1" if coming else "0"),
        ("mlt_service", "volume"),
        ("kdenlive_id", name),
    ):
        say(effect, key, value)
    return effect


def say(element: ET.Element, name: str, value: str) -> ET.Element:
    """Give ``element`` a property; returns it."""
    ET.SubElement(element, "property", name=name).text = value
    return element
