"""The call sheet decides what comes next: checked on paper, from the first brief to the film and beyond."""

from __future__ import annotations

import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from world import SHOTS, World

from studio_pipeline.film.ratings import QUALITY_BAR
from studio_pipeline.orchestration.artifacts import Absent, Header
from studio_pipeline.orchestration.freshness import stale_refs

SEED = {"animated": 85.0, "photoreal": 72.0, "static": 58.0}


def delivered(**changes: object) -> World:
    world = World(ratings=dict(SEED), **changes)  # type: ignore[arg-type]
    world.orders["order#choice"] = "recommended"
    assert world.run().state == "delivered"
    return world


def test_a_brief_becomes_a_film_and_then_nothing_more_is_wanted():
    world = delivered()
    assert world.made[-1] == "final_cut"
    assert len(world.made) == len(set(world.made)), "something was made twice"
    assert not world.sheet().work


def test_without_a_choice_it_waits_for_a_person():
    world = World(ratings=dict(SEED))
    assert world.run().state == "awaiting_choice"
    assert "final_cut" not in world.made


def test_the_test_scenes_come_first_and_the_rest_only_after_every_verdict():
    world = delivered()
    verdicts = [world.made.index(f"critic_verdicts/{tier}") for tier in SEED]
    tests = [world.made.index(f"pilot_clips/{tier}.s02.k1") for tier in SEED]
    rest = [world.made.index(f"pilot_clips/{tier}.s01.k1") for tier in ("animated", "photoreal")]
    assert max(tests) < min(verdicts) <= max(verdicts) < min(rest)


def test_a_cancelled_pilot_is_skipped_with_the_critics_reason():
    world = delivered()
    assert not any("static.s01" in ref for ref in world.made)
    (skip,) = world.sheet().skips
    assert skip.tier == "static"
    assert skip.scenes == ("static.s01", "static.s04", "static.s05", "static.s06")
    assert "measured" in skip.reason


def test_neighbouring_shots_go_into_one_run():
    world = World(ratings={"animated": 90.0})
    while not any(work.job == "shoot" for work in world.sheet().work):
        for work in world.sheet().work:
            world.do(work)
    (shoot,) = [work for work in world.sheet().work if work.job == "shoot"]
    assert (shoot.first, shoot.last) == ("animated.s02.k1", "animated.s03.k3")


def test_a_retake_re_makes_only_what_depends_on_it():
    world = delivered()
    before = dict(world.headers)
    world.made.clear()
    world.takes["animated.s05.k2"] += 1
    world.make("pilot_clips", "animated.s05.k2")
    assert world.run().state == "delivered"
    assert world.made == ["pilot_clips/animated.s05.k2", "qa_scores/animated.s05", "edls", "final_cut"]
    untouched = set(before) - set(world.made)
    assert all(world.headers[ref] is before[ref] for ref in untouched)


def test_one_more_dub_is_spoken_and_cut_and_neither_planned_nor_shot_nor_inspected():
    world = delivered()
    kept = {ref: world.headers[ref] for ref in world.made if ref.startswith(("shot_plans", "pilot_clips", "qa_scores"))}
    world.made.clear()
    world.orders["order#brief"], world.dubs = "b2", "hi"
    assert world.run().state == "delivered"
    again = [f"narration/{tier}.s{n:02d}" for tier in ("animated", "photoreal") for n in SHOTS]
    assert sorted(world.made) == sorted(["brief", *again, "edls", "final_cut"])
    assert all(world.headers[ref] is header for ref, header in kept.items())


def test_a_retake_of_a_test_shot_is_judged_again_and_moves_no_money():
    world = delivered()
    world.made.clear()
    world.takes["animated.s02.k1"] += 1
    world.make("pilot_clips", "animated.s02.k1")
    assert not world.sheet().move_money
    world.run()
    assert world.made[1:3] == ["qa_scores/animated.s02", "critic_verdicts/animated"]
    assert not any("s04" in ref for ref in world.made)


def test_a_cancelled_pilot_is_not_tested_again_whatever_changes_above_it():
    world = delivered()
    world.made.clear()
    for tier in SEED:  # an edited brief: every pilot's script follows from another film
        world.headers[f"scenes/{tier}"] = replace(world.headers[f"scenes/{tier}"], inputs={"brief#film": "another"})
    assert world.run().state == "delivered"
    assert "scenes/animated" in world.made
    assert not any("static" in ref for ref in world.made), "its money has gone to the others"


