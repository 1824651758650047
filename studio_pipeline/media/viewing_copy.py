"""What a person looks at before choosing a cut: a small film with timecode, its pictures on one page, its sound as a
picture, and its timelines for the editor they already use.

Made for every candidate, before anything is finished, so it has to be quick: low resolution, two cuts at a time, and
what cuts have in common is made once (``render_cache``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from studio_pipeline.editorial.interchange import write_all
from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.media.conformed import conformed
from studio_pipeline.media.cut_pictures import cut_pictures
from studio_pipeline.media.preview import preview, small_clips
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.media.sound.mix import mix
from studio_pipeline.whole_file import disk_errors_told, sync, unfinished_folder

PREVIEW, SHEET, SOUND = ".mp4", ".jpg", ".png"
_AT_ONCE = 2

Resolve = Callable[[MediaRef], Path]


def viewing_copies(
    cuts: Sequence[Timeline], resolve: Resolve, folder: Path, *, cache: RenderCache, again: bool = True
) -> tuple[str, ...]:
    """Fill ``folder`` with the viewing copies of all cuts, and nothing else; see ``viewing_copy``.

    Args:
        again: whether to make those that are there, too.

    Returns:
        What a person should know of them, each thing once.

    Raises:
        HomeFull: no space left; each cut's files are those from before or the new ones.
    """
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as desk:
        wanted = [cut for cut in cuts if again or not (folder / f"{cut.name}{PREVIEW}").is_file()]
        told = list(desk.map(lambda cut: viewing_copy(cut, resolve, folder, cache=cache), wanted))
    names = {cut.name for cut in cuts}
    with disk_errors_told(folder, "The viewing copies"):
        for left in folder.iterdir():
            if left.is_file() and not left.name.startswith(".") and left.name.partition(".")[0] not in names:
                left.unlink()
    cache.trim()
    return tuple(dict.fromkeys(note for notes in told for note in notes))


def viewing_copy(timeline: Timeline, resolve: Resolve, folder: Path, *, cache: RenderCache) -> tuple[str, ...]:
    """Write the viewing copy of a cut into ``folder``, as ``<cut>.mp4``, ``.jpg``, ``.png`` and its timelines.

    Returns:
        What a person should know: clips that cannot be shown, timelines that some format cannot hold.

    Raises:
        HomeFull: no space left; what was there is untouched.
    """
    stem = timeline.name  # lower-case letters, digits, - and _
    with (
        disk_errors_told(folder, "The viewing copies"),
        unfinished_folder(folder) as work,
        TemporaryDirectory(prefix="viewing-") as scratch,
    ):
        room = conformed(timeline, resolve, cache)
        mixed = mix(room.timeline, room.resolve, Path(scratch), cache=cache)
        preview(room.timeline, room.resolve, work / f"{stem}{PREVIEW}", sound=mixed.mix, cache=cache)
        small = small_clips(room.timeline, room.resolve, cache)
        cut_pictures(room, mixed, sheet=work / f"{stem}{SHEET}", sound=work / f"{stem}{SOUND}", clips=small)
        # ``work`` lies beside ``folder``: relative links to media mean the same from both.
        written = write_all(timeline, work, stem, resolve)
        folder.mkdir(parents=True, exist_ok=True)
        # The small film goes last: where it is, so is the rest.
        for made in sorted(work.iterdir(), key=lambda made: (made.suffix == PREVIEW, made.name)):
            sync(made)
            made.replace(folder / made.name)
        sync(folder)
    return (*map(str, room.flagged), *room.notes, *written.left_out)
