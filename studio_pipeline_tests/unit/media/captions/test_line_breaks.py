"""Where lines of captions end: at phrases, in every language that the studio speaks."""

from __future__ import annotations

import pytest

from studio_pipeline.media.captions.line_breaks import break_cost
from studio_pipeline.media.captions.phrases import atoms, break_after
from studio_pipeline.media.captions.reading import reading

WIDE = (1280, 720)


def cost(marked: str, language: str) -> float:
    """What it costs to break ``marked`` at its bar."""
    before, after = marked.split("|")
    pieces = atoms(before + after)
    k = next(k for k, atom in enumerate(pieces) if atom.end == len(before.rstrip()))
    return break_cost(pieces, k, language)


@pytest.mark.parametrize(
    ("language", "better", "worse"),
    [
        ("en", "Nobody in the room |had an answer", "Nobody in the |room had an answer"),
        ("en", "The boat climbed |and fell", "The boat climbed and |fell"),
        ("en", "Wren jumped after her |before anyone", "Wren jumped after |her before anyone"),
        ("en", "the great lens |stood", "the great |lens stood"),
        ("en", "He saw nobody. |Nobody", "“Wait,” said Mr. |Pike"),
        ("de", "sie zerbrach |in der Nacht", "sie zerbrach in der |Nacht"),
        ("fr", "il vit la lumière |de la côte", "il vit la lumière de la |côte"),
        ("fr", "« Où est la côte ? » |demanda-t-il", "« Où est la côte |? » demanda-t-il"),
        ("es", "la luz |del faro", "la luz del |faro"),
        ("hi", "मीरा ने |खिड़की से देखा", "मीरा |ने खिड़की से देखा"),
        ("hi", "मीरा ने तेल उठाया |और दौड़ी", "मीरा ने तेल उठाया और |दौड़ी"),
        ("ur", "مریم نے |کھڑکی کھولی", "مریم |نے کھڑکی کھولی"),
        ("ar", "وضعت الفوانيس |على الجرف", "وضعت الفوانيس على |الجرف"),
        ("ja", "彼女は灯りを|絶やした", "彼女は灯|りを絶やした"),
        ("ja", "望遠鏡で|岸を探した", "望遠|鏡で岸を探した"),
        ("zh", "村民们都会|在悬崖上点灯", "村民们都会在|悬崖上点灯"),
        ("zh", "孩子们收集|灯笼", "孩子|们收集灯笼"),
        ("xx", "zyxw vutsr |qponm", "zyxw vu |tsrqp onm"),
    ],
)
def test_a_phrase_is_kept_together(language, better, worse):
    assert cost(better, language) < cost(worse, language)


@pytest.mark.parametrize("sign", ["?", "!", "»", "%", "؟"])
def test_a_sign_that_stands_apart_never_begins_a_line(sign):
    assert cost(f"Où est la côte |{sign} demanda", "fr") > 50


@pytest.mark.parametrize("text", ["「ちょっと」、キャット。ヴァ々・んー", "他说：“等一等！”……（好）《书》"])
def test_no_line_begins_or_ends_with_what_typesetters_forbid(text):
    for atom in atoms(text):
        assert atom.text[0] not in "」、。，：”！）》…・ょっャァ々ー"
        assert atom.text[-1] not in "「“（《"


def test_a_title_is_no_sentence():
    assert [break_after(text) for text in ("Mr.", "Dr.", "dark.", "“dark.”")] == [
        "word",
        "word",
        "sentence",
        "sentence",
    ]


def test_a_long_voice_pause_ends_a_phrase():
    pieces = atoms("the lamp")
    assert break_cost(pieces, 0, "en", pause_ms=400) < break_cost(pieces, 0, "en")


@pytest.mark.parametrize(
    ("text", "language", "size", "columns", "columns_per_s"),
    [
        ("The lamp went dark", "en", WIDE, 42, 17),
        ("The lamp went dark", "en", (720, 1280), 32, 17),
        ("The lamp went dark", "en", (720, 720), 32, 17),
        ("灯塔的灯灭了。", "zh", WIDE, 32, 18),
        ("灯塔的灯灭了。", "en", WIDE, 32, 18),
        ("灯台の明かりが消えた。", "zh", WIDE, 32, 14),
        ("灯台", "ja-JP", WIDE, 32, 14),
        ("등대의 불이 꺼졌다.", "ko", WIDE, 32, 24),
        ("प्रकाशस्तंभ की बत्ती", "hi", WIDE, 42, 17),
        ("انطفأ المصباح", "ar", WIDE, 42, 17),
        ("— 12!", "", WIDE, 42, 17),
    ],
)
def test_what_a_reader_takes_in_follows_the_script(text, language, size, columns, columns_per_s):
    found = reading(text, language, size)
    assert (found.columns, found.columns_per_s) == (columns, columns_per_s)
