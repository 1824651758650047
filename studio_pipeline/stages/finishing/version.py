"""The film in one language: picture, sound, captions, and one file with all of them.

What lives here: the steps from a conformed timeline to a film. What does not: which versions there
are, what belongs to all of them, and how files come to lie in the film's folder (``finisher.py``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.film.film import Rendering, Version
from studio_pipeline.media.captions.ass import write_ass
from studio_pipeline.media.captions.cues import cues, write_srt, write_vtt
from studio_pipeline.media.captions.words import write_word_vtt
from studio_pipeline.media.conformed import Conformed
from studio_pipeline.media.credentials.certificates import Credentials
from studio_pipeline.media.credentials.content_credentials import signed
from studio_pipeline.media.deliver import mux
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.smart_render import smart_render
from studio_pipeline.media.sound.loudness import master
from studio_pipeline.media.sound.mix import Mixed, mix
from studio_pipeline.stages.finishing.provenance import manifest, provenance

Progress = Callable[[float], None]

_PICTURE_SHARE, _SOUND_SHARE = 0.6, 0.35
"""Of the time a version takes: rendering the picture, mixing and mastering the sound."""


@dataclass(frozen=True)
class Made:
    """A version, its sound with the stems, and its provenance."""

    version: Version
    mixed: Mixed
    facts: Mapping[str, Any]


def make_version(
    cut: Timeline,
    room: Conformed,
    stem: str,
    work: Path,
    *,
    credentials: Credentials | None,
    cache: RenderCache,
    progress: Progress,
) -> Made:
    """Write the files of one version into ``work``, all but its timelines; their names begin with ``stem``.

    Args:
        cut: what it is a version of.
        room: the same, as it can be rendered.
        credentials: who signs it; ``None`` for nobody.
        progress: hears shares from 0 to 1.

    Raises:
        MediaDamaged: a media turns out not to decode.
        HomeFull: no space left.
    """
    timeline, resolve = room.timeline, room.resolve
    picture, sound, film = work / "picture.mp4", work / "sound.m4a", f"{stem}.mp4"
    drawn = smart_render(
        timeline, resolve, picture, cache=cache, progress=lambda share: progress(share * _PICTURE_SHARE)
    )
    mixed = mix(timeline, resolve, work / f"{stem} stems", cache=cache)
    loudness = master(mixed.mix, sound, timeline.delivery.loudness_lufs, cache=cache)
    progress(_PICTURE_SHARE + _SOUND_SHARE)
    captions = _captions(timeline, stem, work)
    # Who made what is known of the media of the cut; which transitions there are, of what was rendered.
    facts = provenance(cut.model_copy(update={"transitions": timeline.transitions}), film, room.lost)
    unsigned = work / f"{stem} unsigned.mp4"
    mux(
        *(picture, sound, work / captions["captions_srt"] if captions else None, unsigned),
        title=timeline.title,
        language=timeline.language,
        source_type=facts["digital_source_type"],
    )
    content_digest = digest_of_file(unsigned)
    if credentials is None:
        unsigned.replace(work / film)
    else:
        signed(unsigned, work / film, manifest(facts), credentials, content=content_digest, cache=cache)
        unsigned.unlink()
    version = Version(
        language=timeline.language,
        film=film,
        files=captions,
        frames=timeline.frames,
        duration_s=timeline.duration_s,
        integrated_lufs=loudness.integrated_lufs,
        true_peak_dbtp=loudness.true_peak_dbtp,
        digest=digest_of_file(work / film),
        content_digest=content_digest,
        rendering=Rendering(
            copied_frames=drawn.copied_frames,
            encoded_frames=drawn.encoded_frames,
            cached_frames=drawn.cached_frames,
            fallback=drawn.fallback,
        ),
    )
    return Made(version, mixed, facts)


def _captions(timeline: Timeline, stem: str, work: Path) -> dict[str, str]:
    """Files of the captions by what they are; none where nobody says a word."""
    spoken = cues(timeline)
    if not spoken:
        return {}
    files = {
        "captions_srt": f"{stem}.srt",
        "captions_vtt": f"{stem}.vtt",
        "captions_ass": f"{stem}.ass",
        "captions_words": f"{stem}.words.vtt",
    }
    write_srt(spoken, work / files["captions_srt"])
    write_vtt(spoken, work / files["captions_vtt"])
    write_ass(spoken, work / files["captions_ass"], size=timeline.size, language=timeline.language)
    write_word_vtt(timeline, work / files["captions_words"])
    return files


def digest_of_file(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
