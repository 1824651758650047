"""Simulated productions: pilots that share one budget, judged and paid by the studio's real rules.

One pilot's shoot is in ``shoot.py``.
"""

from __future__ import annotations

from decimal import Decimal

from benchmarks.shoot import PRICE_USD, SHOTS, TEST_SHOTS, Footage, Reel, Shooting, first_takes
from studio_pipeline.budget import allocation, halving
from studio_pipeline.budget.purchase import Balance


class Production:
    """All pilots of a production while they are shot, each with its money. The film is cut from the best one."""

    def __init__(self, footage: list[Footage], takes: int) -> None:
        self.reels = {f"p{number}": Reel(pilot) for number, pilot in enumerate(footage)}
        self.caps = dict.fromkeys(self.reels, takes // len(footage) * PRICE_USD)
        self.going = list(self.reels)

    def shoot(self, how: Shooting, shots: int = SHOTS, *, share: float = 1.0) -> None:
        """Let each pilot that goes on spend that share of its money on its first so many shots."""
        for tier in self.going:
            reel = self.reels[tier]
            how(reel, shots, int(self.caps[tier] * Decimal(share) / PRICE_USD) - reel.bought)

    def judge(self, by: str, shots: int) -> None:
        """Rate the first so many shots and move the money by the rule of the studio."""
        balances = {
            tier: Balance(
                cap_usd=self.caps[tier], settled_usd=self.reels[tier].bought * PRICE_USD, reserved_usd=Decimal(0)
            )
            for tier in self.going
        }
        ratings = {tier: self.reels[tier].rating(shots) for tier in self.going}
        if by == "halving":
            moved = halving.reallocate(balances, ratings, noise_points=halving.pilot_noise_points(shots))
        else:
            own = {tier: allocation.share_for(rating) for tier, rating in ratings.items()}
            moved = allocation.reallocate(balances, own, ratings)
        self.caps.update(moved.caps)
        self.going = [tier for tier, share in moved.shares.items() if share > 0]

    @property
    def film(self) -> Reel:
        return max((self.reels[tier] for tier in self.going), key=Reel.rating)

    @property
    def bought(self) -> int:
        return sum(reel.bought for reel in self.reels.values())


def produce(footage: list[Footage], takes: int, pilots: str, shots: Shooting, *, verdicts: int = 1) -> Production:
    """A production of all pilots with so many takes in all.

    ``pilots`` says whose rule moves money: ``uniform`` moves none. The others judge after the test, which costs the
    test's part of each pilot's money; a second verdict falls when every shot of what goes on has a first take.
    """
    production = Production(footage, takes)
    if pilots != "uniform":
        production.shoot(shots, TEST_SHOTS, share=TEST_SHOTS / SHOTS)
        production.judge(pilots, TEST_SHOTS)
    if verdicts == 2:
        production.shoot(first_takes)
        production.judge(pilots, SHOTS)
    production.shoot(shots)
    return production
