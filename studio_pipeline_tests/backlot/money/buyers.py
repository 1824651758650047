"""A process that buys what it wishes for, as the studio would, and may die at any step of it.

What lives here: the way from a wish to a purchase, through the factory's own chain of wrappers, and the death. The
dying is put around the product in the forked child; the product knows nothing of it.
"""

from __future__ import annotations

import json
import os
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import Engine, event

from studio_pipeline.budget.ledger import Ledger
from studio_pipeline.budget.purchase import Entry
from studio_pipeline.budget.rate_cards import RateCards
from studio_pipeline.errors import JobFailed, OutOfBudget, PromptRefused, ProviderFailed, Unanswered, VendorAway
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Character
from studio_pipeline.film.shots import Board
from studio_pipeline.media.arrival import check_clip, check_picture
from studio_pipeline.media.store import MediaStore
from studio_pipeline.providers import factory
from studio_pipeline.providers.hosted.inbox import Inbox
from studio_pipeline.providers.hosted.setup import Setup
from studio_pipeline.providers.image.port import StillRequest
from studio_pipeline.providers.limited import Limited
from studio_pipeline.providers.metering import Metered
from studio_pipeline.providers.vendor import Vendor
from studio_pipeline.providers.video.port import VideoRequest
from studio_pipeline.settings import ASSETS_DIR
from studio_pipeline_tests.backlot.money.weather import WISHES, Fate, Kind, Weather, Wish

POLL_S = 0.01
HURRY = 0.004
"""What a second of waiting in the wrappers is here."""

_RATE = Rate(num=24)
_BOARD = Board(
    heading="The gate",
    action="Mira waits.",
    place="gate",
    framing="medium",
    characters=(Character(name="Mira", tag="M", look="green coat", colour="#2f7d5b"),),
    palette=("#102030", "#406080", "#e0d0b0"),
)
_LEDGER_STEPS = ("reserve", "submitting", "submitted", "settle", "lose", "release", "ambiguous", "found")
_VENDOR_STEPS = ("submit", "poll", "fetch", "jobs_like")
_TAKEN_BY_ANOTHER = "which is that of ledger entry"
"""A job without a tag of ours was given to a like purchase that also waited for one."""
_LEFT_THERE = "stays handed in"
"""The vendor has the job and cannot be asked about it now: a later run goes on with it."""


class _Everything(frozenset[str]):
    """A person who accepts every old price: the tests shall not fail by the calendar."""

    def __contains__(self, name: object) -> bool:
        return True


@lru_cache(maxsize=1)
def _cards() -> RateCards:
    return RateCards.load(ASSETS_DIR / "vendors", accepted=_Everything)


