"""The small program that speaks one line with espeak-ng. Runs alone, with the standard library only.

A fresh process for each line: the synthesizer keeps state between lines, and only its first one is the same bytes
every time. Reads one JSON object on stdin (``library``, ``text``, ``voice``, ``words_per_minute``, ``pitch``,
``pitch_range``); its working directory is the one that holds ``espeak-ng-data`` (the library has no room for a long
path). Writes one line of JSON (``rate_hz``, ``events``: kind, character from 0, sample) and then the samples, 16-bit
mono. Text is spoken as it stands: no markup, no phoneme codes. Everything else is in ``espeak.py``.
"""

from __future__ import annotations

import ctypes
import json
import sys

SYNCHRONOUS, UTF8 = 2, 1
WORD, CLAUSE_END = 1, 5
RATE, PITCH, RANGE = 1, 3, 4
BUFFER_MS = 500


class Event(ctypes.Structure):
    """``espeak_EVENT`` of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


def main() -> int:
    order = json.loads(sys.stdin.buffer.read())
    library = ctypes.CDLL(order["library"])
    rate_hz = library.espeak_Initialize(SYNCHRONOUS, BUFFER_MS, b".", 0)
    if rate_hz <= 0:
        sys.stderr.write("espeak-ng finds no voice data")
        return 3
    if library.espeak_SetVoiceByName(order["voice"].encode()) != 0:
        sys.stderr.write(f"espeak-ng has no voice {order['voice']}")
        return 4
    library.espeak_SetParameter(RATE, order["words_per_minute"], 0)
    library.espeak_SetParameter(PITCH, order["pitch"], 0)
    library.espeak_SetParameter(RANGE, order["pitch_range"], 0)

    samples, events = bytearray(), []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(Event))
    def heard(sound: int | None, count: int, happened: ctypes.Array[Event]) -> int:
        if sound and count:
            samples.extend(ctypes.string_at(sound, 2 * count))
        k = 0
        while happened[k].type:
            event = happened[k]
            if event.type in (WORD, CLAUSE_END):
                kind = "word" if event.type == WORD else "end"
                events.append((kind, max(0, event.text_position - (event.type == WORD)), event.sample))
            k += 1
        return 0

    library.espeak_SetSynthCallback(heard)
    text = order["text"].encode("utf-8", "replace") + b"\0"
    if library.espeak_Synth(text, len(text), 0, 1, 0, UTF8, None, None) != 0:
        sys.stderr.write("espeak-ng refused the text")
        return 5
    sys.stdout.buffer.write(json.dumps({"rate_hz": rate_hz, "events": events}).encode() + b"\n")
    sys.stdout.buffer.write(samples)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
