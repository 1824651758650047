"""What a director checks in a shot plan and in a retake."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.errors import BadInput
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Character, Scene, Script
from studio_pipeline.film.shots import HANDLE_FRAMES, ShotPlan
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.stages.shooting.cinematographer import (
    PROMPT_LIMIT,
    direct,
    plan_shots,
    still_request,
    take_seed,
    video_request,
)

PILOT = Pilot(
    tier="animated",
    look="Ink lines over warm paper.",
    image_model="storyboard/board",
    video_model="storyboard/ken-burns",
    budget_usd=Decimal(2),
    expected_cost_usd=Decimal(1),
    why="",
)
MARA = Character(name="Mara", tag="M", look="a keeper of sixty, oilskin coat, white braid", colour="#aa3311")
TOM = Character(name="Tom", tag="T", look="a boy of nine, yellow boots", colour="#33aa11")


def script_of(*scenes: Scene, rate: Rate | None = None) -> Script:
    return Script(
        title="The lighthouse",
        logline="A keeper finds the light again.",
        rate=rate or Rate.of(24),
        language="en",
        scenes=scenes,
        test_scenes=(1,),
        characters=(MARA, TOM),
        look="Grainy dusk.",
        palette=("#101820", "#4a6a7a", "#f0d9a0"),
    )


def scene_of(frames: int = 120, number: int = 1, **changes: object) -> Scene:
    facts: dict[str, object] = {
        "number": number,
        "heading": "The lamp goes dark",
        "place": "the lighthouse",
        "frames": frames,
        "narration": "That night the lamp went out.",
        "direction": "Mara climbs the stairs. The lamp is cold under her hand.",
        "characters": ("Mara", "Tom"),
        "beat": "rise",
    }
    return Scene.model_validate({**facts, **changes})


def plan_of(scene: Scene, max_shots: int = 4, rate: Rate | None = None) -> ShotPlan:
    return plan_shots(script_of(scene, rate=rate), 1, PILOT, size=(1280, 720), max_shots=max_shots)


scenes = st.builds(
    scene_of,
    frames=st.integers(1, 3000),
    beat=st.sampled_from(["hook", "setup", "rise", "turn", "climax", "fall", "end"]),
    mood=st.sampled_from(["calm", "wonder", "tension", "joy", "sorrow", "resolve"]),
    characters=st.sampled_from([(), ("Mara",), ("Mara", "Tom"), ("Nobody in the bible",)]),
    direction=st.sampled_from(["", "Mara waits.", "One. Two! Three? Four… Five; six.", "昔々。海がある。", "x" * 3000]),
    place=st.text(max_size=20),
)
rates = st.sampled_from([Rate.of(24), Rate.of(23.976), Rate.of(60)])


@settings(max_examples=150, deadline=None)
@given(scene=scenes, most=st.integers(1, 9), rate=rates)
def test_shots_add_up_to_the_scene_and_obey_the_grammar(scene: Scene, most: int, rate: Rate) -> None:
    plan = plan_of(scene, max_shots=most, rate=rate)
    shots = plan.shots
    assert plan.frames == scene.frames
    assert len(shots) <= min(4, most)
    assert [shot.number for shot in shots] == list(range(1, len(shots) + 1))
    if len(shots) > 1:
        assert all(shot.frames >= rate.frames(2.0) for shot in shots)
    for before, after in pairwise(shots):
        assert before.board.framing != after.board.framing
        assert before.move != after.move
    pans = {shot.move for shot in shots} & {"pan_left", "pan_right"}
    assert len(pans) <= 1, "the camera crossed the line"
    assert plan == plan_of(scene, max_shots=most, rate=rate)


def test_a_five_second_scene_has_two_shots() -> None:
    for beat in ("hook", "setup", "rise", "turn", "climax", "fall", "end"):
        assert len(plan_of(scene_of(120, beat=beat)).shots) == 2


def test_a_scene_opens_wide_and_its_climax_ends_on_a_face() -> None:
    assert plan_of(scene_of(240, beat="setup")).shots[0].board.framing in ("wide", "extreme_wide")
    climax = plan_of(scene_of(240, beat="climax")).shots
    assert climax[-1].board.framing in ("close", "extreme_close")
    assert len(climax[-1].board.characters) == 1


def test_an_object_named_in_the_direction_gets_its_insert_without_a_face() -> None:
    with_lamp = plan_of(scene_of(240, beat="setup", direction="Mara touches the lamp.")).shots
    without = plan_of(scene_of(240, beat="setup", direction="Mara waits.")).shots
    inserts = [shot for shot in with_lamp if shot.board.framing == "insert"]
    assert inserts and all(shot.board.characters == () for shot in inserts)
    assert not [shot for shot in without if shot.board.framing == "insert"]


def test_nothing_written_in_the_direction_is_dropped() -> None:
    direction = "Mara waits. Tom runs in. The lamp turns. Mr. Hale knocks. Rain falls."
    plan = plan_of(scene_of(120, direction=direction))
    assert " ".join(shot.board.action for shot in plan.shots) == direction


def test_the_heading_is_on_the_first_shot_only_and_each_shot_has_its_slate() -> None:
    shots = plan_of(scene_of(240)).shots
    assert shots[0].board.heading == "The lamp goes dark"
    assert {shot.board.heading for shot in shots[1:]} == {""}
    assert [shot.board.slate for shot in shots][:2] == ["S01 · K1", "S01 · K2"]


@settings(max_examples=60, deadline=None)
@given(scene=scenes)
def test_every_face_in_frame_is_in_the_prompt_word_for_word(scene: Scene) -> None:
    for shot in plan_of(scene).shots:
        for character in shot.board.characters:
            assert character.look in shot.prompt
        if len(scene.direction) < 500:
            assert PILOT.look in shot.prompt
            assert len(shot.prompt.encode("utf-16-le")) // 2 <= PROMPT_LIMIT


def test_a_scene_the_script_lacks_is_refused_in_words() -> None:
    with pytest.raises(BadInput, match="no scene 9"):
        plan_shots(script_of(scene_of()), 9, PILOT, size=(1280, 720), max_shots=4)


@pytest.mark.parametrize(
    ("note", "framing", "move"),
    [
        ("closer", "close", "drift"),
        ("Too close!", "wide", "drift"),
        ("could you go a bit wider please", "wide", "drift"),
        ("slower", "medium", "hold"),
        ("too slow", "medium", "push_in"),
        ("no movement", "medium", "hold"),
        ("pan left", "medium", "pan_left"),
        ("look up and closer", "close", "tilt_up"),
        ("hold still", "medium", "hold"),
        ("Mara should stand on the left of the door", "medium", "drift"),
        ("", "medium", "drift"),
    ],
)
def test_a_note_changes_what_it_says(note: str, framing: str, move: str) -> None:
    shot = plan_of(scene_of(60, mood="calm")).shots[0]
    assert (shot.board.framing, shot.move) == ("medium", "drift")
    directed = direct(shot, note=note, take=2, seed=1)
    assert (directed.shot.board.framing, directed.shot.move) == (framing, move)
    assert directed.shot.frames == shot.frames


def test_light_follows_the_note_in_mood_palette_and_prompt() -> None:
    shot = plan_of(scene_of(60, mood="calm")).shots[0]
    brighter = direct(shot, note="too dark", take=2, seed=1).shot
    darker = direct(shot, note="darker, slower", take=2, seed=1)
    assert brighter.board.palette[0] > shot.board.palette[0] > darker.shot.board.palette[0]
    assert (brighter.board.mood, darker.shot.board.mood) == ("joy", "sorrow")
    assert darker.shot.move == "hold", "“darker” before it must not turn “slower” around"
    assert "muted cool light" in darker.shot.prompt and "soft even light" not in darker.shot.prompt


def test_what_the_rules_do_not_know_goes_into_the_prompt_and_the_person_is_told() -> None:
    shot = plan_of(scene_of(60)).shots[0]
    note = "Give her a red\nscarf {{ and }} closer"
    directed = direct(shot, note=note, take=3, seed=1)
    assert directed.shot.prompt.endswith("Give her a red scarf {{ and }} closer")
    assert "close-up" in directed.shot.prompt.lower()
    assert any("direction" in change for change in directed.changes)
    assert direct(shot, note="closer", take=3, seed=1).changes == ("framing medium → close",)


def test_a_note_holds_for_its_take_only() -> None:
    plan = plan_of(scene_of(60))
    direct(plan.shots[0], note="closer darker", take=2, seed=1)
    assert direct(plan.shots[0], note="", take=3, seed=1).shot == plan.shots[0]


def test_requests_carry_the_take_to_both_vendors() -> None:
    plan = plan_of(scene_of(60))
    directed = direct(plan.shots[0], note="closer", take=2, seed=take_seed(7, "animated.s01.k1", 2))
    still = still_request(directed, PILOT, size=plan.size)
    video = video_request(directed, PILOT, plan, None)
    assert (still.model, video.model) == (PILOT.image_model, PILOT.video_model)
    assert still.seed == video.seed == directed.seed
    assert still.variation == video.variation == 2
    assert video.frames == 60 + 2 * plan.shots[0].handle
    assert still.board.framing == "close"


def test_seeds_differ_by_shot_take_and_brief_and_repeat_on_every_machine() -> None:
    seeds = {take_seed(b, s, t) for b in (0, 1) for s in ("animated.s01.k1", "animated.s01.k2") for t in (1, 2)}
    assert len(seeds) == 8
    assert take_seed(0, "animated.s01.k1", 1) == 972926312


def clips(longest_s: float, *sizes: tuple[int, int], name: str = "reel/fast") -> Model:
    lengths = (*(float(s) for s in range(2, int(longest_s) + 1)), longest_s)
    return Model(name=name, kind="video", durations_s=lengths, sizes=sizes, source="the label, 2026-11")


def plan_with(scene: Scene, *models: Model, max_shots: int = 4, rate: Rate | None = None) -> ShotPlan:
    script = script_of(scene, rate=rate)
    return plan_shots(script, 1, PILOT, size=(1280, 720), max_shots=max_shots, models=models)


@settings(max_examples=200, deadline=None)
@given(scene=scenes, longest_s=st.floats(5, 10).map(lambda s: round(s, 2)), rate=rates, most=st.integers(1, 4))
def test_shots_fit_the_longest_clip_that_can_be_had_or_say_why_not(
    scene: Scene, longest_s: float, rate: Rate, most: int
) -> None:
    model = clips(longest_s, (1280, 720))
    plan = plan_with(scene, model, rate=rate, max_shots=most)
    assert plan.frames == scene.frames
    longest = int(longest_s * rate.fraction + 1e-6) - 2 * HANDLE_FRAMES
    if scene.frames <= longest * most:
        assert all(shot.frames <= longest and not shot.refusal for shot in plan.shots)
    for shot in plan.shots:
        assert bool(shot.refusal) == (model.seconds_for(shot.clip_frames, rate) is None)
    if len(plan.shots) > 1:
        assert all(shot.frames >= min(rate.frames(2.0), longest) for shot in plan.shots)


def test_without_a_limit_the_lengths_are_those_of_the_grammar() -> None:
    scene = scene_of(480)
    assert plan_with(scene, clips(60)) == plan_of(scene)


def test_the_lengths_of_models_of_another_shape_do_not_count() -> None:
    """A model that makes 20 s of portrait is no reason to plan 20 s of landscape."""
    upright, ours = clips(20, (720, 1280), name="reel/upright"), clips(5, (1280, 720))
    plan = plan_with(scene_of(430, beat="fall"), upright, ours)
    assert [shot.refusal for shot in plan.shots] == [""] * 4


def test_a_shot_that_nobody_can_make_names_each_model_and_its_reason() -> None:
    plan = plan_with(scene_of(4000), clips(5, (1280, 720)), clips(60, (720, 1280), name="reel/upright"))
    for shot in plan.shots:
        needed_s = shot.clip_frames / 24
        assert shot.refusal == (
            f"No model in use can make this shot: reel/fast makes at most 5 s and {needed_s:.1f} s are needed; "
            "reel/upright makes 720×1280, none of the shape of 1280×720."
        )


def test_a_shot_that_one_of_the_models_can_make_is_planned() -> None:
    plan = plan_with(scene_of(4000), clips(5, (1280, 720)), clips(60, name="reel/long"))
    assert [shot.refusal for shot in plan.shots] == [""] * 4


@pytest.mark.parametrize("look", ["Photographic, natural light.", "Ink lines over warm paper."])
def test_the_look_of_the_pilots_tier_is_in_every_prompt(look: str) -> None:
    pilot = PILOT.model_copy(update={"look": look})
    plan = plan_shots(script_of(scene_of(240)), 1, pilot, size=(1280, 720), max_shots=4)
    assert all(f"Style: {look} Grainy dusk." in shot.prompt for shot in plan.shots)
