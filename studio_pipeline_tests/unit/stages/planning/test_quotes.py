"""A quote stands in the text or it does not, whatever happened to its marks on the way; names are counted whole."""

import unicodedata

import pytest

from studio_pipeline.stages.planning.quotes import Source
from studio_pipeline_tests.backlot.stories import STORIES


@pytest.mark.parametrize(
    "quote",
    [
        "“Will you buy my hair?” asked Della.",
        '"Will you buy my hair?" asked Della.',
        "Will you buy\n  my hair? asked Della",
        "'Will you buy my hair?' asked Della...",
        "Where she stopped the sign read: ‹b>Mme. Sofronie. Hair Goods of All Kinds.".replace("‹b>", "‹"),
        "he was only twenty-two--and to be burdened with a family!",
    ],
)
def test_other_marks_line_ends_and_dashes_are_looked_through(quote: str) -> None:
    assert Source(STORIES["en"]).find(quote) is not None


@pytest.mark.parametrize("quote", ["", "…", "Will you buy my watch?", "will you buy my hair?", "Della sold Jim."])
def test_other_words_and_another_case_are_not(quote: str) -> None:
    assert Source(STORIES["en"]).find(quote) is None


def test_evidence_is_what_the_text_says_and_not_what_the_model_wrote() -> None:
    assert Source(STORIES["en"]).find('"I buy hair," said Madame') == "“I buy hair,” said Madame"


@pytest.mark.parametrize(
    ("language", "quote"),
    [
        ("hi", "हामिद ने कलेजा मज़बूत करके कहा"),
        ("zh", "孔乙己是站着喝酒而穿长衫的唯一的人"),
        ("ar", "فانطلقت الأرنب متباطئةً"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_quote_is_found_in_whichever_form_its_letters_are_written(language: str, quote: str, form: str) -> None:
    found = Source(STORIES[language]).find(unicodedata.normalize(form, quote))
    assert found is not None
    assert unicodedata.normalize("NFC", found) == unicodedata.normalize("NFC", quote)


def test_evidence_is_never_cut_before_a_mark_of_its_last_letter() -> None:
    assert Source("मीरा की दीदी आयी।").find("मीरा की दीद") == "मीरा की दीदी"


@pytest.mark.parametrize(
    ("name", "spelled"), [("Jim", "Jim"), ("JIM", "Jim"), ("The vegetable man", "The vegetable man"), ("Bob", None)]
)
def test_a_name_has_the_capitals_of_the_text(name: str, spelled: str | None) -> None:
    assert Source(STORIES["en"]).spelling(name) == spelled


@pytest.mark.parametrize(
    ("text", "names", "count"),
    [
        ("Ann saw Anna. Ann’s dog saw Ann.", ["Ann"], 3),
        ("Mr. Utterson met Utterson; Mr Utterson bowed.", ["Mr. Utterson", "Utterson"], 3),
        ("The old miller came. An old\nmiller left.", ["Old miller"], 2),
        ("The rose is red. Rose is here.", ["Rose"], 1),
        ("हामिद आया। हामिदा गयी। हामिद, हामिद!", ["हामिद"], 3),
        ("孔乙己到店，孔乙己便笑。", ["孔乙己"], 2),
        ("قال سالم. وسالم نام. مسالم.", ["سالم"], 2),
        ("철수는 웃었다. 철수가 갔다.", ["철수"], 2),
        ("Nobody.", ["", "…", "."], 0),
    ],
)
def test_names_are_counted_as_words(text: str, names: list[str], count: int) -> None:
    assert Source(text).mentions(names) == count
