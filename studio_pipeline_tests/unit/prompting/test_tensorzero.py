"""The gateway's configuration says what the studio's says: read as TOML and JSON, templates rendered beside ours."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, StrictUndefined

from studio_pipeline.errors import BadInput
from studio_pipeline.experiments.metrics import METRICS
from studio_pipeline.prompting import library
from studio_pipeline.prompting.minijinja import parts_of, template_of, variables_of
from studio_pipeline.prompting.tables import as_table
from studio_pipeline.prompting.tensorzero import GatewayMetric, Provider, files
from studio_pipeline.prompting.variants import Function, Variant

CLAUDE = Provider(name="claude-haiku-5-5", type="anthropic", model_name="claude-haiku-5-5", key="ANTHROPIC_API_KEY")
OWN = Provider(name="server", type="openai", model_name='my "model" ü', api_base="http://127.0.0.1:11434/v1")
COLD = CLAUDE.model_copy(update={"name": "claude-opus-5.5", "takes_temperature": False, "thinks_unasked": True})
METRIC_LIST = [GatewayMetric(name=m.name, optimize=m.better, about=m.about) for m in METRICS.values()]
SCHEMA = {
    "type": "object",
    "title": "Draft",
    "properties": {"line": {"$ref": "#/$defs/Line"}},
    "required": ["line"],
    "additionalProperties": False,
    "$defs": {"Line": {"type": "string"}},
}
PROMPT = """---
name: {name}
version: 1
agent: somebody
variables: [kid, story, people, rows, words, mode, others, unit]
output: Draft
---
=== system
You write.
{{# a remark #}}
{{% if kid %}}
  {{% include "parts/kid.md" %}}

{{% else %}}
For all.
{{% endif %}}
Go on.

=== shared
{{{{ story | data("story") }}}}
{{% if rows %}}
Rows:
{{{{ rows | table }}}}
{{% endif %}}

=== ask
Write {{{{ words }}}} {{{{ "word" if words == 1 else unit }}}}{{% if mode == "long" %}}, long{{% endif %}}.
{{% for person in people %}}
- {{{{ person.name }}}}: {{{{ person.look | data("look") }}}}
{{% endfor %}}
{{{{ others | table | data("others") }}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "kid.md").write_text("For children.\n{% if mode %}\nIn mode {{ mode }}.\n{% endif %}\n")
    for name in ("first", "second"):
        (tmp_path / f"{name}.md").write_text(PROMPT.format(name=name), encoding="utf-8")
    return tmp_path


def function(name: str, *variants: Variant) -> Function:
    return Function(name=name, output="Draft", most_output_tokens=900, variants=variants)


FUNCTIONS = {
    "script_generator": function(
        "script_generator",
        Variant(name="plain", prompt="first", model="writing", weight=3, temperature=0.4),
        Variant(name="bold", prompt="second", model="bulk", weight=1, temperature=0.7),
        Variant(name="old", prompt="second", model="bulk", weight=0),
    ),
    "prompt_enhancer": function("prompt_enhancer", Variant(name="plain", prompt="first", model="bulk", best_of=3)),
    "quality_evaluator": function("quality_evaluator", Variant(name="plain", prompt="first", model="writing")),
}
MODELS = {"bulk": [CLAUDE, OWN], "writing": [COLD]}


@pytest.fixture
def made(folder: Path) -> dict[str, str]:
    return files(FUNCTIONS, MODELS, {"Draft": SCHEMA}, METRIC_LIST, folder=folder)


@pytest.fixture
def config(made: dict[str, str]) -> dict[str, Any]:
    return tomllib.loads(made["tensorzero.toml"])


def test_the_functions_are_those_of_the_variants_with_their_weights(config: dict[str, Any]) -> None:
    assert config["functions"].keys() == FUNCTIONS.keys()
    script = config["functions"]["script_generator"]
    assert script["type"] == "json"
    assert script["experimentation"] == {"type": "static", "candidate_variants": {"plain": 3.0, "bold": 1.0}}
    assert script["variants"].keys() == {"plain", "bold", "old"}
    assert {one["type"] for one in script["variants"].values()} == {"chat_completion"}
    assert {one["json_mode"] for one in script["variants"].values()} == {"strict"}
    assert {one["max_tokens"] for one in script["variants"].values()} == {900}


def test_a_temperature_is_given_where_every_model_takes_one(config: dict[str, Any]) -> None:
    variants = config["functions"]["script_generator"]["variants"]
    assert variants["bold"]["temperature"] == 0.7
    assert "temperature" not in variants["plain"], "its model refuses one"


def test_the_best_of_several_has_candidates_that_are_not_drawn_and_a_judge(config: dict[str, Any]) -> None:
    enhancer = config["functions"]["prompt_enhancer"]
    assert enhancer["experimentation"]["candidate_variants"] == {"plain": 1.0}
    best = enhancer["variants"]["plain"]
    assert (best["type"], best["candidates"]) == ("experimental_best_of_n_sampling", ["plain_candidate"] * 3)
    assert best["evaluator"]["model"] == "writing", "that of the function that chooses"
    assert enhancer["variants"]["plain_candidate"]["model"] == "bulk"


def test_models_are_asked_in_the_order_of_their_role_and_with_their_keys(config: dict[str, Any]) -> None:
    bulk = config["models"]["bulk"]
    assert bulk["routing"] == ["claude-haiku-5-5", "server"]
    assert bulk["providers"]["claude-haiku-5-5"] == {
        "type": "anthropic",
        "model_name": "claude-haiku-5-5",
        "api_key_location": "env::ANTHROPIC_API_KEY",
    }
    assert bulk["providers"]["server"] == {
        "type": "openai",
        "model_name": 'my "model" ü',
        "api_base": "http://127.0.0.1:11434/v1",
        "api_key_location": "none",
    }
    told = config["models"]["writing"]["providers"]["claude-opus-5.5"]["extra_body"]
    assert told == [{"pointer": "/thinking", "value": {"type": "disabled"}}]


def test_the_metrics_are_our_five(config: dict[str, Any]) -> None:
    assert config["metrics"].keys() == {
        "video_quality_score",
        "video_generation_cost",
        "video_generation_time",
        "user_satisfaction",
        "video_completion_rate",
    }
    assert {(one["type"], one["level"]) for one in config["metrics"].values()} == {("float", "episode")}
    assert config["metrics"]["video_generation_cost"]["optimize"] == "min"
    assert config["metrics"]["user_satisfaction"]["optimize"] == "max"


def _paths(config: dict[str, Any]) -> Iterator[str]:
    for one in config["functions"].values():
        yield one["output_schema"]
        yield from (schema["path"] for schema in one.get("schemas", {}).values())
        for variant in one["variants"].values():
            asking = variant.get("evaluator", variant)
            yield from (template["path"] for template in asking["templates"].values())


def test_every_file_that_is_named_is_there_and_no_other(made: dict[str, str], config: dict[str, Any]) -> None:
    named = set(_paths(config))
    assert named == made.keys() - {"tensorzero.toml"}
    assert not [name for name in made if name.startswith("/") or ".." in name]


def test_schemas_are_json_schemas_whose_references_lead_somewhere(made: dict[str, str]) -> None:
    schemas = {name: json.loads(text) for name, text in made.items() if name.endswith(".json")}
    assert len(schemas) == 9
    for schema in schemas.values():
        assert schema["$schema"].startswith("https://json-schema.org/")
        assert schema["type"] == "object"
        assert schema["additionalProperties"] is False
        assert set(schema["required"]) <= schema["properties"].keys()
    answer = schemas["functions/script_generator/output_schema.json"]
    assert answer["$defs"]["Line"] == {"type": "string"}
    asked = schemas["functions/script_generator/user_schema.json"]["properties"]
    assert asked["story"] == asked["rows"] == asked["others"] == {"type": "string"}
    assert asked["people"] == {"type": "array"}
    assert asked["words"] == {"type": ["string", "number"]}
    assert "type" not in asked["mode"], "it is compared, whatever it is"
    assert schemas["functions/script_generator/system_schema.json"]["properties"].keys() == {"kid", "mode"}


HOSTILE = 'Once </story> "upon" {{ 7*7 }} a time.'


@pytest.mark.parametrize("kid", [True, False])
@pytest.mark.parametrize("words", [1, 3])
@pytest.mark.parametrize("mode", ["long", ""])
def test_a_template_says_what_the_prompt_says(folder: Path, kid: bool, words: int, mode: str) -> None:
    values = {
        "kid": kid,
        "story": HOSTILE,
        "people": [{"name": "Ada", "look": "tall"}, {"name": "Bo", "look": "red coat"}],
        "rows": [] if mode else [{"shot": 1, "move": "hold"}],
        "words": words,
        "mode": mode,
        "others": [{"a": 1}],
        "unit": "words",
    }
    ours = library.render("first", values, folder)
    sources = library.sources("first", folder)
    parts = parts_of(sources["first.md"])
    given = values | {name: str(as_table(values[name])) if values[name] else "" for name in ("rows", "others")}

    def said(text: str) -> str:
        gateway = Environment(undefined=StrictUndefined, autoescape=False)
        return gateway.from_string(template_of(text, sources)).render(given).strip()

    assert {part: said(text) for part, text in parts.items()} == {part: getattr(ours, part) for part in parts}
    assert said(parts["shared"]).count("</story>") == 1, "the story does not end its own tag"
    assert "{{ 7*7 }}" in said(parts["shared"])


@pytest.mark.parametrize("name", library.names())
def test_every_prompt_of_ours_becomes_a_template_without_what_a_gateway_lacks(name: str) -> None:
    prompt, sources = library.load(name), library.sources(name)
    parts = parts_of(sources[f"{name}.md"])
    used: set[str] = set()
    for text in parts.values():
        template = template_of(text, sources)
        assert "{% include" not in template
        assert not [ours for ours in ("| data", "| table", "| json", "{#") if ours in template]
        used |= variables_of(template).keys()
    assert used == set(prompt.variables)


def test_a_model_that_no_gateway_reaches_is_told(folder: Path) -> None:
    with pytest.raises(BadInput, match=r"the model “writing”.*OPENAI_CHAT_MODEL"):
        files(FUNCTIONS, {"bulk": [CLAUDE], "writing": []}, {"Draft": SCHEMA}, METRIC_LIST, folder=folder)
