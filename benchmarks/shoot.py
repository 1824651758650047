"""A simulated shoot: how takes turn out, what a rater sees of it, ways to spend a pilot's money, and the oracle.

The world is made up with numpy; which take is circled and what ``halving`` buys is decided by the studio's real code.
Several pilots with one budget are in ``productions.py``. All figures of the world are in ``FIGURES``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from heapq import heapify, heappop, heapreplace
from statistics import NormalDist

import numpy as np

from studio_pipeline.budget import halving
from studio_pipeline.budget.halving import RatedShot
from studio_pipeline.budget.takes_belief import RATING_NOISE_POINTS
from studio_pipeline.film.ratings import QUALITY_BAR
from studio_pipeline.stages.reviewing.case import MOST_WORST_SHOT_POINTS, WORST_SHOT_SHARE

SHOTS, TEST_SHOTS, PILOTS = 24, 6, 3
GOOD_ENOUGH = QUALITY_BAR["standard"]
PRICE_USD = Decimal("0.35")
BETWEEN_SHOTS, BETWEEN_PILOTS, FAILED = 10.0, 8.0, 0.05
MOST_TAKES = 16
"""So many takes of a shot are made up; nobody can buy more."""

FIGURES = (
    (
        "Generations for a usable shot: 1.5, 3, 5",
        "3 and a quarter of all clips used: invideo, <https://invideo.io/faq/what-percentage-of-ai-generated-video-"
        "clips-are-actually/> (2026-11), where 60–85 % are usable for social films, which is 1.2–1.7, and 40–60 % for "
        "professional ones. 5 is a strict eye",
    ),
    (
        "Error of the rater, standard deviation: 3, 8, 15 points",
        "15 is a learned rater that agrees with people at a rank correlation of 0.75 (VideoScore, "
        "<https://huggingface.co/TIGER-Lab/VideoScore-v1.1>, 2026-11); 3 is a nearly exact one; 8 is what `halving` "
        "believes in every row",
    ),
    (
        "Spread of the takes of one shot: 8, 12, 18 points",
        "assumed, no published figure found; the level follows, so that one take in so many generations is usable",
    ),
    (
        "Spread between shots 10, between pilots 8 points",
        "assumed; the true one between shots is not what `halving` believes (8)",
    ),
    ("Charged and no file: 5 %", "assumed, for all policies alike; no published figure found"),
    (f"Good enough: {GOOD_ENOUGH} points", "the critic's bar for `standard` quality"),
    (
        f"{SHOTS} shots, {TEST_SHOTS} of them in the test, {PILOTS} pilots",
        "the example film: 60 s, a shot every 2.5 s, a quarter of it in the test",
    ),
    (f"A take: {PRICE_USD} USD", "5 s of Kling 2.5 at 0.07 USD/s; all takes cost the same here"),
)
"""Every figure of the world, and where it comes from."""


@dataclass(frozen=True)
class World:
    """How takes turn out, in points of quality and of rating."""

    generations: float
    noise: float
    spread: float

    @property
    def level(self) -> float:
        """Mean quality: so that one in ``generations`` takes is good enough."""
        spread = math.hypot(self.spread, BETWEEN_SHOTS)
        return GOOD_ENOUGH - NormalDist().inv_cdf(1 - 1 / self.generations) * spread

    def takes_for(self, pilots: int) -> int:
        """The budget in takes: what a producer plans who knows the generations for a usable shot."""
        return round(self.generations * SHOTS) * pilots


@dataclass(frozen=True)
class Footage:
    """Every take that could be bought for a pilot, shot by shot. ``came`` is false where nothing is delivered."""

    quality: np.ndarray
    rating: np.ndarray
    came: np.ndarray


def footage(world: World, seed: int) -> list[Footage]:
    """What the pilots' takes would be: the same seed is the same luck in every world."""
    luck = np.random.default_rng(seed)
    pilots, shots = luck.standard_normal(PILOTS), luck.standard_normal(SHOTS)
    takes, errors = luck.standard_normal((2, PILOTS, SHOTS, MOST_TAKES))
    came = luck.random((PILOTS, SHOTS, MOST_TAKES)) >= FAILED
    centres = world.level + BETWEEN_PILOTS * pilots[:, None] + BETWEEN_SHOTS * shots
    quality = np.clip(centres[..., None] + world.spread * takes, 0, 100)
    rating = np.round(np.clip(quality + world.noise * errors, 0, 100), 1)
    return [Footage(*arrays) for arrays in zip(quality, rating, came, strict=True)]


