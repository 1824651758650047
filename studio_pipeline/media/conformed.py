"""Before a cut is rendered: every media is looked at, what is strange is brought into the house format, and what cannot
be shown or heard is stood in for. A damaged clip costs its own frames, never the film.

What lives here: the looking, and what becomes of each media. What does not: whether a clip is in the format
(``house.py``), bringing it there (``fit.py``), the card (``missing_card.py``), a cut whose transitions have no room
(``editorial/conform.py``).

Looking is cheap: a file whose bytes are those that were taken in is believed, for it was decoded then; only a changed
one is decoded again. What is made lies in the render cache, so the next film of the cut finds it there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from studio_pipeline.editorial.conform import Problem, with_room
from studio_pipeline.editorial.timeline import MusicSpan, Speech, Timeline, TimelineClip
from studio_pipeline.errors import HomeError, MediaDamaged, StudioError
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.rate import Rate
from studio_pipeline.media.arrival import check_clip, check_sound, damaged, opened_media
from studio_pipeline.media.encode import COLOUR_TAGS, encode_still, house_video_args
from studio_pipeline.media.fit import fit_clip, fit_sound
from studio_pipeline.media.house import picture_stream, strange
from studio_pipeline.media.missing_card import missing_card
from studio_pipeline.media.picture_graph import views
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound.samples import RATE_HZ, read_blocks, wav_facts, write_blocks

Resolve = Callable[[MediaRef], Path]

_VERSION = 1
"""Counts up when something here, or in what brings media into the format, is made otherwise than before."""


@dataclass(frozen=True)
class Conformed:
    """A cut that renders. Its clips, names and lengths are those of the cut; some of its media may be others."""

    timeline: Timeline
    resolve: Resolve
    """Where a media lies, those that were made here too."""
    flagged: tuple[Problem, ...]
    """What a person must see to: what is missing from the film."""
    notes: tuple[str, ...]
    """What was done to media so that they fit, for people."""
    lost: frozenset[MediaRef] = frozenset()
    """Media of the cut that cannot be shown or heard: a card or silence stands in for them."""
    not_whole: frozenset[MediaRef] = frozenset()
    """Media whose file is gone, or is not the one that was taken in. The cut looks otherwise once they are back."""


def conformed(timeline: Timeline, resolve: Resolve, cache: RenderCache, *, lost: Collection[Problem] = ()) -> Conformed:
    """``timeline`` as it can be rendered.

    - A clip that is missing, or no clip, or damaged is a card of its length that says so.
    - A clip of another size, rate, coding, turned on its side or of unsteady speed is brought into the house format.
    - A narration that cannot be heard is silence, so that its captions stay; such music is left out.
    - A transition without room for it is a plain cut.

    Args:
        resolve: where a media lies. It may raise a ``StudioError``, or name a file that is not there.
        lost: what is known not to be showable, e.g. from ``damaged_inside``; found by the names of clips.

    Raises:
        HomeFull: no space left for what has to be made.
    """
    return _Conforming(timeline, resolve, cache).done({problem.shot: problem.message for problem in lost})


def damaged_inside(timeline: Timeline, resolve: Resolve) -> tuple[Problem, ...]:
    """Clips of ``timeline`` with frames in them that do not decode, up to the last one that the film shows.

    Decodes them all, some 500 frames a second at 720p: for when rendering has failed and nobody knows on what.
    """
    needed: dict[MediaRef, int] = {}
    for view in views(timeline, (0, timeline.frames)):
        clip = timeline.clips[view.clip]
        last = clip.source_at(view.offset + view.frames - 1)
        needed[clip.media] = max(last, needed.get(clip.media, 0))
    found = {media: _decoded(resolve, media, last + 1) for media, last in needed.items()}
    return tuple(Problem(shot=clip.name, message=why) for clip in timeline.clips if (why := found.get(clip.media)))


def _decoded(resolve: Resolve, media: MediaRef, frames: int) -> str | None:
    """Why the first ``frames`` frames cannot all be shown; ``None`` where they can."""
    try:
        path = resolve(media)
        with opened_media(path, "clip") as opened:
            stream = picture_stream(opened, path)
            stream.thread_type = "AUTO"
            seen = 0
            for frame in opened.decode(stream):
                if frame.is_corrupt:
                    raise damaged(path, f"is damaged inside: its frame {seen} does not decode")
                seen += 1
                if seen == frames:
                    return None
            raise damaged(path, f"is cut off: {seen} of {frames} frames are there")
    except StudioError as bad:
        return bad.what


class _Conforming:
    """One pass over a timeline."""

    def __init__(self, timeline: Timeline, resolve: Resolve, cache: RenderCache) -> None:
        self._timeline = timeline
        self._resolve = resolve
        self._cache = cache
        self._made: dict[MediaRef, Path] = {}
        self._flagged: list[Problem] = []
        self._notes: list[str] = []
        self._lost: set[MediaRef] = set()
        self._not_whole: set[MediaRef] = set()
        self._clips: dict[tuple[MediaRef, int], tuple[MediaRef, tuple[str, ...]] | StudioError] = {}
        self._sounds: dict[tuple[MediaRef, int], tuple[MediaRef, bool] | StudioError] = {}

    def done(self, lost: dict[str, str]) -> Conformed:
        timeline, without_room = with_room(self._timeline)
        self._notes += map(str, without_room)
        timeline = timeline.model_copy(
            update={
                "clips": tuple(self._clip(clip, lost.get(clip.name)) for clip in timeline.clips),
                "narration": tuple(self._speech(speech) for speech in timeline.narration),
                "music": tuple(span for given in timeline.music if (span := self._music(given))),
            }
        )
        made, resolve = self._made, self._resolve
        return Conformed(
            timeline=timeline,
            resolve=lambda media: made[media] if media in made else resolve(media),
            flagged=tuple(self._flagged),
            notes=tuple(self._notes),
            lost=frozenset(self._lost),
            not_whole=frozenset(self._not_whole),
        )

    def _clip(self, clip: TimelineClip, lost: str | None) -> TimelineClip:
        key = clip.media, clip.media_frames
        if lost is not None:
            with suppress(MediaDamaged):  # it is lost, whatever lies there; whether it is the one taken in is noted
                self._look(clip.media)
        elif key not in self._clips:
            try:
                self._clips[key] = self._fitted(*key)
            except HomeError:
                raise
            except StudioError as bad:
                self._clips[key] = bad
        found = self._clips.get(key)
        if lost is not None or found is None or isinstance(found, StudioError):
            self._lost.add(clip.media)
            why = found.what if isinstance(found, StudioError) else lost or ""
            self._flagged.append(Problem(shot=clip.name, message=f"{why.rstrip('.')}; a card stands in its place"))
            return clip.model_copy(update={"media": self._card(clip), "colour": None, "origins": (), "marks": ()})
        media, told = found
        self._notes += (f"{clip.name}: {note}" for note in told)
        return clip.model_copy(update={"media": media})

    def _fitted(self, media: MediaRef, frames: int) -> tuple[MediaRef, tuple[str, ...]]:
        """The clip as the film needs it, and what a person should know of it."""
        rate, size = self._timeline.rate, self._timeline.size
        path, there = self._look(media)
        told: tuple[str, ...] = ()
        if there != media:
            check_clip(path, least_s=0)
            told = ("its file is not the one that was taken in; it is shown as it is now",)
        oddities = self._strange(path, there, frames)
        if not oddities:
            return self._as_it_is(path, media, there), told
        events: list[str] = []

        def fit(into: Path) -> None:
            events.extend(fit_clip(path, into, frames=frames, rate=rate, size=size))

        key = _key("clip", there.sha256, frames, *_house(rate, size))
        made = self._cache.get(key, ".mp4", fit)
        # What was said when it was made is said again with it.
        said = self._cache.get(key, ".json", lambda into: into.write_text(json.dumps(events), encoding="utf-8"))
        brought = f"its clip {', '.join(oddities)}; it was brought into the film's format"
        return self._keep(made), (*told, brought, *json.loads(said.read_text(encoding="utf-8")))

    def _strange(self, path: Path, there: MediaRef, frames: int) -> list[str]:
        """What is unlike the house format. Looking takes 30 ms a clip, and cuts and films have most clips in common."""
        rate, size = self._timeline.rate, self._timeline.size

        def look(into: Path) -> None:
            into.write_text(json.dumps(strange(path, frames=frames, rate=rate, size=size)), encoding="utf-8")

        key = _key("strange", version("av"), there.sha256, frames, *_house(rate, size))
        oddities: list[str] = json.loads(self._cache.get(key, ".json", look).read_text(encoding="utf-8"))
        return oddities

    def _card(self, clip: TimelineClip) -> MediaRef:
        rate, size = self._timeline.rate, self._timeline.size
        note = f"scene {clip.scene} · {rate.seconds(clip.frames):.1f} s"

        def draw(into: Path) -> None:
            encode_still(missing_card(clip.name, note, size), clip.media_frames, size, rate, into)

        key = _key("card", clip.name, note, clip.media_frames, *_house(rate, size))
        return self._keep(self._cache.get(key, ".mp4", draw))

    def _speech(self, speech: Speech) -> Speech:
        name = f"narration of scene {speech.scene}"
        media = self._heard(speech.media, name, channels=1, instead="its words are shown and not spoken")
        if media is None:
            samples = round(self._timeline.rate.seconds(speech.frames) * RATE_HZ)

            def hush(into: Path) -> None:
                write_blocks(into, [np.zeros((samples, 1), np.float32)], channels=1)

            media = self._keep(self._cache.get(_key("silence", samples), ".wav", hush))
        return speech.model_copy(update={"media": media})

    def _music(self, span: MusicSpan) -> MusicSpan | None:
        media = self._heard(span.media, "music", channels=2, instead="it is left out")
        return span.model_copy(update={"media": media}) if media else None

    def _heard(self, media: MediaRef, name: str, *, channels: int, instead: str) -> MediaRef | None:
        """The sound as the mix can read it; ``None``, and flagged, where there is none."""
        if (media, channels) not in self._sounds:
            try:
                self._sounds[media, channels] = self._readable(media, channels)
            except HomeError:
                raise
            except StudioError as bad:
                self._sounds[media, channels] = bad
        found = self._sounds[media, channels]
        if isinstance(found, StudioError):
            self._lost.add(media)
            self._flagged.append(Problem(shot=name, message=f"{found.what.rstrip('.')}; {instead}"))
            return None
        if found[1]:
            self._notes.append(f"{name}: is no PCM wav; it was made one")
        return found[0]

    def _readable(self, media: MediaRef, channels: int) -> tuple[MediaRef, bool]:
        """The sound as a wav, and whether it had to be made one."""
        path, there = self._look(media)
        if _is_wav(path):
            if there != media:  # it may break off anywhere
                for _ in read_blocks(path):
                    pass
            return self._as_it_is(path, media, there), False
        check_sound(path)
        key = _key("sound", there.sha256, channels)
        return self._keep(self._cache.get(key, ".wav", lambda into: fit_sound(path, into, channels=channels))), True

    def _look(self, media: MediaRef) -> tuple[Path, MediaRef]:
        try:
            path, there = _looked_at(self._resolve, media)
        except MediaDamaged:
            self._not_whole.add(media)
            raise
        if there != media:
            self._not_whole.add(media)
        return path, there

    def _as_it_is(self, path: Path, media: MediaRef, there: MediaRef) -> MediaRef:
        """``media``, or what lies in its place: nothing that is kept of the one may be taken for the other."""
        if there != media:
            self._made[there] = path
        return there

    def _keep(self, made: Path) -> MediaRef:
        ref = _ref(made, made.suffix)
        self._made[ref] = made
        return ref


def _looked_at(resolve: Resolve, media: MediaRef) -> tuple[Path, MediaRef]:
    """Where a media lies, and what lies there: another one where its bytes are not those that were taken in.

    Raises:
        MediaDamaged: nobody knows where it lies, there is no such file, or it cannot be read.
    """
    try:
        path = resolve(media)
    except StudioError as gone:  # also where it is the store's: only what is made here may be more than one file
        raise MediaDamaged(gone.what, where=gone.where, todo=gone.todo) from gone
    try:
        return path, _ref(path, media.suffix)
    except FileNotFoundError:
        raise MediaDamaged("Its media is gone", where=path.name, todo="Make the shot again.") from None
    except OSError as error:
        raise MediaDamaged(f"Its media cannot be read: {error.strerror}", where=path.name) from error


def _is_wav(path: Path) -> bool:
    try:
        wav_facts(path)
    except MediaDamaged:
        return False
    return True


def _ref(path: Path, suffix: str) -> MediaRef:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return MediaRef(sha256=digest, suffix=suffix, size_bytes=path.stat().st_size)


def _house(rate: Rate, size: tuple[int, int]) -> tuple[object, ...]:
    """What a clip in the house format follows from besides its pictures."""
    return (rate.num, rate.den), size, house_video_args(rate, size, "clip"), COLOUR_TAGS


def _key(*recipe: object) -> str:
    """The digest of what something is made from."""
    made_of = ["conformed", _VERSION, version("imageio-ffmpeg"), *recipe]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()
