"""What is seen is said better, and nothing else of a prompt changes: faces, framing, camera and limits stay."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.errors import AnswerUnusable, OutOfBudget
from studio_pipeline.film.ratings import Issue
from studio_pipeline.film.shots import ShotPlan
from studio_pipeline.prompting import library
from studio_pipeline.providers.language.reading import Objection, read_answer
from studio_pipeline.stages.shooting.cinematographer import PROMPT_LIMIT, direct, plan_shots
from studio_pipeline.stages.shooting.prompt_enhancement import (
    EnhancedPrompts,
    choice_values,
    enhanced,
    rooms_of,
    seen_from,
    values,
)
from studio_pipeline.stages.shooting.prompt_parts import seen_in
from studio_pipeline.stages.shooting.refinement import MOST_DIRECTION_UNITS, EnhancedPrompt, refine
from studio_pipeline.stages.shooting.refinement import values as refiner_values
from studio_pipeline_tests.backlot.bad_minds import bad_answer
from studio_pipeline_tests.backlot.stub_mind import StubMind
from studio_pipeline_tests.unit.stages.shooting.test_cinematographer_mind import CROWD, MARA, PILOT, SCENE, script_of

SCRIPT = script_of()
PLAN = plan_shots(SCRIPT, 1, PILOT, size=(1280, 720), max_shots=4)
ROOMS = rooms_of(PLAN, PILOT, PROMPT_LIMIT)


def wording(text: str) -> dict[str, Any]:
    return {"prompts": [{"shot": number, "prompt": f"{text} {number}"} for number in ROOMS]}


ONE = wording("Mara's wet hand slides up the iron rail; the stairs turn out of sight in lamplight,")
TWO = wording("Mara climbs the stairs, rain running down the wall beside her,")
FREEZE = Issue(
    code="freeze", severity="fault", message="The picture stands still", first_frame=3, last_frame=40, points=20
)
SCARF = Issue(code="identity", severity="warning", message="Closer!\u0000 Tom's boots\nturn red", points=8)
LATE = Issue(code="vendor_event", severity="note", message="The vendor was slow", points=1)


def better(mind: Any, judge: Any = None, plan: ShotPlan = PLAN, **more: Any) -> ShotPlan:
    return enhanced(plan, SCRIPT, PILOT, mind=mind, judge=judge, **more)


def test_only_what_is_seen_changes() -> None:
    plan = better(StubMind("prompt_enhancer", ONE))
    for before, after in zip(PLAN.shots, plan.shots, strict=True):
        assert seen_in(after).startswith("Mara's wet hand") and "Mara's wet hand" not in before.prompt
        assert after.prompt == before.prompt.replace(seen_in(before), seen_in(after), 1)
        assert after.model_copy(update={"prompt": before.prompt}) == before
        assert (
            direct(after, note="closer", take=2, seed=1).changes
            == direct(before, note="closer", take=2, seed=1).changes
        )
    assert plan.events == ()


def test_the_judge_says_which_wording_is_taken() -> None:
    judge = StubMind("quality_evaluator", {"best": 2, "why": "Clearer."})
    plan = better(StubMind("prompt_enhancer", ONE, TWO, best_of=2), judge)
    assert "rain running down" in plan.shots[0].prompt
    (asked,) = judge.prompts
    assert "Mara's wet hand" in asked.ask and "rain running down" in asked.ask


def test_without_a_judge_the_wording_that_keeps_most_of_the_plan_is_taken() -> None:
    for wordings in ((ONE, TWO), (TWO, ONE)):
        plan = better(StubMind("prompt_enhancer", *wordings, best_of=2))
        assert "Mara climbs the stairs" in plan.shots[0].prompt


@pytest.mark.parametrize("trouble", [OutOfBudget("No money"), AnswerUnusable("It said nothing")])
def test_a_judge_that_cannot_be_asked_loses_nothing_but_the_choice(trouble: Exception) -> None:
    plan = better(StubMind("prompt_enhancer", ONE, TWO, best_of=2), StubMind("quality_evaluator", trouble))
    assert "Mara climbs the stairs" in plan.shots[0].prompt
    (event,) = plan.events
    assert event.startswith("Of 2 wordings the rules took one, as no model")


def test_two_equal_wordings_are_not_judged() -> None:
    judge = StubMind("quality_evaluator", {"best": 1, "why": ""})
    better(StubMind("prompt_enhancer", ONE, ONE, best_of=2), judge)
    assert judge.prompts == []


def test_without_a_mind_or_money_the_plan_stays_as_it_is() -> None:
    assert better(None) == PLAN
    broke = better(StubMind("prompt_enhancer", OutOfBudget("Nothing left")))
    assert broke.shots == PLAN.shots and "no money left" in broke.events[0]


def test_shots_that_nobody_can_make_or_that_faces_fill_are_not_asked_about() -> None:
    refused = PLAN.model_copy(update={"shots": tuple(s.model_copy(update={"refusal": "too long"}) for s in PLAN.shots)})
    assert rooms_of(refused, PILOT, PROMPT_LIMIT) == {}
    scene = SCENE.model_copy(update={"characters": tuple(member.name for member in CROWD)})
    crowded = plan_shots(script_of(scene, characters=CROWD), 1, PILOT, size=(1280, 720), max_shots=1)
    assert rooms_of(crowded, PILOT, 600) == {}


@pytest.mark.parametrize(
    ("draft", "told"),
    [
        ({"prompts": []}, "prompts: give one for each of these shots: 1"),
        ({"prompts": wording("A")["prompts"] * 2}, "prompts: give one for each"),
        (
            wording("\u0000 \u202e") | {"prompts": [{"shot": n, "prompt": "…"} for n in ROOMS]},
            "shot 1: prompt is empty",
        ),
        (wording("x" * 501), "characters and there is room for"),
        (wording(f"Mara, {MARA.look}, climbs"), "repeats a character's look"),
        (wording("A title card says HARBOUR"), "no lettering in pictures: “title card”"),
    ],
)
def test_what_is_wrong_is_said_in_words_that_help(draft: dict[str, Any], told: str) -> None:
    with pytest.raises(Objection) as caught:
        seen_from(EnhancedPrompts.model_validate(draft), PLAN, ROOMS, kid=False)
    assert any(told in word for word in caught.value.words)


@settings(max_examples=250, deadline=None)
@given(seed=st.integers(0, 10**9), limit=st.integers(300, 1000), kid=st.booleans())
def test_whatever_a_mind_says_prompts_hold_their_faces_within_their_limit(seed: int, limit: int, kid: bool) -> None:
    rooms = rooms_of(PLAN, PILOT, limit)
    try:
        seen = seen_from(read_answer(bad_answer(TWO, random.Random(seed)), EnhancedPrompts), PLAN, rooms, kid=kid)
    except Objection as objection:
        assert all(objection.words)
        return
    said = {"prompts": [{"shot": n, "prompt": text} for n, text in zip(rooms, seen, strict=True)]}
    for shot in better(StubMind("prompt_enhancer", said), limit=limit, kid=kid).shots:
        if shot.number in rooms:
            assert len(shot.prompt.encode("utf-16-le")) // 2 <= limit
            assert all(f"{member.name}: {member.look}." in shot.prompt for member in shot.board.characters)


def test_the_questions_show_what_is_planned_and_how_much_room_there_is() -> None:
    asked = library.render("prompt_enhancer", values(PLAN, SCRIPT, PILOT, ROOMS, kid=True))
    assert seen_in(PLAN.shots[0]).rstrip(".") in asked.ask and str(ROOMS[1]) in asked.ask
    assert "oilskin coat" in asked.shared and "watching alone" in asked.system
    chosen = library.render("quality_evaluator", choice_values(PLAN, [("a",) * len(ROOMS)] * 2, ROOMS, kid=False))
    assert "The 2 wordings:" in chosen.ask


# Refinement


def refined(mind: Any, *issues: Issue, **more: Any) -> tuple[str, tuple[str, ...]]:
    return refine(PLAN.shots[0], issues, mind, **more)


def test_the_next_take_is_told_what_to_do_instead() -> None:
    prompt, events = refined(None, SCARF, FREEZE, LATE)
    assert prompt == (
        f"{PLAN.shots[0].prompt} Direction for this take: everything in the picture keeps moving gently to the last "
        "frame; mend this: Closer! Tom's boots turn red."
    )
    assert events == ()
    directed = direct(PLAN.shots[0], note="", take=2, seed=1, prompt=prompt)
    assert directed.shot.prompt == prompt and directed.shot.board == PLAN.shots[0].board, "“Closer!” was no note"


def test_a_mind_says_anew_what_is_seen_with_the_issues_before_it() -> None:
    mind = StubMind("prompt_refiner", {"prompt": "Rain streams down the wall while Mara's hand climbs the rail"})
    prompt, events = refined(mind, FREEZE, SCARF)
    assert prompt == PLAN.shots[0].prompt.replace(
        seen_in(PLAN.shots[0]), "Rain streams down the wall while Mara's hand climbs the rail.", 1
    )
    assert events == ()
    (asked,) = mind.prompts
    assert "stands still" in asked.ask and "boots turn red" in asked.ask.replace("\n", " ")


def test_the_same_words_again_are_sent_back() -> None:
    same = {"prompt": seen_in(PLAN.shots[0])}
    mind = StubMind("prompt_refiner", same, {"prompt": "Rain on the wall."})
    prompt, events = refined(mind, FREEZE)
    assert "Rain on the wall." in prompt and events == ("stub/model was told what was wrong.",)
    assert mind.objections == ["prompt: it says what was planned, which was made already; say it another way"]


def test_without_money_the_rules_refine_and_the_events_say_so() -> None:
    prompt, events = refined(StubMind("prompt_refiner", OutOfBudget("Nothing left")), FREEZE)
    assert prompt == refined(None, FREEZE)[0] and "no money left" in events[0]


def test_what_no_words_can_mend_leaves_the_prompt_as_it_is() -> None:
    assert refined(StubMind("prompt_refiner"), LATE) == (PLAN.shots[0].prompt, ())


issues = st.builds(
    Issue,
    code=st.sampled_from(["freeze", "flicker", "soft", "hands", "continuity", "vendor_event"]),
    severity=st.sampled_from(["note", "warning", "fault"]),
    message=st.text(max_size=800),
    points=st.floats(0, 100),
)


@settings(max_examples=150, deadline=None)
@given(found=st.lists(issues, max_size=30), limit=st.integers(300, 1000))
def test_a_direction_by_rules_is_short_and_costs_no_face(found: list[Issue], limit: int) -> None:
    for shot in PLAN.shots:
        prompt, events = refine(shot, found, None, limit=limit)
        direction = prompt.partition(" Direction for this take: ")[2]
        assert len(direction.encode("utf-16-le")) // 2 <= MOST_DIRECTION_UNITS + 1
        assert events == () and (not direction or len(prompt.encode("utf-16-le")) // 2 <= limit)
        assert all(f"{member.name}: {member.look}." in prompt for member in shot.board.characters)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9), limit=st.integers(400, 1000))
def test_whatever_a_mind_says_a_refined_prompt_holds_its_faces(seed: int, limit: int) -> None:
    answer = bad_answer({"prompt": "Rain streams down the wall."}, random.Random(seed))
    try:
        read_answer(answer, EnhancedPrompt)
        prompt, _ = refined(StubMind("prompt_refiner", answer, answer), FREEZE, limit=limit)
    except (Objection, AnswerUnusable):
        return
    assert len(prompt.encode("utf-16-le")) // 2 <= limit
    assert all(f"{member.name}: {member.look}." in prompt for member in PLAN.shots[0].board.characters)


def test_the_refiners_question_is_of_the_shot_alone() -> None:
    asked = library.render("prompt_refiner", refiner_values(PLAN.shots[0], [FREEZE], 300, kid=False))
    assert "at most 300 characters" in asked.ask and "oilskin coat" in asked.ask and asked.shared == ""
