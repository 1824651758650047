"""What the documents say of agents: the page ``docs/agents.md``.

All of it follows from what the studio runs by: ``prompts/`` and its variants, ``assets/minds.yaml``, the models that an
answer has to fit, the descriptions of the assets, and the first words of the modules. Only which function belongs to
which agent is said here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from studio_pipeline.prompting import library, variants
from studio_pipeline.prompting.tokens import estimated_tokens
from studio_pipeline.prompting.variants import Function, Variant
from studio_pipeline.providers.language.roles import minds
from studio_pipeline.settings import ASSETS_DIR
from studio_pipeline.stages.drafts import draft as draft_called
from tools.vendor_tables import table

_ROOT = ASSETS_DIR.parent
_DIGITS = 12
_HEAD = """# Agents

Written by `make docs` from [prompts/](../prompts), their [variants](../prompts/variants.yaml), the
[roles of models](../assets/minds.yaml) and the models that answers have to fit: correct it there.

Every agent has two minds behind one signature. Its **rules** need no network, no key and no money, and decide the same
every time. Where `LANGUAGE_PROVIDER` names a vendor of language models, or `ANTHROPIC_API_KEY` is set, a **model** is
asked instead, and what rules can hold, rules still hold: frames, money, names and lengths are computed or checked by
code. An answer is a draft: it has to fit its model, and the agent may object to it in words; then it is asked once more
with these words, then the next model, and then that one partition fails. Without money left the rules decide, and the
result says so. Every answer is bought through the ledger, kept, and never bought twice. Why it is so is in
[ADR 9](adr/0009-minds.md).

