"""The words of a story on their way through the studio, from its file to the captions: none is broken on the way."""

from __future__ import annotations

import io
import unicodedata
from decimal import Decimal
from pathlib import Path

import docx
import pytest

from studio_pipeline.editorial.timeline import Speech, Timeline, TimelineClip
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.script import Script
from studio_pipeline.media.captions.cues import cues, write_srt, write_vtt
from studio_pipeline.stages.planning.story import ingest
from studio_pipeline.stages.planning.story_file import read_story
from studio_pipeline.stages.scripting.screenwriter import write_script
from studio_pipeline_tests.backlot.papers import epub, pdf, xhtml
from studio_pipeline_tests.backlot.stories import STORIES

MEDIA = MediaRef(sha256="0" * 64, suffix=".wav", size_bytes=1)
PILOT = Pilot(
    tier="animated",
    look="Drawn",
    image_model="i",
    video_model="v",
    budget_usd=Decimal(1),
    expected_cost_usd=Decimal(1),
    why="",
)


def script_of(text: str) -> Script:
    story = ingest(text, "en")
    brief = Brief(title="Film", story=MEDIA, duration_s=60, budget_usd=Decimal(10), language=story.language)
    return write_script(brief, story, PILOT, max_scenes=15)


def timeline_of(script: Script) -> Timeline:
    clip = TimelineClip(
        name="animated.s01.k1", media=MEDIA, media_frames=script.frames, source_frame=0, frames=script.frames, scene=1,
        take=1,
    )  # fmt: skip
    speeches, at = [], 0
    for scene in script.scenes:
        if scene.narration:
            speeches.append(
                Speech(scene=scene.number, media=MEDIA, record_frame=at, frames=scene.frames, text=scene.narration)
            )
        at += scene.frames
    return Timeline(
        name="balanced", title="T", language=script.language, rate=script.rate, size=(64, 36), clips=(clip,),
        narration=tuple(speeches),
    )  # fmt: skip


def letters(text: str) -> str:
    return "".join(text.split())


def starts_inside_a_letter(line: str) -> bool:
    return unicodedata.category(line[0]) in ("Mn", "Mc", "Me") or line[0] in "\u200c\u200d"


@pytest.mark.parametrize("language", STORIES)
def test_every_letter_and_mark_of_the_narration_is_in_the_captions(language: str, tmp_path: Path) -> None:
    script = script_of(STORIES[language])
    assert script.language == language
    narration = [scene.narration for scene in script.scenes if scene.narration]
    assert len(narration) >= 5
    captions = cues(timeline_of(script))
    assert letters("".join(line for cue in captions for line in cue.lines)) == letters("".join(narration))
    assert not any(starts_inside_a_letter(line) for cue in captions for line in cue.lines)
    for write, name in ((write_srt, "c.srt"), (write_vtt, "c.vtt")):
        write(captions, tmp_path / name)
        written = (tmp_path / name).read_text(encoding="utf-8").replace("\u2060", "")
        assert all(line in written for cue in captions for line in cue.lines)


@pytest.mark.parametrize("language", STORIES)
def test_the_same_story_comes_out_of_a_text_a_word_document_and_a_book(language: str, tmp_path: Path) -> None:
    paragraphs = [line for line in STORIES[language].split("\n\n") if line != "* * *"]
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph.strip())
    packed = io.BytesIO()
    document.save(packed)
    book = epub([xhtml("".join(f"<p>{paragraph.strip()}</p>" for paragraph in paragraphs))])
    files = {"text": "\n\n".join(paragraphs).encode("utf-16"), "word": packed.getvalue(), "book": book}
    told = {}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        told[name] = ingest(read_story(tmp_path / name, max_chars=100_000).text, "en").passages
    assert told["text"] == told["word"] == told["book"]


def test_a_hindi_pdf_is_told_with_every_vowel_sign(tmp_path: Path) -> None:
    paragraph = STORIES["hi"].split("\n\n")[4]
    words, lines = paragraph.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 60:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    (tmp_path / "s.pdf").write_bytes(pdf([lines]))
    text = read_story(tmp_path / "s.pdf", max_chars=100_000).text
    assert letters(text) == letters(paragraph)
