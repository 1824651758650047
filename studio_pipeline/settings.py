"""Settings: where the home is, how big the grid of partitions is, where the packaged data lies.

Read once from the environment (and a ``.env`` file beside the working directory, which never overrides the
environment). Every variable is listed in ``.env.example``; a test holds the two together.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal

from studio_pipeline.errors import BadInput

ASSETS_DIR = Path(__file__).resolve().parent.parent / "assets"
"""Packaged data: the tiers and the rate cards."""

WORKSPACE = ASSETS_DIR.parent / "workspace.yaml"
"""What Dagster loads, for `studio ui` and for `dagster dev -w workspace.yaml` alike."""

Kind = Literal["image", "video", "voice", "music", "language"]
"""What a vendor makes."""

RULES = "rules"
"""The language vendor that is none: the agents' own rules, on this machine and for nothing."""

VARIABLES: dict[str, str] = {
    "STUDIO_HOME": "Where films, media, the ledger and Dagster's storage live (default ./studio_home).",
    "STUDIO_LEDGER_URL": "The ledger's database: sqlite:////folder/ledger.sqlite3, or postgresql://user:password@host/"
    "database with the extra postgres (default $STUDIO_HOME/ledger.sqlite3).",
    "STUDIO_ARTIFACTS_URL": "Where artifacts are written, any fsspec URL (default $STUDIO_HOME/artifacts).",
    "MAX_SCENES_PER_PILOT": "How many scenes the partition grid has room for (default 15).",
    "MAX_SHOTS_PER_SCENE": "How many shots a scene may have (default 4).",
    "MAX_STORY_CHARS": "Longest story accepted, in characters (default 2000000).",
    "STUDIO_WORKERS": "How many clips are made at once (default: the number of processors).",
    "STUDIO_DAY_CAP_USD": "What vendors may charge in a day (UTC), over all productions (default: no such cap).",
    "IMAGE_PROVIDER": "Vendor of still pictures (default storyboard). Several, with commas: the next when one is away.",
    "VIDEO_PROVIDER": "Vendor of clips (default storyboard); several as above.",
    "VOICE_PROVIDER": "Vendor of narration (default auto: espeak where it is installed, else silence).",
    "MUSIC_PROVIDER": "Vendor of music (default synth).",
    "LANGUAGE_PROVIDER": "Who thinks: vendors or models with commas, the next when one is away or answers unusably; "
    "rules is the studio's own rules (default auto: anthropic where ANTHROPIC_API_KEY is set, else rules).",
    "LLM_PARALLEL": "How many questions are asked of language models at once (default 4).",
    "USE_TOON_FORMAT": "Whether tables in prompts are written as TOON, which takes fewer tokens than JSON: 1 or 0 "
    "(default 1).",
    "C2PA_CERTIFICATE": "PEM file with the certificate that films are signed with, those it was issued by after it "
    "(default: a test certificate that the home makes for itself).",
    "C2PA_PRIVATE_KEY": "PEM file with that certificate's private key, not encrypted.",
}
"""Every variable the project reads, with what it means."""

