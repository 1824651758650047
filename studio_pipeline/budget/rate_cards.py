"""Rate cards: what each vendor charges for each model, as dated data in ``assets/vendors/*/rate_card.yaml``.

What lives here: reading the cards, refusing one with a hole in it, and pricing a quantity. What does not: counting
the quantity (an adapter knows how many seconds its request asks for), the arithmetic of tokens (``token_prices.py``)
and spending (``ledger.py``).

A card is one file a vendor::

    vendor: storyboard
    models:
      storyboard/parallax:
        unit: second            # picture | second | character | call | million_tokens
        price_usd: "0.40"       # for one unit, as text: YAML numbers are floats
        simulated: true         # nobody charges it
        source: in the class of Veo 3, 0.40 USD/s (https://…, 2026-11)
        valid_from: 2026-11-01
        review_after: 2027-05-01

A language model's line has ``unit: million_tokens``, ``price_usd`` for what goes in, ``output_price_usd`` for what
comes out and, where the vendor has them, ``cache_read_price_usd``, ``cache_write_price_usd``, ``batch_share`` ("0.5": a
batch costs half) and ``long_above_tokens`` with ``long_share`` ("5": all of a call with a longer prompt costs five
times).

A price that is older than its ``review_after`` is not believed any more: no call, until the card was looked at or a
person has accepted the old price. Simulated prices do not age, because nobody charges them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Mapping
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from studio_pipeline.budget.amounts import MICRO, rounded_up
from studio_pipeline.budget.token_prices import TokenPrices, Tokens
from studio_pipeline.errors import BadInput, UnknownPrice
from studio_pipeline.film.frozen import Frozen

_QUICK_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Each work of a production reads the cards: libyaml's loader takes an eighth of the time, where PyYAML has it."""


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


Unit = Literal["picture", "second", "character", "call", "million_tokens"]


class Quote(Frozen):
    """What a call may cost, in US dollars: never more than ``max_usd``."""

    expected_usd: Decimal
    max_usd: Decimal
    simulated: bool
    """True for prices that nobody charges (offline vendors)."""
    source: str
    """The rate card line the price comes from."""
    by_use: bool = False
    """True where what is charged follows from what was used, counted by the vendor and priced by this card: anything
    up to ``max_usd`` is as quoted."""


_Usd = Annotated[Decimal, Field(ge=0, le=10_000, allow_inf_nan=False, max_digits=12, decimal_places=8)]
_Share = Annotated[Decimal, Field(gt=0, le=1, allow_inf_nan=False, max_digits=8, decimal_places=6)]
_Times = Annotated[Decimal, Field(ge=1, le=100, allow_inf_nan=False, max_digits=8, decimal_places=6)]
_OF_TOKENS = (
    "output_price_usd",
    "cache_read_price_usd",
    "cache_write_price_usd",
    "batch_share",
    "long_above_tokens",
    "long_share",
)


class PriceLine(Frozen):
    """One line of a card: the price of one unit of one model."""

    unit: Unit
    price_usd: _Usd
    max_price_usd: _Usd | None = None
    """The most that a unit may come to, where the vendor's price depends on what it makes of it."""
    output_price_usd: _Usd | None = None
    """Tokens: a million of those that come out; ``price_usd`` is for those that go in."""
    cache_read_price_usd: _Usd | None = None
    """Tokens: a million of those that the vendor read from its cache; as any other without it."""
    cache_write_price_usd: _Usd | None = None
    batch_share: _Share | None = None
    """Tokens: what a call of a batch costs of what it costs alone; without it the vendor has no batches."""
    long_above_tokens: int | None = Field(default=None, gt=0)
    """Tokens: a call whose prompt has more costs ``long_share`` of everything."""
    long_share: _Times | None = None
    simulated: bool
    source: str = Field(min_length=1)
    valid_from: datetime.date
    review_after: datetime.date

    @field_validator("price_usd", "max_price_usd", *_OF_TOKENS, mode="before")
    @classmethod
    def _exact(cls, value: Any) -> Any:
        if isinstance(value, float):
            raise ValueError('write the price in quotes ("0.05"), so that it stays exact')
        return value

    @model_validator(mode="after")
    def _dated(self) -> PriceLine:
        if self.review_after <= self.valid_from:
            raise ValueError("review_after must be later than valid_from")
        if self.max_price_usd is not None and self.max_price_usd < self.price_usd:
            raise ValueError("max_price_usd must not be less than price_usd")
        return self

    @model_validator(mode="after")
    def _tokens_whole(self) -> PriceLine:
        if self.unit != "million_tokens":
            if stray := [name for name in _OF_TOKENS if getattr(self, name) is not None]:
                raise ValueError(f"{', '.join(stray)}: only a line of unit million_tokens has that")
            return self
        if self.output_price_usd is None:
            raise ValueError("a line of unit million_tokens needs output_price_usd")
        if self.max_price_usd is not None:
            raise ValueError("max_price_usd: a call by tokens is bounded by its tokens")
        if (self.long_above_tokens is None) != (self.long_share is None):
            raise ValueError("long_above_tokens and long_share go together")
        return self

    @property
    def tokens(self) -> TokenPrices | None:
        """The prices of a line by tokens; ``None`` for any other."""
        if self.output_price_usd is None:
            return None
        read, write = self.cache_read_price_usd, self.cache_write_price_usd
        return TokenPrices(
            input_usd=self.price_usd,
            output_usd=self.output_price_usd,
            cache_read_usd=self.price_usd if read is None else read,
            cache_write_usd=self.price_usd if write is None else write,
            batch_share=self.batch_share or Decimal(1),
            long_above_tokens=self.long_above_tokens,
            long_share=self.long_share or Decimal(1),
        )


