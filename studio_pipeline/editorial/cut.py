"""A candidate cut: a timeline with the editor's reasons, and the set that a person chooses from."""

from __future__ import annotations

import re
from decimal import Decimal

from pydantic import Field, model_validator

from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.errors import BadInput
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.wording import clipped, did_you_mean

CUT_NAMES = ("balanced", "quality", "pace", "story", "alternate")
"""Every name a cut of the editor can have. Which of them a production gets is the editor's business."""

RECUT = re.compile(r"recut(-[2-9]|-[1-9][0-9])?")
"""Names of cuts that people brought back from their own editor: ``recut``, ``recut-2``, …"""

RECOMMENDED = "recommended"
"""Stands for whichever cut the editor would take."""


def check_cut_name(name: str) -> str:
    """Return ``name`` when a cut may be chosen by it, before anybody knows the cuts.

    Raises:
        BadInput: for anything else, with the nearest name.
    """
    names = (RECOMMENDED, *CUT_NAMES)
    if name not in names and not RECUT.fullmatch(name):
        raise BadInput(
            f"No cut is ever called “{clipped(name, 40)}”",
            todo=f"{did_you_mean(name, names)} There are: {', '.join(names)}.".lstrip(),
        )
    return name


class Cut(Frozen):
    """One proposal of the editor."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")
    timeline: Timeline
    rating: float = Field(ge=0, le=100)
    """Predicted rating of the film."""
    rationale: str
    missing: tuple[str, ...] = ()
    """What the script asks for and this cut does not have, in words."""
    needs_usd: Decimal | None = None
    """What it would cost to make what is missing, and again what is under the bar; ``None`` when nobody knows."""
    notes: tuple[str, ...] = ()
    """What was done to it or seen in it, for people: a joint made smooth, colours matched, footage that comes twice, a
    picture held for its narration, something of a person's re-cut that is not understood."""
    dubs: tuple[Timeline, ...] = ()
    """The same cut in other languages. Its pictures may be held longer where the words need more room."""


class CutSet(Frozen):
    """All proposals, best first, and the one the editor would take."""

    cuts: tuple[Cut, ...] = Field(min_length=1)
    recommended: str
    events: tuple[str, ...] = ()
    """What did not go as planned, for people."""

    @model_validator(mode="after")
    def _recommends_one(self) -> CutSet:
        if self.recommended not in {cut.name for cut in self.cuts}:
            raise ValueError("the recommended cut must be one of the cuts")
        return self

    def cut(self, name: str) -> Cut | None:
        """The cut called ``name``; ``recommended`` names the editor's choice."""
        wanted = self.recommended if name == RECOMMENDED else name
        return next((cut for cut in self.cuts if cut.name == wanted), None)
