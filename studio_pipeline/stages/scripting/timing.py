"""How many scenes a film has and how many frames each of them gets. Integers only, so that they add up."""

from __future__ import annotations

import math

from studio_pipeline.film.rate import Rate
from studio_pipeline.prose.pace import AIR_S, speaking_s

SHORTEST_SCENE_S = 3.5
"""Below this a viewer reads a picture as a flash, and a line of narration has no room."""

LONGEST_SILENT_SCENE_S = 12.0
MOST_SCENES = 15


def scene_count(duration_s: float, max_scenes: int) -> int:
    """Scenes for a film of this length: 4 for 15 s, 7 for 30 s, 12 for 60 s, 15 from 80 s on."""
    wanted = round(12 * (duration_s / 60) ** 0.8)
    return max(1, min(wanted, math.floor(duration_s / SHORTEST_SCENE_S), max_scenes, MOST_SCENES))


def scene_range(frames: int, rate: Rate, max_scenes: int) -> range:
    """How many scenes a writer may choose to have: ``scene_count`` less a sixth to a quarter more, as far as each lasts
    ``SHORTEST_SCENE_S``. 10 to 15 for 60 s, 6 to 8 for 30 s, 3 or 4 for 15 s."""
    count = scene_count(rate.seconds(frames), max_scenes)
    most = max(1, min(round(count * 5 / 4), frames // shortest_frames(rate), max_scenes, MOST_SCENES))
    return range(min(most, max(1, round(count * 5 / 6))), most + 1)


def shortest_frames(rate: Rate) -> int:
    return math.ceil(SHORTEST_SCENE_S * rate.fraction)


def needed_frames(narration: str, language: str, rate: Rate) -> int:
    """The fewest frames a scene with this narration can have: its words, and the silence around them."""
    if not narration:
        return shortest_frames(rate)
    return max(shortest_frames(rate), math.ceil((speaking_s(narration, language) + AIR_S) * rate.fraction))


def shared_out(frames: int, needs: list[int]) -> list[int]:
    """``frames`` over the scenes: each gets what it needs, and of the rest a part in proportion to that.

    The last scene counts one half more in the rest, because an ending wants to stand for a moment. When the needs
    are more than there is, all shrink alike.
    """
    rest = frames - sum(needs)
    if rest < 0:
        return _proportional(frames, [float(need) for need in needs])
    weights = [float(need) for need in needs]
    weights[-1] *= 1.5
    return [need + extra for need, extra in zip(needs, _proportional(rest, weights), strict=True)]


def most_frames(frames: int, needs: list[int]) -> int:
    """The most that any one scene may need for all of them to fit: the longest are the ones to be cut."""
    least, most = 0, max(needs)
    while least < most:
        middle = (least + most + 1) // 2
        if sum(min(need, middle) for need in needs) <= frames:
            least = middle
        else:
            most = middle - 1
    return least


def _proportional(total: int, weights: list[float]) -> list[int]:
    exact = [total * weight / sum(weights) for weight in weights]
    shares = [math.floor(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda at: (shares[at] - exact[at], at))
    for at in by_remainder[: total - sum(shares)]:
        shares[at] += 1
    return shares