class RateCards:
    """All cards of a directory."""

    def __init__(
        self,
        rates: Mapping[str, Mapping[str, PriceLine]],
        where: str = "rate cards",
        *,
        simulate: bool = True,
        accepted: Callable[[], Collection[str]] = tuple,
        today: Callable[[], datetime.date] = _today,
    ) -> None:
        """
        Args:
            simulate: whether what nobody charges has its simulated price; without it that costs nothing.
            accepted: names of stale prices (``stale_name``) that a person has accepted.
        """
        self._rates = {vendor: dict(models) for vendor, models in rates.items()}
        self._where = where
        self._simulate = simulate
        self._accepted = accepted
        self._today = today

    @classmethod
    def load(
        cls, directory: Path, *, simulate: bool = True, accepted: Callable[[], Collection[str]] = tuple
    ) -> RateCards:
        """Read every ``*/rate_card.yaml`` of ``directory``.

        Raises:
            BadInput: for a card that cannot be read or has a hole; names the file, the line and the field.
        """
        rates: dict[str, dict[str, PriceLine]] = {}
        for path in sorted(directory.glob("*/rate_card.yaml")):
            vendor, models = _read_card(path)
            if vendor in rates:
                raise BadInput(
                    f"The vendor {vendor} has two rate cards", where=str(path), todo="Keep one file for each vendor."
                )
            rates[vendor] = models
        return cls(rates, str(directory), simulate=simulate, accepted=accepted)

    def joined_by(self, lines: Mapping[str, Mapping[str, PriceLine]]) -> RateCards:
        """These, with more lines by vendor and model: prices that a person has said (``providers/said_prices.py``)."""
        rates = {**self._rates, **{vendor: {**self._rates.get(vendor, {}), **more} for vendor, more in lines.items()}}
        return RateCards(rates, self._where, simulate=self._simulate, accepted=self._accepted, today=self._today)

    def models(self, vendor: str) -> tuple[str, ...]:
        """The models of a vendor that have a price, in the order of its card; none for a vendor without a card."""
        return tuple(self._rates.get(vendor, ()))

    def line(self, vendor: str, model: str) -> PriceLine:
        """The line for one model.

        Raises:
            UnknownPrice: when no card covers it; names the models that are covered.
        """
        models = self._rates.get(vendor)
        if models is None:
            raise UnknownPrice(
                f"No rate card for the vendor {vendor}, so nothing can be bought from it",
                where=self._where,
                todo=f"Vendors with a card: {_listed(self._rates)}. Add {vendor}/rate_card.yaml with its dated prices.",
            )
        if model not in models:
            raise UnknownPrice(
                f"No price for the model {model}, so no call is made",
                where=f"{self._where}/{vendor}/rate_card.yaml",
                todo=f"Models with a price: {_listed(models)}. Choose one of them or add a dated line to the card.",
            )
        return models[model]

    def quote(self, vendor: str, model: str, quantity: Decimal) -> Quote:
        """Price ``quantity`` units (seconds, characters, pictures or calls) of a model.

        The maximum is rounded *up* to a micro-dollar, so that a reservation is never a fraction too small.
        """
        if not quantity.is_finite() or quantity < 0:
            raise BadInput(f"{quantity} is no quantity that can be priced", where=f"{vendor} {model}")
        line, free = self._believed(vendor, model)
        if line.tokens is not None:
            raise BadInput(f"{model} is priced by its tokens, not by a quantity", where=f"{vendor} {model}")
        price, most = (Decimal(0) if free else usd for usd in (line.price_usd, line.max_price_usd or line.price_usd))
        return Quote(
            expected_usd=(price * quantity).quantize(MICRO, ROUND_CEILING),
            max_usd=(most * quantity).quantize(MICRO, ROUND_CEILING),
            simulated=line.simulated,
            source=f"{model}: free, made on this machine"
            if free
            else f"{model}: ${line.price_usd} per {line.unit} since {line.valid_from} ({line.source})",
        )

    def quote_tokens(
        self,
        vendor: str,
        model: str,
        prompt_tokens: int,
        most_output_tokens: int,
        *,
        most_prompt_tokens: int | None = None,
        batch: bool = False,
    ) -> Quote:
        """Price a call of a language model before it is made.

        Args:
            prompt_tokens: how many tokens go in, as well as anybody knows.
            most_prompt_tokens: how many these can be at most; ``prompt_tokens`` without it.
        """
        line, free = self._believed(vendor, model)
        prices = self._by_tokens(vendor, model)
        most_in = max(prompt_tokens, most_prompt_tokens or 0)
        expected = prices.expected_usd(prompt_tokens, most_output_tokens, batch=batch)
        most = prices.most_usd(most_in, most_output_tokens, batch=batch)
        each = f"${line.price_usd} in and ${line.output_price_usd} out per million tokens"
        return Quote(
            expected_usd=Decimal(0) if free else rounded_up(min(expected, most)),
            max_usd=Decimal(0) if free else rounded_up(most),
            simulated=line.simulated,
            source=f"{model}: free, made on this machine"
            if free
            else f"{model}: {each}{', in a batch' if batch else ''} since {line.valid_from} ({line.source})",
            by_use=True,
        )

    def tokens_usd(self, vendor: str, model: str, tokens: Tokens, *, batch: bool = False) -> Decimal:
        """What a call cost that used ``tokens``, rounded up to a micro-dollar; also at a price past its date, because
        it was made."""
        if self.line(vendor, model).simulated and not self._simulate:
            return Decimal(0)
        return rounded_up(self._by_tokens(vendor, model).usd(tokens, batch=batch))

    def _by_tokens(self, vendor: str, model: str) -> TokenPrices:
        prices = self.line(vendor, model).tokens
        if prices is None:
            raise UnknownPrice(
                f"{model} has no price by the token, so no call is made",
                where=f"{self._where}/{vendor}/rate_card.yaml",
                todo="Give its line the unit million_tokens and output_price_usd.",
            )
        return prices

    def _believed(self, vendor: str, model: str) -> tuple[PriceLine, bool]:
        """The line of a model, and whether it costs nothing because nobody charges it.

        Raises:
            UnknownPrice: when there is none, or it is past its date and nobody has accepted it.
        """
        line = self.line(vendor, model)
        if self.is_stale(vendor, model) and stale_name(model, line) not in self._accepted():
            raise UnknownPrice(
                f"The price of {model} was to be looked at again after {line.review_after}, so no call is made",
                where=f"{self._where}/{vendor}/rate_card.yaml",
                todo="Compare it with its source and write the new dates, or accept the old price once for ever with "
                "--accept-stale-prices.",
            )
        return line, line.simulated and not self._simulate

    def is_stale(self, vendor: str, model: str) -> bool:
        """Whether the price is past its ``review_after``."""
        line = self.line(vendor, model)
        return not line.simulated and self._today() > line.review_after

    def stale(self) -> dict[str, PriceLine]:
        """Every stale price, by its ``stale_name``."""
        return {
            stale_name(model, line): line
            for vendor, models in self._rates.items()
            for model, line in models.items()
            if self.is_stale(vendor, model)
        }


