"""``studio scaffold``: writes the beginnings of something new into the checkout that it runs from.

What lives here: which files a new vendor has, which names it may have, and writing them without touching what is there.
What does not: what stands in them, which is ``assets/scaffold/``.
"""

from __future__ import annotations

import datetime
import json
import keyword
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import get_args

import click

from studio_pipeline.cli.options import common_options, json_option
from studio_pipeline.settings import ASSETS_DIR, VARIABLES, Kind

FILES = {
    "studio_pipeline/providers/hosted/$module.py": "adapter.py.tmpl",
    "studio_pipeline/fake_vendor/shapes/$module.py": "shape.py.tmpl",
    "studio_pipeline_tests/contract/cases/$module.py": "cases.py.tmpl",
    "assets/vendors/$name/capabilities.yaml": "capabilities.yaml.tmpl",
    "assets/vendors/$name/rate_card.yaml": "rate_card.yaml.tmpl",
    "assets/vendors/$name/manifest.yaml": "manifest.yaml.tmpl",
}
"""What a vendor is made of, and its templates. The manifest is last: with it the vendor is there."""

_NAME = re.compile(r"(?=.{2,31}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_LABEL = re.compile(r"[^\W_]([\w .&+-]{0,38}[\w.+])?")
_RESERVED = frozenset({"auto", "meter", "faults", "plan", "reset"})
"""Words that the studio and the fake vendor take for something else."""
_BELIEVED_FOR = datetime.timedelta(days=90)


@click.group("scaffold")
def command() -> None:
    """Write the beginnings of a new vendor into this checkout.

    \b
    studio scaffold provider acme                        a vendor of clips
    studio scaffold provider acme --kind voice           … of narration
    """


@command.command("provider")
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice([kind for kind in get_args(Kind) if kind != "language"]),
    default="video",
    show_default=True,
    metavar="KIND",
    help="What it makes: image, video, voice or music.",
)
@click.option("--label", metavar="TEXT", help="Its name as people write it, where that is not NAME.")
@json_option
@common_options
def provider(name: str, kind: Kind, label: str | None, as_json: bool) -> None:
    """Write a new hosted vendor, with its prices, its fake and its place in the contract suite.

    What it writes works against its own fake at once; each TODO in it is a question to answer from the vendor's pages.
    Nothing that is there is ever overwritten.
    """
    root = ASSETS_DIR.parent
    label = label or " ".join(part.capitalize() for part in name.split("-"))
    written = [path.relative_to(root).as_posix() for path in write(new_vendor(root, name, kind, label))]
    if as_json:
        click.echo(json.dumps({"vendor": name, "label": label, "kind": kind, "written": written}, indent=2))
        return
    for path in written:
        click.echo(f"wrote {path}")
    click.echo(
        f"\nNext:\n"
        f"  1. Try it as it is:  pytest studio_pipeline_tests/contract/test_hosted.py -k {name}\n"
        f"  2. Answer every TODO from {label}'s own pages, prices with their address and date:\n"
        f"     first its fake, as the vendor is; then the adapter, until 1. is green again.\n"
        f"  3. Name its models in assets/tiers.yaml, where a tier shall use them.\n"
        f"  4. make docs, which brings it into README.md, docs/vendors.md and .env.example; make test."
    )


def new_vendor(root: Path, name: str, kind: Kind, label: str) -> dict[Path, str]:
    """The files of a new vendor, by where they go; makes nothing.

    Raises:
        BadInput: for a name or label that cannot be one, a name that is taken, or a root that is no checkout.
    """
    from studio_pipeline.errors import BadInput
    from studio_pipeline.wording import clipped

    if not all((root / path).is_file() for path in ("pyproject.toml", "studio_pipeline_tests/contract/hosted_case.py")):
        raise BadInput(
            "A vendor can only be added to a checkout of the project, and this is an installed package",
            where=str(root),
            todo="Clone the repository, install it with `make setup` and run its .venv/bin/studio.",
        )
    if not _NAME.fullmatch(name) or name in _RESERVED or keyword.iskeyword(name):
        raise BadInput(
            f"“{clipped(name, 40)}” cannot be the name of a vendor",
            todo="Give 2 to 31 small letters and digits, with hyphens between words: acme, acme-voices.",
        )
    if not _LABEL.fullmatch(label):
        raise BadInput(
            f"“{clipped(label, 40)}” cannot stand for a vendor in a sentence",
            where="--label",
            todo="Give at most 40 letters, digits and spaces: --label “Acme Voices”.",
        )
    words = {"name": name, "label": label, "kind": kind, "module": name.replace("-", "_"), **_dates(), **_of(kind)}
    words["prefix"] = words["module"].upper()
    files = {root / Template(path).substitute(words): template for path, template in FILES.items()}
    _free(root, name, words["prefix"], list(files))
    return {path: f"{Template(_read(template)).substitute(words).rstrip()}\n" for path, template in files.items()}


def write(files: Mapping[Path, str]) -> list[Path]:
    """Write new files, all or none of them; what is there stays as it is."""
    from studio_pipeline.errors import BadInput

    written: list[Path] = []
    try:
        for path, text in files.items():
            path.parent.mkdir(exist_ok=True)
            with path.open("x", encoding="utf-8") as file:  # never moved into its place: that would overwrite
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise BadInput(
            f"Nothing was added, because a file cannot be written: {error.strerror}",
            where=str(error.filename or ""),
            todo="Make room for it, then give the same command again.",
        ) from error
    return written


def _free(root: Path, name: str, prefix: str, paths: list[Path]) -> None:
    from studio_pipeline.errors import BadInput
    from studio_pipeline.providers import factory

    there = [str(path.relative_to(root)) for path in paths if path.exists() or path.is_symlink()]
    if name in factory.vendors() or there:
        raise BadInput(
            f"The name {name} is taken",
            where=", ".join(there) or f"assets/vendors/{name}",
            todo="Nothing was written. Give another name, or work on the files that are there.",
        )
    own = {f"{prefix}_API_KEY", f"{prefix}_BASE_URL"}
    for vendor, data in factory.vendors().items():
        theirs = {*data.manifest.variables, *VARIABLES} & own
        if theirs:
            raise BadInput(
                f"A vendor called {name} would read {min(theirs)}, which is {vendor}'s",
                todo="Nothing was written. Give another name.",
            )


def _dates() -> dict[str, str]:
    today = datetime.datetime.now(datetime.UTC).date()
    return {"today": today.isoformat(), "review_after": (today + _BELIEVED_FOR).isoformat()}


def _of(kind: Kind) -> dict[str, str]:
    """What is particular to a vendor of this kind, each without the end of its last line."""
    import yaml

    return {name: str(text).rstrip("\n") for name, text in yaml.safe_load(_read(f"{kind}.yaml")).items()}


def _read(name: str) -> str:
    return (ASSETS_DIR / "scaffold" / name).read_text(encoding="utf-8")
