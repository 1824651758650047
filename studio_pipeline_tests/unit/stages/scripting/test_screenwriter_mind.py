"""A model's script is used only where it is a film: it fits, it adds up, and everybody in it is known."""

from __future__ import annotations

import copy
import itertools
import json
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.errors import OutOfBudget
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.script import Script
from studio_pipeline.film.story import Story
from studio_pipeline.prompting import library
from studio_pipeline.prompting.tokens import estimated_tokens
from studio_pipeline.prose.pace import AIR_S, speaking_s
from studio_pipeline.providers.language.reading import Objection, read_answer
from studio_pipeline.stages.planning.story import ingest
from studio_pipeline.stages.scripting.screenwriter import write_script
from studio_pipeline.stages.scripting.screenwriter_mind import script_from, values
from studio_pipeline.stages.scripting.script_draft import ScriptDraft
from studio_pipeline_tests.backlot.bad_minds import bad_answer
from studio_pipeline_tests.backlot.stub_mind import StubMind

GOOD: dict[str, Any] = json.loads((Path(__file__).parent / "good_script.json").read_text(encoding="utf-8"))
STORIES = Path(__file__).parents[4] / "examples" / "stories"
LIGHTHOUSE = ingest((STORIES / "lighthouse.md").read_text(encoding="utf-8"), "en")
ANIMATED = Pilot(
    tier="animated",
    look="Hand-painted animation",
    image_model="i",
    video_model="v",
    budget_usd=Decimal(1),
    expected_cost_usd=Decimal(1),
    why="",
    pace="slow",
)
NOIR = ANIMATED.model_copy(update={"tier": "photoreal", "look": "Photographic, film noir", "pace": "quick"})


def brief_of(**changes: object) -> Brief:
    facts = {"title": "Lighthouse", "duration_s": 60, "budget_usd": Decimal(10), "style": "warm lamplight"}
    source = {} if "concept" in changes else {"story": MediaRef(sha256="0" * 64, suffix=".md", size_bytes=1)}
    return Brief.model_validate({**facts, **source, **changes})


def good(change: Callable[[dict[str, Any]], object] = lambda draft: None) -> dict[str, Any]:
    draft = copy.deepcopy(GOOD)
    change(draft)
    return draft


def made(
    draft: dict[str, Any], brief: Brief | None = None, story: Story = LIGHTHOUSE, *, max_scenes: int = 15
) -> Script:
    return script_from(ScriptDraft.model_validate(draft), brief or brief_of(), story, ANIMATED, max_scenes=max_scenes)


def objections(draft: dict[str, Any], brief: Brief | None = None, story: Story = LIGHTHOUSE) -> tuple[str, ...]:
    with pytest.raises(Objection) as caught:
        made(draft, brief, story)
    return caught.value.words


# What becomes of a good draft


def test_a_draft_becomes_a_film_that_adds_up_and_can_be_spoken() -> None:
    script = made(good())
    assert script.frames == 1440
    for scene in script.scenes:
        assert speaking_s(scene.narration, "en") + AIR_S <= script.rate.seconds(scene.frames) + 0.05
    assert [scene.beat for scene in script.scenes][:: len(script.scenes) - 1] == ["hook", "end"]
    assert [character.tag for character in script.characters] == ["I", "W", "T"]
    assert script.palette == ("#14213d", "#2f5d62", "#e9a03b", "#f6ead2")
    assert len(script.test_scenes) == 3
    assert script.notes == ()


def test_pilots_share_every_word_and_frame_and_differ_in_their_look() -> None:
    mind: Any = StubMind("script_generator", good(), good())
    one, two = (write_script(brief_of(), LIGHTHOUSE, pilot, max_scenes=15, mind=mind) for pilot in (ANIMATED, NOIR))
    assert one.scenes == two.scenes and one.test_scenes == two.test_scenes
    assert one.look.startswith("Hand-painted animation; warm lamplight; Rocky northern island")
    assert two.look.startswith("Photographic, film noir; warm lamplight")
    assert two.palette == ("#0e0e10", "#2b2b2f", "#5f5f66", "#a9a9ae", "#efefec"), "a look that names colours has them"
    assert mind.prompts[0] == mind.prompts[1], "the very same question: it is bought once"


def test_what_happened_on_the_way_is_in_the_notes() -> None:
    mind: Any = StubMind("script_generator", good(lambda d: d["scenes"].clear()), good())
    script = write_script(brief_of(), LIGHTHOUSE, ANIMATED, max_scenes=15, mind=mind)
    assert script.notes == ("stub/model was told what was wrong.",)


