"""Write the parts of the documents that follow from the code: ``python -m tools.generate`` (``make docs``).

A part stands between ``<!-- generated: name -->`` and ``<!-- end -->`` and is replaced as a whole; ``.env.example``,
``docs/vendors.md`` and ``docs/agents.md`` are written whole. What a key means is said here in words; which keys there
are, their defaults and limits come from the code. What is said of vendors is in ``vendor_tables.py``, what is said of
agents in ``agents_doc.py``. A test fails when something is stale.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click

from studio_pipeline.budget.allocation import FULL_FROM_RATING, HALF_FROM_RATING
from studio_pipeline.cli.app import COMMANDS
from studio_pipeline.cli.app import main as studio
from studio_pipeline.editorial.interchange import FORMATS
from studio_pipeline.film.brief import FRAME_RATES, FRAME_SIZES, RESOLUTIONS, Brief
from studio_pipeline.orchestration.grid import GRID, every_tier
from studio_pipeline.providers.capabilities import vendor_of
from studio_pipeline.settings import ASSETS_DIR, VARIABLES, Settings
from studio_pipeline.stages.planning import brief as brief_reader
from studio_pipeline.stages.planning import slate as slate_reader
from tools import agents_doc, vendor_tables
from tools.vendor_tables import table

ROOT = Path(__file__).resolve().parent.parent
_PART = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

BRIEF_KEYS = {
    "title": "The film's name. The production is called after it: “Lighthouse” becomes `lighthouse`.",
    "concept": "An idea in a line or more. This or `story`, one of the two.",
    "story": "Path of a plain text file, relative to the brief. This or `concept`, one of the two.",
    "duration_s": "How long the film shall be, in seconds. The balanced cut is exactly as long; others may be "
    "shorter or longer, and say so.",
    "budget_usd": "The hard cap for everything, in US dollars.",
    "language": "Of narration and captions. A story is told in the language it is written in, whatever this says.",
    "tiers": "Which tiers compete. Without it the producer chooses.",
    "pilots": "How many pilots compete. Without it as many as the money can finish, at most three.",
    "style": "How it shall look, in your words. It goes into every picture's prompt.",
    "content_mode": "`kid`: gentler words and pictures.",
    "quality_mode": "How much more money the finer tiers get, what the critic hopes for, and which cut is favoured.",
    "aspect": "Shape of the picture.",
    "fps": "Frames a second.",
    "policy": "How the money moves: by thresholds; or by `halving`, where the better half of the pilots goes on and "
    "what is left buys more takes of the shots with the most to gain.",
    "priority": "`low`: nobody waits for it. Language models are asked in batches then, slower and for half the price.",
    "seed": "Another number casts, draws and composes differently; the same number makes the same film again.",
    "resolution": "How fine the picture is. The sizes of `aspect` are those of `720p`.",
    "captions": "`soft`: the viewer turns them on. `burned_in`: drawn into the picture as well, for places that show "
    "none. Files of captions there are in any case.",
    "loudness_lufs": "How loud the film is, in LUFS: -14 as music services like it, -16 for the web, -23 for European "
    "broadcast.",
    "dubs": "Further languages: the narration translated, spoken and captioned in each, on the same picture; one film "
    "a language. Needs a language model and a voice that speaks them. May be added later: nothing is shot again.",
}
SLATE_KEYS = {
    "name": "What the slate is called.",
    "briefs": "Paths of briefs, relative to the slate.",
    "budget_usd": "A cap for all of them together, beside each brief's own.",
    "choose": "`recommended` delivers the editor's choice; without it each production waits for a person.",
}
EXIT_CODES = {
    0: "done, or waiting for you to choose a cut",
    1: "a fault of the studio itself; run it again with `--debug` and report it",
    2: "bad input: nothing was begun, nothing was spent",
    3: "out of budget: a film was delivered without the shots there was no money for",
    4: "a vendor, a model or a media program failed",
    5: "the home is locked by another process, damaged or full",
    130: "interrupted: the same command goes on",
}


# README


def commands() -> str:
    """Every command with its arguments and options; what all of them have is said once."""
    shared = {option for parameter in studio.params for option in parameter.opts} | {"--help", "-h", "--json"}
    rows = []
    for name, command, what in _commands():
        usage = " ".join(
            p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)
        )
        options = [_option(p) for p in command.params if isinstance(p, click.Option) and not shared & set(p.opts)]
        rows.append((f"`studio {name}{f' {usage}' if usage else ''}`", what, "<br>".join(options) or "–"))
    return table(("command", "what it does", "options"), rows)


def _commands() -> Iterator[tuple[str, click.Command, str]]:
    """Every command, those of a group instead of the group, with the first line of its help."""
    context = click.Context(studio, info_name="studio")
    for name, what in COMMANDS.items():
        command = studio.get_command(context, name)
        if command is None:
            raise LookupError(name)
        if not isinstance(command, click.Group):
            yield name, command, what
            continue
        for inner in sorted(command.commands.values(), key=lambda inner: not inner.hidden):
            # A hidden one is what the group does when none of its commands is named.
            yield name if inner.hidden else f"{name} {inner.name}", inner, (inner.help or "").partition("\n")[0]


def _option(option: click.Option) -> str:
    metavar = "" if option.is_flag else f" {option.metavar or option.type.name.partition(' ')[0].upper()}"
    default = f" (default {option.default})" if option.show_default else ""
    return f"`{option.opts[-1]}{metavar}` {(option.help or '').rstrip('.')}{default}"


def brief_keys() -> str:
    rows = [(f"`{key}`", BRIEF_KEYS[key], _default(key), _limits(key)) for key in brief_reader.KEYS]
    return table(("key", "meaning", "default", "limits"), rows)


def _default(key: str) -> str:
    if key in ("concept", "story"):
        return "one of the two"
    field = Brief.model_fields.get(key)
    if field is None:
        return "–"
    if field.is_required():
        return "**needed**"
    if field.default in (None, "", ()):
        return "–"
    return (
        f'`"{field.default}"`' if key == "aspect" else f"`{field.default:g}`" if key == "fps" else f"`{field.default}`"
    )


def _limits(key: str) -> str:
    by_hand: dict[str, Callable[[], str]] = {
        "story": lambda: f"UTF-8 text, {Settings.read({}).max_story_chars:,} characters (`MAX_STORY_CHARS`)",
        "budget_usd": lambda: f"more than 0, at most {_bound('budget_usd', 'le'):,}; to a millionth",
        "language": lambda: "a language code: `en`, `hi`, `pt-BR`",
        "tiers": lambda: f"a list of at most 3 of {', '.join(f'`{tier.name}`' for tier in every_tier())}",
        "aspect": lambda: ", ".join(f"`{a}` {w}×{h}" for a, (w, h) in FRAME_SIZES.items()),
        "fps": lambda: ", ".join(f"{rate:g}" for rate in FRAME_RATES),
        "seed": lambda: "a whole number from 0 to 2,147,483,647",
        "resolution": lambda: ", ".join(f"`{name}` ×{float(times):g}" for name, times in RESOLUTIONS.items()),
        "dubs": lambda: f"a list of at most {_bound('dubs', 'max_length')} language codes, or one",
    }
    if key in by_hand:
        return by_hand[key]()
    field = Brief.model_fields[key]
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(field.annotation))
    least, most = _bound(key, "ge"), _bound(key, "le")
    if most is not None:
        return f"{least:g} to {most:,g}"
    return f"at most {_bound(key, 'max_length'):,} characters"


def _bound(key: str, name: str) -> Any:
    return next((getattr(rule, name) for rule in Brief.model_fields[key].metadata if hasattr(rule, name)), None)


def formats() -> str:
    """The files a cut leaves in, and what opens them."""
    return table(("file", "opens in"), [(f"`{suffix}`", one.opens_in) for suffix, one in FORMATS.items()])


def slate_keys() -> str:
    limits = {"briefs": f"1 to {slate_reader.MOST_BRIEFS} paths, each once", "choose": "`recommended`"}
    needed = {"name", "briefs"}
    rows = [
        (f"`{key}`", SLATE_KEYS[key], "**needed**" if key in needed else "–", limits.get(key, "–"))
        for key in slate_reader.KEYS
    ]
    return table(("key", "meaning", "default", "limits"), rows)


def tier_table() -> str:
    from studio_pipeline.budget.rate_cards import RateCards

    cards = RateCards.load(ASSETS_DIR / "vendors")

    def price(model: str) -> str:
        line = cards.line(vendor_of(model), model)
        return f"${line.price_usd.normalize()} a {line.unit}{' (simulated)' if line.simulated else ''}"

    rows = [(f"`{t.name}`", t.label, t.description, price(t.image_model), price(t.video_model)) for t in every_tier()]
    return table(("tier", "name", "what it looks like", "a still", "a clip"), rows)


def verdict_rule() -> str:
    return (
        f"A pilot whose test scenes are rated {FULL_FROM_RATING} or more keeps all its money, from {HALF_FROM_RATING} "
        "on half of it; below that it is cancelled. What is taken from one goes to the best. The best pilot is never "
        "cancelled, so there is always a film. A rating that lies no farther from one of these numbers than its own "
        "noise is a tie: a model that has read the inspector's findings decides it where one is in use; without one "
        "the number decides. The reasons of the verdict tell both readings."
    )


def environment() -> str:
    return table(("variable", "meaning"), ((f"`{name}`", what) for name, what in VARIABLES.items()))


def exit_codes() -> str:
    return table(("code", "what happened"), ((f"`{code}`", what) for code, what in EXIT_CODES.items()))


# docs/architecture.md


def asset_table() -> str:
    from studio_pipeline.definitions import defs

    graph = defs.resolve_asset_graph()
    rows = []
    for key in graph.toposorted_asset_keys:
        node = graph.get(key)
        reads = ", ".join(f"`{parent.to_user_string()}`" for parent in sorted(node.parent_keys)) or "the order"
        rows.append(
            (f"`{key.to_user_string()}`", node.group_name or "", dimension(node), reads, node.description or "")
        )
    return table(("asset", "stage", "a partition is a", "reads", "what it holds"), rows)


def dimension(node: Any) -> str:
    """What one partition of an asset is: a production, or a pilot, scene or shot of it."""
    names = {"tier": "pilot", "scene": "scene", "shot": "shot"}
    of = getattr(node.partitions_def, "secondary_dimension", None)
    return names[of.name] if of is not None else "production"


def job_table() -> str:
    from studio_pipeline.definitions import defs
    from studio_pipeline.orchestration.work_orders import JOB_ASSETS

    by_person = {"retake_shot": "a person", "new_production": "a person", "new_slate": "`nightly_slate`, a person"}
    order = [*JOB_ASSETS, *by_person]
    jobs = {job.name: job for job in defs.resolve_all_job_defs() if not job.name.startswith("__")}
    rows = []
    for name in sorted(jobs, key=order.index):
        makes = ", ".join(f"`{asset}`" for asset in JOB_ASSETS.get(name, ())) or "–"
        by = by_person.get(name, "the critic" if name == "judge" else "the sensors")
        rows.append(
            (f"`{name}`", by, "`pilot_clips`" if name == "retake_shot" else makes, jobs[name].description or "")
        )
    return table(("job", "launched by", "makes", "in the words of the UI"), rows)


def layers() -> str:
    """The layers that import-linter holds, from the top, each with the first sentence on its door."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (listed,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    rows = []
    for number, layer in enumerate(listed, start=1):
        for module in layer.split(" | "):
            path = ROOT / module.replace(".", "/")
            path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            sign = doc.partition("\n\n")[0].replace("\n", " ").replace("``", "`")
            rows.append((str(number), f"`{module.removeprefix('studio_pipeline.')}`", sign))
    return table(("", "room", "the sign on its door"), rows)


