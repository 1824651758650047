"""Direct speech in a narration: found in the marks of many languages, at the frames of its words."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio_pipeline.editorial.timeline import Speech
from studio_pipeline.film.brief import FRAME_RATES
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.takes import Word
from studio_pipeline.stages.editing.dialogue import with_quotes
from studio_pipeline_tests.unit.stages.editing.shot_footage import RATE, media


def speech_of(text: str, rate: Rate = RATE, word_s: float = 0.5, pause_s: float = 0.1) -> Speech:
    """Every word takes as long as the next one; a text without spaces is one word a letter."""
    said = text.split() if " " in text else [letter for letter in text if letter.isalnum()]
    step = word_s + pause_s
    words = tuple(Word(text=word, start_s=n * step, end_s=n * step + word_s) for n, word in enumerate(said))
    frames = max(1, rate.frames(len(said) * step))
    return Speech(scene=1, media=media("n"), record_frame=40, frames=frames, text=text, words=words)


def spoken(text: str) -> list[str]:
    """The words of ``text`` that a character speaks, by the frames of its quotes."""
    speech = with_quotes(speech_of(text), RATE)
    found = []
    for quote in speech.quotes:
        first_s, last_s = RATE.seconds(quote.first_frame), RATE.seconds(quote.first_frame + quote.frames)
        inside = [word.text for word in speech.words if first_s - 0.05 <= word.start_s and word.end_s <= last_s + 0.05]
        found.append(" ".join(inside))
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("She calls. “Come here,” she says. “Now!”", ["“Come here,”", "“Now!”"]),
        ('He asked "are you there" twice.', ['"are you there"']),
        ("Elle dit : « Viens avec moi. » Puis rien.", ["« Viens avec moi. »"]),
        ("»Komm mit«, ruft sie laut.", ["»Komm mit«,"]),
        ("Sie ruft: „Komm mit!“ Er bleibt.", ["„Komm mit!“"]),
        ("‘Don't go,’ said the boys' father. It's late.", ["‘Don't go,’"]),
        ("'Tis late, and the boys' hats don't fit.", []),
        ("It was a so-called “moon” that rose.", []),
        ("He whispers, “moon” and sleeps.", ["“moon”"]),
        ("Nobody spoke (not even “she herself” did).", []),
        ("No words in marks at all.", []),
    ],
)
def test_what_stands_in_quotation_marks_is_spoken_by_a_character(text: str, found: list[str]) -> None:
    assert spoken(text) == found


@pytest.mark.parametrize(("opens", "closes"), ["「」", "『』", "“”"])
def test_scripts_without_spaces_have_speech_too(opens: str, closes: str) -> None:
    assert spoken(f"她说：{opens}跟我来吧{closes}他走了。") == ["跟 我 来 吧"]


def test_a_quote_begins_and_ends_in_the_middle_of_the_pauses_around_it() -> None:
    (quote,) = with_quotes(speech_of("She said “come here” twice."), RATE).quotes
    assert (quote.first_frame, quote.frames) == (RATE.frames(1.15), RATE.frames(2.35) - RATE.frames(1.15))


def test_a_line_that_is_all_speech_is_all_quote() -> None:
    speech = with_quotes(speech_of("“Come here, all of you.”"), RATE)
    assert [(quote.first_frame, quote.frames) for quote in speech.quotes] == [(0, speech.frames)]


def test_without_word_times_nobody_is_quoted() -> None:
    speech = speech_of("“Come here,” she said.").model_copy(update={"words": ()})
    assert with_quotes(speech, RATE).quotes == ()


def test_words_whose_times_run_backwards_are_not_believed() -> None:
    words = (Word(text="“Come", start_s=2, end_s=3), Word(text="here,”", start_s=0, end_s=1))
    speech = speech_of("“Come here,” she said.").model_copy(update={"words": words})
    assert with_quotes(speech, RATE).quotes == ()


@given(
    text=st.text(alphabet="ab ,.!“”\"«»„‘’'「」(—\n", max_size=60),
    fps=st.sampled_from(FRAME_RATES),
    word_s=st.floats(0.001, 1),
    pause_s=st.floats(0, 0.5),
)
def test_quotes_of_any_text_lie_in_order_inside_the_speech(
    text: str, fps: float, word_s: float, pause_s: float
) -> None:
    rate = Rate.of(fps)
    speech = with_quotes(speech_of(text, rate, word_s, pause_s), rate)
    for quote in speech.quotes:
        assert quote.first_frame + quote.frames <= speech.frames
    for before, after in pairwise(speech.quotes):
        assert before.first_frame + before.frames <= after.first_frame
