"""What a person should know of a production that ended well all the same: dealt with, but not as planned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from studio_pipeline.film.cells import Cell
from studio_pipeline.film.takes import Music, Narration, ShotTakes
from studio_pipeline.wording import dollars

if TYPE_CHECKING:
    from studio_pipeline.budget.purchase import Entry, Statement
    from studio_pipeline.orchestration.facts import Facts
    from studio_pipeline.orchestration.studio_home import StudioHome


@dataclass(frozen=True)
class Notice:
    """One line: where, and what happened."""

    place: str
    words: str


def notices_of(home: StudioHome, production: str, facts: Facts, statement: Statement) -> tuple[Notice, ...]:
    """Purchases without an answer, prices that moved, and what had to be done to get the takes there are."""
    found = list(_unanswered([entry for entry in statement.entries if entry.state == "ambiguous"]))
    for entry in statement.entries:
        if entry.drift_usd and entry.state != "ambiguous":
            found += [Notice(entry.place, event) for event in entry.events if event.startswith("price drift")]
    for ref, header in sorted(facts.headers.items()):
        asset, _, place = ref.partition("/")
        if asset in (*_BOUGHT, *_DECIDED) and header.absent is None:
            artifact = home.artifacts.read(asset, Cell.parse(f"{production}|{place}" if place else production))
            found += [Notice(place or asset, event) for event in (_on_the_way(artifact.content) if artifact else ())]
    return tuple(_together(found))


_BOUGHT = ("pilot_clips", "narration", "music")
_DECIDED = ("story", "pilot_strategies", "scenes", "shot_plans", "qa_scores", "critic_verdicts", "edls")
_SHOWN_PLACES = 2


def _unanswered(entries: list[Entry]) -> Iterator[Notice]:
    """Who never answered, in one line a model: a process that was killed while it thought leaves several."""
    of_model: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        of_model[entry.vendor, entry.model].append(entry)
    for (vendor, model), held in of_model.items():
        first, *others = held
        set_aside = dollars(sum((entry.max_usd for entry in held), Decimal(0)))
        words = (
            f"{vendor} never answered to {model}{f', {len(held)} times' if others else ''}; {set_aside} stay set aside "
            f"until you say `studio ledger resolve {first.id} --billed` or `--unbilled`"
        )
        if others:
            words += f", and the same of {', '.join(entry.id for entry in others)}"
        yield Notice(first.place, words)


def _together(found: list[Notice]) -> Iterator[Notice]:
    """The same that happened at many places is one line."""
    places: dict[str, list[str]] = defaultdict(list)
    for notice in found:
        if notice.place not in places[notice.words]:
            places[notice.words].append(notice.place)
    for words, where in places.items():
        if len(where) <= _SHOWN_PLACES:
            yield from (Notice(place, words) for place in where)
        else:
            yield Notice(f"{where[0]} and {len(where) - 1} more", words)


def _on_the_way(made: Any) -> tuple[str, ...]:
    """What happened before it was there; what its maker says of the sound itself is in the UI."""
    if isinstance(made, ShotTakes):
        return made.take.events
    if not isinstance(made, Narration | Music):
        return made.events
    receipts = [track.receipt for track in made.tracks] if isinstance(made, Music) else [made.receipt]
    of_themselves = [event for receipt in receipts if receipt for event in receipt.events]
    own = tuple(event for event in made.events if event not in of_themselves)
    dubs = made.dubs if isinstance(made, Narration) else ()
    return (*own, *(event for dub in dubs for event in _on_the_way(dub)))