_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Settings:
    """The settings of one process."""

    home: Path
    artifacts_url: str
    max_scenes: int
    max_shots: int
    max_story_chars: int
    workers: int
    image_provider: str
    video_provider: str
    voice_provider: str
    music_provider: str
    language_provider: str
    llm_parallel: int
    use_toon: bool
    ledger_url: str = field(repr=False)  # it may hold a password
    day_cap_usd: Decimal | None = None
    c2pa_certificate: Path | None = None
    c2pa_private_key: Path | None = None

    @property
    def providers(self) -> dict[Kind, str]:
        """Vendors in use, by what they make."""
        return {
            "image": self.image_provider,
            "video": self.video_provider,
            "voice": self.voice_provider,
            "music": self.music_provider,
            "language": self.language_provider,
        }

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    @property
    def media_dir(self) -> Path:
        return self.home / "media"

    @property
    def films_dir(self) -> Path:
        return self.home / "films"

    @property
    def orders_dir(self) -> Path:
        """What people asked for: briefs handed in, cuts chosen."""
        return self.home / "orders"

    @property
    def ledger_file(self) -> Path | None:
        """The file the ledger is in; ``None`` when a server has it."""
        return Path(self.ledger_url.removeprefix(_SQLITE)) if self.ledger_url.startswith(_SQLITE) else None

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Settings from ``environ``. Raises ``BadInput`` that names the variable."""
        home = Path(environ.get("STUDIO_HOME") or "studio_home").expanduser().absolute()
        return cls(
            home=home,
            artifacts_url=environ.get("STUDIO_ARTIFACTS_URL") or str(home / "artifacts"),
            max_scenes=_whole(environ, "MAX_SCENES_PER_PILOT", 15, 1, 99),
            max_shots=_whole(environ, "MAX_SHOTS_PER_SCENE", 4, 1, 9),
            max_story_chars=_whole(environ, "MAX_STORY_CHARS", 2_000_000, 1000, 50_000_000),
            workers=_whole(environ, "STUDIO_WORKERS", os.cpu_count() or 2, 1, 64),
            image_provider=environ.get("IMAGE_PROVIDER") or "storyboard",
            video_provider=environ.get("VIDEO_PROVIDER") or "storyboard",
            voice_provider=environ.get("VOICE_PROVIDER") or "auto",
            music_provider=environ.get("MUSIC_PROVIDER") or "synth",
            language_provider=_language_provider(environ),
            llm_parallel=_whole(environ, "LLM_PARALLEL", 4, 1, 64),
            use_toon=_whole(environ, "USE_TOON_FORMAT", 1, 0, 1) == 1,
            ledger_url=_ledger_url(environ, home),
            day_cap_usd=_money(environ, "STUDIO_DAY_CAP_USD"),
            c2pa_certificate=_file(environ.get("C2PA_CERTIFICATE")),
            c2pa_private_key=_file(environ.get("C2PA_PRIVATE_KEY")),
        )


def _language_provider(environ: Mapping[str, str]) -> str:
    named = environ.get("LANGUAGE_PROVIDER") or "auto"
    if named != "auto":
        return named
    return "anthropic" if environ.get("ANTHROPIC_API_KEY", "").strip() else RULES


def _whole(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise BadInput(
            f"{name} is “{text[:40]}”", where="environment", todo=f"Give a whole number from {least} to {most}."
        )
    return int(text)


def _file(text: str | None) -> Path | None:
    return Path(text).expanduser().absolute() if text else None


def _money(environ: Mapping[str, str], name: str) -> Decimal | None:
    text = environ.get(name)
    if not text:
        return None
    if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text) is None:
        raise BadInput(
            f"{name} is “{text[:40]}”",
            where="environment",
            todo="Give US dollars as a plain number, such as 25 or 2.50.",
        )
    return Decimal(text)


def _ledger_url(environ: Mapping[str, str], home: Path) -> str:
    text = environ.get("STUDIO_LEDGER_URL") or f"{_SQLITE}{home / 'ledger.sqlite3'}"
    scheme, _, rest = text.partition("://")
    if text.startswith(_SQLITE) and text != _SQLITE:
        return f"{_SQLITE}{Path(text.removeprefix(_SQLITE)).expanduser().absolute()}"
    if scheme in ("postgres", "postgresql", "postgresql+psycopg") and rest:
        return f"postgresql+psycopg://{rest}"
    raise BadInput(  # its text is not shown: it may hold a password
        "STUDIO_LEDGER_URL is no address of a ledger",
        where="environment",
        todo="Give sqlite:////folder/ledger.sqlite3 or postgresql://user:password@host/database, or leave it empty.",
    )


def _dotenv(path: Path) -> dict[str, str]:
    """Variables of a ``.env`` file: ``NAME=value`` lines, ``#`` comments, no shell syntax."""
    if not path.is_file():
        return {}
    found = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            found[name.strip()] = value.strip().strip("'\"")
    return found


def environment() -> dict[str, str]:
    """The environment, and what ``.env`` adds to it. Keys of vendors come from here."""
    return {**_dotenv(Path(".env")), **os.environ}


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read on first use."""
    return Settings.read(environment())
