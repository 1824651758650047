"""Choosing what the narrator says: sentences of the story, in its order, from beginning to end, that fit the time.

The story is divided into as many stretches as the film has scenes, equal in time to tell. From each stretch one run
of neighbouring sentences is taken. Which ones is decided for the whole film at once (dynamic programming over the
frames used so far): the most telling sentences that fit, with a penalty for a “she” nobody can place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from studio_pipeline.film.rate import Rate
from studio_pipeline.prose.pace import AIR_S, SENTENCE_PAUSE_S
from studio_pipeline.stages.scripting.sayable import Line
from studio_pipeline.stages.scripting.timing import LONGEST_SILENT_SCENE_S, needed_frames, shortest_frames

_FILL = 0.985
"""Share of the film that words and their air may take; the rest lets pictures breathe."""
_SHORTER_SHARE = 0.9
_SILENCE = 0.7
"""What a scene without words costs."""
_BINS = 300
_LENGTHS = 40
"""How many different lengths are tried for a scene."""
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


@dataclass(frozen=True)
class _Path:
    value: float
    frames: int
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
        plan = _planned(lines, spoken, count, frames, rate, language)
        if not best or plan.count(None) < best.count(None):
            best = plan
        if best.count(None) * 4 <= len(best):
            break
    return best


def _planned(lines: list[Line], spoken: int, count: int, frames: int, rate: Rate, language: str) -> list[Chunk | None]:
    silent = count - spoken
    least = shortest_frames(rate)
    room = max(round(frames * _FILL), spoken * least + silent * least) - silent * least
    cap = max(least, round(_LONGEST_SHARE * frames / count))
    width = max(1, frames // _BINS)
    paths: dict[int, _Path] = {0: _Path(0.0, 0, None, None, None)}
    stretches = _stretches(lines, spoken)
    heard = _heard(lines)
    usual_s = rate.seconds(frames) / count
    for order, (start, end) in enumerate(stretches):
        candidates = _candidates(lines, start, end, cap, usual_s, rate, language) or _candidates(
            lines, start, end, room, usual_s, rate, language
        )
        later = (len(stretches) - order - 1) * least
        reached: dict[int, _Path] = {}
        for path in paths.values():
            for chunk in (*candidates, None):
                used = path.frames + (chunk.frames if chunk else least)
                if used + later > room:
                    continue
                value = path.value + (chunk.value - _stumble(lines, heard, path.spoken, chunk) if chunk else -_SILENCE)
                kept = reached.get(used // width)
                if kept is None or (value, -used) > (kept.value, -kept.frames):
                    reached[used // width] = _Path(value, used, chunk, path, chunk or path.spoken)
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


def _stretches(lines: list[Line], count: int) -> list[tuple[int, int]]:
    """``count`` stretches of the lines, about equal in time to tell, none empty."""
    total = sum(line.speaking_s for line in lines)
    edges, told = [0], 0.0
    for at, line in enumerate(lines):
        middle = told + line.speaking_s / 2
        while len(edges) < count and middle >= total * len(edges) / count and at > edges[-1]:
            edges.append(at)
        told += line.speaking_s
    for order in range(len(edges), count):
        edges.append(edges[order - 1] + 1)
    edges.append(len(lines))
    for order in range(count, 0, -1):  # no stretch may be empty, also when one sentence is most of the story
        edges[order] = min(edges[order], len(lines) - (count - order))
    for order in range(1, count):
        edges[order] = max(edges[order], edges[order - 1] + 1)
    return [(edges[order], edges[order + 1]) for order in range(count)]


def _candidates(
    lines: list[Line], start: int, end: int, cap: int, usual_s: float, rate: Rate, language: str
) -> list[Chunk]:
    """Runs of lines between ``start`` and ``end`` that fit ``cap`` frames: of each length the two that tell most."""
    least, cap_s = shortest_frames(rate), cap / float(rate.fraction)
    best: dict[int, list[tuple[float, int, int, bool]]] = {}
    for first in range(start, end):
        value, told_s = 0.0, AIR_S
        for last in range(first, end):
            line = lines[last]
            told_s += SENTENCE_PAUSE_S if last > first else 0.0
            for shorter, spoken_s in ((False, line.speaking_s), (True, line.shorter_s)):
                if spoken_s <= 0 or told_s + spoken_s > cap_s:
                    continue
                share = _SHORTER_SHARE if shorter else 1.0
                worth = value + share * line.weight * (0.25 + spoken_s / usual_s) + line.edge
                length = math.ceil(_LENGTHS * max(0.0, (told_s + spoken_s) / cap_s - least / cap))
                kept = best.setdefault(length, [])
                kept.append((-worth, first, last, shorter))
                kept.sort()
                del kept[2:]
            value += line.weight * (0.25 + line.speaking_s / usual_s) + line.edge
            told_s += line.speaking_s
            if told_s > cap_s:
                break
    return [_chunk(lines, entry, rate, language) for length in sorted(best) for entry in best[length]]


def _chunk(lines: list[Line], entry: tuple[float, int, int, bool], rate: Rate, language: str) -> Chunk:
    minus_worth, first, last, shorter = entry
    ending = lines[last].shorter if shorter else lines[last].text
    text = joined([*(line.text for line in lines[first:last]), ending])
    return Chunk(first=first, last=last, text=text, value=-minus_worth, frames=needed_frames(text, language, rate))


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
        return -0.15
    if not lines[chunk.first].dangling:
        return 0.0
    if before is None:
        return 0.7
    meant = heard[chunk.first - 1]
    return 0.15 if meant and meant == heard[before.last] else 0.7
