"""What a benchmark says: tables that are printed while they grow, and aims that were met or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image


@dataclass
class Table:
    """Rows under a head. The first column is words, the others are numbers."""

    head: tuple[str, ...]
    about: str = ""
    rows: list[tuple[str, ...]] = field(default_factory=list)
    widths: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        first, *others = self.head
        self.widths = (max(38, len(first)), *(max(10, len(name)) for name in others))
        if self.about:
            print(f"\n{self.about}")
        self._print(self.head)

    def add(self, *row: str) -> None:
        self.rows.append(row)
        self._print(row)

    def _print(self, row: Sequence[str]) -> None:
        first, *others = (
            text.ljust(width) if index == 0 else text.rjust(width)
            for index, (text, width) in enumerate(zip(row, self.widths, strict=True))
        )
        print("  ".join([first, *others]), flush=True)

    def markdown(self) -> str:
        rule = ("---", *("--:" for _ in self.head[1:]))
        lines = [f"| {' | '.join(row)} |" for row in (self.head, rule, *self.rows)]
        return "\n".join([*([self.about, ""] if self.about else []), *lines])


@dataclass(frozen=True)
class Aim:
    """What we want, and what was found."""

    what: str
    limit: str
    found: str
    met: bool


@dataclass
class Report:
    """One benchmark: what it measures, its tables and its aims."""

    title: str
    about: str
    tables: list[Table] = field(default_factory=list)
    aims: list[Aim] = field(default_factory=list)
    pictures: dict[str, Image.Image] = field(default_factory=dict)
    """By name of the file; they lie beside the document, in ``pictures/``."""

    def __post_init__(self) -> None:
        print(f"\n== {self.title}\n{self.about}", flush=True)

    def table(self, *head: str, about: str = "") -> Table:
        self.tables.append(Table(head, about))
        return self.tables[-1]

    def aim(self, what: str, *, limit: str, found: str, met: bool) -> None:
        self.aims.append(Aim(what, limit, found, met))
        print(f"{'met   ' if met else 'MISSED'}  {what}: {found}, aim {limit}", flush=True)

    def markdown(self) -> str:
        rows = [f"| {a.what} | {a.limit} | {a.found} | {'yes' if a.met else '**no**'} |" for a in self.aims]
        aims = ["| Aim | at most | found | met |\n|---|--:|--:|---|\n" + "\n".join(rows)] if rows else []
        pictures = [f"![{self.title}](pictures/{name})" for name in self.pictures]
        tables = [table.markdown() for table in self.tables]
        return "\n\n".join([f"## {self.title}", self.about, *aims, *pictures, *tables])
