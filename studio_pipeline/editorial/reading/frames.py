"""From an edit's frames to the film's: every border on a frame, or a refusal. Pure.

An edit at the film's own rate may have borders between two frames; they move to the nearer one, and that is said. One
at another rate is taken where all of it lies on frames of the film, and refused where it does not.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from studio_pipeline.editorial.reading.edit import Edit, Gap, Item, Joint, Margin, Shot
from studio_pipeline.editorial.reading.sounds import Sounds
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import BadInput

LONGEST_S = 4 * 3600


def _factor(edit: Edit, base: Timeline) -> Fraction:
    return Fraction(1) if edit.rate is None else base.rate.fraction / edit.rate


def items_on_frames(edit: Edit, base: Timeline, margin: Margin) -> list[Item]:
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


def joint_on_frames(joint: Joint, edit: Edit, base: Timeline, margin: Margin) -> Joint:
    """A transition that begins and ends on a frame of the film."""
    factor = _factor(edit, base)
    before, after = joint.before * factor, joint.after * factor
    if factor != 1 and (before.denominator, after.denominator) != (1, 1):
        raise _other_rate(edit, base)
    if (before.denominator, after.denominator) != (1, 1):
        margin.note("A transition that begins or ends between two frames is moved to the nearer ones")
    return replace(joint, before=Fraction(round(before)), after=Fraction(round(after)))


def sounds_on_frames(edit: Edit, base: Timeline) -> Sounds:
    """The sounds, rounded to frames."""
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
