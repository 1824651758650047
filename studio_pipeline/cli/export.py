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


@click.command("export")
@click.argument("production")
@click.option("--to", "into", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Folder to fill.")
@json_option
@common_options
def command(production: str, into: Path, as_json: bool) -> int:
    """Copy the film, its timelines, its sound in stems and all media into a folder of yours.

    The timelines link to the copies by relative paths, so the folder can go anywhere; only .xml needs whole paths, and
    an editor asks for the media once when the folder has moved. The cut that was delivered is film.otio, film.edl and
    so on; the other cuts lie in cuts/, dialogue, music and effects apart in stems/.
    """
    from studio_pipeline.cli.result import result_of
    from studio_pipeline.cli.session import open_studio

    with open_studio() as session:
        result = result_of(session, production)
        made, left_out = _export(session, result, into)
    if as_json:
        told = {
            "production": production,
            "folder": str(into.absolute()),
            "cut": result.film.cut if result.film else None,
        }
        click.echo(json.dumps(told | {"files": made, "left_out": left_out}, indent=2))
    else:
        _print(result, into, made, left_out)
    return 0


def _export(session: Session, result: Result, into: Path) -> tuple[list[str], list[str]]:
    """Fill ``into``. Returns the names of all files in it, the media last, and what some format could not hold."""
    from studio_pipeline.editorial.interchange import FORMATS, write_all
    from studio_pipeline.media.sound.mix import STEMS, mix
    from studio_pipeline.whole_file import unfinished_folder

    film, cuts, cut = _delivered(result)
    with _told(into):
        before = _check_folder(into, result.production)
    timelines = _timelines(cut, cuts)
    media: dict[MediaRef, str] = {}
    for timeline in timelines.values():
        _name_media(timeline, media)
    sounds = {stem.replace("film", "stems", 1).replace(".", "/"): timelines[stem] for stem in _films(cut)}
    written = {f"{stem}{suffix}" for stem in timelines for suffix in FORMATS}
    copies = [name for name in film.names if name not in written]
    stems = [f"{folder}/{name}.wav" for folder in sounds for name in STEMS]
    files = [*copies, *sorted(written), *stems, *sorted(media.values())]
    resolve = {ref: into / name for ref, name in media.items()}.__getitem__
    left_out: list[str] = []
    with _told(into):
        for folder in ("", "media", "cuts", *sounds):
            (into / folder).mkdir(parents=True, exist_ok=True)
        # First of all: an export that was interrupted is known by it, and the same command goes on.
        manifest = {"production": result.production, "cut": cut.name, "files": files}
        _write(into / MANIFEST, lambda place: place.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8"))
        for ref, name in media.items():
            _copy(session.home.media.verify(ref), into / name)
        for name in copies:
            _copy(result.folder / name, into / name)
        for stem, timeline in timelines.items():
            place = into / stem
            left_out += write_all(timeline, place.parent, place.name, resolve).left_out
        for folder, timeline in sounds.items():
            with unfinished_folder(into / folder) as work:
                for name, made in mix(timeline, resolve, work).stems.items():
                    _move(made, into / folder / f"{name}.wav")
        _remove_old(into, set(before) - set(files))
    return [name for name in files if (into / name).exists()], left_out


def _films(cut: Cut) -> dict[str, Timeline]:
    """The delivered timelines by the names their files begin with: the film's own, and one a dub."""
    return {"film": cut.timeline} | {f"film.{dub.language}": dub for dub in cut.dubs}


def _timelines(cut: Cut, cuts: CutSet) -> dict[str, Timeline]:
    """Every timeline by the name its files begin with."""
    return _films(cut) | {f"cuts/{other.name}": other.timeline for other in cuts.cuts if other.name != cut.name}


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


def _move(made: Path, place: Path) -> None:
    from studio_pipeline.whole_file import sync

    sync(made)
    made.replace(place)


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


def _print(result: Result, into: Path, files: list[str], left_out: list[str]) -> None:
    from rich.text import Text

    from studio_pipeline.cli.report import console, fields, text
    from studio_pipeline.cli.words import count, shown

    out = console()
    out.print(Text.assemble((result.brief.title, "bold"), f"  exported to {shown(into)}"), soft_wrap=True)

    def those(folder: str) -> list[str]:
        return [name for name in files if name.rpartition("/")[0].partition("/")[0] == folder]

    fields(
        out,
        [
            ("film", "   ".join(those(""))),
            ("other cuts", f"{count(len(those('cuts')), 'timeline')} in cuts/" if those("cuts") else ""),
            ("sound", f"{count(len(those('stems')), 'stem')} in stems/"),
            (
                "media",
                f"{count(len(those('media')), 'file')} in media/, linked by relative paths (.xml: whole ones)",
            ),
        ],
    )
    for line in left_out:
        out.print(text(f"  {line}", "yellow"))
