"""What a person says of a chat server in the environment: its model, its price, and how it holds an answer to a form.

What does not live here: asking it (``openai_chat.py``). Each is read when it is needed, so that what is missing is told
by the call that needs it.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, cast

from studio_pipeline.budget.token_prices import TokenPrices
from studio_pipeline.errors import BadInput, UnknownPrice, VendorAway
from studio_pipeline.providers.hosted.setup import Setup

KEY = "OPENAI_CHAT_API_KEY"
MODEL = "OPENAI_CHAT_MODEL"
JSON = "OPENAI_CHAT_JSON"

Form = Literal["schema", "object", "none"]
FORMS: tuple[Form, ...] = ("schema", "object", "none")
"""Each holds less than the one before."""

_LONGEST_NAME = 300
_USD = r"(\d{1,4}(?:\.\d{1,6})?)"
_PRICE = re.compile(rf"{_USD}\s*,\s*{_USD}")


class ChatTerms:
    """The terms of the server of ``setup``."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    @property
    def key(self) -> str:
        """Empty for a server that wants none. Raises ``VendorAway`` for one that can be no key."""
        return self._setup.key(KEY) if self._said(KEY) else ""

    @property
    def model(self) -> str:
        """What the server calls its model. Raises ``VendorAway``."""
        name = self._said(MODEL)
        if not name or not name.isprintable() or len(name) > _LONGEST_NAME:
            raise VendorAway(
                f"{MODEL} does not name a model" if name else f"{MODEL} is not set",
                where="environment",
                todo=f"Set it to {self._setup.manifest.settings[MODEL]}.",
            )
        return name

    @property
    def form(self) -> Form:
        """How much the server can hold an answer to. Raises ``BadInput``."""
        form = self._said(JSON) or FORMS[0]
        if form not in FORMS:
            raise BadInput(f"{JSON} is “{form[:40]}”", where="environment", todo=f"Use: {', '.join(FORMS)}.")
        return cast(Form, form)

    @property
    def prices(self) -> TokenPrices:
        """
        Raises:
            UnknownPrice: when nobody has said what it charges.
            BadInput: when that is no price.
        """
        variable = self._setup.manifest.price_variable
        text = self._said(variable)
        how = "Give USD for a million tokens in and out, such as 0.20,0.60, or 0,0 for a machine of your own."
        if not text:
            raise UnknownPrice(
                f"Nobody knows what {self._setup.manifest.label} charges, so it is not asked",
                where="environment",
                todo=f"Set {variable}. {how}",
            )
        found = _PRICE.fullmatch(text)
        if found is None:
            raise BadInput(f"{variable} is “{text[:40]}”", where="environment", todo=how)
        price_in, price_out = Decimal(found[1]), Decimal(found[2])
        return TokenPrices(
            input_usd=price_in,
            output_usd=price_out,
            cache_read_usd=price_in,
            cache_write_usd=price_in,
            batch_share=Decimal(1),
            long_above_tokens=None,
            long_share=Decimal(1),
        )

    @property
    def free(self) -> bool:
        """Whether nobody charges it, so that what got lost may be asked for again."""
        prices = self.prices
        return prices.input_usd == prices.output_usd == 0

    def _said(self, variable: str) -> str:
        return self._setup.environ.get(variable, "").strip()
