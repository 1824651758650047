"""Choosing what the narrator says: sentences of the story, in its order, from beginning to end, that fit the time.

The story is divided into as many stretches as the film has scenes, about equal in time to tell. From each stretch, or
from the ones beside it, one run of neighbouring sentences is taken. Which ones is decided for the whole film at once
(dynamic programming over the frames used so far): the most telling sentences that fit, with a penalty for a “she” that
nobody can place and for “the machine” of which no scene has told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from studio_pipeline.film.rate import Rate
from studio_pipeline.prose.pace import AIR_S, SENTENCE_PAUSE_S
from studio_pipeline.stages.scripting.sayable import Line
from studio_pipeline.stages.scripting.stretches import distance_from, reach_of, stretches_of
from studio_pipeline.stages.scripting.timing import LONGEST_SILENT_SCENE_S, needed_frames, shortest_frames

_FILL = 0.985
"""Share of the film that words and their air may take; the rest lets pictures breathe."""
_ANY_LENGTH = 0.2
"""Worth of a scene's heaviest line, however long it is; the rest of its worth grows with its length."""
_NEW = 0.25
"""Worth of each word the story comes back to, the first time it is told."""
_UNHEARD = 0.2
"""What it costs to say “the machine” of one that no scene has told of."""
_LEANING = 0.5
"""What it costs to say “it” of something that no scene has named."""
_GOES_ON = 0.1
"""What it is worth that a scene goes on with the very next sentence."""
_LOST = 0.7
"""What it costs to say “she” of somebody the film has not just spoken of."""
_FOLLOWED = 0.15
"""What it costs when the film has, though not in the sentence before."""
_NEAR = 4
"""Lines back to the scene before within which “it” can still be understood; then it costs half."""
_AWAY = 0.8
"""What it costs to tell from a neighbouring stretch, for a whole stretch's length."""
_SCENES_A_QUOTE = 5
"""At most one scene in so many lets a person of the story speak."""
_SHORTER = 0.88
"""A sentence that stops before its end tells less."""
_SILENCE = 2.0
"""What a scene without words costs."""
_ACTS = re.compile(r"(?:(?:and|but|then|so)\s)?(?:he|she|they)\b", re.IGNORECASE)
_BINS = 300
_LENGTHS = 40
"""How many different lengths are tried for a scene."""
_A_LENGTH = 4
"""How many runs of each length are tried for a scene."""
_LONGEST_SHARE = 2.2
"""No scene gets more than this many times the average length, where a choice exists."""


@dataclass(frozen=True)
class Chunk:
    """A run of lines, ``first`` to ``last`` inclusive, that one scene narrates."""

    first: int
    last: int
    text: str
    value: float
    frames: int
    concepts: int
    assumes: int = 0
    quoted: bool = False


@dataclass(frozen=True)
class _Path:
    value: float
    frames: int
    concepts: int
    chunk: Chunk | None
    before: _Path | None
    spoken: Chunk | None


def chosen_chunks(lines: list[Line], scenes: int, frames: int, rate: Rate, language: str) -> list[Chunk | None]:
    """One chunk a scene, in story order; ``None`` is a scene without words. The list says how many scenes there are.

    A text of few or very long sentences gets fewer scenes than asked for rather than a film of silences.
    """
    fewest = max(1, min(scenes, math.ceil(rate.seconds(frames) / LONGEST_SILENT_SCENE_S)))
    if not lines:
        return [None] * fewest
    best: list[Chunk | None] = []
    for count in range(max(fewest, min(scenes, 2 * len(lines))), fewest - 1, -1):
        spoken = min(count, len(lines))
        plan = _with_few_quotes(lines, spoken, count, frames, rate, language)
        if not best or plan.count(None) < best.count(None):
            best = plan
        if best.count(None) * 4 <= len(best):
            break
    return best


