"""A model's shots are used only where they can be made: they cover the scene, and show the faces of the bible."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.errors import OutOfBudget
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Character, Scene, Script
from studio_pipeline.film.shots import ShotPlan
from studio_pipeline.prompting import library
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.providers.language.reading import Objection, read_answer
from studio_pipeline.stages.shooting.cinematographer import PROMPT_LIMIT, direct, plan_shots
from studio_pipeline.stages.shooting.cinematographer_mind import ShotPlanDraft, plan_from, values
from studio_pipeline.stages.shooting.grammar import pan_direction
from studio_pipeline.stages.shooting.shot_layout import Format
from studio_pipeline_tests.backlot.bad_minds import bad_answer
from studio_pipeline_tests.backlot.stub_mind import StubMind

PILOT = Pilot(
    tier="animated",
    look="Ink lines over warm paper",
    image_model="i",
    video_model="v",
    budget_usd=Decimal(2),
    expected_cost_usd=Decimal(1),
    why="",
    pace="unhurried",
)
MARA = Character(name="Mara", tag="M", look="a keeper of sixty, oilskin coat, white braid", colour="#aa3311")
TOM = Character(name="Tom", tag="T", look="a boy of nine, yellow boots", colour="#33aa11")
CROWD = tuple(
    Character(name=f"Fisher {n}", tag=f"F{n}", look=f"{'weathered ' * 17}number {n}", colour=f"#11223{n}")
    for n in range(4)
)
SCENE = Scene(
    number=1,
    heading="The lamp goes dark",
    place="the lighthouse",
    frames=200,
    narration="That night the lamp went out.",
    direction="Mara climbs the stairs. The lamp is cold under her hand.",
    characters=("Mara", "Tom"),
    prompt_hints=("night", "rain"),
)
FORMAT = Format((1280, 720), 4)
GOOD: dict[str, Any] = {
    "shots": [
        {
            "framing": "wide",
            "move": "pan_left",
            "action": "Mara climbs a spiral stair, one hand on the wet wall",
            "characters": ["Mara"],
            "weight": 2,
            "continuity": "Mara moves to the left.",
        },
        {
            "framing": "close",
            "move": "push_in",
            "action": "Tom holds his breath at the top of the stair.",
            "characters": ["Tom"],
            "weight": 1,
            "continuity": "",
        },
    ]
}


def script_of(scene: Scene = SCENE, fps: float = 24, characters: tuple[Character, ...] = (MARA, TOM)) -> Script:
    return Script(
        title="The lighthouse",
        logline="A keeper finds the light again.",
        rate=Rate.of(fps),
        language="en",
        scenes=(scene,),
        test_scenes=(1,),
        characters=characters,
        look="Ink lines over warm paper; grainy dusk",
        palette=("#101820", "#4a6a7a", "#f0d9a0"),
    )


def good(change: Callable[[dict[str, Any]], object] = lambda draft: None) -> dict[str, Any]:
    draft = copy.deepcopy(GOOD)
    change(draft)
    return draft


def made(draft: dict[str, Any], scene: Scene = SCENE, fmt: Format = FORMAT, **script: Any) -> ShotPlan:
    return plan_from(ShotPlanDraft.model_validate(draft), script_of(scene, **script), scene, PILOT, fmt)


def objections(draft: dict[str, Any], scene: Scene = SCENE, fmt: Format = FORMAT, **script: Any) -> tuple[str, ...]:
    with pytest.raises(Objection) as caught:
        made(draft, scene, fmt, **script)
    return caught.value.words


def test_sketched_shots_cover_the_scene_by_their_weights_and_carry_the_bible() -> None:
    first, second = made(good()).shots
    assert first.frames + second.frames == 200 and first.frames > second.frames
    assert first.prompt.startswith("Wide shot. Mara climbs a spiral stair, one hand on the wet wall. Mara: a keeper of")
    assert f"Tom: {TOM.look}." in second.prompt and MARA.look not in second.prompt
    assert "Style: Ink lines over warm paper. Grainy dusk." in first.prompt, "the technique is said once"
    assert first.continuity.endswith("Mara moves to the left.")
    assert (first.board.heading, second.board.heading) == ("The lamp goes dark", "")


def test_every_pan_at_a_place_goes_the_same_way() -> None:
    for asked in ("pan_left", "pan_right"):
        assert made(good(lambda d, m=asked: d["shots"][0].update(move=m))).shots[0].move == pan_direction(SCENE.place)


def test_no_shot_is_longer_than_a_clip_that_can_be_had() -> None:
    five = Model(name="reel/fast", kind="video", durations_s=(5.0,), sizes=((1280, 720),), source="the label")
    fmt = Format((1280, 720), 4, models=(five,))
    heavy = good(lambda d: d["shots"][0].update(weight=10))
    plan = made(heavy, fmt=fmt)
    assert [shot.refusal for shot in plan.shots] == ["", ""]
    assert max(shot.clip_frames for shot in plan.shots) <= 120
    long = SCENE.model_copy(update={"frames": 300})
    assert objections(heavy, long, fmt) == ("shots: there are 2, and this scene of 12.5 s has 3 to 4",)


def test_a_tighter_vendor_gets_shorter_prompts_with_every_face() -> None:
    tight = Model(name="reel/terse", kind="video", prompt_limit=320, source="the label")
    for shot in made(good(), fmt=Format((1280, 720), 4, models=(tight,))).shots:
        assert len(shot.prompt) <= 320
        assert all(f"{member.name}: {member.look}." in shot.prompt for member in shot.board.characters)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d.update(shots=d["shots"] * 200), "shots: there are 400, and this scene of 8.3 s has 1 to 4"),
        (lambda d: d["shots"].clear(), "shots: there are 0"),
        (lambda d: d["shots"][0].update(action=" \u0000…"), "shot 1: action is empty"),
        (lambda d: d["shots"][0].update(action="a" * 301), "shot 1: action has 301 characters; at most 300"),
        (
            lambda d: d["shots"][1].update(characters=["Bob"]),
            "shot 2: “Bob” is not in this scene; there are: Mara, Tom",
        ),
        (lambda d: d["shots"][0].update(weight=-1), "shot 1: weight is -1.0; give more than 0"),
        (lambda d: d["shots"][0].update(weight=float("inf")), "shot 1: weight is inf"),
        (lambda d: d["shots"][0].update(continuity="c" * 201), "shot 1: continuity has 201 characters"),
        (lambda d: d["shots"].append(d["shots"][1]), "shots 2 and 3: both are close of the same"),
    ],
)
def test_what_is_wrong_is_said_in_words_that_help(change: Callable[[dict[str, Any]], object], told: str) -> None:
    assert any(told in word for word in objections(good(change)))


def test_more_faces_than_a_prompt_has_room_for_are_sent_back() -> None:
    names = tuple(member.name for member in CROWD)
    scene = SCENE.model_copy(update={"characters": names})

    def crowded(draft: dict[str, Any]) -> None:
        draft["shots"][0].update(characters=list(names), action="a" * 200)
        draft["shots"][1].update(characters=[names[0]])

    (said,) = objections(good(crowded), scene, characters=CROWD)
    assert said.startswith("shot 1: its prompt has room for") and "show fewer of them" in said


def test_a_film_for_children_shows_nothing_harsh() -> None:
    draft = good(lambda d: d["shots"][0].update(action="Mara finds a dead gull in a wide shot."))
    made(draft)
    (said,) = objections(draft, fmt=Format((1280, 720), 4, kid=True))
    assert "“dead” is not for children" in said


def planned(mind: Any) -> ShotPlan:
    return plan_shots(script_of(), 1, PILOT, size=(1280, 720), max_shots=4, mind=mind)


def test_what_happened_on_the_way_is_in_the_events() -> None:
    plan = planned(StubMind("cinematographer", {"shots": []}, GOOD))
    assert plan.shots == made(good()).shots
    assert plan.events == ("stub/model was told what was wrong.",)


def test_where_there_is_no_money_the_grammar_plans_and_the_events_say_so() -> None:
    plan = planned(StubMind("cinematographer", OutOfBudget("The pilot has nothing left")))
    assert plan.shots == planned(None).shots
    assert plan.events == ("Decided by rules, as there is no money left for a model: The pilot has nothing left.",)


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 10**9),
    frames=st.integers(1, 1500),
    fps=st.sampled_from([24, 23.976, 60]),
    longest_s=st.sampled_from([None, 2.0, 5.0]),
    kid=st.booleans(),
)
def test_whatever_a_mind_says_it_is_a_plan_or_an_objection(
    seed: int, frames: int, fps: float, longest_s: float | None, kid: bool
) -> None:
    models = () if longest_s is None else (Model(name="a/b", kind="video", durations_s=(longest_s,), source="x"),)
    scene, fmt = SCENE.model_copy(update={"frames": frames}), Format((1280, 720), 4, models=models, kid=kid)
    try:
        draft = read_answer(bad_answer(GOOD, random.Random(seed)), ShotPlanDraft)
        plan = plan_from(draft, script_of(scene, fps), scene, PILOT, fmt)
    except Objection as objection:
        assert all(objection.words)
        return
    assert plan.frames == frames and 1 <= len(plan.shots) <= 4
    for shot in plan.shots:
        assert len(shot.prompt.encode("utf-16-le")) // 2 <= PROMPT_LIMIT
        assert all(f"{member.name}: {member.look}." in shot.prompt for member in shot.board.characters)


def test_the_look_and_the_bible_are_what_all_scenes_of_a_pilot_share() -> None:
    asked = library.render("cinematographer", values(script_of(), SCENE, PILOT, FORMAT))
    other = SCENE.model_copy(update={"direction": "Rain.", "narration": "", "frames": 90, "characters": ()})
    again = library.render("cinematographer", values(script_of(other), other, PILOT, FORMAT))
    assert asked.shared == again.shared and "oilskin coat" in asked.shared and "unhurried" in asked.shared
    assert "1 to 4 shots" in asked.ask and "That night the lamp went out." in asked.ask
    assert "Break it into 1 shot." in again.ask and "Nothing is said over it." in again.ask
    assert "2.4 s" not in asked.ask


def test_a_prompt_in_the_planned_ones_place_is_no_note() -> None:
    shot = made(good()).shots[0]
    words = shot.prompt.replace("Mara climbs a spiral stair", "Closer, darker, faster: Mara waits")
    directed = direct(shot, note="", take=2, seed=1, prompt=words)
    assert directed.shot.prompt == words and directed.changes == ()
    assert (directed.shot.board, directed.shot.move) == (shot.board, shot.move)
    noted = direct(shot, note="closer", take=2, seed=1, prompt=words)
    assert noted.shot.board.framing == "medium"
    assert noted.shot.prompt == words.replace("Wide shot.", "Medium shot, waist up."), (
        "a note works on it as on any other"
    )


def test_a_long_note_gets_its_room_from_the_end_of_the_prompt_and_no_face_goes() -> None:
    shot = made(good()).shots[0]
    note = "Give her the red lantern of the harbour master " * 10
    prompt = direct(shot, note=note, take=2, seed=1).shot.prompt
    assert len(prompt) <= PROMPT_LIMIT and f"Mara: {MARA.look}." in prompt
    assert prompt.endswith(" ".join(note.split())[:500].strip())
