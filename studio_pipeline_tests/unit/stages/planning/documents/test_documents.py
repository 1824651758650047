"""Stories in documents: what they say comes out, and what somebody hid in them does no harm."""

import io
import sys
import time
import zipfile
from pathlib import Path

import docx
import pypdf
import pytest
from PIL import Image

from studio_pipeline.errors import BadInput
from studio_pipeline.stages.planning.documents import epub as epub_reader
from studio_pipeline.stages.planning.documents import pdf as pdf_reader
from studio_pipeline.stages.planning.documents import word as word_reader
from studio_pipeline.stages.planning.documents.page import Document
from studio_pipeline.stages.planning.documents.reading import read_document
from studio_pipeline.stages.planning.story_file import read_story
from studio_pipeline_tests.backlot.papers import epub, pdf, xhtml, zipped
from studio_pipeline_tests.backlot.stories import STORIES

MOST = 100_000


def read(tmp_path: Path, data: bytes, name: str = "story.bin", *, max_chars: int = MOST) -> Document:
    (tmp_path / name).write_bytes(data)
    return read_story(tmp_path / name, max_chars=max_chars)


def refusal(tmp_path: Path, data: bytes, name: str = "story.bin", *, max_chars: int = MOST) -> str:
    with pytest.raises(BadInput) as refused:
        read(tmp_path, data, name, max_chars=max_chars)
    assert refused.value.todo
    assert name in refused.value.where
    return str(refused.value)


def lines(text: str, width: int = 70) -> list[str]:
    """``text`` as a page has it: every line full but the last."""
    found, line = [], ""
    for word in text.split():
        if len(line) + len(word) > width:
            found.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*found, line]


# PDF


@pytest.mark.parametrize("language", ["en", "hi", "zh"])
def test_the_paragraphs_of_a_pdf_come_back_whole_in_any_script(tmp_path: Path, language: str) -> None:
    paragraphs = STORIES[language].split("\n\n")[2:6]
    width = 30 if language == "zh" else 70
    if language == "zh":
        pages = [[line[at : at + width] for line in paragraphs for at in range(0, len(line), width)]]
    else:
        pages = [[line for paragraph in paragraphs for line in lines(paragraph, width)]]
    story = read(tmp_path, pdf(pages))
    assert "".join(story.text.split()) == "".join("".join(paragraphs).split())
    assert story.text.count("\n\n") >= 2
    assert "1 page" in story.notes[0]


def test_page_numbers_running_heads_and_parted_words_of_a_pdf_are_no_story(tmp_path: Path) -> None:
    openings = [line.strip() for line in lines(STORIES["en"]) if line[-1].isalpha()][:6]
    pages = [["THE KEEPER", line, "of the har-", "bour again.", f"Page {n}"] for n, line in enumerate(openings, 1)]
    story = read(tmp_path, pdf(pages))
    assert "KEEPER" not in story.text
    assert "Page" not in story.text
    assert story.text.count("harbour again.") == 6
    assert "12 lines at the edges of pages" in " ".join(story.notes)


def test_a_scan_is_told_to_be_one(tmp_path: Path) -> None:
    scan = io.BytesIO()
    Image.new("L", (400, 600), 200).save(scan, "PDF")
    assert "they are pictures, as of a scan" in refusal(tmp_path, scan.getvalue())


def test_a_pdf_whose_fonts_name_no_letters_is_not_taken_for_a_story(tmp_path: Path) -> None:
    words = refusal(tmp_path, pdf([lines(STORIES["en"])[:30]], named_letters=False))
    assert "letters" in words or "scan" in words


def test_a_pdf_with_a_password_is_refused_and_one_that_only_forbids_printing_is_read(tmp_path: Path) -> None:
    for password, readable in (("secret", False), ("", True)):
        writer, out = pypdf.PdfWriter(io.BytesIO(pdf([lines("It rained all night. " * 9)]))), io.BytesIO()
        writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
        writer.write(out)
        if readable:
            assert "It rained all night." in read(tmp_path, out.getvalue()).text
        else:
            assert "password" in refusal(tmp_path, out.getvalue())


def test_a_pdf_without_its_table_of_objects_is_read_all_the_same(tmp_path: Path) -> None:
    broken = pdf([lines(STORIES["en"])[:30]]).replace(b"startxref\n", b"startxref\n9")
    assert "One dollar and eighty-seven cents." in read(tmp_path, broken).text


@pytest.mark.parametrize("keep", [5, 40, 300, 1_500])
def test_a_pdf_that_is_cut_off_is_called_damaged_or_read_as_far_as_it_goes(tmp_path: Path, keep: int) -> None:
    data = pdf([lines(STORIES["en"])])[:keep]
    assert "traceback" not in refusal(tmp_path, data).lower()


