"""Which way a production is asked: the same for good, in proportion to the weights, and told when it cannot be."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from studio_pipeline.errors import BadInput
from studio_pipeline.prompting.variants import Function, Variant, function, functions

PRODUCTIONS = [f"film-{number}" for number in range(4000)]


def of_weights(**weights: float) -> Function:
    return Function(
        name="script_generator",
        output="ScriptDraft",
        most_output_tokens=100,
        variants=tuple(
            Variant(name=name, prompt="p", model="writing", weight=weight) for name, weight in weights.items()
        ),
    )


def drawn(asked: Function) -> dict[str, str]:
    return {production: asked.variant_of(production).name for production in PRODUCTIONS}


def test_a_production_keeps_its_variant() -> None:
    assert drawn(of_weights(a=1, b=1)) == drawn(of_weights(b=1, a=1))
    # Written down: the same on every machine, with every version of Python.
    five = [of_weights(a=1, b=1, c=1).variant_of(name).name for name in ("lighthouse", "moon", "tea", "fox", "rain")]
    assert five == ["b", "a", "c", "a", "c"]


def test_two_functions_do_not_draw_together() -> None:
    one, other = of_weights(a=1, b=1), of_weights(a=1, b=1).model_copy(update={"name": "critic"})
    same = sum(x == y for x, y in zip(drawn(one).values(), drawn(other).values(), strict=True))
    assert 0.45 < same / len(PRODUCTIONS) < 0.55


@pytest.mark.parametrize("weights", [{"a": 1, "b": 1}, {"a": 3, "b": 1}, {"a": 0.5, "b": 0.3, "c": 0.2}])
def test_weights_are_the_shares(weights: dict[str, float]) -> None:
    counted, whole = Counter(drawn(of_weights(**weights)).values()), sum(weights.values())
    for name, weight in weights.items():
        share = weight / whole
        deviation = (share * (1 - share) / len(PRODUCTIONS)) ** 0.5
        assert abs(counted[name] / len(PRODUCTIONS) - share) < 4 * deviation


def test_a_variant_without_weight_is_never_drawn() -> None:
    assert set(drawn(of_weights(a=1, b=0)).values()) == {"a"}


def test_a_new_variant_moves_no_production_between_the_old_ones() -> None:
    before, after = drawn(of_weights(a=2, b=1)), drawn(of_weights(a=2, b=1, c=1))
    moved = {(before[name], after[name]) for name in PRODUCTIONS if before[name] != after[name]}
    assert moved == {("a", "c"), ("b", "c")}


def test_more_weight_takes_productions_and_gives_none_away() -> None:
    before, after = drawn(of_weights(a=1, b=1, c=1)), drawn(of_weights(a=1, b=2, c=1))
    moved = {(before[name], after[name]) for name in PRODUCTIONS if before[name] != after[name]}
    assert moved == {("a", "b"), ("c", "b")}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"output": None}, "function critic: `output`"),
        ({"most_output_tokens": 0}, "function critic: `most_output_tokens`"),
        ({"mood": "calm"}, "function critic: `mood`"),
        ({"variants": {}}, "function critic: `variants`"),
        ({"variants": ["plain"]}, "function critic has no `variants`"),
        ({"variants": {"plain": None}}, r"function critic: `variants\.plain\.prompt`"),
        ({"variants": {"plain": {"prompt": "critic"}}}, r"function critic: `variants\.plain\.model`"),
        ({"variants": {"plain": {"prompt": "critic", "model": "judging", "weight": 0}}}, "a weight above 0"),
        ({"variants": {"plain": {"prompt": "../x", "model": "judging"}}}, r"`variants\.plain\.prompt`"),
        ({"variants": {"plain": {"prompt": "critic", "model": "judging", "best_of": 99}}}, r"plain\.best_of`"),
        ({"variants": {"plain": {"prompt": "critic", "model": "judging", "temperature": 3}}}, r"plain\.temperature`"),
    ],
)
def test_a_hole_in_the_file_is_told_with_function_and_field(
    tmp_path: Path, fields: dict[str, object], words: str
) -> None:
    good = {"output": "V", "most_output_tokens": 9, "variants": {"plain": {"prompt": "critic", "model": "judging"}}}
    (tmp_path / "variants.yaml").write_text(yaml.safe_dump({"functions": {"critic": {**good, **fields}}}))
    with pytest.raises(BadInput, match=words) as told:
        functions(tmp_path)
    assert "variants.yaml" in told.value.where


@pytest.mark.parametrize("text", ["", "functions:", "functions: []", "functions: {critic: }", "a: [", "\x00", "3"])
def test_a_file_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "variants.yaml").write_text(text)
    with pytest.raises(BadInput, match="variants"):
        functions(tmp_path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Restore the file"):
        functions(tmp_path)


def test_an_unknown_function_is_answered_with_the_nearest() -> None:
    with pytest.raises(BadInput, match="Did you mean script_generator"):
        function("script-generater")
    assert function("critic").name == "critic"
