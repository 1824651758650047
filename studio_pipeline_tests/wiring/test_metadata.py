"""What the UI shows of a partition: where the files are, what they cost, and nothing that is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from studio_pipeline.film.story import Story
from studio_pipeline.orchestration.artifacts import Absent
from studio_pipeline.stages.planning import assets as planning
from studio_pipeline.stages.shooting import assets as shooting
from studio_pipeline_tests.backlot.lot import Lot, open_lot, words_of
from studio_pipeline_tests.backlot.studio import PRODUCTION, Studio


@pytest.fixture
def lot(fresh_copy: Callable[[], Studio]) -> Iterator[Lot]:
    with open_lot(fresh_copy()) as lot:
        yield lot


def shown(lot: Lot, asset: str, key: str) -> dict[str, Any]:
    """The metadata of a partition that is made now, as plain values."""
    ran = lot.materialize(asset, key)
    assert ran.success, words_of(ran)
    wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[key])
    (record,) = lot.instance.fetch_materializations(wanted, limit=1).records
    materialization = record.asset_materialization
    assert materialization is not None
    return {name: value.value for name, value in materialization.metadata.items()}


def test_a_sound_says_where_it_lies_and_what_it_cost(lot: Lot) -> None:
    key = f"{PRODUCTION}|animated.s01"
    told, made = shown(lot, "narration", key), lot.artifact("narration", key).content
    assert Path(told["sound"]) == lot.home.media.path(made.sound)
    assert Path(told["sound"]).is_file()
    assert told["price_usd"] == float(made.receipt.price_usd)
    assert told["simulated"] is made.receipt.simulated
    assert told["vendor"] == f"{made.receipt.vendor} {made.receipt.model}"
    assert "events" in told


def test_music_says_where_each_of_its_tracks_lies_and_what_they_cost_together(lot: Lot) -> None:
    key = f"{PRODUCTION}|animated"
    told, made = shown(lot, "music", key), lot.artifact("music", key).content
    for track in made.tracks:
        assert Path(told[f"sound_{track.mood}"]) == lot.home.media.path(track.sound)
        assert Path(told[f"sound_{track.mood}"]).is_file()
    assert [row.data["mood"] for row in told["tracks"].records] == [track.mood for track in made.tracks]
    assert told["price_usd"] == float(sum(track.receipt.price_usd for track in made.tracks))
    assert told["simulated"] is True
    assert f"- {made.cues[0].mood} from scene 1 on" in told["cues"]
    assert "events" in told


def test_a_track_that_is_gone_is_missed(lot: Lot) -> None:
    track = lot.artifact("music", f"{PRODUCTION}|animated").content.tracks[-1]
    lot.home.media.path(track.sound).unlink()
    wanted = [request.job_name for request in lot.tick("call_sheet").run_requests or ()]
    assert wanted and set(wanted) == {"script"}, "of every pilot that has the same track"
    ran = lot.materialize("music", f"{PRODUCTION}|animated")
    assert ran.success, words_of(ran)
    assert lot.home.media.path(track.sound).is_file()


def test_a_film_leads_to_each_of_its_files(lot: Lot) -> None:
    told = shown(lot, "final_cut", PRODUCTION)
    film = lot.artifact("final_cut", PRODUCTION).content
    folder = lot.home.films(PRODUCTION)
    for what, name in {"film": film.film, **film.files}.items():
        shown_as = "contact_sheet_file" if what == "contact_sheet" else what
        assert Path(told[shown_as]) == folder / name
        assert Path(told[shown_as]).is_file()
    assert told["contact_sheet"].startswith("![contact sheet](data:image/jpeg;base64,")


def test_money_that_is_not_known_to_be_needed_is_left_out(lot: Lot) -> None:
    unknown = Absent(kind="unaffordable", reason="no price")
    assert shooting._take_metadata(unknown, lot.home) == {}
    known = unknown.model_copy(update={"needed_usd": Decimal("0.50")})
    assert shooting._take_metadata(known, lot.home) == {"needed_usd": 0.5}


def test_a_line_of_a_story_that_is_markup_arrives_as_words(lot: Lot, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = Story(digest="![x](http://host/p) <script>alert(1)</script>")
    monkeypatch.setattr(planning, "ingest", lambda *_, **__: hostile)
    digest = shown(lot, "story", PRODUCTION)["digest"]
    assert "![" not in digest
    assert "<script" not in digest.replace("\\<", "")


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_story_that_was_lost_from_the_home_is_told_as_damage_with_what_to_do(lot: Lot, harm: str) -> None:
    brief = lot.artifact("brief", PRODUCTION).content
    file = lot.home.media.path(brief.story)
    if harm == "gone":
        file.unlink()
    else:
        file.write_bytes(b"x" * file.stat().st_size)
    before = lot.artifact("story", PRODUCTION).header
    ran = lot.materialize("story", PRODUCTION)
    assert not ran.success
    assert "A media file is" in words_of(ran)
    assert str(file) in words_of(ran)
    assert "give the same command again" in words_of(ran)
    assert lot.home.artifacts.headers(PRODUCTION)["story"] == before