def stale_name(model: str, line: PriceLine) -> str:
    """What accepting an old price is called: it holds for this price of this date only."""
    return f"{model} at {line.price_usd} since {line.valid_from}"


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names)) or "none"


def _read_card(path: Path) -> tuple[str, dict[str, PriceLine]]:
    try:
        text = path.read_text(encoding="utf-8")
        data = yaml.load(text, Loader=_QUICK_LOADER)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(
            "A rate card cannot be read", where=str(path), todo=f"It must be YAML in UTF-8: {error}"
        ) from error
    if not isinstance(data, dict) or set(data) != {"vendor", "models"} or not isinstance(data["models"], dict):
        raise BadInput(
            "A rate card needs `vendor` and `models`, and nothing else", where=str(path), todo="See a card beside it."
        )
    rates = {}
    for model, fields in data["models"].items():
        try:
            rates[str(model)] = PriceLine.model_validate(fields)
        except ValidationError as error:
            problem = error.errors()[0]
            field = ".".join(str(part) for part in problem["loc"])
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            line = _line(node, ["models", str(model), field]) or _line(node, ["models", str(model)])
            raise BadInput(
                f"The rate card line for {model} is not usable: {field or 'it'}: {problem['msg']}",
                where=f"{path}:{line}",
                todo="Every line needs unit, price_usd, simulated, source, valid_from and review_after.",
            ) from error
    return str(data["vendor"]), rates


def _line(node: yaml.Node | None, keys: list[str]) -> int | None:
    """The line, counted from 1, on which a key path of a mapping stands."""
    line = None
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = next(((name, value) for name, value in pairs if str(name.value) == key), None)
        if found is None:
            return None
        line, node = found[0].start_mark.line + 1, found[1]
    return line