@dataclass
class Shop:
    """What all buyers share: one ledger, one store, and a vendor for each kind."""

    folder: Path
    weather: Weather
    ledger: Ledger
    store: MediaStore
    vendors: dict[Kind, Vendor[Any]]

    @classmethod
    def opened(cls, folder: Path, url: str, weather: Weather, environ: dict[str, str]) -> Shop:
        store = MediaStore(folder / "media")
        made: dict[Kind, Vendor[Any]] = {}
        for kind, model in weather.town.models.items():
            data = factory.vendors()[model.partition("/")[0]]
            setup = Setup(data.manifest, data.models, _cards(), store.path, folder / "inbox", environ)
            made[kind] = factory.vendor(kind, setup)
            for waiting in (made[kind], made[kind]._vendor):  # type: ignore[attr-defined]
                waiting._sleep = lambda s: time.sleep(s * HURRY)  # type: ignore[attr-defined]
        return cls(folder, weather, Ledger(url), store, made)

    def request(self, wish: Wish) -> VideoRequest | StillRequest:
        model = self.weather.town.models[wish.kind]
        found = factory.vendors()[model.partition("/")[0]].models[model]
        size = min((s for s in found.sizes if s[0] >= s[1]), key=lambda s: s[0] * s[1])
        common: dict[str, Any] = {
            "model": model,
            "prompt": wish.prompt,
            "size": size,
            "seed": wish.take,
            "board": _BOARD,
        }
        seconds = self.weather.town.seconds(wish.kind, wish.take)
        if wish.kind == "image":
            return StillRequest(**common)
        return VideoRequest(**common, frames=seconds * 24, rate=_RATE, move="push_in")

    def prices(self) -> dict[Wish, Decimal]:
        """The most that each wish may cost."""
        return {wish: self.vendors[wish.kind].quote(self.request(wish)).max_usd for wish in WISHES}

    def buy(self, wishes: Iterable[Wish]) -> None:
        """Want each of them once; what came of it is noted. Anything that a studio should not meet is raised."""
        metered = Metered(self.ledger, self.store, poll_interval_s=POLL_S)
        caps = self.ledger.caps()
        for wish in wishes:
            request = self.request(wish)
            check = check_picture if wish.kind == "image" else _whole_clip(request)
            try:
                bought = metered.buy(
                    self.vendors[wish.kind], request, take=wish.take, account=wish.account(caps), check=check
                )
                self.note("avoided" if bought.avoided else "bought")
            except (OutOfBudget, JobFailed, PromptRefused, Unanswered, VendorAway) as error:
                self.note(type(error).__name__, str(error))
            except ProviderFailed as error:
                if _TAKEN_BY_ANOTHER in str(error):
                    self.note("taken by another", str(error))
                elif _LEFT_THERE in str(error):
                    self.note("left there", str(error))
                else:
                    raise

    def kept(self, entry: Entry) -> bool:
        """Whether the answer to it was put away as a whole file."""
        return (self.folder / "inbox" / entry.identity[:32]).exists()

    def note(self, what: str, words: str = "") -> None:
        with (self.folder / "notes.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps([what, words]) + "\n")


def _whole_clip(request: Any) -> Callable[[Path], None]:
    return lambda path: check_clip(path, least_s=request.rate.seconds(request.frames) / 2)


def live(shop: Shop, wishes: list[Wish], fate: Fate) -> NoReturn:
    """The life of a forked process. Ends with 0, by a kill, or with 1 and a file that says why."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        if fate.nth:
            _doom(shop, fate)
        shop.buy(wishes)
    except BaseException:  # noqa: BLE001 - whatever it is, the parent tells it
        (shop.folder / f"trouble-{os.getpid()}.txt").write_text(traceback.format_exc())
        os._exit(1)
    os._exit(0)


def _doom(shop: Shop, fate: Fate) -> None:
    """Put the death around every step; from here on this process is not like the others."""
    seen: Counter[str] = Counter()

    def tick(step: str) -> None:
        seen[step] += 1
        if fate.nth == (seen[step] if step == fate.step else seen.total() if not fate.step else 0):
            shop.note(f"killed {step}")
            os.kill(os.getpid(), signal.SIGKILL)

    def around(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        @wraps(real)
        def mortal(*args: Any, **kwargs: Any) -> Any:
            tick(f"before {name}")
            result = real(*args, **kwargs)
            tick(f"after {name}")
            return result

        setattr(owner, name, mortal)

    for step in _LEDGER_STEPS:
        around(Ledger, step)
    for vendor in shop.vendors.values():
        adapter = vendor._vendor._vendor  # type: ignore[attr-defined]
        for step in _VENDOR_STEPS:
            if hasattr(adapter, step):
                around(adapter, step)
    around(MediaStore, "put_file")
    around(Inbox, "keep")
    event.listen(Engine, "commit", lambda _connection: tick("committing"))
    free = Limited._free_slot

    def looked(self: Any) -> int | None:
        slot = free(self)
        tick("waiting for a turn" if slot is None else "holding a turn")
        return slot

    Limited._free_slot = looked  # type: ignore[method-assign]
