"""A text is read in the encoding it was saved in, and who cannot be sure says what was assumed."""

import random

import pytest

from studio_pipeline.errors import BadInput
from studio_pipeline.stages.planning.encodings import decoded
from studio_pipeline_tests.backlot.stories import STORIES

GERMAN = "Es war einmal ein Müller, der hatte drei Söhne, seine Mühle, einen Esel und einen Kater. „Ach“, sagte er. "
FRENCH = "Le petit prince s’en alla voir les roses. L’été était passé, et les élèves étaient là. "
POLISH = "Żył sobie król. Najmłodsza córka była tak piękna, że słońce dziwiło się, gdy oświetlało jej śliczną twarz. "
RUSSIAN = "Жил старик со своею старухой у самого синего моря; они жили в ветхой землянке тридцать лет и три года. "
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。"
KOREAN = "옛날 옛적에 호랑이가 담배 피우던 시절에 한 마을에 가난한 오누이가 살고 있었습니다. "
GREEK = "Μια φορά κι έναν καιρό ήταν ένας βασιλιάς που είχε τρεις κόρες. "
HEBREW = "היה היה פעם מלך ולו שלוש בנות. הבת הקטנה הייתה היפה מכולן, והיא הלכה אל היער. "
TURKISH = "Bir varmış bir yokmuş, evvel zaman içinde bir padişahın üç kızı varmış. En küçüğü çok güzelmiş. "
ARABIC = "كان يا ما كان في قديم الزمان، ملك له ثلاث بنات. خرجت البنت الصغرى إلى الغابة لتجمع الأزهار. "


@pytest.mark.parametrize("text", STORIES.values(), ids=STORIES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_without_a_word_about_it(text: str, encoding: str) -> None:
    story = decoded(text.encode(encoding))
    assert (story.text, story.notes) == (text, ())


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        (GERMAN, "cp1252", "windows-1252"), (GERMAN, "latin-1", "windows-1252"), (GERMAN, "cp850", "IBM 850"),
        (FRENCH, "cp1252", "windows-1252"), (FRENCH, "mac_roman", "Mac Roman"), (POLISH, "cp1250", "windows-1250"),
        (POLISH, "iso8859-2", "ISO-8859-2"), (RUSSIAN, "cp1251", "windows-1251"), (RUSSIAN, "koi8-r", "KOI8-R"),
        (RUSSIAN, "cp866", "IBM 866"), (STORIES["zh"], "gb18030", "GB18030"), (JAPANESE, "shift_jis", "Shift-JIS"),
        (JAPANESE, "euc_jp", "EUC-JP"), (JAPANESE, "iso2022_jp", "ISO-2022-JP"), (KOREAN, "euc_kr", "EUC-KR"),
        (GREEK, "cp1253", "windows-1253"), (HEBREW, "cp1255", "windows-1255"), (TURKISH, "cp1254", "windows-1254"),
        (ARABIC, "cp1256", "windows-1256"), (STORIES["en"], "utf-16-le", "UTF-16LE"), (GERMAN, "utf-16-be", "UTF-16BE"),
    ],
)  # fmt: skip
def test_a_guessed_encoding_is_right_and_told_with_words_in_which_a_person_sees_it(
    text: str, encoding: str, told: str
) -> None:
    data = (text * 3).encode(encoding, "replace")
    story = decoded(data)
    assert story.text == data.decode(encoding)
    (note,) = story.notes
    assert told in note
    assert any(char > "\x7f" for char in note.partition("“")[2].rstrip("”")) or encoding.startswith("utf-16")


def test_a_single_accent_in_a_long_english_text_is_the_commonest_one() -> None:
    story = decoded(
        ("The sea was calm and she left. " * 400 + "A café was open. " + "It rained. " * 400).encode("cp1252")
    )
    assert "A café was open." in story.text
    assert "café" in story.notes[0]


def test_what_is_no_text_is_refused_and_never_guessed_at() -> None:
    draw = random.Random(3)
    for data in (
        draw.randbytes(4_000),
        bytes(byte for byte in draw.randbytes(9_000) if byte >= 0x20),
        b"abc\0def",
        bytes(range(256)) * 20,
        b"\xff\xfea",
        b"\xef\xbb\xbf\xff",
    ):
        with pytest.raises(BadInput):
            decoded(data)