def limits() -> str:
    here = Settings.read({})
    return (
        f"The grid has room for {len(GRID.tiers)} tiers ({', '.join(f'`{tier}`' for tier in GRID.tiers)}), "
        f"{here.max_scenes} scenes a pilot (`MAX_SCENES_PER_PILOT`) and {here.max_shots} shots a scene "
        "(`MAX_SHOTS_PER_SCENE`)."
    )


PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {
        "commands": commands,
        "formats": formats,
        "brief-keys": brief_keys,
        "slate-keys": slate_keys,
        "tiers": tier_table,
        "vendors": vendor_tables.readme_table,
        "verdict-rule": verdict_rule,
        "environment": environment,
        "exit-codes": exit_codes,
    },
    "docs/architecture.md": {"assets": asset_table, "jobs": job_table, "layers": layers, "limits": limits},
}
"""Which generated parts each document has."""


def env_example() -> str:
    lines = [
        "# Every variable the studio reads. Copy to .env and uncomment what you change; the environment wins over it."
    ]
    lines += [f"\n# {what}\n# {name}=" for name, what in VARIABLES.items()]
    lines += vendor_tables.env_lines()
    return "\n".join(lines) + "\n"


def filled(document: str, text: str) -> str:
    """``text`` with every generated part as it should be.

    Raises:
        LookupError: when a part is unknown, or one that belongs there has no markers.
    """
    found = [match["name"] for match in _PART.finditer(text)]
    if sorted(found) != sorted(PARTS[document]):
        raise LookupError(f"{document} has the parts {sorted(found)} and should have {sorted(PARTS[document])}")
    return _PART.sub(lambda match: f"{match[1]}{PARTS[document][match['name']]()}\n{match[3]}", text)


def documents() -> dict[Path, str]:
    """What every document should hold."""
    wanted = {ROOT / name: filled(name, (ROOT / name).read_text(encoding="utf-8")) for name in PARTS}
    return wanted | {
        ROOT / ".env.example": env_example(),
        ROOT / "docs" / "vendors.md": vendor_tables.page(),
        ROOT / "docs" / "agents.md": agents_doc.page(),
    }


def main() -> None:
    for path, text in documents().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            click.echo(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
