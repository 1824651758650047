"""Prices that only a person knows: what a server of their own, or of a cloud of their choice, takes for its tokens.

A manifest names the variable (``price_variable``) in which it is said. What is said there is a line of the rate cards
like any other, so that quotes, budgets and purchases all go by it; what is not said has no price, and is not asked.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal

from studio_pipeline.budget.rate_cards import PriceLine
from studio_pipeline.errors import BadInput, UnknownPrice
from studio_pipeline.providers.manifest import Manifest, VendorData

HOW = "Give USD for a million tokens in and out, such as 0.20,0.60, or 0,0 for a machine of your own."

_USD = r"(\d{1,4}(?:\.\d{1,6})?)"
_PRICE = re.compile(rf"{_USD}\s*,\s*{_USD}")


def said_prices(vendors: Mapping[str, VendorData], environ: Mapping[str, str]) -> dict[str, dict[str, PriceLine]]:
    """The lines that the environment says, by vendor and model. Raises ``BadInput`` for what is no price."""
    found = {}
    for name, data in vendors.items():
        if (line := said_price(data.manifest, environ)) is not None:
            found[name] = dict.fromkeys(data.models, line)
    return found


def said_price(manifest: Manifest, environ: Mapping[str, str]) -> PriceLine | None:
    """What the environment says that every model of a vendor costs; ``None`` when it says nothing.

    Nobody charges ``0,0``, so it is simulated: what got lost may be asked for again.

    Raises:
        BadInput: for what is no price; names the variable.
    """
    variable = manifest.price_variable
    text = environ.get(variable, "").strip() if variable else ""
    if not text:
        return None
    said = _PRICE.fullmatch(text)
    if said is None:
        raise BadInput(f"{variable} is “{text[:40]}”", where="environment", todo=HOW)
    price_in, price_out = Decimal(said[1]), Decimal(said[2])
    return PriceLine(
        unit="million_tokens",
        price_usd=price_in,
        output_price_usd=price_out,
        simulated=price_in == price_out == 0,
        source=variable,
        valid_from=datetime.datetime.now(datetime.UTC).date(),
        review_after=datetime.date.max,
    )


def price_that_is_said(manifest: Manifest, environ: Mapping[str, str]) -> PriceLine:
    """As ``said_price``. Raises ``UnknownPrice`` when the environment says nothing."""
    line = said_price(manifest, environ)
    if line is None:
        raise UnknownPrice(
            f"Nobody knows what {manifest.label} charges, so it is not asked",
            where="environment",
            todo=f"Set {manifest.price_variable}. {HOW}",
        )
    return line