def _with_few_quotes(
    lines: list[Line], spoken: int, count: int, frames: int, rate: Rate, language: str
) -> list[Chunk | None]:
    """The best plan in which a narrator tells the story: of the quotes it would like, only the best stay."""
    plan = _planned(lines, spoken, count, frames, rate, language)
    quotes = sorted((chunk for chunk in plan if chunk and chunk.quoted), key=lambda chunk: (-chunk.value, chunk.first))
    if len(quotes) * _SCENES_A_QUOTE <= count:
        return plan
    kept = {at for chunk in quotes[: count // _SCENES_A_QUOTE] for at in range(chunk.first, chunk.last + 1)}
    fewer = [line for at, line in enumerate(lines) if not line.quoted or at in kept]
    where = [at for at, line in enumerate(lines) if not line.quoted or at in kept]
    plan = _planned(fewer, min(spoken, len(fewer)), count, frames, rate, language)
    return [chunk and replace(chunk, first=where[chunk.first], last=where[chunk.last]) for chunk in plan]


def _planned(lines: list[Line], spoken: int, count: int, frames: int, rate: Rate, language: str) -> list[Chunk | None]:
    silent = count - spoken
    least = shortest_frames(rate)
    room = max(round(frames * _FILL), spoken * least + silent * least) - silent * least
    cap = max(least, round(_LONGEST_SHARE * frames / count))
    width = max(1, frames // _BINS)
    paths: dict[tuple[int, bool], _Path] = {(0, False): _Path(0.0, 0, 0, None, None, None)}
    stretches = stretches_of(lines, spoken)
    heard = _heard(lines)
    usual_s = rate.seconds(frames) / count
    for order in range(len(stretches)):
        reach, at_place = reach_of(stretches, order), _at_place(lines, stretches, order)
        candidates = _candidates(lines, reach, at_place, cap, usual_s, rate, language) or _candidates(
            lines, reach, at_place, room, usual_s, rate, language
        )
        later = (len(stretches) - order - 1) * least
        reached: dict[tuple[int, bool], _Path] = {}
        for path in paths.values():
            told_to = path.spoken.last if path.spoken else -1
            for chunk in (*candidates, None):
                used = path.frames + (chunk.frames if chunk else least)
                if used + later > room or (chunk and chunk.first <= told_to):
                    continue
                value, concepts = path.value - _SILENCE, path.concepts
                if chunk:
                    new = (chunk.concepts & ~concepts).bit_count()
                    unheard = (chunk.assumes & ~concepts).bit_count()
                    value = (
                        path.value
                        + chunk.value
                        + _NEW * new
                        - _UNHEARD * unheard
                        - _stumble(lines, heard, path.spoken, chunk)
                    )
                    concepts |= chunk.concepts
                state = (used // width, bool(chunk and chunk.last >= stretches[order][1]))
                kept = reached.get(state)
                if kept is None or (value, -used) > (kept.value, -kept.frames):
                    reached[state] = _Path(value, used, concepts, chunk, path, chunk or path.spoken)
        paths = reached
    path: _Path | None = max(paths.values(), key=lambda path: (path.value, -path.frames))
    chosen: list[Chunk | None] = []
    while path is not None and path.before is not None:
        chosen.append(path.chunk)
        path = path.before
    chosen.reverse()
    plan: list[Chunk | None] = [None] * count
    for at, chunk in enumerate(chosen):
        plan[at * count // spoken] = chunk
    return plan


def _at_place(lines: list[Line], stretches: list[tuple[int, int]], order: int) -> Callable[[int, int], float]:
    """What a run of lines is worth for where it stands: as the opening or the ending, less what it strays."""

    def worth(first: int, last: int) -> float:
        strays = _AWAY * distance_from(first, stretches[order])
        if order == 0:
            return lines[first].opening - strays
        return (lines[last].ending if order == len(stretches) - 1 else 0.0) - strays

    return worth


def _candidates(
    lines: list[Line],
    reach: tuple[int, int],
    at_place: Callable[[int, int], float],
    cap: int,
    usual_s: float,
    rate: Rate,
    language: str,
) -> list[Chunk]:
    """Runs of lines inside ``reach`` that fit ``cap`` frames: of each length the few that tell most."""
    least, cap_s = shortest_frames(rate), cap / float(rate.fraction)
    best: dict[int, list[tuple[float, int, int, int]]] = {}
    for first in range(*reach):
        value, told_s, most = 0.0, AIR_S, 0.0
        for last in range(first, reach[1]):
            line = lines[last]
            told_s += SENTENCE_PAUSE_S if last > first else 0.0
            for form, said in enumerate((line, *line.forms)):
                spoken_s = said.speaking_s
                if told_s + spoken_s > cap_s:
                    continue
                share = _SHORTER if form else 1.0
                heaviest = _ANY_LENGTH * max(most, share * said.weight)
                worth = value + share * said.weight * spoken_s / usual_s + heaviest + at_place(first, last)
                length = math.ceil(_LENGTHS * max(0.0, (told_s + spoken_s) / cap_s - least / cap))
                kept = best.setdefault(length, [])
                kept.append((-worth, first, last, form))
                kept.sort()
                del kept[_A_LENGTH:]
            value += line.weight * line.speaking_s / usual_s
            most = max(most, line.weight)
            told_s += line.speaking_s
            if told_s > cap_s:
                break
    return [_chunk(lines, entry, rate, language) for length in sorted(best) for entry in best[length]]


def _chunk(lines: list[Line], entry: tuple[float, int, int, int], rate: Rate, language: str) -> Chunk:
    minus_worth, first, last, form = entry
    ending = lines[last].forms[form - 1] if form else lines[last]
    text = joined([*(line.text for line in lines[first:last]), ending.text])
    concepts = assumes = 0
    for said in (*lines[first:last], ending):
        assumes |= said.assumes & ~concepts if isinstance(said, Line) else 0
        concepts |= said.concepts
    assumes |= lines[last].assumes & ending.concepts
    return Chunk(
        first=first,
        last=last,
        text=text,
        value=-minus_worth,
        frames=needed_frames(text, language, rate),
        concepts=concepts,
        assumes=assumes,
        quoted=any(line.quoted for line in lines[first : last + 1]),
    )


def joined(texts: list[str]) -> str:
    """Sentences one after the other; scripts without spaces get none."""
    return "".join(
        text + ("" if at == len(texts) - 1 or text.rstrip('”」』"')[-1:] in "。！？" else " ")
        for at, text in enumerate(texts)
    )


def _heard(lines: list[Line]) -> list[tuple[str, ...]]:
    """For each line, who was named last, in it or before it."""
    heard: list[tuple[str, ...]] = []
    for line in lines:
        heard.append(line.named or (heard[-1] if heard else ()))
    return heard


def _stumble(lines: list[Line], heard: list[tuple[str, ...]], before: Chunk | None, chunk: Chunk) -> float:
    """What it costs to say ``chunk`` after ``before``: nothing for the next sentence, most for a lost “she”."""
    if before is not None and before.last + 1 == chunk.first:
        return -_GOES_ON
    if not lines[chunk.first].dangling:
        near = before is not None and chunk.first - before.last <= _NEAR
        return _LEANING / (2 if near else 1) if lines[chunk.first].leans else 0.0
    meant = heard[chunk.first - 1]
    followed = before is not None and meant and meant == heard[before.last]
    opening = lines[chunk.first]
    somebody_else = _ACTS.match(opening.text) and set(meant) & set(opening.named)  # “She pushed Gretel”: not Gretel
    return _FOLLOWED if followed and not somebody_else else _LOST
