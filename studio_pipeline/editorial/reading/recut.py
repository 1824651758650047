"""A neutral edit as a timeline of ours: which footage, on which frames, with which transitions. Pure.

What a person did is kept as it lies in the file, frame for frame, and everything that our timeline has no word for is
named in the margin:

- *Black.* The studio has no black picture. The frame of black that belongs to a fade is the fade's; where a file shows
  more of it, or something that is left out, the shot before it stands still there and fades out. So everything after
  it stays where it was, together with its sound. Before the first shot, what is black is left out.
- *Where a mix is cut.* Formats differ in where within a mix the one clip ends and the other begins, which nobody can
  see. Ours has to lie on a whole source frame of a slow clip, and not where a picture stands still.
- *No footage.* A transition is as long as the handles allow. Where a clip asks for frames that its media do not have,
  its last picture stands still.
- *Frames.* An edit at another rate is taken where it lies on the film's frames exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor

from studio_pipeline.editorial.conform import with_room
from studio_pipeline.editorial.reading.edit import BLACK, Edit, Gap, Item, Joint, Margin, Marked, Shot
from studio_pipeline.editorial.reading.material import Material
from studio_pipeline.editorial.reading.sounds import Sounds, heard
from studio_pipeline.editorial.timeline import Mark, Speed, Timeline, TimelineClip, Transition
from studio_pipeline.errors import BadInput
from studio_pipeline.wording import clipped

LONGEST_S = 4 * 3600
_MOST_STEPS = 100
"""Of a clip's speed: see ``Speed``."""
_LONGEST_MARK = 200
_FARTHEST_CUT = 1000
"""Frames that the cut within a mix is moved by at most: no list can say a longer mix."""


@dataclass(frozen=True)
class Recutting:
    """What came of an edit."""

    timeline: Timeline
    """Without its sounds where the edit said nothing of them."""
    base: Timeline
    """The cut it was made from."""
    silent: bool
    """Whether its sounds are still to be laid."""
    shots: int
    """Clips in the file."""
    known: int
    """Clips of it that are footage of the production."""


def recut(edit: Edit, material: Material, name: str, margin: Margin) -> Recutting:
    """``edit`` as the timeline ``name``.

    Raises:
        BadInput: nothing in it is footage of the production, or it does not fit the film's frames.
    """
    base = material.nearest_cut(edit)
    items = _on_frames(edit, base, margin)
    shots = sum(isinstance(item, Shot) for item in items)
    joints = list(edit.joints) if edit.rate is None else [_scaled(joint, edit, base, margin) for joint in edit.joints]
    drafts, items = _known(items, material, base, margin)
    if not drafts:
        named = [item for item in edit.items if isinstance(item, Shot)]
        first = f" The first of its {len(named)} clips is {named[0].place}." if named else ""
        raise BadInput(
            f"Nothing in the file is footage of this production.{first}",
            todo="Clips are known by their files' names, as `studio export` wrote them, and by shots' names.",
        )
    items, joints = _held_joined(*_gaps_joined(items, joints), drafts)
    film = _Film(base, drafts, margin)
    shift = film.lay(items, joints)
    timeline = film.timeline(name, material)
    timeline, problems = with_room(timeline)
    for problem in problems:
        margin.note(f"{problem.shot} {problem.message}")
    if edit.sounds is not None:
        sounds = _sounds_on_frames(edit, base)
        laid = heard(sounds, shift, timeline.frames, material, base, margin)
        timeline = _checked(timeline.model_copy(update={"narration": laid.narration, "music": laid.music}))
    return Recutting(timeline, base, edit.sounds is None, shots, len(drafts))


# From the edit's frames to the film's.


def _factor(edit: Edit, base: Timeline) -> Fraction:
    return Fraction(1) if edit.rate is None else base.rate.fraction / edit.rate


