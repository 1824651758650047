"""``studio export``: the film, its timelines and the media they use, in a folder that opens in an editor elsewhere.

Everything is written inside that folder, each file whole or not at all. A folder that holds anything but an earlier
export of the same production is left alone.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from studio_pipeline.cli.options import common_options, json_option
from studio_pipeline.wording import clipped

if TYPE_CHECKING:
    from studio_pipeline.cli.result import Result
    from studio_pipeline.cli.session import Session
    from studio_pipeline.editorial.cut import Cut, CutSet
    from studio_pipeline.editorial.timeline import Timeline
    from studio_pipeline.film.film import Film
    from studio_pipeline.film.media_ref import MediaRef

MANIFEST = "export.json"
"""Says which production a folder is an export of, and which files are ours."""
_NO_SUCH_PLACE = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ENOTDIR)
_TIMELINES = ("otio", "edl")
"""Kinds of files that link to media, and are written anew for the copies."""


@click.command("export")
@click.argument("production")
@click.option("--to", "into", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder to fill.")
@json_option
@common_options
def command(production: str, into: Path, as_json: bool) -> int:
    """Copy the film, its timelines and their media into a folder of yours.

    The timelines link to the copies by relative paths, so the folder can go anywhere. The cut that was delivered is
    film.otio and film.edl; the other cuts lie in cuts/.
    """
    from studio_pipeline.cli.result import result_of
    from studio_pipeline.cli.session import open_studio

    with open_studio() as session:
        result = result_of(session, production)
        made = _export(session, result, into)
    if as_json:
        told = {
            "production": production,
            "folder": str(into.absolute()),
            "cut": result.film.cut if result.film else None,
        }
        click.echo(json.dumps(told | {"files": made}, indent=2))
    else:
        _print(result, into, made)
    return 0


def _export(session: Session, result: Result, into: Path) -> list[str]:
    """Fill ``into`` and return the names of all files in it, the media last."""
    from studio_pipeline.editorial.edl import write_edl
    from studio_pipeline.editorial.otio import write_otio

    film, cuts, cut = _delivered(result)
    with _told(into):
        before = _check_folder(into, result.production)
    media: dict[MediaRef, str] = {}
    for other in (cut, *(other for other in cuts.cuts if other.name != cut.name)):
        _name_media(other.timeline, media)
    copies = [film.film, *(name for kind, name in film.files.items() if kind not in _TIMELINES)]
    timelines = {"film" if other.name == cut.name else f"cuts/{other.name}": other.timeline for other in cuts.cuts}
    files = [
        *copies,
        *(f"{stem}{suffix}" for stem in timelines for suffix in (".otio", ".edl")),
        *sorted(media.values()),
    ]
    resolve = {ref: into / name for ref, name in media.items()}.__getitem__
    manifest = {"production": result.production, "cut": cut.name, "files": files}
    with _told(into):
        for folder in (into, into / "media", into / "cuts"):
            folder.mkdir(parents=True, exist_ok=True)
        # First of all: an export that was interrupted is known by it, and the same command goes on.
        _write(into / MANIFEST, lambda place: place.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8"))
        for ref, name in media.items():
            _copy(session.home.media.verify(ref), into / name)
        for name in copies:
            _copy(result.folder / name, into / name)
        for stem, timeline in timelines.items():
            _write(into / f"{stem}.otio", lambda place, timeline=timeline: write_otio(timeline, place, resolve))
            _write(into / f"{stem}.edl", lambda place, timeline=timeline: write_edl(timeline, place))
        _remove_old(into, set(before) - set(files))
    return files


def _delivered(result: Result) -> tuple[Film, CutSet, Cut]:
    """The film, all cuts, and the one that the film is made of.

    Raises:
        BadInput: when there is no film, or it is not the film of the cuts there are now.
        HomeDamaged: when a file of it is gone.
    """
    from studio_pipeline.errors import BadInput, HomeDamaged

    gone = [path for name in (result.film.names if result.film else ()) if not (path := result.folder / name).exists()]
    if gone:
        raise HomeDamaged(
            f"The film of {result.production} was delivered, but a file of it is gone",
            where=str(gone[0]),
            todo=f"Run `studio produce {result.production}`: the film is put together anew, for nothing.",
        )
    film = result.final
    cut = result.cuts.cut(film.cut) if result.cuts and film else None
    if film is None or result.cuts is None or cut is None:
        todo = (
            f"Choose a cut with `studio choose {result.production} recommended`."
            if result.state == "awaiting_choice"
            else f"Let it go on with `studio produce {result.production}` first."
        )
        raise BadInput(f"{result.production} has no finished film to export", todo=todo)
    return film, result.cuts, cut


def _check_folder(into: Path, production: str) -> list[str]:
    """The files of an earlier export in ``into``; none when it is new or empty.

    Raises:
        BadInput: when the folder holds anything else, so that nothing of a person's is written over.
    """
    from studio_pipeline.errors import BadInput

    if into.exists() and not into.is_dir():
        raise BadInput("The place to export to is a file, not a folder", where=str(into), todo="Name another folder.")
    if any((into / inner).is_symlink() for inner in ("media", "cuts")):
        raise BadInput(
            "A folder in the place to export to leads elsewhere", where=str(into), todo="Name another folder."
        )
    if not into.exists() or not any(into.iterdir()):
        return []
    try:
        manifest = json.loads((into / MANIFEST).read_text(encoding="utf-8"))
        if manifest["production"] == production:
            return [name for name in manifest["files"] if isinstance(name, str)]
    except (OSError, ValueError, KeyError, TypeError):
        pass  # no export of ours: refused below
    raise BadInput(
        f"The folder is not empty and holds no earlier export of {production}",
        where=str(into),
        todo="Name a new or an empty folder.",
    )


def _name_media(timeline: Timeline, names: dict[MediaRef, str]) -> None:
    """Give every media of ``timeline`` a name a person can read; the same media keeps its first name."""
    wanted = [(clip.media, f"{clip.name}.take{clip.take}") for clip in timeline.clips]
    wanted += [(speech.media, f"narration.s{speech.scene:02d}") for speech in timeline.narration]
    wanted += [(span.media, "music") for span in timeline.music]
    for ref, stem in wanted:
        if ref in names:
            continue
        free = f"media/{stem}{ref.suffix}"
        names[ref] = free if free not in names.values() else f"media/{stem}.{ref.sha256[:8]}{ref.suffix}"


def _copy(source: Path, place: Path) -> None:
    _write(place, lambda unfinished: shutil.copyfile(source, unfinished))


def _write(place: Path, write: Callable[[Path], object]) -> None:
    from studio_pipeline.whole_file import whole_file

    with whole_file(place) as unfinished:
        write(unfinished)


def _remove_old(into: Path, names: set[str]) -> None:
    """Remove files of an earlier export that this one does not have: captions of another cut are worse than none."""
    inside = into.resolve()
    for name in names:
        old = into / name
        if ".." not in Path(name).parts and old.parent.resolve().is_relative_to(inside) and old.is_file():
            old.unlink()


@contextmanager
def _told(into: Path) -> Iterator[None]:
    from studio_pipeline.errors import BadInput

    try:
        yield
    except OSError as error:
        if error.errno not in _NO_SUCH_PLACE:
            raise
        raise BadInput(
            f"The folder cannot be written: {error.strerror}",
            where=clipped(str(into), 160),
            todo="Name another folder.",
        ) from error


def _print(result: Result, into: Path, files: list[str]) -> None:
    from rich.text import Text

    from studio_pipeline.cli.report import console, fields
    from studio_pipeline.cli.words import count, shown

    out = console()
    media = [name for name in files if name.startswith("media/")]
    out.print(Text.assemble((result.brief.title, "bold"), f"  exported to {shown(into)}"), soft_wrap=True)
    timelines = [name for name in files if name.endswith((".otio", ".edl"))]
    others = [name for name in files if name not in media and name not in timelines]
    fields(
        out,
        [
            ("film", "   ".join(others)),
            ("timelines", "   ".join(timelines)),
            ("media", f"{count(len(media), 'file')} in media/, linked by relative paths"),
        ],
    )
