"""What it will cost to think a film through, before anything is asked: from the questions of ``assets/minds.yaml``.

A production's own questions are paid out of what is held back from its pilots, a pilot's out of the pilot's money.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.budget.token_prices import Tokens
from studio_pipeline.film.brief import Brief
from studio_pipeline.prompting import variants
from studio_pipeline.providers import factory
from studio_pipeline.providers.capabilities import vendor_of
from studio_pipeline.providers.language.roles import Question, minds, models_for
from studio_pipeline.providers.said_prices import price_that_is_said
from studio_pipeline.settings import RULES, environment

_SCENES_A_SHOT = 0.5
"""A scene has about two shots."""
_BYTES_A_PART = 36_000
"""Of a story's text, in one question: 12,000 tokens of three bytes."""


@dataclass(frozen=True)
class Thinking:
    """The prices of one film's questions; nothing costs anything where only rules are in use.

    Sums raise ``UnknownPrice`` where who is asked has no price, or one past its date: a film with it is not begun.

    Args:
        vendors: whom ``LANGUAGE_PROVIDER`` names.
    """

    cards: RateCards
    brief: Brief
    vendors: Sequence[str]

    def production_usd(self) -> Decimal:
        """What the production itself asks: to read the story, to stake the pilots, to write, to cut."""
        parts = math.ceil(self.brief.story.size_bytes / _BYTES_A_PART) if self.brief.story else 0
        return self._sum({"production": 1, "story": min(1, parts), "story_part": parts}, most=False)

    def pilot_usd(self, shots: int, *, most: bool = False) -> Decimal:
        """What a pilot with so many shots asks: plans, prompts, translations, inspections, its verdict.

        Args:
            most: with the longest answers, each of them to be repaired.
        """
        scenes = math.ceil(shots * _SCENES_A_SHOT)
        return self._sum({"pilot": 1, "scene": scenes, "dub": scenes * len(self.brief.dubs)}, most=most)

    def _sum(self, times: Mapping[str, int], *, most: bool) -> Decimal:
        if self.brief.rehearse or all(name == RULES for name in self.vendors):
            return Decimal(0)
        asked = ((name, question, times.get(question.per, 0)) for name, question in minds().questions.items())
        return sum((self._usd(name, question, most) * count for name, question, count in asked if count), Decimal(0))

    def _usd(self, name: str, question: Question, most: bool) -> Decimal:
        function = variants.function(name)
        variant = function.variant_of(self.brief.production)
        model = models_for(variant.model, self.brief, self.vendors)[0].name
        vendor, batch = vendor_of(model), self.brief.priority == "low"
        if factory.vendors()[vendor].manifest.price_variable:
            price_that_is_said(factory.vendors()[vendor].manifest, environment())
        longest = self.cards.quote_tokens(vendor, model, question.tokens_in, function.most_output_tokens, batch=batch)
        usual = Tokens(input_tokens=question.tokens_in, output_tokens=question.tokens_out)
        once = longest.max_usd if most else self.cards.tokens_usd(vendor, model, usual, batch=batch)
        return once * variant.best_of * (2 if most else 1)
