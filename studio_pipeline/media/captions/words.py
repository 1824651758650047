"""Captions that know when each word is spoken: WebVTT with a time inside the text before every word.

The same cues as in ``cues.py``. A player that knows such times shows or marks the words as they come; others show
the cue. Where the voice gave no times that can be believed, a cue has none inside: a guess would look like knowledge.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.media.captions.cues import PlacedWord, Spoken, clock, placed_words, spoken_cues, vtt_text
from studio_pipeline.media.captions.phrases import plain
from studio_pipeline.whole_file import disk_errors_told, write_whole


def write_word_vtt(timeline: Timeline, path: Path) -> None:
    """Write the captions of ``timeline`` as WebVTT, UTF-8, with the film's time before each word in whole milliseconds.

    The first word of a cue has none, it is the cue's. Times in a cue only rise and lie inside it (WebVTT, cue timings),
    so a word that comes no later than the one before goes with that one.
    """
    blocks = ["WEBVTT\n"]
    for spoken in spoken_cues(timeline):
        cue = spoken.cue
        text = plain(spoken.speech.text)
        begins_s = timeline.rate.seconds(spoken.speech.record_frame)
        words = placed_words(spoken.speech, text, timeline.rate.seconds(spoken.speech.frames) * 1000)
        times = dict(_times(spoken, words, text, begins_s * 1000))
        rows = "\n".join(_row(text, first, end, times) for first, end in spoken.places)
        blocks.append(f"{clock(cue.start_s, '.')} --> {clock(cue.end_s, '.')}\n{rows}\n")
    with disk_errors_told(path, "The captions"):
        write_whole(path, "\n".join(blocks))


def _times(spoken: Spoken, words: list[PlacedWord], text: str, begins_ms: float) -> Iterator[tuple[int, int]]:
    """Places in the text and the milliseconds of the film that stand before them."""
    latest, end_ms = round(spoken.cue.start_s * 1000), round(spoken.cue.end_s * 1000)
    first, last = spoken.places[0][0], spoken.places[-1][1]
    for number, word in enumerate(words):
        before = words[number - 1].end if number else 0
        # An opening quotation mark belongs to the word after it.
        place = max(before, text.rfind(" ", before, word.start) + 1)
        time_ms = round(begins_ms + word.start_ms)
        if first < place < last and latest < time_ms < end_ms:
            latest = time_ms
            yield place, time_ms


def _row(text: str, first: int, end: int, times: dict[int, int]) -> str:
    cuts = [first, *sorted(place for place in times if first < place < end), end]
    marks = [f"<{clock(times[cut] / 1000, '.')}>" if cut in times else "" for cut in cuts]
    return "".join(marks[k] + vtt_text(text[cuts[k] : cuts[k + 1]]) for k in range(len(cuts) - 1))
