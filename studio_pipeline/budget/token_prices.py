"""Prices by the token: what a count of tokens costs at one line of a rate card, and the most that a call can cost.

What lives here: the arithmetic, exact in ``Decimal``. What does not: the lines, their dates and who believes them
(``rate_cards.py``), and counting (an adapter asks its vendor, or bounds its own request).
"""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from studio_pipeline.film.frozen import Frozen

_MILLION = Decimal(1_000_000)
_EXPECTED_SHARE = Decimal("0.5")
"""How much of the longest answer a call is expected to say; only its maximum is ever reserved."""


class Tokens(Frozen):
    """What a call used. ``input_tokens`` are those that were neither read from nor written to the vendor's cache."""

    input_tokens: int = Field(ge=0)
    output_tokens: int = Field(ge=0)
    cache_read_tokens: int = Field(default=0, ge=0)
    cache_write_tokens: int = Field(default=0, ge=0)

    @property
    def prompt_tokens(self) -> int:
        """All that went in, however it was charged."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens


class TokenPrices(Frozen):
    """The prices of one model, in US dollars for a million tokens."""

    input_usd: Decimal
    output_usd: Decimal
    cache_read_usd: Decimal
    cache_write_usd: Decimal
    batch_share: Decimal
    """What a call of a batch costs of what it costs alone."""
    long_above_tokens: int | None
    long_share: Decimal
    """How many times its price every token costs of a call whose prompt has more than ``long_above_tokens``; 1 or
    more, so that a longer prompt is never cheaper."""

    def usd(self, tokens: Tokens, *, batch: bool = False) -> Decimal:
        """What a call cost that used ``tokens``; not rounded."""
        dear = (
            tokens.input_tokens * self.input_usd
            + tokens.output_tokens * self.output_usd
            + tokens.cache_read_tokens * self.cache_read_usd
            + tokens.cache_write_tokens * self.cache_write_usd
        )
        return dear / _MILLION * self._share(tokens.prompt_tokens, batch)

    def expected_usd(self, prompt_tokens: int, most_output_tokens: int, *, batch: bool = False) -> Decimal:
        """What a call is expected to cost: nothing from the cache, and half of the longest answer."""
        answer = most_output_tokens * _EXPECTED_SHARE * self.output_usd
        return (prompt_tokens * self.input_usd + answer) / _MILLION * self._share(prompt_tokens, batch)

    def most_usd(self, most_prompt_tokens: int, most_output_tokens: int, *, batch: bool = False) -> Decimal:
        """What a call can cost at most, whatever of its prompt is read from the cache or written to it."""
        dearest = max(self.input_usd, self.cache_read_usd, self.cache_write_usd)
        dear = most_prompt_tokens * dearest + most_output_tokens * self.output_usd
        return dear / _MILLION * self._share(most_prompt_tokens, batch)

    def _share(self, prompt_tokens: int, batch: bool) -> Decimal:
        long = self.long_above_tokens is not None and prompt_tokens > self.long_above_tokens
        return (self.long_share if long else Decimal(1)) * (self.batch_share if batch else Decimal(1))
