"""The footage a production has, and which of it a file means. Pure.

A file may name a media in four ways; they are asked in this order. *Where it lies*: by its name in the media store (its
digest), or by the one ``studio export`` gave it (``animated.s01.k1.take2.mp4``). *Our metadata*, which only OTIO keeps.
*The clip's name*, a shot's or a file's. *The reel* that one of our lists gave it. Where that leaves several media, the
one in the cut that the edit was made from is meant.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote

from studio_pipeline.editorial.edl import reel_names
from studio_pipeline.editorial.reading.edit import Edit, Link, Shot
from studio_pipeline.editorial.sound_lanes import sound_lanes
from studio_pipeline.editorial.timeline import Mark, MusicSpan, Speech, Timeline, TimelineClip
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.takes import ShotTakes

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_WITH_DIGEST = re.compile(r"(.+)\.([0-9a-f]{8})")
_REPEATED = re.compile(r"~\d+$")


class Material:
    """Everything of one production that a file may mean.

    Args:
        cuts: all its timelines, those that are likeliest meant first.
        takes: all takes of its shots, by the shot's place.
    """

    def __init__(self, cuts: Sequence[Timeline], takes: Mapping[str, ShotTakes] | None = None) -> None:
        self.cuts = tuple(cuts)
        self._pictures: dict[str, dict[str, TimelineClip]] = defaultdict(dict)
        """By digest and clip name."""
        self._marks: dict[str, list[Mark]] = defaultdict(list)
        self._sounds: dict[str, list[Speech | MusicSpan]] = defaultdict(list)
        self._files: dict[str, list[str]] = defaultdict(list)
        """Digests by what files are called, lower case, without suffix; so, too, the next three."""
        self._names: dict[str, list[str]] = defaultdict(list)
        self._reels: dict[str, list[str]] = defaultdict(list)
        for cut in cuts:
            self._add_cut(cut)
        for place, shot in (takes or {}).items():
            self._add_takes(place, shot)

    def _add_cut(self, cut: Timeline) -> None:
        for clip in cut.clips:
            self._add_picture(clip)
        for media, reel in reel_names(cut).items():
            _add(self._reels, reel, media.sha256)
        for sound in (*cut.narration, *cut.music):
            self._sounds[sound.media.sha256].append(sound)
            stem = f"narration.s{sound.scene:02d}" if isinstance(sound, Speech) else "music"
            _add(self._files, stem, sound.media.sha256)
        for lane in sound_lanes(cut):
            for sound in lane.sounds:
                _add(self._names, sound.name, sound.media.sha256)

    def _add_picture(self, clip: TimelineClip) -> None:
        digest = clip.media.sha256
        self._pictures[digest].setdefault(clip.name, clip)
        self._marks[digest] += [mark for mark in clip.marks if mark not in self._marks[digest]]
        _add(self._files, f"{clip.name}.take{clip.take}", digest)
        _add(self._names, clip.name, digest)
        _add(self._names, f"{clip.name} take {clip.take}", digest)

    def _add_takes(self, place: str, shot: ShotTakes) -> None:
        scene = Cell.parse(f"x|{place}").scene or 0
        for take in sorted(shot.takes, key=lambda take: take.number != shot.circled):
            self._add_picture(
                TimelineClip(
                    name=place,
                    media=take.clip,
                    media_frames=take.frames,
                    source_frame=0,
                    frames=take.frames,
                    scene=scene,
                    take=take.number,
                    origins=(take.still.origin("still"), take.video.origin("clip")),
                )
            )

    def picture(self, link: Link, near: Timeline | None = None) -> TimelineClip | None:
        """A clip of the media that ``link`` means, in the way the cut ``near`` has it; ``None`` for strange footage."""
        digest = _nearest(
            self._meant(link, self._pictures), [clip.media.sha256 for clip in near.clips] if near is not None else []
        )
        if digest is None:
            return None
        known = self._pictures[digest]
        name = _SUFFIX.sub("", link.name) if link.name not in known else link.name
        name = name if name in known else _REPEATED.sub("", name)
        there = [clip for clip in near.clips if clip.media.sha256 == digest] if near is not None else []
        return (
            next((clip for clip in there if clip.name == name), None)
            or known.get(name)
            or next(iter([*there, *known.values()]))
        )

    def sound(self, link: Link, near: Timeline) -> Speech | MusicSpan | None:
        """A speech or music of the media that ``link`` means, in the way the cut ``near`` has it."""
        own = (*near.narration, *near.music)
        digest = _nearest(self._meant(link, self._sounds), [sound.media.sha256 for sound in own])
        if digest is None:
            return None
        return next((sound for sound in own if sound.media.sha256 == digest), None) or self._sounds[digest][0]

    def longest(self, digest: str) -> int:
        """The most frames of a sound that any cut plays, from its first on."""
        return max(
            sound.frames + (sound.source_frame if isinstance(sound, MusicSpan) else 0) for sound in self._sounds[digest]
        )

    def marks(self, digest: str) -> tuple[Mark, ...]:
        """What is to be looked at anywhere in a media."""
        return tuple(self._marks[digest])

    def nearest_cut(self, edit: Edit) -> Timeline:
        """The cut that ``edit`` was made from: the one it names, else the one that has the most of it."""
        named = [cut for cut in self.cuts if edit.cut and cut.name == edit.cut]
        named = [cut for cut in named if cut.language == edit.language] or named
        if named:
            return named[0]
        meant = [(set(self._meant(item.link, self._pictures)), item) for item in edit.items if isinstance(item, Shot)]

        def alike(cut: Timeline) -> int:
            used: dict[str, set[int]] = defaultdict(set)
            for clip in cut.clips:
                used[clip.media.sha256].add(clip.source_frame)
            points = 0
            for digests, shot in meant:
                there = digests & used.keys()
                points += 2 * bool(there) + any(shot.source in used[digest] for digest in there)
            return points

        return max(self.cuts, key=alike)  # of equals the first

    def _meant(self, link: Link, known: Mapping[str, object]) -> list[str]:
        """The digests that ``link`` may mean, all of one kind of evidence."""
        ours = link.sha256.lower()
        for found in self._evidence(link):
            there = [digest for digest in found if digest in known]
            if there:
                return [ours] if ours in there else there
        return []

    def _evidence(self, link: Link) -> Iterator[Iterable[str]]:
        yield self._by_file(link.url)
        yield [link.sha256.lower()]
        yield self._by_file(link.name)
        for name in (link.name, _SUFFIX.sub("", link.name), _REPEATED.sub("", link.name)):
            yield self._names.get(name.strip().lower(), [])
        yield self._reels.get(link.reel.strip().lower(), [])

    def _by_file(self, url: str) -> list[str]:
        """By what a file is called, wherever it lies now: the machine, the folders and their slashes are others'."""
        file = re.split(r"[/\\]", unquote(url.partition("?")[0] if "://" in url else url))[-1].lower().strip()
        for stem in (_SUFFIX.sub("", file), file):
            if _DIGEST.fullmatch(stem):
                return [stem]
            if stem in self._files:
                return self._files[stem]
            if (marked := _WITH_DIGEST.fullmatch(stem)) and marked[1] in self._files:
                return [digest for digest in self._files[marked[1]] if digest.startswith(marked[2])]
        return []


def _add(index: dict[str, list[str]], name: str, digest: str) -> None:
    digests = index[name.lower()]
    if digest not in digests:
        digests.append(digest)


def _nearest(meant: Sequence[str], near: Iterable[str]) -> str | None:
    there = set(near)
    return next((digest for digest in meant if digest in there), meant[0] if meant else None)
