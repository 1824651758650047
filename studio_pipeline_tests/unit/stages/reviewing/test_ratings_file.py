"""Ratings that people wrote down: both forms say the same, and everything wrong is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.errors import BadInput
from studio_pipeline.stages.reviewing.ratings_file import by_clip, read_opinions

YAML, CSV = Path("ratings.yaml"), Path("ratings.csv")
IN_YAML = """\
# a remark
ratings:
  - clip: a.mp4
    rating: 82
    rater: anna
    plan: Mara looks up.
  - {clip: ./b.mp4, rating: 7.5}
"""
IN_CSV = """\
clip,rating,rater,plan
a.mp4,82,anna,Mara looks up.
./b.mp4,7.5,,
"""


def test_yaml_and_csv_say_the_same() -> None:
    in_yaml = read_opinions(IN_YAML, where=YAML)
    in_csv = read_opinions(IN_CSV, where=CSV)
    assert [(o.clip, o.rating, o.rater, o.plan) for o in in_yaml] == [
        (o.clip, o.rating, o.rater, o.plan) for o in in_csv
    ]
    assert [o.line for o in in_yaml] == [3, 7] and [o.line for o in in_csv] == [2, 3]


def test_several_people_rate_a_clip_and_the_mean_counts() -> None:
    text = "clip,rating,rater\na.mp4,80,anna\n./a.mp4,60,ben\n"
    (clip,) = by_clip(read_opinions(text, where=CSV), Path("folder"), where=CSV)
    assert clip.rating == 70 and clip.path == Path("folder/a.mp4")


@pytest.mark.parametrize(
    ("text", "where", "told", "line"),
    [
        ("ratings:\n  - clip: a.mp4\n    rating: 140\n", YAML, "`rating` of a.mp4 is 140", 2),
        ("ratings:\n  - clip: a.mp4\n    rating: good\n", YAML, "is good", 2),
        ("ratings:\n  - clip: a.mp4\n", YAML, "is missing", 2),
        ("ratings:\n  - rating: 4\n", YAML, "names no `clip`", 2),
        ("ratings:\n  - clip: a.mp4\n    rating: 4\n    reting: 5\n", YAML, "Did you mean rating", 2),
        ("ratings:\n  - clip: a.mp4\n    rating: 4\n    rating: 5\n", YAML, "given twice", 4),
        ("ratings:\n  - clip: a.mp4\n    rating: [4]\n", YAML, "one value belongs", 3),
        ("ratings:\n  - &a {clip: a.mp4, rating: 4}\n  - *a\n", YAML, "an alias", 3),
        ("ratings:\n  - clip: 'a\n", YAML, "no YAML", 3),
        ("scores: []\n", YAML, "not one list called `ratings`", 1),
        ("", YAML, "not one list", 1),
        ("clip,rating\na.mp4,nan\n", CSV, "is nan", 2),
        ("clip,rating\na.mp4\n", CSV, "not as many values", 2),
        ("clip,rating\na.mp4,3,4\n", CSV, "not as many values", 2),
        ("film,stars\na.mp4,3\n", CSV, "does not name the columns", 1),
        ('clip,rating\n"a.mp4,3\n', CSV, "no CSV", 2),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, where: Path, told: str, line: int) -> None:
    with pytest.raises(BadInput) as wrong:
        read_opinions(text, where=where)
    assert told in str(wrong.value) and f"line {line})" in str(wrong.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("clip,rating,rater\na.mp4,80,anna\nb.mp4,3,anna\na.mp4,60,anna\n", "anna rates a.mp4 a second time (line 2)"),
        ("clip,rating,rater,plan\na.mp4,80,anna,x\na.mp4,60,ben,y\n", "another plan on line 2"),
    ],
)
def test_what_contradicts_itself_is_named_with_both_lines(text: str, told: str) -> None:
    with pytest.raises(BadInput) as wrong:
        by_clip(read_opinions(text, where=CSV), Path(), where=CSV)
    assert told in str(wrong.value)


@given(st.text(max_size=200), st.sampled_from([YAML, CSV]))
def test_any_text_is_read_or_refused(text: str, where: Path) -> None:
    try:
        read_opinions(text, where=where)
    except BadInput as refused:
        assert "line" in str(refused)