def _on_frames(edit: Edit, base: Timeline, margin: Margin) -> list[Item]:
    """The items with every border on a frame of the film."""
    factor = _factor(edit, base)
    at = Fraction(0)
    begun = 0
    made: list[Item] = []
    for item in edit.items:
        at += item.frames * factor
        end = round(at)
        if at != end:
            if factor != 1:
                raise _other_rate(edit, base)
            margin.note("An edit that lies between two frames is moved to the nearer one", item.place)
        frames = Fraction(end - begun)
        if isinstance(item, Shot):
            if factor != 1 and item.speed == 1 and (item.source * factor).denominator != 1:
                raise _other_rate(edit, base)
            item = replace(item, source=item.source * factor, moves=None if item.moves is None else item.moves * factor)
        if frames or not item.frames:
            made.append(replace(item, frames=frames))
        else:
            margin.note("A clip that is shorter than a frame has none", item.place)
            made.append(Gap(Fraction(0), item.place, said=True))  # keeps the numbers of the borders
        begun = end
    if begun > LONGEST_S * base.rate.fps:
        raise BadInput(f"The edit lasts longer than {LONGEST_S // 3600} hours")
    return made


def _scaled(joint: Joint, edit: Edit, base: Timeline, margin: Margin) -> Joint:
    factor = _factor(edit, base)
    before, after = joint.before * factor, joint.after * factor
    if factor != 1 and (before.denominator, after.denominator) != (1, 1):
        raise _other_rate(edit, base)
    if (before.denominator, after.denominator) != (1, 1):
        margin.note("A transition that begins or ends between two frames is moved to the nearer ones")
    return replace(joint, before=Fraction(round(before)), after=Fraction(round(after)))


def _sounds_on_frames(edit: Edit, base: Timeline) -> Sounds:
    factor = _factor(edit, base)

    def on_frame(count: Fraction) -> int:
        return round(count * factor)  # a sound half a frame off is heard by nobody

    return tuple(
        (
            sound,
            on_frame(sound.record),
            on_frame(sound.record + sound.frames) - on_frame(sound.record),
            on_frame(sound.source),
            (on_frame(sound.fade_in), on_frame(sound.fade_out)),
        )
        for sound in edit.sounds or ()
    )


def _other_rate(edit: Edit, base: Timeline) -> BadInput:
    return BadInput(
        f"The file counts {float(edit.rate or 0):.6g} frames a second and the film has {base.rate.fps:.6g}; "
        "not all of its edits lie on a frame of the film",
        todo="Set the editor's sequence to the film's rate and export it again.",
    )


# Which footage.


@dataclass
class _Draft:
    """A clip while it is made. Frames count from its own first one."""

    known: TimelineClip
    place: str
    frames: int
    source: Fraction
    speed: Fraction
    moves: Fraction | None
    marks: tuple[Marked, ...]
    unseen_first: int = 0
    unseen: int = 0
    """Frames at its beginning, and at its end, that are all colour."""


def _known(
    items: Sequence[Item], material: Material, base: Timeline, margin: Margin
) -> tuple[dict[int, _Draft], list[Item]]:
    """A draft for every shot of our footage, by its item's number; other shots become gaps."""
    drafts: dict[int, _Draft] = {}
    made: list[Item] = []
    for n, item in enumerate(items):
        if isinstance(item, Shot):
            clip = material.picture(item.link, base)
            if clip is None:
                margin.note("A clip that is no footage of this production is left out", item.place)
                item = Gap(item.frames, item.place)
            else:
                speed = _speed(item, margin)
                drafts[n] = _Draft(clip, item.place, int(item.frames), item.source, speed, item.moves, item.marks)
        made.append(item)
    return drafts, made


def _speed(shot: Shot, margin: Margin) -> Fraction:
    speed = shot.speed
    if speed == 0:
        return speed
    if speed < 0:
        margin.note("A clip that runs backwards is played forwards", shot.place)
        speed = -speed
    possible = max(Fraction(1, _MOST_STEPS), min(Fraction(_MOST_STEPS), speed)).limit_denominator(_MOST_STEPS)
    if possible.numerator > _MOST_STEPS:
        possible = 1 / (1 / possible).limit_denominator(_MOST_STEPS)
    if abs(possible - speed) * shot.frames >= 1:
        margin.note(f"A speed of {float(speed) * 100:.2f} % becomes {float(possible) * 100:.2f} %", shot.place)
    return possible


