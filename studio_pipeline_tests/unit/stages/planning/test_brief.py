"""A brief is read, or refused with words that name every problem and what to write instead."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.stages.planning.brief import brief_from_mapping, read_brief

TIERS = ("static", "animated", "photoreal")
GOOD = {"title": "Lighthouse", "concept": "A keeper and a storm", "duration_s": 60, "budget_usd": 150}
EXAMPLES = Path(__file__).parents[4] / "examples"


class Store:
    """Remembers the texts that were put away."""

    def __init__(self) -> None:
        self.texts: list[bytes] = []

    def __call__(self, text: bytes) -> MediaRef:
        self.texts.append(text)
        return MediaRef(sha256="0" * 64, suffix=".txt", size_bytes=len(text))


def read(path: Path, store: Store | None = None, *, max_story_chars: int = 10_000) -> Brief:
    return read_brief(path, put_story=store or Store(), tiers=TIERS, max_story_chars=max_story_chars)


def mapped(base_dir: Path = Path(), **changes: Any) -> Brief:
    data = {key: value for key, value in {**GOOD, **changes}.items() if value is not ...}
    return brief_from_mapping(
        data, where="run config", base_dir=base_dir, put_story=Store(), tiers=TIERS, max_story_chars=10_000
    )


def refusal(base_dir: Path = Path(), **changes: Any) -> str:
    with pytest.raises(BadInput) as refused:
        mapped(base_dir, **changes)
    assert refused.value.exit_code == 2
    return str(refused.value)


def written(folder: Path, text: str | bytes, name: str = "film.yaml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# What is accepted


@pytest.mark.parametrize("name", ["lighthouse", "idea", "hindi"])
def test_the_examples_are_good_briefs(name: str) -> None:
    store = Store()
    brief = read(EXAMPLES / f"{name}.yaml", store)
    assert brief.frames == round(brief.duration_s * 24)
    assert (brief.story is not None) == bool(store.texts)


def test_the_demo_is_a_minute_for_150_dollars() -> None:
    brief = read(EXAMPLES / "lighthouse.yaml")
    assert (brief.title, brief.duration_s, brief.budget_usd) == ("Lighthouse", 60, Decimal(150))


@pytest.mark.parametrize(("written_as", "usd"), [(150, "150"), (150.0, "150"), ("150.00", "150"), (0.1, "0.1")])
def test_a_budget_may_be_any_plain_number(written_as: object, usd: str) -> None:
    assert mapped(budget_usd=written_as).budget_usd == Decimal(usd)


def test_yaml_surprises_do_not_happen(tmp_path: Path) -> None:
    text = "title: 1984\nconcept: no\nduration_s: 060\nbudget_usd: 20\nlanguage: no\naspect: 16:9\nfps: 23.976\n"
    brief = read(written(tmp_path, text))
    assert (brief.title, brief.concept, brief.duration_s) == ("1984", "no", 60)
    assert (brief.language, brief.aspect, brief.fps) == ("no", "16:9", 23.976)


def test_an_aspect_that_dagster_read_as_a_number_is_understood() -> None:
    assert mapped(aspect=969).aspect == "16:9"
    assert mapped(aspect=61).aspect == "1:1"


@pytest.mark.parametrize(
    ("title", "cleaned"),
    [
        ("AC/DC: a life", "AC/DC: a life"),
        ("Party 🎉🎉", "Party 🎉🎉"),
        ("منارة", "منارة"),
        ("Two\nlines\tand  spaces ", "Two lines and spaces"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("bell\x07\x00\ud800!", "bell!"),
        ("क्\u200dष", "क्\u200dष"),
        ("../../etc/passwd", "../../etc/passwd"),
    ],
)
def test_titles_are_cleaned_of_what_cannot_be_seen_and_nothing_else(title: str, cleaned: str) -> None:
    brief = mapped(title=title)
    assert brief.title == cleaned
    assert "/" not in brief.production


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_story_is_put_away_as_utf_8_whatever_it_was(tmp_path: Path, encoding: str) -> None:
    written(tmp_path, "Ines, die Wärterin.\r\nमीरा".encode(encoding), "story.txt")
    path = written(tmp_path, "title: T\nstory: story.txt\nduration_s: 30\nbudget_usd: 5\n")
    store = Store()
    assert read(path, store).story is not None
    assert store.texts == ["Ines, die Wärterin.\nमीरा".encode()]


# What is refused, and in which words


def test_every_problem_is_named_in_one_message(tmp_path: Path) -> None:
    text = "titel: X\nduration_s: -3\nbudget_usd: $150\ntiers: [animted]\nconcept: c\n"
    with pytest.raises(BadInput) as refused:
        read(written(tmp_path, text))
    message = str(refused.value)
    assert "5 problems" in message
    for words in ("Did you mean title?", "`title` is missing", "`duration_s` is -3", "$150", "animated?"):
        assert words in message
    assert len(message.splitlines()) == 6


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"budgt_usd": 3}, "Did you mean budget_usd?"),
        ({"duration": 3}, "Did you mean duration_s?"),
        ({"zzzz": 3}, "The keys are: title, concept"),
        ({"title": ...}, "`title` is missing"),
        ({"title": " \u202e "}, "no visible character"),
        ({"title": "x" * 201}, "at most 200"),
        ({"title": ["a"]}, "`title` is a list"),
        ({"concept": ...}, "neither `concept` nor `story`"),
        ({"concept": "  "}, "`concept` is empty"),
        ({"concept": 7}, "`concept` is the number 7"),
        ({"concept": "x" * 20_001}, "as `story`"),
        ({"duration_s": ...}, "`duration_s` is missing"),
        ({"duration_s": 0}, "from 5 to 1800"),
        ({"duration_s": 4.9}, "from 5 to 1800"),
        ({"duration_s": 1e9}, "from 5 to 1800"),
        ({"duration_s": float("nan")}, "`duration_s` is nan"),
        ({"duration_s": float("inf")}, "`duration_s` is inf"),
        ({"duration_s": "1 minute"}, "the text “1 minute”"),
        ({"duration_s": True}, "not a number of seconds"),
        ({"budget_usd": ...}, "`budget_usd` is missing"),
        ({"budget_usd": 0}, "more than 0"),
        ({"budget_usd": -5}, "more than 0"),
        ({"budget_usd": float("nan")}, "not an amount"),
        ({"budget_usd": float("inf")}, "not an amount"),
        ({"budget_usd": 10**12}, "at most 1,000,000"),
        ({"budget_usd": "$150"}, "`budget_usd: 150`"),
        ({"budget_usd": "1,500"}, "no thousands separator".capitalize()[1:]),
        ({"budget_usd": "0.12345678"}, "plain number"),
        ({"budget_usd": 0.1234567}, "millionth"),
        ({"budget_usd": False}, "plain number"),
        ({"language": "english"}, "`language: en`"),
        ({"language": "e"}, "language code"),
        ({"tiers": ["photo_real"]}, "Did you mean photoreal?"),
        ({"tiers": "animated, static"}, "Write a list of tiers"),
        ({"tiers": []}, "an empty list"),
        ({"tiers": [1]}, "the number 1"),
        ({"tiers": ["static", "static"]}, "twice"),
        ({"tiers": ["static"], "pilots": 2}, "names only 1"),
        ({"pilots": 4}, "from 1 to 3"),
        ({"pilots": 1.5}, "from 1 to 3"),
        ({"content_mode": "kids"}, "Did you mean kid?"),
        ({"quality_mode": "ultra"}, "draft, standard, high"),
        ({"aspect": "21:9"}, "16:9, 9:16, 1:1, 4:3"),
        ({"fps": 12}, "23.976, 24, 25"),
        ({"fps": True}, "23.976, 24, 25"),
        ({"policy": "vote"}, "threshold"),
        ({"seed": -1}, "whole number"),
        ({"seed": "x"}, "whole number"),
        ({"style": {"a": 1}}, "a mapping"),
        ({"resolution": "8k"}, "720p, 1080p, 4k"),
        ({"resolution": True}, "720p, 1080p, 4k"),
        ({"captions": "burnt_in"}, "Did you mean burned_in?"),
        ({"captions": False}, "soft, burned_in"),
        ({"loudness_lufs": -15}, "-14, -16, -23"),
        ({"loudness_lufs": 16}, "-14, -16, -23"),
        ({"loudness_lufs": "loud"}, "-14, -16, -23"),
        ({"loudness_lufs": True}, "-14, -16, -23"),
        ({"dubs": ["Hindi"]}, "`dubs: [hi]`"),
        ({"dubs": ["hi", "klingon!"]}, "language code"),
        ({"dubs": [3]}, "`dubs` is the number 3"),
        ({"dubs": {"hi": True}}, "language code"),
        ({"dubs": "en"}, "the film's own language"),
        ({"dubs": ["fr"], "language": "FR"}, "the film's own language"),
        ({"dubs": ["hi", "de", "HI"]}, "names hi twice"),
        ({"dubs": ["hi", "de", "fr", "es", "it", "pt", "nl"]}, "Name at most 6"),
        ({"story": 3, "concept": ...}, "not a path"),
        ({"story": "nowhere.txt", "concept": ...}, "no such story"),
        ({"story": "a\nb", "concept": ...}, "holds a text, not a path"),
        ({"story": "bad\0name", "concept": ...}, "cannot be read"),
        ({"story": "x" * 900, "concept": ...}, "cannot be read"),
        ({"story": "s.txt"}, "both `concept` and `story`"),
    ],
)
def test_each_mistake_has_its_own_words(changes: dict[str, Any], words: str) -> None:
    assert words in refusal(**changes)


@pytest.mark.parametrize(
    ("key", "written", "read"),
    [
        ("resolution", "1080P", "1080p"),
        ("resolution", 1080, "1080p"),
        ("resolution", "4K", "4k"),
        ("captions", "burned in", "burned_in"),
        ("captions", "Burned-in", "burned_in"),
        ("loudness_lufs", -23, -23),
        ("loudness_lufs", -14.0, -14),
        ("loudness_lufs", "-14 LUFS", -14),
        ("dubs", [], ()),
        ("dubs", None, ()),
        ("dubs", "hi", ("hi",)),
        ("dubs", ["PT_BR", "zh", False], ("pt-BR", "zh", "no")),
    ],
)
def test_how_a_film_is_handed_over_may_be_written_in_more_than_one_way(key: str, written: Any, read: Any) -> None:
    assert getattr(mapped(**{key: written}), key) == read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("# only a comment\n", "is empty"),
        ("- a\n- b\n", "a list"),
        ("just words", "the text “just words”"),
        ("title: [unclosed", "not valid YAML: line"),
        ("title: a\n\tconcept: b", "not valid YAML: line 2"),
        ("title: a\ntitle: b\n", "gives `title` twice"),
        ("a: &x [1]\nb: *x\n", "anchor or alias"),
        ("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n", "anchor or alias"),
        ("title: !!python/object/apply:os.system [ls]\n", "not valid YAML"),
        ("title: " + "[" * 5000, "deep"),
        ("title: x\n" + "# filler\n" * 10_000, "larger than"),
        (b"title: \xff\xfe\xfa", "not UTF-8"),
        (b"\x00\x01\x02", "not valid YAML"),
    ],
)
def test_a_file_that_is_no_brief_is_refused_with_the_reason(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(BadInput, match="brief") as refused:
        read(written(tmp_path, text))
    assert words in str(refused.value)


def test_a_missing_brief_names_its_neighbours(tmp_path: Path) -> None:
    written(tmp_path, "x", "lighthouse.yaml")
    with pytest.raises(BadInput, match=r"no such brief.*lighthouse\.yaml"):
        read(tmp_path / "lighthose.yaml")


def test_a_directory_and_a_pipe_are_no_briefs(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is a directory"):
        read(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(BadInput, match="not a regular file"):
        read(tmp_path / "pipe.yaml")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The story is empty"),
        (b" \n\t\n", "The story is empty"),
        (b"PK\x03\x04....", "a zip file, neither a Word document nor an EPUB"),
        (bytes(range(256)) * 20, "nor any other text"),
        (b"abc\x00def", "nor any other text"),
        (b"\xff\xfea", "damaged"),
        (b"word " * 20_000, "MAX_STORY_CHARS"),
        (b"x" * 10_001, "10,001 characters"),
    ],
)
def test_a_story_that_cannot_be_read_says_why_and_what_to_do(tmp_path: Path, data: bytes, words: str) -> None:
    written(tmp_path, data, "s.txt")
    assert words in refusal(tmp_path, story="s.txt", concept=...)


def test_a_story_that_is_a_directory_or_a_pipe_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dir").mkdir()
    assert "is a directory" in refusal(tmp_path, story="dir", concept=...)
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in refusal(tmp_path, story="pipe", concept=...)


def test_nothing_is_put_away_for_a_brief_that_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "A story.", "s.txt")
    store = Store()
    with pytest.raises(BadInput):
        read(written(tmp_path, "title: T\nstory: s.txt\nduration_s: 30\nbudget_usd: nothing\n"), store)
    assert store.texts == []


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from([*GOOD, "tiers", "fps", "aspect", "language", "seed", "style", "story"]), json_like)
)
@settings(max_examples=200, deadline=None)
def test_no_mapping_whatsoever_ends_in_anything_but_a_brief_or_bad_input(data: dict[str, Any]) -> None:
    try:
        brief_from_mapping(
            data, where="x", base_dir=Path("/nonexistent"), put_story=Store(), tiers=TIERS, max_story_chars=100
        )
    except BadInput as refused:
        assert str(refused)