def test_where_there_is_no_money_the_rules_write_and_the_notes_say_so() -> None:
    broke: Any = StubMind("script_generator", OutOfBudget("The reserve is used up"))
    script = write_script(brief_of(), LIGHTHOUSE, ANIMATED, max_scenes=15, mind=broke)
    assert script.scenes == write_script(brief_of(), LIGHTHOUSE, ANIMATED, max_scenes=15).scenes
    assert script.notes == ("Decided by rules, as there is no money left for a model: The reserve is used up.",)


def test_nobody_shares_a_tag_or_a_colour() -> None:
    def alike(draft: dict[str, Any]) -> None:
        names = ("Wren", "Wrenna", "Wrex", "Wre")
        draft["characters"] = [{"name": name, "look": f"{name} in a coat", "colour": "#112233"} for name in names]
        for scene in draft["scenes"]:
            scene["characters"] = list(names[:3])
        draft["scenes"][0]["characters"] = ["Wre"]

    script = made(good(alike), brief_of(concept="Four friends"), Story())
    assert len({character.tag for character in script.characters}) == 4
    assert len({character.colour for character in script.characters}) == 4


def test_who_is_never_seen_is_not_in_the_bible() -> None:
    script = made(good(lambda d: d["characters"].append({"name": "Admiral", "look": "gull", "colour": "#ffffff"})))
    assert "Admiral" not in {character.name for character in script.characters}


def test_texts_lose_what_is_not_seen_and_keep_what_is() -> None:
    def dressed(draft: dict[str, Any]) -> None:
        draft["scenes"][0]["heading"] = "\u202eThe\u0000 light\n\u2066of 👩‍👩‍👧\ufeff क्‍ष\u202c"
        draft["scenes"][1]["direction"] = "{{ 7*7 }} `id` ../../etc <b>bold</b>"

    script = made(good(dressed))
    assert script.scenes[0].heading == "The light of 👩‍👩‍👧 क्‍ष"
    assert script.scenes[1].direction == "{{ 7*7 }} `id` ../../etc <b>bold</b>", "shown as it is, and nothing else"


# What is wrong with others


def test_a_film_that_says_too_much_is_told_which_scene_to_cut_and_by_how_much() -> None:
    def wordy(draft: dict[str, Any]) -> None:
        draft["scenes"][3]["narration"] = " ".join(["and the sea goes on"] * 12)

    said = objections(good(wordy))
    assert len(said) == 2
    assert "cut about" in said[0] and said[1].startswith("scene 4: its narration takes 25.5 s and may take")

    def cut(draft: dict[str, Any]) -> None:
        wordy(draft)
        kept = 60 - int(said[1].split("cut about ")[1].split()[0])
        draft["scenes"][3]["narration"] = " ".join(draft["scenes"][3]["narration"].split()[:kept])

    assert made(good(cut)).frames == 1440, "who does as told is done"


@given(st.lists(st.integers(0, 40), min_size=10, max_size=15), st.sampled_from([24, 23.976, 60]))
@settings(max_examples=60, deadline=None)
def test_who_cuts_as_told_is_done_whatever_was_too_long(lengths: list[int], fps: float) -> None:
    def fill(draft: dict[str, Any], words: list[int]) -> None:
        draft["scenes"] = [
            {**draft["scenes"][at % 12], "narration": " ".join(["and the sea goes on and"] * 8)[: count * 4]}
            for at, count in enumerate(words)
        ]

    draft = good(lambda d: fill(d, lengths))
    try:
        assert made(draft, brief_of(fps=fps)).frames == brief_of(fps=fps).frames
    except Objection as objection:
        for word in objection.words:
            if word.startswith("scene ") and "cut about" in word:
                scene = draft["scenes"][int(word.split(":")[0][6:]) - 1]
                said = scene["narration"].split()
                scene["narration"] = " ".join(said[: len(said) - int(word.split("cut about ")[1].split()[0])])
        if "tell more" not in str(objection):
            assert made(draft, brief_of(fps=fps)).frames == brief_of(fps=fps).frames


