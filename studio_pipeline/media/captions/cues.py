"""Captions of a cut: the narration in readable pieces, shown while it is spoken.

Two lines, at least a second, two frames between cues (Netflix timed text style guide, general requirements). What lives
here: when a cue is shown, and the ``.srt`` and ``.vtt`` files. What does not: how long and fast lines may be in which
language (``reading.py``), where a cue breaks (``cue_breaks.py``, ``line_breaks.py``) and where text may break at all
(``phrases.py``).

Whatever the word times are, no word is lost, no line is too long and no two cues overlap. When words come faster than
anyone reads, the reading time gives way.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from studio_pipeline.editorial.timeline import Speech, Timeline
from studio_pipeline.film.frozen import Frozen
from studio_pipeline.media.captions.cue_breaks import SHORTEST_MS, Piece, lines, phrased
from studio_pipeline.media.captions.phrases import atoms, columns, joined
from studio_pipeline.media.captions.reading import Reading, reading
from studio_pipeline.whole_file import disk_errors_told, write_whole

GAP_FRAMES = 2
WORD_JOINER = "\u2060"
"""Takes no room and allows no break: keeps text that looks like markup from being markup."""

_LINGER_MS = 300
"""A cue stays this long after its last word, where there is time."""
_SRT_MARKUP = re.compile(r"<(?=[A-Za-z/!?])|\{(?=[\\A-Za-z/])|--(?=>)")


class Cue(Frozen):
    """One caption: one or two lines, shown from ``start_s`` until ``end_s`` of the film (whole milliseconds)."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]


class Spoken(NamedTuple):
    """A cue, what it is said in, and where each of its lines lies in ``plain`` of that text (half-open)."""

    cue: Cue
    speech: Speech
    places: tuple[tuple[int, int], ...]


def cues(timeline: Timeline) -> tuple[Cue, ...]:
    """The captions of ``timeline``, in order. A cue is never shown before its first word is spoken."""
    return tuple(spoken.cue for spoken in spoken_cues(timeline))


def spoken_cues(timeline: Timeline) -> tuple[Spoken, ...]:
    """``cues``, each with where its text comes from."""
    rate = timeline.rate
    gap_ms = math.ceil(rate.seconds(GAP_FRAMES) * 1000)
    film_ms = math.floor(timeline.duration_s * 1000)
    speeches = sorted((s for s in timeline.narration if atoms(s.text)), key=lambda s: s.record_frame)
    starts_ms = [math.ceil(rate.seconds(speech.record_frame) * 1000) for speech in speeches]
    found: list[Spoken] = []
    for k, speech in enumerate(speeches):
        soft_ms = starts_ms[k + 1] - gap_ms if k + 1 < len(speeches) else film_ms
        read = reading(speech.text, timeline.language, timeline.size)
        phrases = phrased(_timed(speech, starts_ms[k], rate.seconds(speech.frames) * 1000, read.columns), read)
        earliest_ms = round(found[-1].cue.end_s * 1000) + gap_ms if found else 0
        spans = _scheduled(phrases, read, earliest_ms, soft_ms, film_ms, gap_ms)
        found += (_spoken(phrase, read, speech, span) for phrase, span in zip(phrases, spans, strict=True))
    return tuple(found)


def _spoken(phrase: list[Piece], read: Reading, speech: Speech, span: tuple[int, int]) -> Spoken:
    parts = [[piece.atom for piece in line] for line in lines(phrase, read)]
    cue = Cue(start_s=span[0] / 1000, end_s=span[1] / 1000, lines=tuple(joined(part) for part in parts))
    return Spoken(cue, speech, tuple((part[0].start, part[-1].end) for part in parts))


def _timed(speech: Speech, start_ms: int, length_ms: float, longest: int) -> list[Piece]:
    """The atoms of a speech with their times: from its words where they can be believed, else spread evenly."""
    pieces = atoms(speech.text, longest)
    text = joined(pieces)
    knots = _knots(speech, text, length_ms) or [(0, 0.0), (len(text), length_ms)]
    places, times = [place for place, _ in knots], [time for _, time in knots]
    timed = []
    for atom in pieces:
        # A vendor's word may leave out the quotation mark that the text has before it.
        bare = next((k for k, c in enumerate(atom.text) if c.isalnum()), 0)
        first = atom.start if atom.start in places else atom.start + bare
        begins = _at(places, times, first, later=True)
        ends = max(begins, _at(places, times, atom.end, later=False))
        width = columns(atom.text) + atom.spaced
        timed.append(Piece(atom, start_ms + math.ceil(begins), start_ms + math.floor(ends + 1), width))
    return timed


def _knots(speech: Speech, text: str, length_ms: float) -> list[tuple[int, float]] | None:
    """Places in the text and their times; ``None`` when the words do not fit the text or run backwards."""
    words = placed_words(speech, text, length_ms)
    if not words:
        return None
    knots = [(0, 0.0)]
    for word in words:
        knots += [(word.start, word.start_ms), (word.end, word.end_ms)]
    at, latest = words[-1].end, words[-1].end_ms
    return [*knots, (len(text), max(latest, length_ms) if at < len(text) else latest)]


