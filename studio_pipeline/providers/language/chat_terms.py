"""What a person says of a chat server in the environment: its model, its price, and how it holds an answer to a form.

What does not live here: asking it (``openai_chat.py``). Each is read when it is needed, so that what is missing is told
by the call that needs it.
"""

from __future__ import annotations

from typing import Literal, cast

from studio_pipeline.budget.rate_cards import PriceLine
from studio_pipeline.errors import BadInput, VendorAway
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.said_prices import price_that_is_said

KEY = "OPENAI_CHAT_API_KEY"
MODEL = "OPENAI_CHAT_MODEL"
JSON = "OPENAI_CHAT_JSON"

Form = Literal["schema", "object", "none"]
FORMS: tuple[Form, ...] = ("schema", "object", "none")
"""Each holds less than the one before."""

_LONGEST_NAME = 300


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
    def price(self) -> PriceLine:
        """
        Raises:
            UnknownPrice: when nobody has said what it charges.
            BadInput: when that is no price.
        """
        return price_that_is_said(self._setup.manifest, self._setup.environ)

    def _said(self, variable: str) -> str:
        return self._setup.environ.get(variable, "").strip()