class Reel:
    """One pilot while it is shot: what was bought, and how it is rated."""

    def __init__(self, footage: Footage) -> None:
        self._quality = footage.quality.tolist()
        self._rating, self._came = footage.rating.tolist(), footage.came.tolist()
        self.shots = [RatedShot(f"k{number:02d}", {}, PRICE_USD) for number in range(SHOTS)]
        self.bought = 0

    def buy(self, place: int) -> None:
        """One more take of a shot."""
        shot = self.shots[place]
        take = len(shot.ratings) + shot.lost
        self.bought += 1
        if self._came[place][take]:
            ratings = {**shot.ratings, take + 1: self._rating[place][take]}
            self.shots[place] = RatedShot(shot.name, ratings, PRICE_USD, shot.lost)
        else:
            self.shots[place] = RatedShot(shot.name, shot.ratings, PRICE_USD, shot.lost + 1)

    def can_buy(self, place: int) -> bool:
        return len(self.shots[place].ratings) + self.shots[place].lost < MOST_TAKES

    def worth(self, cap: float = GOOD_ENOUGH) -> float:
        """What the film is really worth: quality of the circled takes, none above ``cap``, a missing shot nothing."""
        worths = (
            min(cap, self._quality[place][halving.best_take(shot.ratings).take - 1])
            for place, shot in enumerate(self.shots)
            if shot.ratings
        )
        return sum(worths) / SHOTS

    def rating(self, shots: int = SHOTS) -> float:
        """As the critic rates its first ``shots`` shots: the mean, less a part of the way down to the worst."""
        rated = [max(shot.ratings.values(), default=0.0) for shot in self.shots[:shots]]
        mean = sum(rated) / len(rated)
        return max(0.0, mean - min(MOST_WORST_SHOT_POINTS, (mean - min(rated)) * WORST_SHOT_SHARE))


Shooting = Callable[[Reel, int, int], None]
"""How a pilot's first so many shots are shot with so many takes."""


def best_of_n(reel: Reel, shots: int, takes: int) -> None:
    """As many files for every shot: whatever failed is made again first."""
    _by_turns(reel, shots, takes, lambda shot: True)


def until_it_passes(reel: Reel, shots: int, takes: int) -> None:
    """What most people do: shoot again as long as the rating is below the bar."""
    _by_turns(reel, shots, takes, lambda shot: max(shot.ratings.values(), default=0.0) < GOOD_ENOUGH)


def first_takes(reel: Reel, shots: int, takes: int) -> None:
    """One file for every shot that has none."""
    _by_turns(reel, shots, takes, lambda shot: not shot.ratings)


def by_halving(
    reel: Reel, shots: int, takes: int, *, good_enough: float = GOOD_ENOUGH, noise_points: float = RATING_NOISE_POINTS
) -> None:
    """Rounds of ``halving.next_takes`` until it asks for no more."""
    left = takes * PRICE_USD
    while True:
        found = halving.next_takes(reel.shots[:shots], left, good_enough=good_enough, noise_points=noise_points)
        if not found.shots:
            return
        left -= found.usd
        for name in found.shots:
            reel.buy(int(name[1:]))


def _by_turns(reel: Reel, shots: int, takes: int, wanted: Callable[[RatedShot], bool]) -> None:
    """One take after another for the shot with the fewest files that is wanted still."""
    waiting = [(len(shot.ratings), place) for place, shot in enumerate(reel.shots[:shots])]
    heapify(waiting)
    while takes > 0 and waiting:
        place = waiting[0][1]
        if reel.can_buy(place) and wanted(reel.shots[place]):
            reel.buy(place)
            takes -= 1
            heapreplace(waiting, (len(reel.shots[place].ratings), place))
        else:
            heappop(waiting)


def oracle(all_footage: list[Footage], takes: int, *, cap: float = GOOD_ENOUGH, by_rating: bool = False) -> np.ndarray:
    """The most that so many takes of one pilot could be worth, for each footage.

    It knows beforehand how every take turns out, and buys the takes of a shot in order, as everybody must. Exact, by
    dynamic programming over the shots.

    Args:
        by_rating: it knows beforehand for which shots to buy, but has to circle the take that is rated best. Nobody
            who goes by these ratings can do better, with whatever rule.
    """
    worth = np.minimum(cap, np.stack([pilot.quality * pilot.came for pilot in all_footage]))
    if by_rating:
        rated = np.stack([np.where(pilot.came, pilot.rating, -1) for pilot in all_footage])
        new_best = (
            rated > np.maximum.accumulate(np.pad(rated, ((0, 0), (0, 0), (1, 0)), constant_values=-2), 2)[..., :-1]
        )
        latest = np.maximum.accumulate(np.where(new_best, np.arange(MOST_TAKES), 0), axis=2)
        best = np.take_along_axis(worth, latest, axis=2)
    else:
        best = np.maximum.accumulate(worth, axis=2)
    value = np.zeros((len(all_footage), takes + 1))
    for shot in range(SHOTS):
        with_shot = value.copy()
        for count in range(1, min(MOST_TAKES, takes) + 1):
            so_many = value[:, : takes + 1 - count] + best[:, shot, count - 1 : count]
            np.maximum(with_shot[:, count:], so_many, out=with_shot[:, count:])
        value = with_shot
    return value[:, -1] / SHOTS
