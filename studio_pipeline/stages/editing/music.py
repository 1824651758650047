"""Where music lies in a cut: a span for each cue of the scenes as they are cut, crossfaded where scenes meet.

The music that comes in has a beat on the joint of the scenes, where its beats are known. A cue that is longer than its
track plays parts of it again (``looping.py``). The last cue is laid from the film's end backwards, so that the music
ends with the film by its own ending. Places only: mixing is ``finishing``'s; which scenes share a music is
``editorial/music_cues.py``'s.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from studio_pipeline.editorial.music_cues import LEAST_CUE_S, runs
from studio_pipeline.editorial.timeline import MusicSpan
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Mood
from studio_pipeline.film.takes import Music
from studio_pipeline.stages.editing.looping import Passage, Track, onward, to_the_end

JOINT_WINDOW_S = 0.4
"""The last cue, whose beats lie where the film's end puts them, may come in this much beside the joint."""
FIRST_FADE_S = 1.0
"""How a film's music begins where it does not begin with the beginning of its track."""


def place_music(music: Music | None, scenes: Sequence[tuple[int, int]], rate: Rate) -> tuple[MusicSpan, ...]:
    """Music under a whole film of ``scenes``: the number of each and its frames as cut, in order.

    Spans cover the film without a hole and overlap only where the one fades out while the next fades in.
    """
    if music is None or not scenes:
        return ()
    lengths = [frames for _, frames in scenes]
    moods: list[Mood] = [music.mood_of(number) for number, _ in scenes]
    cues = runs(list(zip(moods, lengths, strict=True)), rate.frames(LEAST_CUE_S))
    tracks = [Track.of(music.track(cue.mood), rate) for cue in cues]
    film_frames = sum(lengths)
    fades = [min(before.longest_fade(rate), after.longest_fade(rate)) for before, after in pairwise(tracks)]
    centres = [sum(lengths[: cue.first]) for cue in cues[1:]]
    if centres:
        centres[-1] = _on_a_beat(tracks[-1], centres[-1], fades[-1] // 2, film_frames, rate)
    begins = [0, *(centre - fade // 2 for centre, fade in zip(centres, fades, strict=True))]
    ends = [*(centre + fade // 2 for centre, fade in zip(centres, fades, strict=True)), film_frames]
    spans: list[MusicSpan] = []
    for at, (cue, track, begin, end) in enumerate(zip(cues, tracks, begins, ends, strict=True)):
        if at == len(cues) - 1:
            passages = to_the_end(track, end - begin, rate)
        else:
            passages = onward(track, end - begin, rate, beat_at=fades[at - 1] // 2 if at else None)
        fade_in = fades[at - 1] if at else rate.frames(FIRST_FADE_S) * (passages[0].source > 0)
        fade_out = fades[at] if at < len(cues) - 1 else 0
        spans += _spans(track, cue.mood, begin, passages, fade_in, fade_out)
    return tuple(spans)


def film_beats(music: Music | None, spans: Sequence[MusicSpan], rate: Rate) -> tuple[int, ...]:
    """The record frames on which a beat falls; in a crossfade, of that music which is the louder one."""
    tracks = {track.sound: Track.of(track, rate) for track in music.tracks} if music else {}
    found: set[int] = set()
    for span in spans:
        beats = tracks[span.media].beats
        first = span.source_frame + span.fade_in // 2
        last = span.source_frame + span.frames - span.fade_out // 2
        heard = beats[bisect_left(beats, first) : bisect_left(beats, last)]
        found |= {span.record_frame + beat - span.source_frame for beat in heard}
    return tuple(sorted(found))


def _on_a_beat(track: Track, joint: int, half: int, film_frames: int, rate: Rate) -> int:
    """The beat of the last cue that is nearest to its joint, or the joint where there is none near."""
    begin = joint - half
    passage = to_the_end(track, film_frames - begin, rate)[0]
    near = [begin + beat - passage.source for beat in track.beats]
    best = min(near, key=lambda beat: (abs(beat - joint), beat), default=joint)
    return best if abs(best - joint) <= rate.frames(JOINT_WINDOW_S) else joint


def _spans(
    track: Track, mood: str, begin: int, passages: Sequence[Passage], fade_in: int, fade_out: int
) -> list[MusicSpan]:
    """``passages`` one after the other from ``begin`` on, each fading in while the one before it fades out."""
    spans: list[MusicSpan] = []
    at, comes = begin, fade_in
    for number, passage in enumerate(passages, start=1):
        goes = passage.overlap if number < len(passages) else fade_out
        spans.append(
            MusicSpan(
                media=track.media,
                record_frame=at,
                frames=passage.frames,
                source_frame=passage.source,
                fade_in=min(comes, passage.frames - goes),
                fade_out=goes,
                mood=mood,
                origins=track.origins,
            )
        )
        at += passage.frames - passage.overlap
        comes = passage.overlap
    return spans