def _gaps_joined(items: Sequence[Item], joints: Sequence[Joint]) -> tuple[list[tuple[int, Item]], dict[int, Joint]]:
    """Neighbouring gaps as one. Items keep their numbers; joints go by the number of the item before which they lie."""
    by_border = {joint.at: joint for joint in joints}
    kept: list[tuple[int, Item]] = []
    found: dict[int, Joint] = {}
    for n, item in enumerate(items):
        joint = by_border.get(n)
        if isinstance(item, Gap) and kept and isinstance(before := kept[-1][1], Gap):
            colour = before.colour if before.colour != BLACK else item.colour
            whole = Gap(before.frames + item.frames, before.place, colour, before.said and item.said)
            kept[-1] = (kept[-1][0], whole)
            continue
        if joint is not None:
            found[len(kept)] = joint
        kept.append((n, item))
    if (last := by_border.get(len(items))) is not None:
        found[len(kept)] = last
    return kept, found


def _held_joined(
    items: list[tuple[int, Item]], joints: dict[int, Joint], drafts: dict[int, _Draft]
) -> tuple[list[tuple[int, Item]], dict[int, Joint]]:
    """A picture that stands still right after the same picture moved is one clip that is held."""
    kept: list[tuple[int, Item]] = []
    found: dict[int, Joint] = {}
    for place, (n, item) in enumerate(items):
        before, here = drafts.get(kept[-1][0]) if kept else None, drafts.get(n)
        if (
            before is not None
            and here is not None
            and place not in joints
            and here.speed == 0
            and before.speed
            and before.frames
            and before.known.media == here.known.media
            and floor(before.source + (before.frames - 1) * before.speed) == floor(here.source)
            and before.moves is None
        ):
            before.moves = Fraction(before.frames)
            before.frames += here.frames
            continue
        if place in joints:
            found[len(kept)] = joints[place]
        kept.append((n, item))
    if len(items) in joints:
        found[len(kept)] = joints[len(items)]
    return kept, found


# Clips and transitions.


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
class _Film:
    base: Timeline
    by_item: dict[int, _Draft]
    margin: Margin
    drafts: list[_Draft] = field(default_factory=list)
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

    def _colour(self, gap: Gap, going: Joint | None, coming: Joint | None, after: _Draft | None) -> int:
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
        own = (before is not None and (goes or gap.said)) + (follows and (comes or gap.said))
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
        elif black > own:
            seconds = self.base.rate.seconds(frames)
            self.margin.note(
                f"Where {seconds:.2f} s have no picture, the shot before stands still and fades out", gap.place
            )
        self._into, self._unseen_first = first + into[0], first
        if before is not None:
            still = last - (goes or gap.said) if black > own else 0
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
            if goes.frames + moved < 1 or comes.frames - moved + later < 1:
                return False
            return mix.before + mix.after <= 2 * (goes.frames + moved)  # as a timeline wants it

        def fits(moved: int) -> bool:
            if not possible(moved):
                return False
            if (comes.source + moved * comes.speed).denominator != 1:
                return False
            if comes.speed == 0 and mix.before + moved:
                return False  # what is borrowed before it would move
            if comes.moves is not None and comes.moves - moved < 1:
                return False
            stop = Fraction(1) if goes.speed == 0 else goes.moves
            return stop is None or stop >= goes.frames + mix.after or stop < goes.frames + moved

        ways = sorted(
            range(-min(mix.before, _FARTHEST_CUT), min(mix.after, _FARTHEST_CUT) + 1),
            key=lambda moved: (abs(moved), moved),
        )
        moved = next((way for way in ways if fits(way)), None)
        if moved is None:
            moved = next((way for way in ways if possible(way)), 0)
            if comes.speed == 0 or comes.moves is not None or goes.moves is not None:
                self.margin.note("Within a mix a picture moves on where it should stand still", comes.place)
        goes.frames += moved
        comes.frames -= moved
        comes.source += moved * comes.speed
        comes.moves = None if comes.moves is None else comes.moves - moved
        mix.before += moved
        mix.after -= moved

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
        return _checked(
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

    def _clip(self, draft: _Draft, names: _Names, known_marks: Iterable[Mark]) -> TimelineClip:
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
            self.margin.note("A clip begins between two pictures; it begins with the earlier one", draft.place)
        first = floor(source)
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


def _checked(timeline: Timeline) -> Timeline:
    """``timeline``, validated from its first field on."""
    try:
        return Timeline.model_validate(timeline.model_dump())
    except ValueError as error:
        words = str(error).splitlines()
        raise BadInput(f"The edit makes no film: {clipped(words[2] if len(words) > 2 else words[0], 160)}") from error
