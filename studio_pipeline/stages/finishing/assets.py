"""Dagster asset of the finishing stage: the delivered film. Finishing itself is in ``finisher.py``."""

from collections.abc import Mapping

import dagster as dg

from studio_pipeline.budget.report import cost_report
from studio_pipeline.editorial.cut import Cut
from studio_pipeline.errors import BadInput
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.film import Film
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.media.markdown import bullets
from studio_pipeline.media.thumbnail import picture_md
from studio_pipeline.media.viewing_copy import viewing_copies
from studio_pipeline.orchestration.artifacts import Made
from studio_pipeline.orchestration.cells import Metadata, Upstream, make_cells, need, upstream
from studio_pipeline.orchestration.grid import GRID
from studio_pipeline.orchestration.orders import Choice
from studio_pipeline.orchestration.outcomes import NOT_RECORDED, record_film
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.stages.finishing.finisher import finish


class Choose(dg.Config):
    """Run config of ``final_cut``: the cut to deliver. Empty: the one chosen before, else the recommended one."""

    cut: str = ""


@dg.asset(
    partitions_def=GRID.productions,
    ins={"edls": upstream()},
    group_name="finishing",
    owners=["team:finishers"],
    kinds={"ffmpeg", "video"},
    code_version="2",
    check_specs=[
        dg.AssetCheckSpec(
            "money_adds_up", asset="final_cut", description="Pilots add up to the production, under its cap."
        ),
    ],
    description="The delivered film: picture, sound, captions, editable timelines, contact sheet, provenance.",
)
def final_cut(context: dg.AssetExecutionContext, config: Choose, home: StudioHome, edls: Upstream):
    def make(cell: Cell) -> tuple[Made, Metadata]:
        proposed = need(edls, "edls", cell)
        choice = home.orders.choice(cell.production)
        wanted = config.cut or (choice.cut if choice else "recommended")
        cut = proposed.content.cut(wanted)
        if cut is None:
            names = ", ".join(other.name for other in proposed.content.cuts)
            raise BadInput(f"{cell.production} has no cut “{wanted[:40]}”", todo=f"Choose one of: {names}.")
        if choice is None or choice.cut != wanted:
            home.orders.choose(cell.production, wanted)
        folder = home.films(cell.production)
        film = finish(cut, home.media.path, folder, credentials=home.credentials, cache=home.cache)
        # Somebody may have cleared the folder since the cuts were proposed.
        timelines = [other.timeline for other in proposed.content.cuts]
        viewing_copies(timelines, home.media.path, folder / "cuts", cache=home.cache, again=False)
        inputs = proposed.as_input(wanted) | {"order#choice": digest_of(Choice(cut=wanted))}
        pilots = {clip.name.partition(".")[0]: film.digest for clip in cut.timeline.clips}
        metadata = {**_film_metadata(film, cut, home, cell), **_recorded(context, home, cell, cut)}
        return Made(film, inputs, pilots), metadata

    def check(made: Mapping[Cell, Made]) -> list[dg.AssetCheckResult]:
        reports = {cell.key: cost_report(home.ledger, cell.production) for cell in made}
        wrong = {key: str(report.settled_usd) for key, report in reports.items() if not report.adds_up}
        return [dg.AssetCheckResult(check_name="money_adds_up", passed=not wrong, metadata={"wrong": wrong})]

    return make_cells(context, make, check=check)


def _recorded(context: dg.AssetExecutionContext, home: StudioHome, cell: Cell, cut: Cut) -> Metadata:
    """What the experiments keep of the production; a film never fails for it."""
    told = record_film(home, context.instance, cell.production, cut)
    if told.startswith(NOT_RECORDED):
        context.log.warning(told)
    return {"experiments": told} if told else {}


def _film_metadata(film: Film, cut: Cut, home: StudioHome, cell: Cell) -> Metadata:
    folder = home.films(cell.production)
    return {
        "film": dg.MetadataValue.path(str(folder / film.film)),
        "contact_sheet": dg.MetadataValue.md(
            picture_md(folder / film.files["contact_sheet"], alt="contact sheet", width=960)
        ),
        "contact_sheet_file": dg.MetadataValue.path(str(folder / film.files["contact_sheet"])),
        **{
            what: dg.MetadataValue.path(str(folder / name))
            for what, name in film.files.items()
            if what != "contact_sheet"
        },
        "cut": cut.name,
        "duration_s": film.duration_s,
        "frames": film.frames,
        "loudness_lufs": film.integrated_lufs,
        "signed_by": film.signed_by or "nobody",
        "settled_usd": float(cost_report(home.ledger, cell.production).settled_usd),
        "missing": dg.MetadataValue.md(bullets((*film.missing, *film.flagged))),
        "notes": dg.MetadataValue.md(bullets((*cut.notes, *film.notes))),
        **_rendering(film),
        "folder": dg.MetadataValue.path(str(folder)),
    }


def _rendering(film: Film) -> Metadata:
    """How much of the picture was taken over as it is."""
    drawn = film.rendering
    if drawn is None:
        return {}
    return {
        "frames_copied": drawn.copied_frames,
        "frames_encoded": drawn.encoded_frames,
        "frames_found_again": drawn.cached_frames,
        **({"drawn_whole_because": drawn.fallback} if drawn.fallback else {}),
    }


ASSETS = [final_cut]