`studio prompts` lists the prompts, and `studio prompts render NAME --with BRIEF` shows one as it would be sent, with
its tokens and its price. An edited prompt changes the code version of exactly the assets whose agents say it, so the UI
shows what it made stale.
"""


@dataclass(frozen=True)
class Agent:
    """An agent: where its rules and its mind are, under ``stages/``, and what it asks."""

    title: str
    asset: str
    rules: str
    mind: str
    functions: tuple[str, ...]


AGENTS = (
    Agent("The reader", "story", "planning/story.py", "planning/story_mind.py", ("story_reader", "story_merger")),
    Agent("The producer", "pilot_strategies", "planning/producer.py", "planning/producer_mind.py", ("producer",)),
    Agent(
        "The screenwriter",
        "scenes",
        "scripting/screenwriter.py",
        "scripting/screenwriter_mind.py",
        ("script_generator",),
    ),
    Agent(
        "The cinematographer",
        "shot_plans",
        "shooting/cinematographer.py",
        "shooting/cinematographer_mind.py",
        ("cinematographer", "prompt_enhancer", "quality_evaluator", "prompt_refiner"),
    ),
    Agent("The translator", "narration", "shooting/dubbing.py", "shooting/dubbing_mind.py", ("translator",)),
    Agent("The inspector", "qa_scores", "reviewing/inspector.py", "reviewing/inspector_mind.py", ("video_evaluator",)),
    Agent("The critic", "critic_verdicts", "reviewing/critic.py", "reviewing/critic_mind.py", ("critic",)),
    Agent("The editor", "edls", "editing/editor.py", "editing/editor_mind.py", ("editor",)),
)
"""In the order of the pipeline; every function of ``prompts/variants.yaml`` belongs to one of them."""


def page() -> str:
    """``docs/agents.md``."""
    told = [name for agent in AGENTS for name in agent.functions]
    if sorted(told) != sorted(variants.functions()):
        raise LookupError(
            f"agents_doc.py tells of the functions {sorted(told)}, there are {sorted(variants.functions())}"
        )
    described = _descriptions()
    return "\n\n".join([_HEAD.rstrip(), _roles(), *(_agent(agent, described) for agent in AGENTS)]) + "\n"


# Who is asked


def _roles() -> str:
    known = minds()
    rows = [(f"`{role}`", ", then ".join(f"`{model}`" for model in models)) for role, models in known.roles.items()]
    simple = known.simple
    instead = " and ".join(f"`{role}` is asked of `{other}`" for role, other in simple.instead.items())
    return (
        "## Who is asked\n\nA function names a role; of its models those are asked whose vendors are in use, in this "
        f"order.\n\n{table(('role', 'models'), rows)}\n\n"
        f"A brief is *simple* when it is an idea of at most {simple.most_characters} characters for a film of at most "
        f"{simple.longest_s:g} s, in the quality {' or '.join(f'`{mode}`' for mode in simple.quality_modes)}. For a "
        f"simple brief {instead}."
    )


# An agent


def _agent(agent: Agent, described: dict[str, str]) -> str:
    parts = [
        f"## {agent.title}\n\nMakes the asset `{agent.asset}`: {_small(described[agent.asset])}",
        f"**By rules** ([{agent.rules}](../studio_pipeline/stages/{agent.rules})). {_sign(agent.rules)}",
        f"**With a model** ([{agent.mind}](../studio_pipeline/stages/{agent.mind})). {_sign(agent.mind)}",
    ]
    parts += [_function(variants.function(name)) for name in agent.functions]
    return "\n\n".join(parts)


def _small(sentence: str) -> str:
    """The beginning of a sentence inside another one."""
    return sentence[:1].lower() + sentence[1:]


def _sign(module: str) -> str:
    """The first paragraph on the door of a module."""
    tree = ast.parse((_ROOT / "studio_pipeline" / "stages" / module).read_text(encoding="utf-8"))
    first = (ast.get_docstring(tree) or "").partition("\n\n")[0].replace("\n", " ").replace("``", "`")
    return f"{first.rstrip('.:')}."


def _descriptions() -> dict[str, str]:
    from studio_pipeline.definitions import defs

    graph = defs.resolve_asset_graph()
    return {key.to_user_string(): graph.get(key).description or "" for key in graph.get_all_asset_keys()}


# A function


def _function(function: Function) -> str:
    draft = draft_called(function.output)
    parts = [f"### `{function.name}`"]
    notes = dict.fromkeys(library.load(variant.prompt).notes.strip() for variant in function.variants)
    parts += list(notes)
    head = ("variant", "prompt", "words", "asked of", "weight", "answers")
    parts.append(table(head, [_variant(variant) for variant in function.variants]))
    filled = dict.fromkeys(name for variant in function.variants for name in library.load(variant.prompt).variables)
    parts.append(f"Filled with {', '.join(f'`{name}`' for name in filled) or 'nothing'}.")
    parts.append(
        f"The answer is {_named(function.output)} of at most {function.most_output_tokens:,} tokens"
        f"{_of_doc(draft)}:\n\n{_fields(draft)}"
    )
    for inner in _inside(draft):
        parts.append(f"**`{inner.__name__}`**{_of_doc(inner)}:\n\n{_fields(inner)}")
    return "\n\n".join(parts)


def _variant(variant: Variant) -> tuple[str, ...]:
    prompt, digest = library.load(variant.prompt), library.digest(variant.prompt)[:_DIGITS]
    tokens = sum(estimated_tokens(text) for text in library.sources(variant.prompt).values())
    warmth = f" at temperature {variant.temperature:g}" if variant.temperature is not None else ""
    return (
        f"`{variant.name}`",
        f"[{prompt.name}](../prompts/{prompt.name}.md) version {prompt.version}, `{digest}`",
        f"about {tokens:,} tokens",
        f"`{variant.model}`{warmth}",
        f"{variant.weight:g}",
        "1" if variant.best_of == 1 else f"the best of {variant.best_of}",
    )


# What an answer has to be


def _of_doc(model: type[BaseModel]) -> str:
    first = (model.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return f" ({_small(first)})" if first else ""


def _fields(model: type[BaseModel]) -> str:
    rows = [
        (f"`{name}`", _kind(field), " ".join(field.get("description", "").split()))
        for name, field in model.model_json_schema()["properties"].items()
    ]
    return table(("field", "is", "in words"), rows)


def _kind(field: dict[str, Any]) -> str:
    """What a field of a JSON schema is, in a few words."""
    if "$ref" in field:
        return _named(field["$ref"].rpartition("/")[2])
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(_kind(one) for one in field["anyOf"]))
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    match field.get("type"):
        case "array":
            return f"a list of {_many(field.get('items', {}))}"
        case "string":
            return "text"
        case "integer":
            return "a whole number"
        case "number":
            return "a number"
        case "boolean":
            return "yes or no"
        case "null":
            return "null"
        case other:
            return str(other or "anything")


def _many(items: dict[str, Any]) -> str:
    kind = _kind(items)
    return {"text": "texts", "a whole number": "whole numbers", "a number": "numbers"}.get(
        kind, kind.removeprefix("an ").removeprefix("a ")
    )


def _named(model: str) -> str:
    return f"{'an' if model[0] in 'AEIOU' else 'a'} `{model}`"


def _inside(draft: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The models that a draft is made of, in the order in which they come up."""
    waiting: list[Any] = [field.annotation for field in draft.model_fields.values()]
    seen: set[type[BaseModel]] = {draft}
    while waiting:
        kind = waiting.pop(0)
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
            seen.add(kind)
            yield kind
            waiting += [field.annotation for field in kind.model_fields.values()]
        waiting += get_args(kind)
