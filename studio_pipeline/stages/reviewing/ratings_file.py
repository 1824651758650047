"""What people rated, as a file: YAML or CSV, one clip and one rating an entry. ``examples/calibration`` has one.

What lives here: reading the text, with the line of everything that is wrong. What does not: opening the file, and
looking at the clips (``screening.py``). YAML::

    ratings:
      - clip: clips/01.mp4      # from the folder of this file
        rating: 82              # 0 (ruined) to 100 (perfect)
        rater: anna             # who says so; several people may rate the same clip
        plan: Mara looks up.    # what it was to show; may be left out

CSV has the same four names in its first line.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import yaml

from studio_pipeline.errors import BadInput
from studio_pipeline.wording import clipped, did_you_mean

KEYS = ("clip", "rating", "rater", "plan")
MOST_ENTRIES = 2000
MOST_BYTES = 1024 * 1024
_LONGEST_PLAN = 1000


@dataclass(frozen=True)
class Opinion:
    """What one person says of one clip."""

    clip: str
    """As the file calls it."""
    rating: float
    rater: str
    plan: str
    line: int


@dataclass(frozen=True)
class RatedByPeople:
    """A clip with all that people say of it."""

    clip: str
    path: Path
    plan: str
    ratings: tuple[float, ...]
    line: int
    """Where it is rated first."""

    @property
    def rating(self) -> float:
        return sum(self.ratings) / len(self.ratings)


def read_opinions(text: str, *, where: Path) -> tuple[Opinion, ...]:
    """The entries of a ratings file.

    Args:
        where: the file, whose ending says which form it has; for messages too.

    Raises:
        BadInput: that names the line.
    """
    entries = list(_csv_entries(text, where) if where.suffix.lower() == ".csv" else _yaml_entries(text, where))
    if len(entries) > MOST_ENTRIES:
        raise BadInput(f"{len(entries):,} ratings are more than {MOST_ENTRIES:,}", where=str(where))
    return tuple(_opinion(fields, line, where) for fields, line in entries)


def by_clip(opinions: Iterable[Opinion], folder: Path, *, where: Path) -> tuple[RatedByPeople, ...]:
    """The opinions by clip, in the order of the file. Clips are looked for from ``folder``.

    Raises:
        BadInput: for a person who rates a clip twice, and a clip with two plans.
    """
    found: dict[str, list[Opinion]] = {}
    for opinion in opinions:
        others = found.setdefault(opinion.clip, [])
        for other in others:
            if other.rater == opinion.rater:
                who = f"{clipped(opinion.rater, 40)} rates" if opinion.rater else "The same person rates"
                _wrong(f"{who} {clipped(opinion.clip)} a second time (line {other.line})", opinion.line, where)
            if opinion.plan and other.plan and opinion.plan != other.plan:
                _wrong(f"{clipped(opinion.clip)} has another plan on line {other.line}", opinion.line, where)
        others.append(opinion)
    return tuple(
        RatedByPeople(
            clip=clip,
            path=folder / clip,
            plan=next((one.plan for one in several if one.plan), ""),
            ratings=tuple(one.rating for one in several),
            line=several[0].line,
        )
        for clip, several in found.items()
    )


def _opinion(fields: Mapping[str, str], line: int, where: Path) -> Opinion:
    for name in fields:
        if name not in KEYS:
            todo = did_you_mean(name, KEYS) or f"The names are: {', '.join(KEYS)}."
            _wrong(f"“{clipped(name, 40)}” is no name of a rating", line, where, todo)
    clip = fields.get("clip", "").strip()
    if not clip or "\0" in clip:
        _wrong("A rating names no `clip`", line, where, "Write the path of the clip, from this file's folder.")
    try:
        rating = float(fields.get("rating", "").strip() or "nan")
    except ValueError:
        rating = math.nan
    if not 0 <= rating <= 100:
        told = clipped(fields.get("rating", ""), 20) or "missing"
        _wrong(f"The `rating` of {clipped(clip)} is {told}", line, where, "Give a number from 0 to 100.")
    plan, rater = fields.get("plan", "").strip(), fields.get("rater", "").strip()
    if len(plan) > _LONGEST_PLAN:
        _wrong(
            f"The `plan` of {clipped(clip)} has {len(plan):,} characters", line, where, f"At most {_LONGEST_PLAN:,}."
        )
    return Opinion(str(Path(clip)), rating, clipped(rater, 80), plan, line)


def _csv_entries(text: str, where: Path) -> Iterator[tuple[dict[str, str], int]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    try:
        names = reader.fieldnames or ()
        if "clip" not in names or "rating" not in names:
            _wrong("The first line does not name the columns", 1, where, f"Write: {','.join(KEYS)}")
        for row in reader:
            if None in row or None in row.values():
                _wrong(f"The line has not as many values as the first one ({len(names)})", reader.line_num, where)
            yield row, reader.line_num
    except csv.Error as error:
        _wrong(f"This is no CSV: {clipped(str(error))}", reader.line_num + 1, where)


def _yaml_entries(text: str, where: Path) -> Iterator[tuple[dict[str, str], int]]:
    """Entries of the list `ratings`, from the nodes, which know their lines. Values are the words that were typed."""
    try:
        _check_flat(text, where)
        whole = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = clipped(str(getattr(error, "problem", None) or error), 120)
        _wrong(f"This is no YAML: {problem}", mark.line + 1 if mark else 1, where)
    lists = [v for k, v in whole.value if k.value == "ratings"] if isinstance(whole, yaml.MappingNode) else []
    if len(lists) != 1 or len(whole.value) != 1 or not isinstance(lists[0], yaml.SequenceNode):  # type: ignore[union-attr]
        _wrong("The file is not one list called `ratings`", 1, where, "See examples/calibration/ratings.yaml.")
    for entry in lists[0].value:
        line = entry.start_mark.line + 1
        if not isinstance(entry, yaml.MappingNode):
            _wrong("An entry is not made of `name: value` lines", line, where)
        fields: dict[str, str] = {}
        for key, value in entry.value:
            at = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
                _wrong("An entry holds a list or a mapping where one value belongs", at, where)
            if key.value in fields:
                _wrong(f"`{clipped(key.value, 40)}` is given twice", at, where, "Keep one.")
            fields[key.value] = "" if value.tag.endswith(":null") else value.value
        yield fields, line


def _check_flat(text: str, where: Path) -> None:
    """No anchors, and no deeper than the format is: nothing that grows when it is read."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > 5:
            _wrong(
                "The file uses an alias, or nests too deeply", event.start_mark.line + 1, where, "Write it out flat."
            )


def _wrong(what: str, line: int, where: Path, todo: str = "") -> NoReturn:
    raise BadInput(what, where=f"{where}, line {line}", todo=todo)
