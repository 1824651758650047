"""A desk to ask language models at: an adapter, a fake vendor behind it, a ledger and a store."""

from __future__ import annotations

import importlib
import io
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.budget.purchase import Account, Entry
from studio_pipeline.fake_vendor.faults import FaultName, Faults
from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers import factory
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.language.port import LanguageAnswer, LanguageRequest
from studio_pipeline.providers.metering import Metered, Purchase
from studio_pipeline.providers.vendor import Vendor
from studio_pipeline_tests.backlot.line import CARDS

KEY = "sk-very-secret-key-4711"
TAG = "0123456789abcdef"
CAP = Decimal(10)
HOSTED = {
    name: data for name, data in factory.vendors().items() if data.manifest.hosted and "language" in data.manifest.kinds
}
ASKED = {"anthropic": "anthropic/claude-sonnet-5-5", "openai-chat": "openai-chat/server"}
"""The model that each vendor is tried with."""


class Scene(BaseModel):
    """What is asked for here."""

    model_config = ConfigDict(extra="forbid")
    title: str = Field(description="What the scene is called.")
    mood: str = Field(json_schema_extra={"enum": ["calm", "tense"]})


@dataclass
class Desk:
    """An adapter, a fake vendor behind it, a ledger and a store."""

    vendor: str
    fake: FakeVendor
    folder: Path
    environ: dict[str, str]

    @cached_property
    def store(self) -> MediaStore:
        return MediaStore(self.folder / "media")

    @cached_property
    def ledger(self) -> Ledger:
        made = self.opened_ledger()
        made.set_caps({"all": CAP})
        return made

    def opened_ledger(self) -> Ledger:
        return Ledger(f"sqlite:///{self.folder / 'ledger.sqlite3'}")

    def setup(self, **environ: str) -> Setup:
        data = HOSTED[self.vendor]
        said = {name: value for name, value in {**self.environ, **environ}.items() if value}
        return Setup(data.manifest, data.models, CARDS, self.store.path, self.folder / "inbox", said)

    def adapter(self, **environ: str) -> Any:
        """The vendor's own file, without what the factory puts around it: nothing is asked twice."""
        module = importlib.import_module(HOSTED[self.vendor].manifest.kinds["language"])
        return module.build("language", self.setup(**environ))

    def with_key(self, key: str) -> Any:
        manifest = HOSTED[self.vendor].manifest
        return self.adapter(**dict.fromkeys([*manifest.keys, *manifest.optional_keys], key))

    def elsewhere(self, address: str) -> Any:
        return self.adapter(**{HOSTED[self.vendor].manifest.base_url_variable: address})

    def question(self, ask: str = "A scene by the sea.", **more: Any) -> LanguageRequest:
        asked: dict[str, Any] = {
            "model": ASKED[self.vendor],
            "system": "You write scenes.",
            "shared": "The story: a keeper and her lighthouse.",
            "ask": ask,
            "output": "Scene",
            "json_schema": Scene.model_json_schema(),
            "most_output_tokens": 300,
        }
        return LanguageRequest(**{**asked, **more})

    def picture(self, size: tuple[int, int] = (640, 360)) -> MediaRef:
        content = io.BytesIO()
        Image.linear_gradient("L").resize(size).convert("RGB").save(content, "PNG")
        return self.store.put_bytes(content.getvalue(), ".png")

    def buy(
        self, request: LanguageRequest | None = None, *, take: int = 1, vendor: Vendor[Any] | None = None
    ) -> Purchase:
        return self.metered(self.ledger).buy(
            vendor or factory.vendor("language", self.setup()),
            request or self.question(),
            take=take,
            account=self.account,
        )

    @property
    def account(self) -> Account:
        return Account(production="kite", place="animated", stage="scripting", envelopes=("all",))

    def metered(self, ledger: Ledger) -> Metered:
        return Metered(ledger, self.store, sleep=lambda _: None)

    def said(self, bought: Purchase) -> LanguageAnswer:
        return LanguageAnswer.read(self.store.verify(bought.media))

    def entries(self) -> list[Entry]:
        return [entry for entry in self.ledger.entries("kite") if entry.state != "avoided"]

    def plan(self, *faults: FaultName | None) -> None:
        self.fake.engine.plan(*faults)

    @property
    def billed(self) -> Decimal:
        self.fake.engine.jobs()
        return self.fake.meter.billed_usd(self.vendor)

    @property
    def asked(self) -> int:
        return self.fake.meter.accepted(self.vendor)


def desk_of(vendor: str, fake: FakeVendor, folder: Path) -> Desk:
    """A desk with a fresh ledger, at a fake vendor that has forgotten everything."""
    fake.reset()
    fake.engine.faults = Faults()
    manifest = HOSTED[vendor].manifest
    keys = dict.fromkeys([*manifest.keys, *manifest.optional_keys], KEY)
    return Desk(vendor, fake, folder, {**fake.environ(), **keys})
