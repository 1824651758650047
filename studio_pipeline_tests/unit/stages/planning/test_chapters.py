"""How a story is parted: no part above its budget, nothing lost, and cut where a reader would put the book down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.prompting.tokens import estimated_tokens
from studio_pipeline.stages.planning.chapters import chapters, parts
from studio_pipeline_tests.backlot.stories import STORIES, novel

NOVEL = novel()


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def test_a_novel_of_sixty_thousand_words_is_read_in_a_dozen_parts_of_twelve_thousand_tokens_at_most() -> None:
    assert len(NOVEL.split()) > 60_000
    found = parts(NOVEL, 12_000)
    assert 10 <= len(found) <= 14
    assert max(estimated_tokens(part.text) for part in found) <= 12_000
    assert found[0].title == "A NOVEL · CHAPTER 1. Dr. Lanyon – CHAPTER 5. Mr. Utterson"


def test_short_chapters_stay_whole_and_a_long_one_is_cut_at_its_pauses() -> None:
    found = parts(NOVEL, 12_000)
    starts = ["# CHAPTER" in part.text[:60] or "# A NOVEL" in part.text[:60] for part in found]
    assert starts.count(False) == 2  # the long chapter goes on in two further parts
    inside = [part.text for part, starts_chapter in zip(found, starts, strict=True) if not starts_chapter]
    long_one = next(chapter for chapter in chapters(NOVEL) if len(chapter.groups) > 8)
    assert all(any(text.startswith(group[0]) for group in long_one.groups) for text in inside)


@pytest.mark.parametrize("language", STORIES)
@pytest.mark.parametrize("most_tokens", [60, 300, 1_000, 12_000])
def test_no_part_is_above_its_budget_and_no_letter_is_lost_or_said_twice(language: str, most_tokens: int) -> None:
    text = STORIES[language]
    found = parts(text, most_tokens)
    assert all(estimated_tokens(part.text) <= most_tokens for part in found)
    headings = {chapter.title for chapter in chapters(text)}
    told = "".join(line for part in found for line in part.text.split("\n") if not line.startswith("# "))
    wanted = "".join(line for line in text.split("\n") if line not in headings)
    assert letters(told) == letters(wanted)


def test_a_cut_in_a_paragraph_is_between_sentences_and_never_before_a_mark_of_a_letter() -> None:
    long = STORIES["hi"].replace("\n", " ")
    for part in parts("x.\n\n" + long, 200):
        assert part.text.rstrip()[-1] in "।!?”.-" or " " not in part.text
    unbroken = parts("कि" * 900, 301)
    assert len(unbroken) > 5
    assert all(part.text[0] == "क" and part.text[-1] == "ि" for part in unbroken)


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("Chapter One\n\nA.\n\nChapter Two\n\nB.", ["Chapter One", "Chapter Two"]),
        ("第一回 甄士隐\n\n从前。\n\n第二回\n\n后来。", ["第一回 甄士隐", "第二回"]),
        ("الفصل الأول\n\nكان ملك.\n\nالفصل الثاني\n\nمات الملك.", ["الفصل الأول", "الفصل الثاني"]),
        ("अध्याय १\n\nएक राजा था।\n\n२\n\nवह गया।", ["अध्याय १", "२"]),
        ("INT. LIGHTHOUSE - NIGHT\n\nInes waits.\n\nEXT. SEA\n\nA boat.", ["INT. LIGHTHOUSE - NIGHT", "EXT. SEA"]),
        ("The Lamp\n\nIt rained.\n\nI\n\nShe came.\n\nII\n\nShe left.", ["The Lamp", "I", "II"]),
        ("The door stood open.\n\nIt rained.", [""]),
        ("كان باب البيت مفتوحاً.\n\nباب البيت أخضر.", [""]),
    ],
)  # fmt: skip
def test_chapters_are_found_by_their_headings(text: str, titles: list[str]) -> None:
    assert [chapter.title for chapter in chapters(text)] == titles


@pytest.mark.parametrize("pause", ["* * *", "***", "---", "⁂", "~", "#"])
def test_a_pause_parts_what_stands_before_it_from_what_comes_after(pause: str) -> None:
    (chapter,) = chapters(f"It rained.\n\n{pause}\n\nIt snowed.\n{pause}\nIt thawed.")
    assert chapter.groups == (("It rained.",), ("It snowed.",), ("It thawed.",))


def test_a_table_of_contents_is_no_title_of_the_first_chapter() -> None:
    contents = "\n\n".join(f"CHAPTER {number}" for number in range(1, 9))
    (part,) = parts(f"The Book\n\n{contents}\n\nCHAPTER 1\n\nIt rained.", 1000)
    assert part.title == "CHAPTER 1"


@given(st.text(max_size=600), st.integers(min_value=40, max_value=400))
def test_any_text_is_parted_within_its_budget(text: str, most_tokens: int) -> None:
    assert all(estimated_tokens(part.text) <= most_tokens for part in parts(text, most_tokens))
