"""``studio prompts``: what is said to models can be looked at, with its price, and nothing is made by looking."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from studio_pipeline.cli.prompt_values import READERS, ReadThrough
from studio_pipeline.cli.prompts import command
from studio_pipeline.errors import BadInput
from studio_pipeline.orchestration.studio_home import build_home
from studio_pipeline.prompting import library, variants
from studio_pipeline.settings import ASSETS_DIR, settings

EXAMPLES = ASSETS_DIR.parent / "examples"
BRIEFS = ("lighthouse.yaml", "idea.yaml", "hindi.yaml")


def studio(*args: str, language: str = "anthropic") -> Result:
    settings.cache_clear()
    done = CliRunner().invoke(command, args, env={"LANGUAGE_PROVIDER": language}, standalone_mode=False)
    settings.cache_clear()
    return done


def rendered(name: str, brief: str = "lighthouse.yaml", language: str = "anthropic") -> dict[str, Any]:
    done = studio("render", name, "--with", str(EXAMPLES / brief), "--json", language=language)
    assert done.exception is None, done.exception
    return json.loads(done.stdout)


def test_every_prompt_is_listed_with_who_asks_it() -> None:
    listed = {row["name"]: row for row in json.loads(studio("--json").stdout)["prompts"]}
    assert tuple(listed) == library.names()
    for name, row in listed.items():
        assert row["asked_by"] and row["tokens"] > 100, name
    shown = studio("list").stdout
    assert all(name in shown for name in listed)


def test_a_prompt_that_cannot_be_read_is_told_and_the_others_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.md").write_text("no front matter")
    (tmp_path / "fine.md").write_text(
        "---\nname: fine\nversion: 2\nagent: a\nvariables: []\noutput: D\n---\n=== system\ns\n=== ask\na"
    )
    for name in ("names", "load", "sources", "digest"):
        original = getattr(library, name)
        monkeypatch.setattr(library, name, lambda *args, at=original: at(*args, tmp_path))
    done = studio("--json")
    told = json.loads(done.stdout)
    assert [row["name"] for row in told["prompts"]] == ["fine"]
    assert len(told["unreadable"]) == 1 and "broken.md" in told["unreadable"][0]
    assert done.return_value == BadInput.exit_code


@pytest.mark.parametrize("brief", BRIEFS)
def test_every_function_can_be_shown_for_a_brief(brief: str) -> None:
    read = ReadThrough(EXAMPLES / brief, build_home(settings(), accept_stale_prices=True))
    of_a_story = {"story_reader", "story_merger"} if read.brief.story is None else set()
    for name, function in variants.functions().items():
        if name in of_a_story:
            with pytest.raises(BadInput):
                read.question(name)
            continue
        question = read.question(name)
        assert question.output.__name__ == function.output
        for variant in function.variants:
            said = library.render(variant.prompt, question.values)
            assert said.system and said.ask


def test_a_function_without_an_example_is_told() -> None:
    assert set(READERS) == set(variants.functions())


def test_looking_makes_no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    rendered("screenwriter")
    assert not (tmp_path / "home").exists()


def test_the_price_is_that_of_the_models_of_its_role_by_their_rate_card() -> None:
    told = rendered("screenwriter")
    assert [row["model"] for row in told["models"]] == ["anthropic/claude-sonnet-5-5", "anthropic/claude-haiku-5-5"]
    cards = build_home(settings()).rate_cards
    for row in told["models"]:
        line = cards.line("anthropic", row["model"])
        assert line.output_price_usd is not None
        most = told["tokens"]["all"] * float(line.cache_write_price_usd or line.price_usd)
        most += told["most_output_tokens"] * float(line.output_price_usd)
        assert float(row["max_usd"]) == pytest.approx(most / 1e6, abs=2e-6)
    assert told["in_use"] and told["tokens"]["all"] == sum(v for k, v in told["tokens"].items() if k != "all")


def test_where_only_rules_think_it_says_that_nobody_is_asked() -> None:
    assert not rendered("producer", language="rules")["in_use"]
    done = studio("render", "producer", "--with", str(EXAMPLES / "kite.yaml"), language="rules")
    assert "nobody is asked" in done.stdout


def test_what_is_printed_is_what_is_sent() -> None:
    told = rendered("producer", "kite.yaml")
    shown = studio("render", "producer", "--with", str(EXAMPLES / "kite.yaml")).stdout
    for part in ("system", "shared", "ask"):
        assert told[part] in shown


def test_what_is_not_real_is_said() -> None:
    assert "no take was shot" in rendered("inspector")["made_up"]
    assert rendered("producer")["made_up"] is None


def test_a_name_or_a_brief_that_is_none_is_bad_input() -> None:
    for args in (("render", "producers", "--with", str(EXAMPLES / "kite.yaml")), ("render", "producer", "--with", "x")):
        assert isinstance(studio(*args).exception, BadInput)
