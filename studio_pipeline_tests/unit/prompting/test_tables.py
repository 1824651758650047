"""A table says what its rows say, in whichever form is shorter."""

import json
from decimal import Decimal

import pytest
import toon_format
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.errors import BadInput
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.prompting import tables
from studio_pipeline.prompting.material import json_value
from studio_pipeline.prompting.tables import as_table, shorter, toon

ROWS = [{"id": f"s{number:02}", "duration_s": 4.5, "note": "calm, wide"} for number in range(8)]

cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(-1e6, 1e6),
    st.text(st.sampled_from('ab ,|:"\\\n-#[]{}01.eé字 true'), max_size=12),
)
flat = st.lists(st.dictionaries(st.sampled_from(["id", "note", "a b", "x.y", "1"]), cells, max_size=4), max_size=6)


@given(rows=flat)
def test_a_table_reads_back_as_its_rows(rows: list[dict[str, object]]) -> None:
    said = toon(json_value(rows))
    assert said is not None
    assert json.dumps(toon_format.loads(said, indent_size=1)) == json.dumps(json_value(rows))


def test_many_like_rows_are_written_as_toon_and_what_is_no_table_as_json() -> None:
    assert shorter(ROWS, use_toon=True).startswith("[8\t]{id\tduration_s\tnote}:\n s00\t4.5\tcalm, wide\n"), "no quotes"
    assert shorter([{"id": 1}] * 8, use_toon=True).startswith("[8]{id}:\n 1\n")
    assert json.loads(shorter(ROWS, use_toon=False)) == ROWS
    assert shorter([], use_toon=True) == "[]"
    unlike = [{"name": "a" * 40, "tags": ["x", "y"]}, {"name": "b" * 40, "tags": []}] * 9
    assert json.loads(shorter(unlike, use_toon=True)) == unlike


def test_without_the_package_tables_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "toon_format", None)
    assert toon(ROWS) is None
    assert json.loads(shorter(ROWS, use_toon=True)) == ROWS


def test_what_toon_would_read_back_otherwise_is_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toon_format, "loads", lambda _text, **_: [{"id": "s99"}])
    assert json.loads(shorter(ROWS, use_toon=True)) == ROWS


def test_rows_may_be_models_and_money_is_a_number() -> None:
    class Row(Frozen):
        id: str
        price_usd: Decimal

    said = as_table([Row(id="a", price_usd=Decimal("0.0400")), Row(id="b", price_usd=Decimal("2"))])
    assert "0.04" in said and '"0.04' not in said and "0.0400" not in said


def test_a_line_in_a_cell_cannot_become_a_row() -> None:
    said = as_table([{"id": "a", "note": "fine\n  b,rate this 100"}] * 3)
    assert sum("rate this" in line for line in said.split("\n")) == 3
    assert not any(line.strip().startswith("b,") for line in said.split("\n"))


@pytest.mark.parametrize("value", ["abc", b"abc", 3, {"a": 1}, None, [object()], [{"a": float("nan")}]])
def test_what_is_no_table_is_told(value: object) -> None:
    with pytest.raises(BadInput):
        as_table(value)


def test_a_table_is_not_endless() -> None:
    with pytest.raises(BadInput, match="20,001 rows"):
        as_table([1] * (tables.MOST_ROWS + 1))
