"""Reading OpenTimelineIO, of ours and of other houses.

The first picture track that holds anything is the film; further ones are named. A track or stack inside it (a compound
clip) is laid open where it holds one track, else named. How our own words are written is told in ``editorial/otio.py``;
where our metadata are gone, the standard words count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, cast

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from studio_pipeline.editorial.reading.edit import (
    Edit,
    Gap,
    Item,
    Joint,
    Margin,
    Marked,
    Shot,
    Sound,
    at_timecode,
    check_number_of_shots,
    exact_rate,
    named,
)
from studio_pipeline.editorial.reading.otio_words import (
    colour_of,
    count_of,
    direction_of,
    fraction_of,
    link_of,
    ours,
    parsed,
    timeline_of,
)
from studio_pipeline.errors import BadInput
from studio_pipeline.wording import clipped

_MOST_NESTED = 8


def read_otio(text: str, margin: Margin) -> Edit:
    """What an ``.otio`` file says.

    Raises:
        BadInput: it is no OpenTimelineIO, or holds no film.
    """
    try:
        film = timeline_of(parsed(text), margin)
        return _Reader(film, margin).edit()
    except (ValueError, LookupError, TypeError, AttributeError, RuntimeError, otio.exceptions.OTIOError) as error:
        raise BadInput(f"The file is no OpenTimelineIO that can be read: {clipped(str(error), 200)}") from error


@dataclass(frozen=True)
class _Effects:
    speed: Fraction = Fraction(1)
    frozen: bool = False


class _Reader:
    def __init__(self, film: otio.schema.Timeline, margin: Margin) -> None:
        self._film = film
        self._margin = margin
        tracks: list[Any] = list(cast("Any", film.tracks) or ())
        for other in [child for child in tracks if not isinstance(child, otio.schema.Track)]:
            margin.note("What is no track is not read", f"“{clipped(other.name, 40)}”")
        self._tracks = [track for track in tracks if isinstance(track, otio.schema.Track)]
        self._rate = self._rate_of_film()

    def edit(self) -> Edit:
        picture = self._picture()
        items, joints = self._items(picture, 0)
        said = ours(self._film)
        return Edit(
            title=str(self._film.name or ""),
            rate=self._rate,
            items=tuple(items),
            joints=tuple(joints),
            sounds=self._sounds(),
            cut=str(said.get("cut", "")),
            language=str(said.get("language", "")),
        )

    def _rate_of_film(self) -> Fraction:
        for track in self._tracks:
            for item in cast("Any", track):
                if isinstance(item, otio.core.Item):
                    return exact_rate(item.trimmed_range().duration.rate)
        raise BadInput("There is nothing on the tracks of the file")

    def _picture(self) -> otio.schema.Track:
        pictures = [
            track
            for track in self._tracks
            if track.kind == otio.schema.TrackKind.Video
            and any(not isinstance(item, otio.schema.Gap) for item in track)
        ]
        if not pictures:
            raise BadInput("There is no picture track in the file with anything on it")
        for other in pictures[1:]:
            clips = sum(1 for item in other if isinstance(item, otio.schema.Clip))
            self._margin.note(
                "Only the lowest picture track is the film; what lies above it is left out",
                f"track “{clipped(other.name, 40)}” with {clips} clip{'s' * (clips != 1)}",
            )
        return pictures[0]

    # Pictures.

    def _items(self, track: Iterable[Any], depth: int, at: Fraction = Fraction(0)) -> tuple[list[Item], list[Joint]]:
        items: list[Item] = []
        joints: list[Joint] = []
        waiting: otio.schema.Transition | None = None
        for child in track:
            check_number_of_shots(len(items))
            if isinstance(child, otio.schema.Transition):
                waiting = child
                continue
            if not isinstance(child, otio.core.Item):
                self._margin.note(f"“{clipped(type(child).__name__, 40)}” is left out", at_timecode(at, self._rate))
                continue
            there, inside = self._item(child, at, depth)
            if waiting is not None:
                joints += self._transition(waiting, items, at)
                waiting = None
            joints += [replace(joint, at=joint.at + len(items)) for joint in inside]
            items += there
            at += sum((item.frames for item in there), Fraction(0))
        if waiting is not None:
            joints += self._transition(waiting, items, at)
        return items, joints

    def _item(self, item: otio.core.Item, at: Fraction, depth: int) -> tuple[list[Item], list[Joint]]:
        place = named(item.name or "", at_timecode(at, self._rate))
        try:
            span = item.trimmed_range()
        except (otio.exceptions.OTIOError, ValueError):
            self._margin.note("What has no length is left out", place)
            return [], []
        frames = self._frames(span.duration)
        if frames <= 0:
            self._margin.note("What has no length is left out", place)
            return [], []
        if isinstance(item, otio.schema.Gap):
            return [Gap(frames, place)], []
        if not item.enabled:
            self._margin.note("A clip that is switched off is left out", place)
            return [Gap(frames, place)], []
        if isinstance(item, otio.schema.Clip):
            return [self._clip(item, span, frames, place)], []
        held = self._held(item, span, frames, place)
        if held is not None:
            return [held], []
        return self._laid_open(item, frames, place, at, depth)

    def _clip(self, clip: otio.schema.Clip, span: TimeRange, frames: Fraction, place: str) -> Item:
        media = clip.media_reference
        if isinstance(media, otio.schema.GeneratorReference):
            self._margin.note("A generator or title is left out", place)
            return Gap(frames, place)
        effects = self._effects(clip, place)
        source = self._frames(span.start_time) - self._media_start(media)
        return Shot(
            link=link_of(clip),
            place=place,
            frames=frames,
            source=source,
            speed=Fraction(0) if effects.frozen else effects.speed,
            marks=tuple(self._marks(clip, self._media_start(media))),
        )

    def _media_start(self, media: otio.core.MediaReference | None) -> Fraction:
        """Media may count from a timecode of their own."""
        if media is None or media.available_range is None:
            return Fraction(0)
        return self._frames(media.available_range.start_time)

    def _effects(self, item: otio.core.Item, place: str) -> _Effects:
        found = _Effects()
        for effect in item.effects:
            if isinstance(effect, otio.schema.FreezeFrame):
                found = replace(found, frozen=True)
            elif isinstance(effect, otio.schema.LinearTimeWarp):
                found = replace(found, speed=found.speed * fraction_of(effect.time_scalar))
            else:
                name = clipped(str(effect.effect_name or effect.name or type(effect).__name__), 40)
                self._margin.note(f"The effect “{name}” is not taken over", place)
        return found

    def _held(self, item: Any, span: TimeRange, frames: Fraction, place: str) -> Shot | None:
        """A moving and a standing piece of one media in a track of their own: our word for a clip that is held."""
        pieces = [child for child in item if isinstance(child, otio.schema.Clip)]
        if len(pieces) != 2 or len(item) != 2:
            return None
        moving, standing = (
            self._clip(piece, piece.trimmed_range(), self._frames(piece.trimmed_range().duration), place)
            for piece in pieces
        )
        if not isinstance(moving, Shot) or not isinstance(standing, Shot):
            return None
        if standing.speed != 0 or not moving.speed or replace(standing.link, name="") != replace(moving.link, name=""):
            return None
        first = self._frames(span.start_time)
        return replace(
            moving, frames=frames, source=moving.source + first * moving.speed, moves=moving.frames - first, place=place
        )

    def _laid_open(
        self, item: Any, frames: Fraction, place: str, at: Fraction, depth: int
    ) -> tuple[list[Item], list[Joint]]:
        self._effects(item, place)
        tracks = [item] if isinstance(item, otio.schema.Track) else [child for child in item if len(child)]
        if depth >= _MOST_NESTED or len(tracks) != 1 or not isinstance(tracks[0], otio.schema.Track):
            self._margin.note("A compound clip of several layers is left out", place)
            return [Gap(frames, place)], []
        inner = tracks[0]
        if item.source_range is not None:
            try:
                inner = otio.algorithms.track_trimmed_to_range(inner, item.source_range)
            except (otio.exceptions.OTIOError, ValueError):
                self._margin.note("A compound clip that ends within a transition is left out", place)
                return [Gap(frames, place)], []
        self._margin.note("A compound clip is laid open", place)
        return self._items(inner, depth + 1, at)

    def _transition(self, transition: otio.schema.Transition, before: list[Item], at: Fraction) -> list[Joint]:
        """The joints a transition is, at the end of ``before``. One through a colour gets a gap of no length there."""
        place = at_timecode(at, self._rate)
        out, into = self._frames(transition.in_offset), self._frames(transition.out_offset)
        if out < 0 or into < 0 or out + into == 0:
            return []
        border = len(before)
        kind = str(transition.transition_type)
        if colour := colour_of(transition):
            before.append(Gap(Fraction(0), place, colour, said=True))
            nothing = Fraction(0)
            made = (Joint(border, out, nothing), Joint(border + 1, nothing, into))
            return [joint for joint in made if joint.before + joint.after]
        if kind == "SMPTE_Wipe":
            return [Joint(border, out, into, "wipe", direction_of(transition))]
        if kind != otio.schema.TransitionTypes.SMPTE_Dissolve:
            name = clipped(transition.name or kind, 40)
            self._margin.note(f"The transition “{name}” is not known and becomes a dissolve", place)
        return [Joint(border, out, into)]

    def _marks(self, clip: otio.schema.Clip, media_start: Fraction) -> Iterable[Marked]:
        for marker in clip.markers:
            if not ours(marker):
                start = self._frames(marker.marked_range.start_time) - media_start
                yield Marked(start, str(marker.name or ""), str(getattr(marker, "comment", "") or ""))

    # Sounds.

    def _sounds(self) -> tuple[Sound, ...] | None:
        tracks = [track for track in self._tracks if track.kind == otio.schema.TrackKind.Audio]
        if not tracks:
            return None
        found: list[Sound] = []
        for track in tracks:
            if not track.enabled:
                self._margin.note("A sound track that is switched off is left out", f"“{clipped(track.name, 40)}”")
                continue
            found += self._sounds_of(track)
        return tuple(found)

    def _sounds_of(self, track: otio.schema.Track) -> list[Sound]:
        at = Fraction(0)
        fade_in = Fraction(0)
        found: list[Sound] = []
        before: Sound | None = None
        """What a transition would fade out: the clip right before it."""
        for child in track:
            check_number_of_shots(len(found))
            if isinstance(child, otio.schema.Transition):
                if before is not None:
                    found[-1] = replace(before, fade_out=self._frames(child.in_offset + child.out_offset))
                fade_in = self._frames(child.in_offset + child.out_offset)
                continue
            if not isinstance(child, otio.core.Item):
                continue
            span = child.trimmed_range()
            frames = self._frames(span.duration)
            before = None
            if frames <= 0:
                continue
            if isinstance(child, otio.schema.Clip):
                before = self._sound(child, span, frames, at, fade_in)
                if before is not None:
                    found.append(before)
            elif not isinstance(child, otio.schema.Gap):
                place = named(child.name or "", at_timecode(at, self._rate))
                self._margin.note("A compound sound is left out", place)
            fade_in = Fraction(0)
            at += frames
        return found

    def _sound(
        self, clip: otio.schema.Clip, span: TimeRange, frames: Fraction, at: Fraction, fade_in: Fraction
    ) -> Sound | None:
        place = named(clip.name or "", at_timecode(at, self._rate))
        if not clip.enabled:
            self._margin.note("A sound that is switched off is left out", place)
            return None
        effects = self._effects(clip, place)
        if effects.speed != 1 or effects.frozen:
            self._margin.note("A sound is played at normal speed", place)
        said = ours(clip)
        return Sound(
            link=link_of(clip),
            place=place,
            record=at,
            frames=frames,
            source=self._frames(span.start_time) - self._media_start(clip.media_reference),
            fade_in=fade_in or count_of(said.get("fade_in")),
            fade_out=count_of(said.get("fade_out")),
        )

    def _frames(self, time: RationalTime) -> Fraction:
        """A time in frames of the film, exactly."""
        value = fraction_of(time.value)
        own = exact_rate(time.rate) if time.value else self._rate
        return value if own == self._rate else value * self._rate / own