def test_a_pdf_of_a_thousand_pages_is_read_in_seconds_and_one_of_six_thousand_not_at_all(tmp_path: Path) -> None:
    began = time.monotonic()
    story = read(
        tmp_path, pdf([[f"On day {number} it rained on the harbour."] for number in range(1_000)]), max_chars=10**6
    )
    assert "On day 999 it rained" in story.text
    assert time.monotonic() - began < 60  # 3 s alone; the machine is shared
    same = pdf([["It rained."]]).replace(b"/Kids [6 0 R]", b"/Kids [" + b"6 0 R " * 6_000 + b"]")
    assert "pages" in refusal(tmp_path, same)


# Word


def word(*paragraphs: tuple[str, str]) -> bytes:
    document = docx.Document()
    for style, text in paragraphs:
        document.add_paragraph(text, style=style or None)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_word_document_gives_its_headings_and_paragraphs(tmp_path: Path) -> None:
    document = word(
        ("Title", "दीया"), ("Heading 1", "Chapter One"), ("", "मीरा आयी।"), ("", "* * *"), ("", "It rained.")
    )
    story = read(tmp_path, document, "story.docx")
    assert story.text == "# दीया\n\n# Chapter One\n\nमीरा आयी।\n\n* * *\n\nIt rained."
    assert "Word" in story.notes[0]


