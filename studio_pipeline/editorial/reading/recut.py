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

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from studio_pipeline.editorial.conform import with_room
from studio_pipeline.editorial.reading.edit import BLACK, Edit, Gap, Item, Joint, Margin, Shot
from studio_pipeline.editorial.reading.frames import items_on_frames, joint_on_frames, sounds_on_frames
from studio_pipeline.editorial.reading.laying import Draft, Film, checked
from studio_pipeline.editorial.reading.material import Material
from studio_pipeline.editorial.reading.sounds import heard
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import BadInput

_MOST_STEPS = 100
"""Of a clip's speed: see ``Speed``."""


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
    items = items_on_frames(edit, base, margin)
    shots = sum(isinstance(item, Shot) for item in items)
    joints = (
        list(edit.joints)
        if edit.rate is None
        else [joint_on_frames(joint, edit, base, margin) for joint in edit.joints]
    )
    drafts, items = _known(items, material, base, margin)
    if not drafts:
        named = [item for item in edit.items if isinstance(item, Shot)]
        first = f" The first of its {len(named)} clips is {named[0].place}." if named else ""
        raise BadInput(
            f"Nothing in the file is footage of this production.{first}",
            todo="Clips are known by their files' names, as `studio export` wrote them, and by shots' names.",
        )
    items, joints = _held_joined(*_gaps_joined(items, joints), drafts)
    film = Film(base, drafts, margin)
    shift = film.lay(items, joints)
    timeline = film.timeline(name, material)
    timeline, problems = with_room(timeline)
    for problem in problems:
        margin.note(f"{problem.shot} {problem.message}")
    if edit.sounds is not None:
        sounds = sounds_on_frames(edit, base)
        laid = heard(sounds, shift, timeline.frames, material, base, margin)
        timeline = checked(timeline.model_copy(update={"narration": laid.narration, "music": laid.music}))
    return Recutting(timeline, base, edit.sounds is None, shots, len(drafts))


# Which footage.


def _known(
    items: Sequence[Item], material: Material, base: Timeline, margin: Margin
) -> tuple[dict[int, Draft], list[Item]]:
    """A draft for every shot of our footage, by its item's number; other shots become gaps."""
    drafts: dict[int, Draft] = {}
    made: list[Item] = []
    for n, item in enumerate(items):
        if isinstance(item, Shot):
            clip = material.picture(item.link, base)
            if clip is None:
                margin.note("A clip that is no footage of this production is left out", item.place)
                item = Gap(item.frames, item.place)
            else:
                speed = _speed(item, margin)
                drafts[n] = Draft(clip, item.place, int(item.frames), item.source, speed, item.moves, item.marks)
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
    items: list[tuple[int, Item]], joints: dict[int, Joint], drafts: dict[int, Draft]
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
            and before.moves is None
            and floor(here.source) in (last := _shown_at(before, -1), _shown_at(before, 0))
        ):
            before.moves = Fraction(before.frames + (floor(here.source) != last))
            before.frames += here.frames
            continue
        if place in joints:
            found[len(kept)] = joints[place]
        kept.append((n, item))
    if len(items) in joints:
        found[len(kept)] = joints[len(items)]
    return kept, found


def _shown_at(draft: Draft, after_end: int) -> int:
    """The source frame so many frames after the draft's own end."""
    return floor(draft.source + (draft.frames + after_end) * draft.speed)