def test_the_same_outcome_stops_the_change_there():
    world = delivered()
    world.made.clear()
    world.orders["order#brief"], world.stakes = "b2", "raised"  # the film part of the brief stays as it is
    assert world.run().state == "delivered"
    assert world.made == ["brief", "brief", "story", "pilot_strategies"]


def test_stale_names_everything_below_a_change():
    world = delivered()
    world.takes["animated.s05.k2"] += 1
    world.make("pilot_clips", "animated.s05.k2")
    assert list(stale_refs(world.facts, world.sheet().outdated)) == ["qa_scores/animated.s05", "edls", "final_cut"]
    assert (
        "pilot_clips/animated.s05.k2 changed"
        in stale_refs(world.facts, world.sheet().outdated)["qa_scores/animated.s05"]
    )


def test_a_failing_shot_is_tried_alone_then_left_out_and_the_film_is_partial():
    world = World(ratings=dict(SEED), broken={"animated.s05.k1"})
    world.orders["order#choice"] = "recommended"
    sheet = world.run()
    assert sheet.state == "partial"
    assert sheet.blocked == ("pilot_clips/animated.s05.k1",)
    assert "pilot_clips/animated.s05.k2" in world.made
    assert max(world.failures.values()) <= 2


def test_a_shot_made_after_all_is_taken_into_the_film():
    world = World(ratings=dict(SEED), broken={"animated.s05.k1"})
    world.orders["order#choice"] = "recommended"
    world.run()
    world.broken.clear()
    world.failures.clear()
    assert world.run().state == "delivered"
    assert world.made[-1] == "final_cut"


def test_a_pilot_that_cannot_be_written_is_out_and_the_others_go_on():
    world = World(ratings=dict(SEED), broken={"photoreal"})
    world.orders["order#choice"] = "recommended"
    sheet = world.run()
    assert sheet.pilots["photoreal"].stage == "blocked"
    assert "final_cut" in world.made


def test_a_pilot_whose_every_test_shot_failed_is_not_judged_and_goes_on_once_they_can_be_made():
    failing = {f"animated.s{scene:02d}.k{shot}" for scene in (2, 3) for shot in range(1, SHOTS[scene] + 1)}
    world = World(ratings=dict(SEED), broken=failing)
    world.orders["order#choice"] = "recommended"
    sheet = world.run()
    assert sheet.pilots["animated"].stage == "blocked"
    assert "animated" not in world.verdicts, "a vendor that is down is no reason to cancel for ever"
    assert sheet.state == "delivered"
    world.broken.clear()
    world.failures.clear()
    assert world.run().pilots["animated"].stage == "finished"


def test_when_every_pilot_is_out_the_production_has_failed():
    world = World(ratings=dict(SEED), broken=set(SEED))
    assert world.run().state == "failed"


def test_running_out_of_money_delivers_a_partial_film_and_more_money_goes_on():
    world = World(ratings={"animated": 90.0}, left_usd={"animated": Decimal(7)})
    world.orders["order#choice"] = "recommended"
    sheet = world.run()
    assert sheet.state == "partial"
    assert len(sheet.unaffordable) == sum(SHOTS.values()) - 7
    world.left_usd["animated"] = Decimal(100)
    assert world.run().state == "delivered"
    assert len(world.takes) == sum(SHOTS.values())


def test_work_that_a_run_is_busy_with_is_not_asked_for_twice():
    from studio_pipeline.orchestration.call_sheet import call_sheet

    world = World(ratings=dict(SEED))
    (develop,) = world.sheet().work
    busy = call_sheet(replace(world.facts, in_flight=frozenset({develop.id})))
    assert not busy.work
    assert busy.state == "working"


@pytest.mark.parametrize("tier", sorted(SEED))
def test_the_sheet_says_where_each_pilot_stands(tier: str):
    status = delivered().sheet().pilots[tier]
    assert status.stage == ("cancelled" if tier == "static" else "finished")
    assert status.done == status.total


@given(
    broken=st.sets(
        st.sampled_from([f"{t}.s{s:02d}.k{k}" for t in SEED for s, n in SHOTS.items() for k in range(1, n + 1)]),
        max_size=8,
    ),
    ratings=st.tuples(*[st.sampled_from([30.0, 58.0, 72.0, 85.0]) for _ in SEED]),
    purse=st.integers(0, 12),
)
def test_whatever_fails_the_sheet_comes_to_an_end(broken: set[str], ratings: tuple[float, ...], purse: int):
    world = World(ratings=dict(zip(SEED, ratings, strict=True)), broken=broken, left_usd={"animated": Decimal(purse)})
    world.orders["order#choice"] = "recommended"
    sheet = world.run()
    assert sheet.state in ("delivered", "partial", "failed")
    assert all(n == 1 for n in world.takes.values())
    lacking = [ref for ref in (*sheet.blocked, *sheet.unaffordable) if ref.startswith("pilot_clips/")]
    if sheet.state == "delivered":
        used = world.headers["final_cut"].parts
        assert not [ref for ref in lacking if ref.split("/")[1].split(".")[0] in used]
    if not broken and purse == 12:
        assert sheet.state == "delivered"