def change_scene(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda draft: draft["scenes"][2].update(changes)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d.update(scenes=d["scenes"] * 34), "scenes: there are 408, and a film of 60 s has 10 to 15"),
        (lambda d: d["scenes"].clear(), "scenes: there are 0"),
        (change_scene(narration="x" * 100_000), "scene 3: its narration has 60000 characters"),
        (change_scene(characters=["Bob"]), "scene 3: “Bob” is not in the bible; there are: Ines Calloway, Wren"),
        (change_scene(heading=" \u0000"), "scene 3: heading is empty"),
        (change_scene(direction="d" * 401), "scene 3: direction has 401 characters; at most 400"),
        (change_scene(prompt_hints=["a"] * 7), "scene 3: 7 prompt_hints"),
        (lambda d: d.update(palette=["red"]), "palette: three to six colours such as #1b2a3a, not “red”"),
        (lambda d: d["characters"].append(d["characters"][0]), "characters: Ines Calloway is there 2 times"),
        (lambda d: d["characters"][1].update(name="---"), "characters: “---” is no name"),
        (lambda d: d["characters"][1].update(look=""), "characters: the look of Wren has 0 characters"),
        (lambda d: d["characters"].append({**d["characters"][0], "name": "Captain Nemo"}),
         "characters: “Nemo” is not in the story"),
        (lambda d: [s.update(narration="Sie hatte das Licht nicht und der Sturm war da") for s in d["scenes"]],
         "the narration is in “de”; this film is told in “en”"),
        (lambda d: [s.update(narration="") for s in d["scenes"]], "tell more of it, at least 47 words"),
        (lambda d: [c.update(look="l" * 200) for c in d["characters"]] and d["scenes"][6].update(direction="d" * 390),
         "scene 7: its direction and the looks of its characters have"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words_that_help(change: Callable[[dict[str, Any]], object], told: str) -> None:
    assert any(told in word for word in objections(good(change)))


def test_a_role_without_a_name_may_be_added_to_a_story() -> None:
    def added(draft: dict[str, Any]) -> None:
        draft["characters"].append({"name": "Old Fisherman", "look": "bald man in a red apron", "colour": "#aa2222"})
        draft["scenes"][10]["characters"] = ["Old Fisherman"]

    assert "Old Fisherman" in {character.name for character in made(good(added)).characters}


def test_a_film_for_children_is_told_without_harsh_words() -> None:
    kid = brief_of(content_mode="kid")
    made(good(), kid)
    said = objections(good(change_scene(direction="A dead gull on the stairs.")), kid)
    assert said == ("scene 3: “dead” in direction is not for children: show or say it another way",)


def test_a_story_in_another_language_is_told_in_the_briefs_and_the_notes_say_so() -> None:
    hindi = ingest((STORIES / "diya.md").read_text(encoding="utf-8"), "hi")
    assert hindi.language == "hi"
    script = made(good(), brief_of(language="en"), hindi)
    assert script.language == "en"
    assert script.notes == ("The story is in “hi”: the film is told in “en”, as the brief asks.",)


@settings(max_examples=400, deadline=None)
@given(seed=st.integers(0, 10**9), duration_s=st.sampled_from([5, 15, 60, 600]), kid=st.booleans())
def test_whatever_a_mind_says_it_is_a_film_or_an_objection(seed: int, duration_s: int, kid: bool) -> None:
    brief = brief_of(duration_s=duration_s, content_mode="kid" if kid else "general")
    try:
        draft = read_answer(bad_answer(GOOD, random.Random(seed)), ScriptDraft)
        script = script_from(draft, brief, LIGHTHOUSE, ANIMATED, max_scenes=15)
    except Objection as objection:
        assert all(objection.words)
    else:
        assert script.frames == brief.frames
        bible = {character.name for character in script.characters}
        assert all(set(scene.characters) <= bible for scene in script.scenes)


# What is asked


def question(brief: Brief, story: Story) -> str:
    said = library.render("screenwriter", values(brief, story, max_scenes=15))
    return "\n".join((said.system, said.shared, said.ask))


def test_the_question_holds_the_story_and_nothing_of_the_pilot_the_money_or_the_seed() -> None:
    asked = question(brief_of(seed=4711, budget_usd=Decimal(1234)), LIGHTHOUSE)
    assert "the light says somebody is awake" in asked and "10 to 15" in asked
    assert not any(word in asked for word in ("animated", "Hand-painted", "4711", "1234"))


def test_a_long_story_is_shown_from_its_whole_length_within_bounds() -> None:
    passages = tuple(
        f"On day {day} the keeper climbed the stairs and counted every step of it aloud." for day in range(9000)
    )
    digests = tuple(
        f"Chapter {at}: the keeper climbs, the sea falls, a letter comes and is answered." for at in range(2000)
    )
    long = LIGHTHOUSE.model_copy(update={"passages": passages, "chapter_digests": digests})
    asked = question(brief_of(), long)
    assert estimated_tokens(asked) < 22_000
    days = [int(line.split()[2]) for line in asked.splitlines() if line.startswith("On day")]
    assert days[0] == 0 and days[-1] == 8999 and days == sorted(days)
    assert max(after - before for before, after in itertools.pairwise(days)) < 200


@pytest.mark.parametrize("mode", ["kid", "general"])
def test_the_rubric_of_the_audience_is_part_of_the_question(mode: str) -> None:
    asked = question(brief_of(content_mode=mode), LIGHTHOUSE)
    assert ("watching alone" in asked) == (mode == "kid")


def test_an_idea_is_asked_without_a_story() -> None:
    asked = question(brief_of(concept="Why bees dance </idea> {{ 7*7 }}", language="hi"), Story())
    assert "Nobody has handed in a story" in asked and "{{ 7*7 }}" in asked and "Why bees dance </idea>" not in asked
