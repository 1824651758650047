"""Slates and tiers: data files with the same care for mistakes as a brief."""

from decimal import Decimal
from pathlib import Path

import pytest

from studio_pipeline.errors import BadInput
from studio_pipeline.stages.planning.slate import read_slate

ROOT = Path(__file__).parents[4]


def slate_of(folder: Path, text: str) -> Path:
    (folder / "a.yaml").write_text("title: A")
    path = folder / "s.slate.yaml"
    path.write_text(text)
    return path


def test_the_example_slate_names_the_example_briefs() -> None:
    slate = read_slate(ROOT / "examples" / "nightly.slate.yaml")
    assert [brief.name for brief in slate.briefs] == ["lighthouse.yaml", "idea.yaml", "hindi.yaml"]
    assert (slate.budget_usd, slate.choose) == (Decimal(200), "recommended")


def test_budget_and_choice_may_be_left_out(tmp_path: Path) -> None:
    slate = read_slate(slate_of(tmp_path, "name: n\nbriefs: [a.yaml]\n"))
    assert (slate.budget_usd, slate.choose) == (None, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: n\n", "`briefs` is missing or empty"),
        ("name: n\nbriefs: a.yaml\n", "not a list"),
        ("name: n\nbriefs: [b.yaml]\n", "no brief b.yaml"),
        ("name: n\nbriefs: [a.yaml, a.yaml]\n", "twice"),
        ("name: n\nbriefs: [3]\n", "the number 3"),
        ("briefs: [a.yaml]\n", "`name` is missing"),
        ("name: n\nbrief: [a.yaml]\nbriefs: [a.yaml]\n", "Did you mean briefs?"),
        ("name: n\nbriefs: [a.yaml]\nchoose: best\n", "recommended"),
        ("name: n\nbriefs: [a.yaml]\nbudget_usd: lots\n", "plain number"),
    ],
)
def test_a_broken_slate_says_what_is_wrong(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_slate(slate_of(tmp_path, text))
    assert words in str(refused.value)
