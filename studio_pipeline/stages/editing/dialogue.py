"""Where a character speaks within a narration: what stands in quotation marks, by the times of its words.

What quotation marks are, in any language, and which of them are apostrophes, is ``prose/speech.py``'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from studio_pipeline.editorial.timeline import Quote, Speech
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.captions.cues import PlacedWord, placed_words
from studio_pipeline.prose.speech import spans

_MARKS = "“”„«»「」『』‹›\"‘’'"
_ENDING = tuple(".,!?…;:—–。，、！？；：،؟।")
_BEFORE = tuple(",:—–，、：،")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{4}")


def with_quotes(speech: Speech, rate: Rate) -> Speech:
    """``speech`` with the frames in which a character speaks; as it is where its words have no times.

    A quote begins and ends in the middle of the pauses around it, so that nothing of a word is on the wrong track.
    """
    words = placed_words(speech, speech.text, rate.seconds(speech.frames) * 1000)
    found: list[Quote] = []
    free_from = 0
    for start, end in _said(speech.text):
        inside = [at for at, word in enumerate(words) if word.start < end and word.end > start]
        if not inside:
            continue
        first = max(free_from, _frame(_begin_ms(words, inside[0]), rate))
        until = min(speech.frames, _frame(_end_ms(words, inside[-1]), rate))
        if until > first:
            found.append(Quote(first_frame=first, frames=until - first))
            free_from = until
    return speech.model_copy(update={"quotes": tuple(found)})


def _said(text: str) -> Iterator[tuple[int, int]]:
    """Where in ``text`` direct speech stands, marks included (half-open). A single word in marks, with nothing that
    makes it speech, is a word that is meant otherwise."""
    for line in re.finditer(r"[^\n]+", text):
        for span in spans(line.group()):
            start, end = line.start() + span.start, line.start() + span.end
            inner = text[start:end].strip(_MARKS + " ")
            before = text[:start].rstrip()
            spoken = len(inner.split()) > 1 or _UNSPACED.search(inner) or inner.endswith(_ENDING)
            if not span.bracket and inner and (spoken or before.endswith(_BEFORE)):
                yield start, end


def _begin_ms(words: Sequence[PlacedWord], at: int) -> float:
    return (words[at - 1].end_ms + words[at].start_ms) / 2 if at else words[at].start_ms


def _end_ms(words: Sequence[PlacedWord], at: int) -> float:
    return (words[at].end_ms + words[at + 1].start_ms) / 2 if at + 1 < len(words) else float("inf")


def _frame(at_ms: float, rate: Rate) -> int:
    return rate.frames(min(at_ms, 1e9) / 1000)
