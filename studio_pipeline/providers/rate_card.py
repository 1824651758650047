"""What an offline vendor asks of the rate cards: the price of a quantity, nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from studio_pipeline.budget.rate_cards import Quote


class RateCard(Protocol):
    """Prices by vendor and model; ``budget.rate_cards.RateCards`` is one."""

    def quote(self, vendor: str, model: str, quantity: Decimal) -> Quote:
        """Price ``quantity`` units of a model. Raises ``UnknownPrice``."""
        ...
