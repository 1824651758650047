"""Speaking time: words in most languages, characters in Chinese and Japanese, pauses between sentences."""

import pytest

from studio_pipeline.prose.pace import SENTENCE_PAUSE_S, speaking_s, word_count


def test_english_goes_at_two_and_a_third_words_a_second() -> None:
    assert speaking_s("The lamp had never once gone dark.", "en") == pytest.approx(7 / 2.35)


def test_each_further_sentence_costs_a_breath() -> None:
    one, two = speaking_s("Forty seventy.", "en"), speaking_s("Forty. Seventy.", "en")
    assert two - one == pytest.approx(SENTENCE_PAUSE_S)


def test_chinese_goes_by_characters() -> None:
    assert speaking_s("他走了回家", "zh") == pytest.approx(5 / 4.2)


def test_numbers_and_very_long_words_take_longer_than_their_spaces_say() -> None:
    assert word_count("1847") > word_count("year")
    assert word_count("x" * 100) > 5


def test_punctuation_alone_takes_no_time() -> None:
    assert speaking_s("— … !", "en") < 1