def test_shots_that_only_another_pilot_lacks_do_not_make_the_film_partial():
    world = World(ratings=dict(SEED), left_usd={"photoreal": Decimal(5)})
    world.orders["order#choice"] = "recommended"
    sheet = world.run()
    assert sheet.unaffordable
    assert all("photoreal" in ref for ref in sheet.unaffordable)
    assert sheet.state == "delivered"


def test_a_scene_that_cannot_be_narrated_stops_no_other_scene():
    world = World(ratings=dict(SEED), broken={"narration/animated.s05"})
    world.orders["order#choice"] = "recommended"
    sheet = world.run()
    assert sheet.state == "partial"
    assert sheet.blocked == ("narration/animated.s05",)
    assert all(f"qa_scores/animated.s{number:02d}" in world.headers for number in SHOTS)


def test_a_marker_for_a_scene_that_was_not_there_is_made_anew_when_the_script_has_it():
    world = World(ratings=dict(SEED))
    world.headers["shot_plans/animated.s05"] = Header("0", {}, {}, Absent(kind="phantom", reason="no such scene"), "1")
    world.orders["order#choice"] = "recommended"
    assert world.run().state == "delivered"
    assert world.facts.shots("animated.s05")


def test_a_shot_the_production_has_no_money_for_is_not_asked_for_again_and_again():
    world = World(ratings={"animated": 90.0}, production_usd=Decimal(7))
    world.orders["order#choice"] = "recommended"
    assert world.run().state == "partial"
    assert len(world.takes) == 7


def test_the_pilot_that_was_spared_stays_so_whatever_a_retake_is_rated():
    world = World(ratings={"animated": 50.0, "static": 55.0})
    world.orders["order#choice"] = "recommended"
    assert world.run().state == "delivered"
    world.ratings["static"] = 45.0
    world.takes["static.s02.k1"] += 1
    world.make("pilot_clips", "static.s02.k1")
    sheet = world.run()
    assert {tier: pilot.stage for tier, pilot in sheet.pilots.items()} == {
        "static": "finished",
        "animated": "cancelled",
    }


def test_what_the_sheet_wants_again_is_what_is_stale():
    world = delivered()
    world.headers["qa_scores/animated.s05"].inputs.pop("pilot_clips/animated.s05.k2")
    sheet = world.sheet()
    assert [(work.job, work.first) for work in sheet.work] == [("inspect", "animated.s05")]
    assert (
        stale_refs(world.facts, sheet.outdated)["qa_scores/animated.s05"] == "pilot_clips/animated.s05.k2 came after it"
    )


# Shots that no vendor makes


def test_flagged_shots_make_a_partial_film_and_are_asked_for_once():
    world = World(ratings=dict(SEED), flagged={"animated.s05.k1"})
    world.orders["order#choice"] = "recommended"
    sheet = world.run()
    assert sheet.state == "partial"
    assert sheet.flagged == ("pilot_clips/animated.s05.k1",)
    assert sheet.blocked == ()
    assert world.made.count("pilot_clips/animated.s05.k1") == 1
    assert not world.sheet().work, "nobody asks for it without end"


def test_a_flagged_shot_that_a_person_gets_after_all_is_taken_into_the_film():
    world = World(ratings=dict(SEED), flagged={"animated.s05.k1"})
    world.orders["order#choice"] = "recommended"
    world.run()
    world.flagged.clear()
    world.make("pilot_clips", "animated.s05.k1")  # as the job retake_shot does
    sheet = world.run()
    assert (sheet.state, sheet.flagged) == ("delivered", ())


def every_test_shot(tier: str) -> set[str]:
    return {f"{tier}.s{scene:02d}.k{shot}" for scene in (2, 3) for shot in range(1, SHOTS[scene] + 1)}


def test_a_pilot_of_which_every_test_shot_is_flagged_is_out_and_not_judged():
    world = World(ratings=dict(SEED), flagged=every_test_shot("animated"))
    world.orders["order#choice"] = "recommended"
    sheet = world.run()
    assert sheet.pilots["animated"].stage == "blocked"
    assert "animated" not in world.verdicts
    assert sheet.state == "delivered", "the others are a film"


