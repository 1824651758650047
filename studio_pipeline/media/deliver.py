"""Picture, sound and captions become the one file that is handed over. Nothing is encoded here but the captions.

Streams are copied with the times they have: the picture starts at 0, the sound at its priming before 0 (see
``sound/loudness.py``). Captions are *soft*: a track of their own, which the viewer switches on and off. (ffmpeg's MP4
muxer marks the only caption track as enabled whatever its disposition says; players follow their own settings.)
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.media.encode import timescale
from studio_pipeline.media.ffmpeg import BITEXACT, as_argument, run_ffmpeg
from studio_pipeline.media.language_codes import three_letters
from studio_pipeline.media.probe import probe
from studio_pipeline.media.xmp import append_source_type
from studio_pipeline.whole_file import disk_errors_told

AI_NOTICE = "AI-generated"
"""Stands in every film's comment tag."""

_LONGEST_TITLE = 200
_JOINERS = "\u200c\u200d"
"""Invisible, and part of how Persian, Hindi and many emoji are written."""


def mux(
    picture: Path,
    sound: Path | None,
    captions: Path | None,
    into: Path,
    *,
    title: str,
    language: str,
    source_type: str = "",
) -> None:
    """Write the film to ``into`` as an MP4 that starts playing before it is loaded whole.

    Args:
        picture: an MP4 in the house format; copied packet by packet.
        sound: AAC in .m4a as ``loudness.master`` writes it, or ``None`` for a silent film; copied.
        captions: an .srt with at least one caption, or ``None``.
        title: any text; it becomes a tag, in one line.
        language: of the sound and the captions, a tag such as ``en`` or ``pt-BR``.
        source_type: what it comes from, a term of the IPTC; empty to say nothing of it in XMP.

    Raises:
        MediaDamaged: a part does not open, or the film lost frames.
        HomeFull: no space left.
    """
    facts = probe(picture)
    inputs, maps = ["-i", as_argument(picture.absolute())], ["-map", "0:v:0"]
    tags = ["-metadata", f"title={one_line(title)}", "-metadata", f"comment={AI_NOTICE}"]
    code = three_letters(language)
    if sound is not None:
        inputs += ["-i", as_argument(sound.absolute())]
        maps += ["-map", "1:a:0"]
        tags += ["-metadata:s:a:0", f"language={code}"]
    if captions is not None:
        maps += ["-map", f"{len(inputs) // 2}:s:0"]
        inputs += ["-f", "srt", "-i", as_argument(captions.absolute())]
        tags += ["-metadata:s:s:0", f"language={code}"]
    ticks = str(timescale(facts.rate))
    run_ffmpeg(
        [
            *(*inputs, *maps, "-c:v", "copy", "-c:a", "copy", "-c:s", "mov_text"),
            *(*BITEXACT, "-map_chapters", "-1", *tags),
            *("-video_track_timescale", ticks, "-movie_timescale", ticks, "-movflags", "+faststart", "-f", "mp4"),
            as_argument(into.absolute()),
        ]
    )
    if (made := probe(into)).frames != facts.frames:
        raise MediaDamaged(
            f"The film has {made.frames} frames where its picture has {facts.frames}",
            where=str(into),
            todo="Finish the cut again.",
        )
    if source_type:
        with disk_errors_told(into, "The film"):
            append_source_type(into, source_type)


def one_line(title: str) -> str:
    """``title`` as a tag can hold it: no control or reordering characters, no line breaks, at most 200 characters."""
    kept = "".join(char if char in _JOINERS or unicodedata.category(char)[0] != "C" else " " for char in title)
    return " ".join(kept.split())[:_LONGEST_TITLE]
