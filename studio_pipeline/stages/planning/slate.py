"""Reading a slate: a YAML file that names several briefs to be produced one after the other."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Literal

from studio_pipeline.film.frozen import Frozen
from studio_pipeline.stages.planning import fields
from studio_pipeline.stages.planning.fields import Problems
from studio_pipeline.stages.planning.yaml_file import kind_of, read_mapping, shown
from studio_pipeline.wording import clipped

KEYS = ("name", "briefs", "budget_usd", "choose")
MOST_BRIEFS = 500


class Slate(Frozen):
    """A batch of productions. ``budget_usd`` caps them together; ``None`` leaves only each brief's own budget.

    ``choose`` is for when cuts are ready: ``recommended`` takes the editor's choice, ``None`` waits for a person.
    """

    name: str
    briefs: tuple[Path, ...]
    budget_usd: Decimal | None = None
    choose: Literal["recommended"] | None = None


def read_slate(path: Path) -> Slate:
    """The slate in the file at ``path``; its briefs' paths are relative to it and are checked to exist, not read.

    Raises:
        BadInput: with every problem in one message.
    """
    data = read_mapping(path, what="slate")
    problems = Problems("slate", shown(path))
    fields.check_keys(data, KEYS, problems)
    name = fields.line_of_text(data, "name", problems, most=100, required=True)
    budget_usd = fields.money(data, "budget_usd", problems, most=Decimal(100_000_000), required=False)
    choose = fields.one_of(data, "choose", problems, ("recommended",))
    briefs = _briefs(data.get("briefs"), path.parent, problems)
    problems.raise_if_any()
    return Slate(name=name or "", briefs=briefs, budget_usd=budget_usd, choose="recommended" if choose else None)


def _briefs(value: object, base_dir: Path, problems: Problems) -> tuple[Path, ...]:
    say = "Write a list, one brief a line: `briefs:` and below it `  - film.yaml`."
    if value is None or value == []:
        problems.add("`briefs` is missing or empty", say)
        return ()
    if not isinstance(value, list | tuple):
        problems.add(f"`briefs` is {kind_of(value)}, not a list", say)
        return ()
    if len(value) > MOST_BRIEFS:
        problems.add(f"`briefs` names {len(value):,} briefs", f"Use at most {MOST_BRIEFS} a slate.")
        return ()
    found: list[Path] = []
    for entry in value:
        if not isinstance(entry, str) or not entry.strip():
            problems.add(f"`briefs` holds {kind_of(entry)}, not a path", say)
            continue
        brief = base_dir / entry.strip()
        try:
            exists = brief.is_file()
        except (OSError, ValueError):
            exists = False
        if not exists:
            problems.add(
                f"There is no brief {clipped(entry.strip(), 120)}", "Paths are relative to the slate's own folder."
            )
        elif brief in found:
            problems.add(f"`briefs` names {clipped(entry.strip(), 120)} twice", "Name each brief once.")
        else:
            found.append(brief)
    return tuple(found)
