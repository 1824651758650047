"""Drafts of clips and what lies between them, laid into a film. Pure.

How black becomes fades, where a mix is cut, and what happens where there is no footage: see ``recut.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from studio_pipeline.editorial.reading.edit import BLACK, Gap, Item, Joint, Margin, Marked, Shot
from studio_pipeline.editorial.reading.material import Material
from studio_pipeline.editorial.timeline import Mark, Speed, Timeline, TimelineClip, Transition
from studio_pipeline.errors import BadInput
from studio_pipeline.wording import clipped

_LONGEST_MARK = 200
_FARTHEST_CUT = 1000
"""Frames that the cut within a mix is moved by at most: no list can say a longer mix."""


@dataclass
class Draft:
    """A clip while it is made. Frames count from its own first one."""

    known: TimelineClip
    place: str
    frames: int
    source: Fraction
    speed: Fraction
    moves: Fraction | None
    marks: tuple[Marked, ...]
    borrowed: int = 0
    """Frames before its first that a mix shows."""
    unseen_first: int = 0
    unseen: int = 0
    """Frames at its beginning, and at its end, that are all colour."""


@dataclass
class _Mix:
    """Between two drafts: what is mixed before and after the cut."""

    joint: Joint
    before: int
    after: int


@dataclass
class _Fade:
    """Between two drafts, or at an end of the film: so many frames go to the colour and come from it."""

    out: int
    into: int
    colour: str


@dataclass
class Film:
    """The film while it is laid: ``lay`` puts everything in its place, ``timeline`` is what came of it."""

    base: Timeline
    by_item: dict[int, Draft]
    margin: Margin
    drafts: list[Draft] = field(default_factory=list)
    borders: dict[int, _Mix | _Fade] = field(default_factory=dict)
    """By cut point."""

    def lay(self, items: Sequence[tuple[int, Item]], joints: dict[int, Joint]) -> int:
        """Lay all items one after the other. Returns by how many frames everything begins sooner than in the edit."""
        shift = 0
        for place, (n, item) in enumerate(items):
            if isinstance(item, Shot):
                self.drafts.append(self.by_item[n])
                joint = joints.get(place)
                if joint is None:
                    continue
                if place and isinstance(items[place - 1][1], Shot):
                    mix = _Mix(joint, int(joint.before), int(joint.after))
                    self.borders[len(self.drafts) - 1] = mix
                elif place == 0 and joint.after:  # nothing before it at all: it comes from black
                    self.borders[0] = _Fade(0, int(joint.after), BLACK)
                continue
            after = self.by_item[items[place + 1][0]] if place + 1 < len(items) else None
            sooner = self._colour(item, joints.get(place), joints.get(place + 1), after)
            if after is not None:
                after.unseen_first = self._unseen_first
                after.source -= self._into * after.speed
                after.moves = None if after.moves is None else after.moves + self._into
                after.frames += self._into
            shift += sooner
        last = joints.get(len(items))
        if last is not None and items and isinstance(items[-1][1], Shot) and last.before:
            self.borders[len(self.drafts)] = _Fade(int(last.before), 0, BLACK)
        for cut in sorted(self.borders):
            mix = self.borders[cut]
            if isinstance(mix, _Mix):
                self._settle(cut, mix)
        return shift

    _into: int = 0
    _unseen_first: int = 0
    """Frames that the clip after the gap just laid begins sooner for it, and those of them that are all colour."""

    def _colour(self, gap: Gap, going: Joint | None, coming: Joint | None, after: Draft | None) -> int:
        """A gap as a fade through its colour; returns the frames of it that the film has not."""
        follows = after is not None
        # A slow clip's first source frame is rounded down, so half a frame may be missing before it.
        room = int(after is not None and after.source - after.speed > -1)
        cut = len(self.drafts)
        before = self.drafts[-1] if self.drafts else None
        out = (int(going.before), int(going.after)) if going and before else (0, 0)
        into = (int(coming.before), int(coming.after)) if coming and follows else (0, 0)
        frames = int(gap.frames)
        out = (out[0], min(out[1], frames))
        into = (min(into[0], frames - out[1]), into[1])
        black = frames - out[1] - into[0]
        goes, comes = before is not None and sum(out) > 0, follows and sum(into) > 0
        if before is None:
            last, first = 0, min(black, room)
        elif not follows:
            last, first = min(black, 1) if goes or gap.said else 0, 0
        else:
            first = (
                min(room, black - 1)
                if black > 1 and (comes or gap.said)
                else int(comes and not goes) * min(room, black)
            )
            last = black - first
        dropped = black - last - first
        if dropped:
            where = "before its first picture" if before is None else "after its last picture"
            seconds = self.base.rate.seconds(dropped)
            self.margin.note(f"{seconds:.2f} s without a picture are left out {where}", gap.place)
        elif last > (goes or gap.said):  # a fade has one frame that is all colour, and no more
            seconds = self.base.rate.seconds(frames)
            self.margin.note(
                f"Where {seconds:.2f} s have no picture, the shot before stands still and fades out", gap.place
            )
        self._into, self._unseen_first = first + into[0], first
        if before is not None:
            still = last - (goes or gap.said) if last > 1 else 0
            before.frames += out[1] + last
            before.unseen = last
            if still > 0 and before.moves is None:
                before.moves = Fraction(before.frames - still)
        fade = _Fade(sum(out) + last, self._into + into[1], gap.colour)
        if fade.out or fade.into:
            self.borders[cut] = fade
        return dropped if before is None else 0

    def _settle(self, cut: int, mix: _Mix) -> None:
        """Put the cut point of a mix where both clips can be told exactly."""
        goes, comes = self.drafts[cut - 1], self.drafts[cut]
        following = self.borders.get(cut + 1)
        later = following.after if isinstance(following, _Mix) else 0

        def possible(moved: int) -> bool:
            left = comes.frames - moved
            if goes.frames + moved < 1 or left + later < 1:
                return False
            if isinstance(following, _Fade) and following.out + following.into > 2 * left:
                return False
            return mix.before + mix.after <= 2 * (goes.frames + moved)  # as a timeline wants it

        def whole(moved: int) -> bool:
            return (comes.source + moved * comes.speed).denominator == 1

        def goes_still(moved: int) -> bool:
            """Whether it can be told where the outgoing picture stops: it is held, so it stops before the cut."""
            stop = Fraction(1) if goes.speed == 0 else goes.moves
            return stop is None or stop >= goes.frames + mix.after or stop < goes.frames + moved

        def comes_still(moved: int) -> bool:
            """Whether it can be told where the incoming picture stops: after the cut, since before it it moves."""
            if comes.speed == 0:
                return mix.before + moved == 0
            return comes.moves is None or comes.moves - moved >= 1

        ways = sorted(
            range(-min(mix.before, _FARTHEST_CUT), min(mix.after, _FARTHEST_CUT) + 1),
            key=lambda moved: (abs(moved), moved),
        )
        ways = [moved for moved in ways if possible(moved)]
        held = [moved for moved in ways if goes_still(moved)]  # else there is nothing left to mix
        still = [moved for moved in held if comes_still(moved)]
        if ways and not still:
            self.margin.note("Within a mix a picture moves on where it should stand still", comes.place)
        # Half a source frame is seen less than a picture that begins to move.
        best = [moved for moved in still or held or ways if whole(moved)] or still or held or ways
        moved = best[0] if best else 0
        goes.frames += moved
        comes.frames -= moved
        comes.source += moved * comes.speed
        comes.moves = None if comes.moves is None else comes.moves - moved
        mix.before += moved
        mix.after -= moved
        comes.borrowed = mix.before

    def timeline(self, name: str, material: Material) -> Timeline:
        names = _Names()
        clips: list[TimelineClip] = []
        kept: list[int] = []
        for n, draft in enumerate(self.drafts):
            if draft.frames < 1:
                self.margin.note("A clip that is nowhere seen alone is left out", draft.place)
                continue
            kept.append(n)
            clips.append(self._clip(draft, names, material.marks(draft.known.media.sha256)))
        if not clips:
            raise BadInput("No clip of the file has a frame")
        transitions = []
        for cut, border in sorted(self.borders.items()):
            at = sum(n < cut for n in kept)
            if not any(each.at == at for each in transitions):
                made = self._transition(at, border, clips)
                transitions += [made] if made is not None else []
        base = self.base
        return checked(
            Timeline.model_construct(
                name=name,
                title=base.title,
                language=base.language,
                rate=base.rate,
                size=base.size,
                clips=tuple(clips),
                transitions=tuple(transitions),
                narration=(),
                music=(),
                delivery=base.delivery,
            )
        )

    def _clip(self, draft: Draft, names: _Names, known_marks: Iterable[Mark]) -> TimelineClip:
        known = draft.known
        source = draft.source
        if source < 0:
            if source <= -1 or not draft.unseen_first:
                self.margin.note("A clip begins before its media does; it begins with its first picture", draft.place)
            source = Fraction(0)
        speed, moves = draft.speed, draft.frames if draft.moves is None else min(draft.frames, floor(draft.moves))
        if speed == 0 or moves < 1:
            source += (moves - 1) * speed if draft.moves is not None else 0
            speed, moves = Fraction(1), 1
        if source.denominator != 1 and not draft.unseen_first:
            self.margin.note("A clip begins between two pictures; it begins with one of them", draft.place)
        first = floor(source)
        if first // speed < draft.borrowed <= ceil(source) // speed:
            first = ceil(source)  # or there would be nothing before it for its mix
        if first >= known.media_frames:
            self.margin.note("A clip begins after its media ends; its last picture stands still", draft.place)
            first, moves = known.media_frames - 1, 1
        there = ceil((known.media_frames - first) / speed)
        if moves > there:
            if moves - there > draft.unseen:
                lacking = self.base.rate.seconds(moves - there)
                self.margin.note(
                    f"A clip ends {lacking:.2f} s after its media; its last picture stands still", draft.place
                )
            moves = there
        last = first + floor((moves - 1) * speed)
        return TimelineClip(
            name=names.unique(known.name),
            media=known.media,
            media_frames=known.media_frames,
            source_frame=first,
            frames=draft.frames,
            scene=known.scene,
            take=known.take,
            rating=known.rating,
            speed=Speed(num=speed.numerator, den=speed.denominator),
            hold=draft.frames - moves,
            colour=known.colour,
            marks=_marks(known_marks, draft.marks, first, last),
            origins=known.origins,
        )

    def _transition(self, at: int, border: _Mix | _Fade, clips: Sequence[TimelineClip]) -> Transition | None:
        before = clips[at - 1] if at else None
        after = clips[at] if at < len(clips) else None
        place = f"after {before.name}" if before else "at the beginning"
        if isinstance(border, _Fade):
            out = min(border.out, before.frames) if before else 0
            into = min(border.into, after.frames) if after else 0
            if before and out + into > 2 * before.frames:
                self.margin.note("A fade is shortened, since the clip before it is much shorter", place)
                into = 2 * before.frames - out
            kind = {BLACK: "fade_black", "#ffffff": "fade_white"}.get(border.colour, "dip")
            colour = border.colour if kind == "dip" else ""
            made = {"at": at, "kind": kind, "out_frames": out, "in_frames": into, "colour": colour}
            return Transition.model_validate(made) if out + into else None
        if before is None or after is None:
            return None
        into = min(border.before, after.head, before.frames * 2)
        out = min(border.after, before.tail, before.frames * 2 - into)
        if out + into < border.after + border.before:
            left = f"{out + into} of {border.after + border.before} frames" if out + into else "none, so it is a cut"
            self.margin.note(f"Of a {border.joint.kind} there is room for {left}", place)
        if out + into <= 0:
            return None
        return Transition(
            at=at, kind=border.joint.kind, out_frames=out, in_frames=into, direction=border.joint.direction
        )


class _Names:
    """Names of clips, no two alike: what comes again is ``animated.s01.k1~2``."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def unique(self, name: str) -> str:
        stem = name.partition("~")[0]
        count = self._used[stem] = self._used.get(stem, 0) + 1
        return stem if count == 1 else f"{stem}~{count}"


def _marks(known: Iterable[Mark], said: Iterable[Marked], first: int, last: int) -> tuple[Mark, ...]:
    """Marks within the source frames ``first`` to ``last``: ours, and those of a person that we did not write."""
    here = [mark for mark in known if first <= mark.source_frame <= last]
    names = {mark.name for mark in known}
    for mark in said:
        frame = floor(mark.source)
        name = clipped(mark.name, 60).strip()
        if not first <= frame <= last or name in names or name.startswith("rating "):
            continue
        here.append(Mark(source_frame=frame, name=name or "marker", note=clipped(mark.note, _LONGEST_MARK)))
    return tuple(here)


def checked(timeline: Timeline) -> Timeline:
    """``timeline``, validated from its first field on."""
    try:
        return Timeline.model_validate(timeline.model_dump())
    except ValueError as error:
        words = next((line.strip() for line in str(error).splitlines() if "Value error, " in line), "it does not fit")
        why = words.removeprefix("Value error, ").partition(" [type=")[0]
        raise BadInput(f"The edit makes no film: {clipped(why, 160)}") from error
