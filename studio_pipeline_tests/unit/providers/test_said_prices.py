"""A price that a person says is a line of the rate cards like any other."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.budget.token_prices import Tokens
from studio_pipeline.errors import BadInput, UnknownPrice
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.providers import factory
from studio_pipeline.providers.said_prices import said_price, said_prices
from studio_pipeline.settings import ASSETS_DIR

MANIFEST = factory.vendors()["openai-chat"].manifest
CARDS = RateCards.load(ASSETS_DIR / "vendors")


def cards(said: str) -> RateCards:
    return CARDS.joined_by(said_prices(factory.vendors(), {"OPENAI_CHAT_PRICE": said}))


def test_a_price_is_exact_in_and_out() -> None:
    line = said_price(MANIFEST, {"OPENAI_CHAT_PRICE": " 0.18 , 0.000001 "})
    assert line is not None
    assert (line.price_usd, line.output_price_usd, line.simulated) == (Decimal("0.18"), Decimal("0.000001"), False)
    used = Tokens(input_tokens=1_000_000, output_tokens=2_000_000)
    assert cards("0.18,0.000001").tokens_usd("openai-chat", "openai-chat/server", used) == Decimal("0.180002")


def test_what_costs_nothing_is_charged_by_nobody() -> None:
    quote = cards("0,0").quote_tokens("openai-chat", "openai-chat/server", 1000, 1000)
    assert (quote.max_usd, quote.simulated) == (0, True)


def test_what_nobody_says_has_no_price_and_other_vendors_keep_theirs() -> None:
    with pytest.raises(UnknownPrice):
        cards("").line("openai-chat", "openai-chat/server")
    assert cards("1,1").line("synth", "synth/loop") == CARDS.line("synth", "synth/loop")


@pytest.mark.parametrize("text", ["0.2", "free", "-1,0", "1e3,1", "nan,1", "0.2;0.2", "0.0000001,1", "99999,1"])
def test_what_is_no_price_is_told_by_its_variable(text: str) -> None:
    with pytest.raises(BadInput, match="OPENAI_CHAT_PRICE"):
        cards(text)


def test_a_studio_goes_by_what_was_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_CHAT_PRICE", "0.20,0.60")
    home = StudioHome(root=str(tmp_path), artifacts_url=str(tmp_path / "artifacts"))
    assert home.rate_cards.line("openai-chat", "openai-chat/server").output_price_usd == Decimal("0.60")