class PlacedWord(NamedTuple):
    """A word's place in a text (half-open) and when it is spoken, in milliseconds of its sound."""

    start: int
    end: int
    start_ms: float
    end_ms: float


def placed_words(speech: Speech, text: str, length_ms: float) -> list[PlacedWord]:
    """Where in ``text`` the words of ``speech`` stand; none when they do not fit the text or their times run
    backwards. A word that is not found is left out."""
    found: list[PlacedWord] = []
    at, latest = 0, 0.0
    for word in speech.words:
        bare = " ".join(word.text.split())
        place = text.find(bare, at, at + len(bare) + 80) if bare else -1
        start_ms, end_ms = word.start_s * 1000, word.end_s * 1000
        if not latest <= start_ms <= end_ms <= length_ms + 500:
            return []
        if place >= 0:
            at, latest = place + len(bare), min(end_ms, length_ms)
            found.append(PlacedWord(place, at, min(start_ms, length_ms), latest))
    return found


def _at(places: list[int], times: list[float], place: int, *, later: bool) -> float:
    """The time of a place; where a pause lies at it, its end (``later``) or its beginning."""
    k = bisect_left(places, place)
    if k < len(places) and places[k] == place:
        same = [times[j] for j in range(k, len(places)) if places[j] == place]
        return same[-1] if later else same[0]
    share = (place - places[k - 1]) / (places[k] - places[k - 1])
    return times[k - 1] + share * (times[k] - times[k - 1])


def _scheduled(
    phrases: list[list[Piece]], read: Reading, earliest_ms: int, soft_ms: int, film_ms: int, gap_ms: int
) -> list[tuple[int, int]]:
    """When each phrase is shown, if possible before ``soft_ms``, where the next speech starts.

    Each has at least a second, even if that makes the next one late; where so much time is not there, less; then into
    the next speech; and where the words allow no order at all, equal parts of what is left of the film.
    """
    attempts = [(SHORTEST_MS, soft_ms), (700, soft_ms), (400, soft_ms), (400, film_ms), (200, film_ms)]
    for shortest_ms, limit_ms in attempts:
        spans = _spans(phrases, read.columns_per_s, earliest_ms, limit_ms, gap_ms, shortest_ms)
        if spans[-1][1] <= limit_ms:
            break
    else:
        start_ms = max(earliest_ms, min(phrases[0][0].start_ms, film_ms))
        spans = _equal_spans(len(phrases), start_ms, film_ms, gap_ms)
    return spans


def _spans(
    phrases: list[list[Piece]], columns_per_s: float, earliest_ms: int, limit_ms: int, gap_ms: int, shortest_ms: int
) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    starts = [phrase[0].start_ms for phrase in phrases]
    for k, phrase in enumerate(phrases):
        start = max(starts[k], spans[-1][1] + gap_ms if spans else earliest_ms)
        room = (starts[k + 1] - gap_ms if k + 1 < len(phrases) else limit_ms) - start
        reading = math.ceil(sum(piece.width for piece in phrase) * 1000 / columns_per_s)
        wished = max(phrase[-1].end_ms + _LINGER_MS - start, reading, shortest_ms)
        spans.append((start, start + max(min(wished, room), shortest_ms)))
    return spans


def _equal_spans(count: int, start_ms: int, limit_ms: int, gap_ms: int) -> list[tuple[int, int]]:
    slot = max(0, limit_ms - start_ms) / count
    shown = slot - min(gap_ms, slot / 3)
    return [(math.floor(start_ms + k * slot), math.floor(start_ms + k * slot + shown)) for k in range(count)]


def write_srt(cues: Sequence[Cue], path: Path) -> None:
    """Write ``cues`` as SubRip, UTF-8.

    Narration is a stranger's text, and SubRip has no escapes: players take ``<i>`` or ``{\\an8}`` for styling and
    swallow it. A word joiner in such a sequence keeps it text.
    """
    blocks = [
        f"{number}\n{clock(cue.start_s, ',')} --> {clock(cue.end_s, ',')}\n{_srt_text(cue.lines)}\n"
        for number, cue in enumerate(cues, 1)
    ]
    _write(path, "\n".join(blocks))


def write_vtt(cues: Sequence[Cue], path: Path) -> None:
    """Write ``cues`` as WebVTT, UTF-8."""
    blocks = ["WEBVTT\n"]
    blocks += [f"{clock(cue.start_s, '.')} --> {clock(cue.end_s, '.')}\n{_vtt_lines(cue.lines)}\n" for cue in cues]
    _write(path, "\n".join(blocks))


def _srt_text(text: Sequence[str]) -> str:
    return "\n".join(_SRT_MARKUP.sub(rf"\g<0>{WORD_JOINER}", line) for line in text)


def _vtt_lines(text: Sequence[str]) -> str:
    return "\n".join(vtt_text(line) for line in text)


def vtt_text(text: str) -> str:
    """``text`` as WebVTT writes text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clock(seconds: float, point: str) -> str:
    whole, ms = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{point}{ms:03d}"


def _write(path: Path, text: str) -> None:
    with disk_errors_told(path, "The captions"):
        write_whole(path, text)