def test_a_pilot_with_some_flagged_test_shots_is_judged_by_the_others():
    world = World(ratings=dict(SEED), flagged={"animated.s02.k1"})
    world.orders["order#choice"] = "recommended"
    sheet = world.run()
    assert "animated" in world.verdicts
    assert (sheet.pilots["animated"].stage, sheet.state) == ("finished", "partial")


def test_when_no_vendor_makes_any_test_shot_of_any_pilot_the_production_has_failed():
    world = World(ratings=dict(SEED), flagged=set().union(*map(every_test_shot, SEED)))
    assert world.run().state == "failed"
    assert world.verdicts == {}


@settings(max_examples=40)
@given(
    flagged=st.sets(
        st.sampled_from([f"{t}.s{s:02d}.k{k}" for t in SEED for s, n in SHOTS.items() for k in range(1, n + 1)])
    ),
    purse=st.integers(0, 12),
)
def test_whatever_vendors_refuse_the_sheet_comes_to_an_end(flagged: set[str], purse: int):
    world = World(ratings=dict(SEED), flagged=flagged, left_usd={"animated": Decimal(purse)})
    world.orders["order#choice"] = "recommended"
    sheet = world.run()
    assert sheet.state in ("delivered", "partial", "failed")
    assert all(world.made.count(f"pilot_clips/{shot}") <= 1 for shot in flagged)


# The policy halving


def halving(**changes: object) -> World:
    world = World(ratings={"animated": 85.0, "photoreal": 40.0}, policy="halving", **changes)  # type: ignore[arg-type]
    world.orders["order#choice"] = "recommended"
    return world


def test_by_halving_the_best_take_is_circled_whichever_came_last():
    world = halving(quality=lambda shot, take: {1: 60.0, 2: 40.0}.get(take, 99.0), left_usd={"animated": Decimal(14)})
    assert world.run().state == "delivered"
    retaken = [shot for shot, takes in world.takes.items() if takes == 2]
    assert retaken
    assert all(world.circled[shot] == 1 for shot in retaken)


def test_by_halving_another_take_is_asked_for_where_there_is_the_most_to_gain():
    bad = "animated.s03.k2"
    world = halving(
        quality=lambda shot, take: 40.0 if shot == bad and take == 1 else 90.0,
        good_enough=QUALITY_BAR["standard"],
    )
    assert world.run().state == "delivered"
    assert world.takes[bad] > 1
    assert world.circled[bad] > 1
    assert sum(world.takes.values()) < 2 * len(world.takes), "what is good enough is left alone"


def test_by_halving_no_more_is_spent_than_the_pilot_has():
    world = halving(quality=lambda shot, take: 30.0, left_usd={"animated": Decimal(12)})
    assert world.run().state == "delivered"
    assert world.left_usd["animated"] >= 0


def test_by_halving_takes_that_fail_come_to_an_end():
    shots = {f"animated.s{s:02d}.k{k}" for s, n in SHOTS.items() for k in range(1, n + 1)}
    world = halving(quality=lambda shot, take: 30.0, unlucky=shots)
    assert world.run().state == "delivered"
    assert all(world.takes[shot] == 1 for shot in shots)
    assert 0 < max(world.lost.values()) < 20


def test_by_halving_a_take_that_cannot_be_asked_for_stops_nothing():
    world = halving(quality=lambda shot, take: 30.0)
    real = world.do

    def away(work: object) -> None:
        if work.job == "polish":  # type: ignore[attr-defined]
            world.failures[work.id] += 1  # type: ignore[attr-defined]
        else:
            real(work)  # type: ignore[arg-type]

    world.do = away  # type: ignore[method-assign]
    assert world.run().state == "delivered"
    assert max(world.failures.values()) == 2


def test_by_halving_the_pilots_are_halved_a_second_time_with_all_shots_there():
    world = World(
        ratings={"animated": 85.0, "photoreal": 84.0, "static": 20.0},
        policy="halving",
        quality=lambda shot, take: 75.0 if shot.startswith("animated") else 45.0,
    )
    world.orders["order#choice"] = "recommended"
    assert world.run().state == "delivered"
    assert world.shares == {"animated": 100, "photoreal": 100, "static": 0}
    assert world.halved == {"animated": 100, "photoreal": 0}
    more = {shot.partition(".")[0] for shot, takes in world.takes.items() if takes > 1}
    assert more == {"animated"}, "the other one gets no more takes"


