"""A text's language is told by its script and its small words; the brief's word stands where the text allows it."""

import pytest

from studio_pipeline.prose.languages import detect_language


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        ("The lamp went out and nobody saw it.", "en", "en"),
        ("Der Leuchtturm ist dunkel und das Meer ist still, aber sie ist wach.", "en", "de"),
        ("Le phare est dans la nuit et il ne dort pas.", "en", "fr"),
        ("मीरा ने दीया जलाया।", "en", "hi"),
        ("मीरा ने दिवा लावला।", "mr", "mr"),
        ("他说：“走吧。”", "en", "zh"),
        ("灯台のひかりが海をてらした。", "en", "ja"),
        ("قال سالم: هل تسمع؟", "en", "ar"),
        ("Маяк погас, и никто не видел.", "en", "ru"),
        ("Маяк згас.", "uk", "uk"),
        ("The lamp went out and nobody saw it.", "en-GB", "en-GB"),
        ("The lamp went out and it was dark in the tower.", "hi", "en"),
        ("12345 🎉", "hi", "hi"),
        ("", "en", "en"),
    ],
)
def test_language_is_told_from_the_text(text: str, hint: str, language: str) -> None:
    assert detect_language(text, hint) == language
