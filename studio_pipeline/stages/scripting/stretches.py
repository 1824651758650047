"""How a story is divided among the scenes of its film, so that all of it is told. Choosing is in ``selection.py``."""

from __future__ import annotations

from studio_pipeline.stages.scripting.sayable import Line

_END_SHARE = 0.7
"""How long the first and the last stretch of the story are against the others: the film looks closer there."""


def stretches_of(lines: list[Line], count: int) -> list[tuple[int, int]]:
    """``count`` stretches of the lines, none empty; about equal in time to tell, but shorter at both ends."""
    total = sum(line.speaking_s for line in lines)
    shares = [_END_SHARE if count > 3 and order in (0, count - 1) else 1.0 for order in range(count)]
    marks = [total * sum(shares[:order]) / sum(shares) for order in range(count)]
    edges, told = [0], 0.0
    for at, line in enumerate(lines):
        middle = told + line.speaking_s / 2
        while len(edges) < count and middle >= marks[len(edges)] and at > edges[-1]:
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


def reach_of(stretches: list[tuple[int, int]], order: int) -> tuple[int, int]:
    """Which lines scene ``order`` may tell: those of its stretch and of the neighbouring ones."""
    return stretches[max(0, order - 1)][0] + bool(order), stretches[min(len(stretches) - 1, order + 1)][1]


def distance_from(at: int, stretch: tuple[int, int]) -> float:
    """How far ``at`` lies outside of ``stretch``, in lengths of it."""
    start, end = stretch
    return max(0, start - at, at - end + 1) / (end - start)