def test_by_threshold_nobody_asks_for_another_take():
    world = World(ratings=dict(SEED), quality=lambda shot, take: 10.0)
    world.orders["order#choice"] = "recommended"
    assert world.run().state == "delivered"
    assert set(world.takes.values()) == {1}
    assert world.halved is None


@settings(max_examples=25)
@given(
    grades=st.lists(st.sampled_from([20.0, 60.0, 79.0, 95.0]), min_size=7, max_size=7),
    purse=st.integers(8, 30),
    unlucky=st.booleans(),
)
def test_halving_always_comes_to_an_end(grades: list[float], purse: int, unlucky: bool):
    shots = [f"animated.s{s:02d}.k{k}" for s, n in SHOTS.items() for k in range(1, n + 1)]
    world = halving(
        quality=lambda shot, take: grades[(sum(map(ord, shot)) + take) % len(grades)],
        left_usd={"animated": Decimal(purse)},
        unlucky=set(shots[::2]) if unlucky else set(),
    )
    assert world.run(most_rounds=400).state in ("delivered", "partial")
    assert world.left_usd["animated"] >= 0
    best = {shot: max(world.inspected[shot], key=lambda n: (world.quality(shot, n), -n)) for shot in world.inspected}
    assert all(world.circled[shot] == best[shot] for shot in shots if shot in best)


# Refinement: shots under the bar are made again, told what was wrong


def refining(**changes: object) -> World:
    world = World(ratings={"animated": 85.0, "photoreal": 40.0}, refines=True, good_enough=70.0, **changes)  # type: ignore[arg-type]
    world.orders["order#choice"] = "recommended"
    return world


def test_only_the_shots_under_the_bar_are_refined_and_the_best_take_is_circled():
    bad = "animated.s03.k2"
    world = refining(quality=lambda shot, take: {1: 60.0, 2: 74.0}[take] if shot == bad else 71.0)
    assert world.run().state == "delivered"
    assert {shot: takes for shot, takes in world.takes.items() if takes > 1} == {bad: 2}
    assert world.circled[bad] == 2


def test_a_shot_that_never_gets_good_is_refined_three_times_and_no_more():
    bad = "animated.s03.k2"
    world = refining(quality=lambda shot, take: 60.0 + take if shot == bad else 90.0)
    assert world.run().state == "delivered"
    assert world.takes[bad] == 1 + 3
    assert world.circled[bad] == 4


def test_a_shot_that_is_hopeless_after_two_refinements_is_given_up():
    bad = "animated.s03.k2"
    world = refining(quality=lambda shot, take: 30.0 + take if shot == bad else 90.0)
    assert world.run().state == "delivered"
    assert world.takes[bad] == 1 + 2


def test_a_refinement_that_made_it_worse_leaves_the_first_take_in_the_film():
    bad = "animated.s03.k2"
    world = refining(quality=lambda shot, take: {1: 65.0}.get(take, 52.0) if shot == bad else 90.0)
    assert world.run().state == "delivered"
    assert world.circled[bad] == 1


def test_a_cancelled_pilot_is_not_refined():
    world = refining(quality=lambda shot, take: 55.0)
    assert world.run().state == "delivered"
    assert {shot.partition(".")[0] for shot, takes in world.takes.items() if takes > 1} == {"animated"}


def test_refinements_end_with_the_money():
    world = refining(quality=lambda shot, take: 60.0, left_usd={"animated": Decimal(14)})
    assert world.run().state == "delivered"
    assert world.left_usd["animated"] == 0


@settings(max_examples=25)
@given(
    grades=st.lists(st.sampled_from([20.0, 49.0, 60.0, 69.9, 70.0, 95.0]), min_size=7, max_size=7),
    purse=st.integers(8, 30),
    unlucky=st.booleans(),
)
def test_refinement_always_comes_to_an_end(grades: list[float], purse: int, unlucky: bool):
    shots = [f"animated.s{s:02d}.k{k}" for s, n in SHOTS.items() for k in range(1, n + 1)]
    world = refining(
        quality=lambda shot, take: grades[(sum(map(ord, shot)) + take) % len(grades)],
        left_usd={"animated": Decimal(purse)},
        unlucky=set(shots[::2]) if unlucky else set(),
    )
    assert world.run(most_rounds=400).state in ("delivered", "partial")
    assert world.left_usd["animated"] >= 0
    assert all(world.takes[shot] + world.lost[shot] <= 1 + 3 for shot in shots)
    best = {shot: max(world.inspected[shot], key=lambda n: (world.quality(shot, n), -n)) for shot in world.inspected}
    assert all(world.circled[shot] == best[shot] for shot in shots if shot in best)