def test_a_table_in_a_word_document_becomes_lines(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Before.")
    table = document.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Ines", "Keeper"
    out = io.BytesIO()
    document.save(out)
    story = read(tmp_path, out.getvalue())
    assert story.text == "Before.\n\nInes · Keeper"
    assert "1 table" in story.notes[1]


def with_part(data: bytes, name: str, change: str) -> bytes:
    files = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.namelist():
            content = archive.read(entry).decode() if entry == name else archive.read(entry)
            files[entry] = change if entry == name else content
    return zipped(files)


BILLION_LAUGHS = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def test_entities_of_a_word_document_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("TOPSECRET")
    for entities, used in (
        (BILLION_LAUGHS + "]>", "&m;"),
        (f'<!DOCTYPE x [<!ENTITY s SYSTEM "file://{tmp_path}/secret">]>', "&s;"),
    ):
        run = f"<w:r><w:t>It rained. {used}</w:t></w:r>"
        body = f"{entities}<w:document {W}><w:body><w:p>{run}</w:p></w:body></w:document>"
        data = with_part(word(("", "x")), "word/document.xml", body)
        try:
            story = read(tmp_path, data, "story.docx").text
        except BadInput as refused:
            story = str(refused)
        assert "TOPSECRET" not in story
        assert len(story) < 2_000


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = with_part(word(("", "x")), "word/document.xml", "<a>" + " " * 70_000_000 + "</a>")
    assert len(bomb) < 500_000
    assert "MiB" in refusal(tmp_path, bomb, "story.docx")
    many = zipped({"word/document.xml": "", **{f"word/{number}": "" for number in range(10_001)}})
    assert "10,002 files" in refusal(tmp_path, many, "story.docx")


def test_a_damaged_word_document_is_called_damaged(tmp_path: Path) -> None:
    whole = word(("", "It rained."))
    assert "damaged" in refusal(tmp_path, whole[: len(whole) // 2] + b"word/document.xml")
    assert "damaged" in refusal(tmp_path, with_part(whole, "word/document.xml", "<w:document"))
    assert "damaged" in refusal(tmp_path, zipped({"word/document.xml": "<a/>"}))


# EPUB


def test_an_epub_gives_its_chapters_in_the_order_of_its_spine(tmp_path: Path) -> None:
    book = epub(
        [
            xhtml("<h2>Two</h2><p>It snowed.</p>"),
            xhtml(
                "<section><h1>One <em>lamp</em></h1><p>It&nbsp;rained &amp; blew&hellip;</p><hr/>"
                "<p>Then<br/>it stopped.</p></section>"
            ),
        ],
        spine='<itemref idref="c1"/><itemref idref="c0"/>',
    )
    story = read(tmp_path, book, "story.epub")
    assert story.text == "# One lamp\n\nIt rained & blew…\n\n* * *\n\nThen\n\nit stopped.\n\n# Two\n\nIt snowed."
    assert "2 parts" in story.notes[0]


def test_what_nobody_reads_aloud_is_left_out_of_an_epub(tmp_path: Path) -> None:
    body = (
        "<script>alert(1)</script><style>p {}</style><p>吾輩は<ruby>猫<rp>(</rp><rt>ねこ</rt><rp>)</rp></ruby>である。"
        '<a epub:type="noteref" href="#n">1</a></p><aside epub:type="footnote"><p>A note.</p></aside><!-- hidden -->'
    )
    assert read(tmp_path, epub([xhtml(body)])).text == "吾輩は猫である。"


def test_a_chapter_that_is_html_and_calls_itself_xhtml_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, epub(["<html><body><p>It rained.<p>It snowed.</body>"])).text == "It rained.\n\nIt snowed."


def test_entities_of_an_epub_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("TOPSECRET")
    laughs = BILLION_LAUGHS.partition("?>")[2] + "]>"
    outside = (
        f'<!DOCTYPE html [<!ENTITY s SYSTEM "file://{tmp_path}/secret">'
        '<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>'
    )
    for doctype, used in ((laughs, "&m;"), (outside, "&s;")):
        story = read(tmp_path, epub([xhtml(f"<p>It rained. {used}</p><p>It snowed.</p>", doctype=doctype)]))
        assert story.text.startswith("It rained.")
        assert "TOPSECRET" not in story.text
        assert len(story.text) < 100


def test_a_copy_protected_book_is_refused_and_one_with_scrambled_fonts_is_read(tmp_path: Path) -> None:
    def locked(algorithm: str, what: str) -> bytes:
        encryption = (
            '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" '
            'xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData>'
            f'<e:EncryptionMethod Algorithm="{algorithm}"/><e:CipherData><e:CipherReference URI="{what}"/>'
            "</e:CipherData></e:EncryptedData></encryption>"
        )
        return epub([xhtml("<p>It rained.</p>")], **{"META-INF__encryption_xml": encryption})

    assert "DRM" in refusal(tmp_path, locked("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/text/0.xhtml"))
    assert read(tmp_path, locked("http://www.idpf.org/2008/embedding", "OEBPS/font.otf")).text == "It rained."


def test_paths_in_a_book_lead_nowhere_outside_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("<p>TOPSECRET</p>")
    data = epub([xhtml("<p>It rained.</p>")])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        opf = archive.read("OEBPS/book.opf").decode()
    escaping = opf.replace("text/0.xhtml", f"../../../../../../..{tmp_path}/secret")
    story_words = refusal(tmp_path, with_part(data, "OEBPS/book.opf", escaping), "story.epub")
    assert "TOPSECRET" not in story_words


@pytest.mark.parametrize("body", ["<div>" * 20_000 + "deep", "<p>" + "a" * 3_000_000 + "</p>", "&amp;" * 200_000])
def test_deep_and_endless_chapters_end(tmp_path: Path, body: str) -> None:
    began = time.monotonic()
    try:
        read(tmp_path, epub([xhtml(body)]))
    except BadInput as refused:
        assert refused.todo
    assert time.monotonic() - began < 30


# All of them


@pytest.mark.parametrize("name", ["story.txt", "story.docx", "story.epub", "story", "story.png"])
def test_what_a_file_is_is_told_by_its_bytes_and_not_by_its_name(tmp_path: Path, name: str) -> None:
    assert "It rained" in read(tmp_path, pdf([lines("It rained on the harbour all night. " * 5)]), name).text
    assert "It rained" in read(tmp_path, word(("", "It rained on the harbour.")), name).text
    assert read(tmp_path, b"It rained.", name).text == "It rained."


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Word document"), (b"{\\rtf1 x}", "rich text"), (b"\x89PNG\r\n", "picture"),
        (b"\x1f\x8b\x08", "compressed"), (b" " * 60 + b"BOOKMOBI" + b" " * 9, "Kindle"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "OpenDocument"),
        (zipped({"a.txt": "It rained."}), "a zip file"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_named_with_what_to_do(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in refusal(tmp_path, data)


def test_the_most_characters_hold_for_documents_too(tmp_path: Path) -> None:
    for data in (
        pdf([lines("It rained on the harbour all night. " * 40)]),
        word(*[("", "It rained on the harbour.")] * 60),
        epub([xhtml("<p>It rained on the harbour.</p>" * 60)]),
    ):
        assert "MAX_STORY_CHARS" in refusal(tmp_path, data, max_chars=1_000)


@pytest.mark.parametrize(
    ("reader", "module"), [(pdf_reader, "pypdf"), (word_reader, "docx"), (epub_reader, "lxml.etree")]
)
def test_a_missing_library_is_told_with_the_extra_to_install(
    monkeypatch: pytest.MonkeyPatch, reader, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(BadInput, match=r"studio-pipeline\[documents\]"):
        reader.read(epub([xhtml("<p>x</p>")]), MOST)


def test_the_same_document_is_read_once_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    data = epub([xhtml("<p>It rained once.</p>")])
    first = read_document(data, "epub", most_chars=MOST)
    monkeypatch.setattr(sys, "executable", "/nonexistent")
    assert read_document(data, "epub", most_chars=MOST) == first


def test_notes_on_the_file_go_with_the_brief(tmp_path: Path) -> None:
    from studio_pipeline.film.media_ref import MediaRef
    from studio_pipeline.stages.planning.brief import read_brief

    (tmp_path / "book.epub").write_bytes(epub([xhtml("<p>It rained.</p>")]))
    (tmp_path / "b.yaml").write_text("title: T\nstory: book.epub\nduration_s: 30\nbudget_usd: 5\n")
    kept: list[bytes] = []

    def put(data: bytes) -> MediaRef:
        kept.append(data)
        return MediaRef(sha256="0" * 64, suffix=".txt", size_bytes=len(data))

    brief = read_brief(tmp_path / "b.yaml", put_story=put, tiers=("animated",), max_story_chars=MOST)
    assert kept == [b"It rained."]
    assert "EPUB" in brief.story_notes[0]
