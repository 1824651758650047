"""The UI on a home, by GraphQL against a running ``studio ui``: everything a person at the browser can start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from studio_pipeline.film.cells import Cell
from studio_pipeline_tests.backlot.studio import BRIEF, PRODUCTION, SKETCH, Studio
from studio_pipeline_tests.backlot.web import Run, Web, open_web, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def studio(tiny: Studio, tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """The tiny production in a home of this module; tests touch different parts of it."""
    return tiny.copy(tmp_path_factory.mktemp("ui") / "work")


@pytest.fixture(scope="module")
def web(studio: Studio) -> Iterator[Web]:
    with open_web(studio, studio.root / "ui.log") as web:
        yield web


def runs_after(web: Web, known: set[str], production: str) -> list[Run]:
    return [run for run in web.runs() if run.id not in known and production in str(run.tags.values())]


def test_one_shot_is_made_again_after_a_failed_run_and_the_sensors_re_make_only_what_depends_on_it(
    web: Web, studio: Studio
) -> None:
    shot = f"{PRODUCTION}|animated.s03.k1"
    before = studio.digests()
    unknown = {"resources": {"video": {"config": {"provider": "hollywood", "kind": "video"}}}}
    retake = {"ops": {"pilot_clips": {"config": {"retake": True, "note": "closer"}}}}
    failed = web.materialize("pilot_clips", shot, config=retake | unknown)
    assert web.end_of(failed) == "FAILURE"
    assert "“hollywood” is no video vendor" in web.failure_of(failed)
    assert studio.digests()["pilot_clips/animated.s03.k1"] == before["pilot_clips/animated.s03.k1"]

    known = {run.id for run in web.runs()}
    launched = web.materialize("pilot_clips", shot, config=retake)
    assert web.end_of(launched) == "SUCCESS", web.failure_of(launched)

    def delivered() -> bool:
        return studio.digests()["final_cut"] != before["final_cut"]

    wait_for(delivered, "the film with the new take")
    jobs = [
        run.job for run in runs_after(web, known, PRODUCTION) if run.id != launched and "backfill" not in str(run.tags)
    ]
    assert jobs == ["inspect", "edit", "finish"]
    after = studio.digests()
    changed = {ref for ref in before if after[ref] != before[ref]}
    assert changed == {"pilot_clips/animated.s03.k1", "qa_scores/animated.s03", "edls", "final_cut"}
    takes = studio.artifacts.read("pilot_clips", Cell.parse(shot))
    assert takes is not None
    assert [take.note for take in takes.content.takes] == ["", "closer"]


def test_a_brief_in_run_config_becomes_a_film_without_another_hand_on_it(web: Web, studio: Studio) -> None:
    brief: dict[str, Any] = SKETCH | {"title": "From the browser", "story": str(studio.root / "kite.md")}
    run = web.launch(
        "new_production", config={"ops": {"submit_brief": {"config": {"brief": brief, "choose": "recommended"}}}}
    )
    assert web.end_of(run) == "SUCCESS", web.failure_of(run)
    assert "from-the-browser" in web.productions()

    def delivered() -> bool:
        return "final_cut" in studio.artifacts.headers("from-the-browser")

    wait_for(delivered, "the daemon to deliver it", longest_s=400)
    assert (studio.home_dir / "films" / "from-the-browser" / "film.mp4").is_file()

    def all_ended() -> list[Run] | None:
        runs = [run for run in web.runs() if run.tags.get("studio/production") == "from-the-browser"]
        return runs if all(run.status in ("SUCCESS", "FAILURE") for run in runs) else None

    ended = wait_for(all_ended, "its runs to end")
    told = sorted((run.job, run.status) for run in ended)
    jobs = ("develop", "edit", "finish", "inspect", "judge", "plan", "script", "shoot")
    assert told == [(job, "SUCCESS") for job in jobs], "each once, and none of them taken for dead"
    assert {run.tags["dagster/sensor_name"] for run in ended} == {"call_sheet_sensor", "critic_sensor"}


def test_a_backfill_of_chosen_partitions_with_phantoms_among_them_ends_well(web: Web, studio: Studio) -> None:
    before, purchases = studio.digests(), studio.purchases()
    backfill = web.backfill(
        {
            "shot_plans": [f"{PRODUCTION}|{scene}" for scene in ("photoreal.s01", "static.s03", "static.s04")],
            "pilot_clips": [f"{PRODUCTION}|{shot}" for shot in ("animated.s03.k1", "animated.s03.k2")],
        }
    )

    def ended() -> str | None:
        status = web.backfill_status(backfill)
        return None if status in ("REQUESTED", "CANCELING", "FAILING") else status

    assert wait_for(ended, "the backfill to end") == "COMPLETED_SUCCESS"
    after = studio.artifacts.headers(PRODUCTION)
    for ref in ("shot_plans/static.s04", "shot_plans/photoreal.s01", "pilot_clips/animated.s03.k2"):
        absent = after[ref].absent
        assert absent is not None
        assert absent.kind == "phantom"
    assert {ref: after[ref].digest for ref in before} == before
    assert studio.purchases() == purchases


def test_a_command_meanwhile_is_told_who_drives(web: Web, studio: Studio) -> None:
    wait_for(lambda: (studio.home_dir / "drive.lock").exists(), "the first tick")
    refused = wait_for(
        lambda: ran if (ran := studio.run("produce", PRODUCTION, "--json")).code == 5 else None, "the daemon's lock"
    )
    assert "the Dagster daemon" in refused.told["error"]["message"]
    assert studio.run("status", PRODUCTION, "--json").code == 0


def test_a_brief_that_cannot_be_used_fails_in_words(web: Web) -> None:
    brief = {"title": "Nothing", "concept": "A sea", "duration_s": 10, "budget": 5}
    run = web.launch("new_production", config={"ops": {"submit_brief": {"config": {"brief": brief}}}})
    assert web.end_of(run) == "FAILURE"
    assert "budget_usd" in web.failure_of(run), "the nearest right key is named"
    assert "nothing" not in web.productions()


def test_a_slate_hands_in_what_can_be_used_and_names_the_rest(web: Web, studio: Studio) -> None:
    studio.write_brief(BRIEF | {"title": "Good of the slate", "story": "kite.md"}, name="good.yaml")
    studio.write_brief(BRIEF | {"title": "Bad of the slate", "duration_s": -3}, name="bad.yaml")
    slate = studio.root / "night.slate.yaml"
    slate.write_text("name: night\nbriefs: [bad.yaml, good.yaml]\n", encoding="utf-8")
    run = web.launch("new_slate", config={"ops": {"submit_slate": {"config": {"path": str(slate)}}}})
    assert web.end_of(run) == "FAILURE"
    words = web.failure_of(run)
    assert "1 of 2 briefs of the slate were refused" in words
    assert "bad.yaml" in words
    assert "duration_s" in words
    assert "good-of-the-slate" in web.productions()
    assert "bad-of-the-slate" not in web.productions()
