"""Ducking: the music steps back for the words, and comes back after them.

A gain over the film's samples, computed for any stretch of them: a block of the mix asks for its own and gets the
same as it would have got in one piece. Where somebody speaks is heard in ``levels.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from studio_pipeline.media.sound.samples import RATE_HZ

DUCK_DB = -10.0
"""How far music steps back under speech; with the levels of ``levels.py`` it lies 17 dB below the words."""
ATTACK_S, RELEASE_S = 0.15, 0.5
"""The music is down *when* the first word starts (it looks ahead) and comes back this slowly after the last."""

_HOLD_S = 0.9
"""Pauses shorter than this do not bring the music back: it would pump."""


class Ducking:
    """The gain of the music while spans of speech, in samples of the film, go by."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self.spans: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if self.spans and start - self.spans[-1][1] < _HOLD_S * RATE_HZ:
                self.spans[-1] = (self.spans[-1][0], max(end, self.spans[-1][1]))
            else:
                self.spans.append((start, end))
        self._attack, self._release = round(ATTACK_S * RATE_HZ), round(RELEASE_S * RATE_HZ)

    def reaching(self, start: int, end: int) -> list[tuple[int, int]]:
        """The spans that change the gain of a sample from ``start`` to ``end``, counted from ``start`` and no further
        than they matter there: what the gain of that stretch follows from."""
        far = self._attack + self._release
        return [
            (max(a - start, -far), min(b - start, end - start + far))
            for a, b in self.spans
            if a - self._attack < end and b + self._release > start
        ]

    def gain(self, start: int, end: int) -> np.ndarray | None:
        """Factors for the samples from ``start`` to ``end``; ``None`` where all of them are 1."""
        spans = self.reaching(start, end)
        if not spans:
            return None
        at = [x for a, b in spans for x in (a - self._attack, a, b, b + self._release)]
        depth = np.interp(np.arange(end - start), at, [0.0, 1.0, 1.0, 0.0] * len(spans))
        depth = depth * depth * (3 - 2 * depth)  # no corners, so the move itself is not heard
        return np.power(10, DUCK_DB / 20 * depth).astype(np.float32)
