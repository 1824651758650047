"""A clip that is damaged in the home costs no film, and comes back: it is made again for nothing, then the film is."""

from __future__ import annotations

from pathlib import Path

from studio_pipeline.film.film import Film
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline_tests.backlot.lot import Lot, words_of
from studio_pipeline_tests.backlot.studio import PRODUCTION


def first_shot(lot: Lot) -> tuple[str, MediaRef]:
    """The shot that opens the film, and its clip."""
    cut = lot.artifact("edls", PRODUCTION).content.cut(lot.artifact("final_cut", PRODUCTION).content.cut)
    return cut.timeline.clips[0].name, cut.timeline.clips[0].media


def exchange(file: Path, content: bytes) -> None:
    """Another file in its place: copies of the home may share the one that is there."""
    file.unlink()
    file.write_bytes(content)


def finished(lot: Lot) -> Film:
    ran = lot.run("finish", PRODUCTION)
    assert ran.success, words_of(ran)
    return lot.artifact("final_cut", PRODUCTION).content


def shot_again(lot: Lot, shot: str) -> None:
    ran = lot.materialize("pilot_clips", f"{PRODUCTION}|{shot}")
    assert ran.success, words_of(ran)


def wanted(lot: Lot) -> set[str | None]:
    return {request.job_name for request in lot.tick("call_sheet").run_requests or ()}


def test_a_clip_that_was_cut_short_is_missed_like_one_that_is_gone(lot: Lot) -> None:
    shot, clip = first_shot(lot)
    assert wanted(lot) == set()
    whole = lot.home.media.path(clip).read_bytes()
    exchange(lot.home.media.path(clip), whole[: len(whole) // 2])
    assert wanted(lot)
    shot_again(lot, shot)
    assert lot.home.media.path(clip).read_bytes() == whole


def test_a_clip_whose_bytes_were_changed_is_made_again_once_a_film_has_shown_it(lot: Lot) -> None:
    shot, clip = first_shot(lot)
    size = clip.size_bytes
    exchange(lot.home.media.path(clip), b"<html>502</html>".ljust(size))
    film = finished(lot)
    assert film.damaged == (clip,)
    assert any(line.startswith(f"{shot}: ") for line in film.flagged)
    assert wanted(lot)
    shot_again(lot, shot)
    assert lot.home.media.is_whole(clip)


def test_a_film_with_a_card_in_it_is_made_again_once_the_clip_was_put_back(lot: Lot) -> None:
    _, clip = first_shot(lot)
    before = lot.artifact("final_cut", PRODUCTION).content
    whole = lot.home.media.path(clip).read_bytes()
    exchange(lot.home.media.path(clip), b"\0" * clip.size_bytes)
    assert finished(lot).flagged
    exchange(lot.home.media.path(clip), whole)
    assert wanted(lot), "the film has a card in it and need not"
    film = finished(lot)
    assert (film.flagged, film.damaged) == ((), ())
    assert film.content_digest == before.content_digest
    assert wanted(lot) == set()
