"""Scripts add up to the frame, can be spoken in their time, keep the story's order, and are the same every time."""

import itertools
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.script import Script
from studio_pipeline.film.story import Story
from studio_pipeline.prose.clauses import shorter_forms
from studio_pipeline.prose.languages import primary
from studio_pipeline.prose.sentences import open_quotes
from studio_pipeline.stages.planning.story import ingest
from studio_pipeline.stages.scripting.screenwriter import write_script
from studio_pipeline.stages.scripting.seeing import heading_of

STORIES = Path(__file__).parents[4] / "examples" / "stories"
LIGHTHOUSE = (STORIES / "lighthouse.md").read_text(encoding="utf-8")
DIYA = (STORIES / "diya.md").read_text(encoding="utf-8")
LONG = ingest("\n\n".join([LIGHTHOUSE] * 20), "en")
SHORT = ingest(LIGHTHOUSE, "en")
CHINESE = (
    "老人每天晚上点亮灯塔。“海上有人。”老人说。小明跑上楼梯。风很大，海很黑。"
    "灯灭了。小明划着一根火柴。光又亮了。一条船回家了。"
)
ARABIC = (
    "كان الحارس يضيء المنارة كل ليلة. قال سالم إن البحر قريب. جاءت العاصفة من الغرب. "
    "انطفأ النور. قالت ليلى: هل تسمع؟ عاد القارب إلى البيت."
)


def pilot(tier: str = "animated", look: str = "Drawn boards in motion") -> Pilot:
    return Pilot(
        tier=tier,
        look=look,
        image_model="i",
        video_model="v",
        budget_usd=Decimal(1),
        expected_cost_usd=Decimal(1),
        why="",
    )


def script_of(story: Story | str | None, duration_s: float = 60, *, max_scenes: int = 15, **brief: object) -> Script:
    told = ingest(story, str(brief.get("language", "en"))) if isinstance(story, str) else story or Story()
    source = {"concept": "x"} if told.chars == 0 else {"story": MediaRef(sha256="0" * 64, suffix=".txt", size_bytes=1)}
    asked = Brief.model_validate(
        {"title": "Film", "duration_s": duration_s, "budget_usd": Decimal(10), **source, **brief}
    )
    script = write_script(asked, told, pilot(), max_scenes=max_scenes)
    assert script.frames == asked.frames
    return script


def words_said(script: Script) -> list[str]:
    return [scene.narration for scene in script.scenes if scene.narration]


def assert_speakable(script: Script) -> None:
    """No scene asks for more words than a calm voice says in its time."""
    for scene in script.scenes:
        room_s = script.rate.seconds(scene.frames) - 0.6
        if primary(script.language) == "en":
            assert len(scene.narration.split()) <= 2.35 * room_s + 1e-6, scene
        if primary(script.language) in ("zh", "ja"):
            assert len(re.findall(r"[\u4e00-\u9fff]", scene.narration)) <= 4.2 * room_s + 1e-6, scene
        assert open_quotes(scene.narration) == 0


@given(
    st.floats(5, 1800),
    st.sampled_from([24, 25, 30, 50, 60, 23.976, 29.97, 59.94]),
    st.integers(1, 15),
    st.sampled_from(["short", "long", "idea"]),
)
@settings(max_examples=24, deadline=None)
def test_scenes_add_up_to_the_frame_at_every_rate_and_length(duration_s, fps, max_scenes, source) -> None:
    story = {"short": SHORT, "long": LONG, "idea": None}[source]
    script = script_of(story, duration_s, max_scenes=max_scenes, fps=fps)
    assert 1 <= len(script.scenes) <= max_scenes
    assert_speakable(script)
    if duration_s >= 7:
        assert min(scene.frames for scene in script.scenes) >= int(3.5 * script.rate.fps)


@pytest.mark.parametrize(
    ("duration_s", "fewest", "most"),
    [(5, 1, 1), (10, 2, 2), (15, 4, 5), (30, 7, 8), (60, 12, 12), (90, 15, 15), (600, 15, 15)],
)
def test_the_number_of_scenes_scales_with_the_length(duration_s: float, fewest: int, most: int) -> None:
    assert fewest <= len(script_of(LONG, duration_s).scenes) <= most


def test_the_lighthouse_is_a_film_of_twelve_scenes_told_from_first_to_last() -> None:
    script = script_of(SHORT)
    assert len(script.scenes) == 12
    assert all(scene.narration for scene in script.scenes)
    assert script.scenes[0].narration.startswith("Ines Calloway had kept the light on Gull Rock")
    assert script.scenes[-1].narration.endswith("the light says somebody is awake.")
    assert [character.name for character in script.characters] == ["Ines Calloway", "Wren", "Tom Pike"]
    assert len({scene.mood for scene in script.scenes}) >= 4
    assert len({scene.place for scene in script.scenes}) >= 5


@pytest.mark.parametrize("duration_s", [15, 30, 60, 180, 600])
def test_narration_keeps_the_order_of_the_story_and_cuts_no_sentence(duration_s: float) -> None:
    flat = " ".join(LIGHTHOUSE.split()).casefold()
    at = 0
    for narration in words_said(script_of(SHORT, duration_s)):
        for sentence in re.findall(r"[^.!?]+[.!?]+[”\"]?", narration):
            stem = " ".join(sentence.strip().rstrip(".").split()[-4:]).casefold()  # a “she” before may have its name
            found = flat.find(stem, at)
            assert found >= at, sentence
            at = found + len(stem)
            assert flat[at : at + 1] in ".,;:!?" or flat[at:].startswith((" until", " so that")), sentence


def test_beginning_middle_and_end_of_a_long_book_are_all_in_the_film() -> None:
    book = " ".join(f"Ada saw number {n} in the valley." for n in range(3000))
    numbers = [int(n) for text in words_said(script_of(book, 60)) for n in re.findall(r"number (\d+)", text)]
    assert numbers == sorted(numbers)
    assert numbers[0] < 300
    assert numbers[-1] > 2700
    assert max(b - a for a, b in itertools.pairwise(numbers)) < 700


def test_few_narrations_open_with_a_pronoun_nobody_can_place() -> None:
    script = script_of(SHORT)
    opening = [scene.narration.split()[0] for scene in script.scenes if scene.narration]
    assert sum(word in ("He", "She", "It", "They", "His", "Her") for word in opening) <= 1


def test_a_script_is_the_same_every_time_and_the_look_alone_depends_on_the_pilot() -> None:
    brief = Brief(
        title="T", story=MediaRef(sha256="0" * 64, suffix=".txt", size_bytes=1), duration_s=60, budget_usd=Decimal(9)
    )
    one = write_script(brief, SHORT, pilot(), max_scenes=15)
    assert write_script(brief, SHORT, pilot(), max_scenes=15) == one
    other = write_script(brief, SHORT, pilot("photoreal", "Photo-like layers"), max_scenes=15)
    assert other.look != one.look
    assert [(s.narration, s.frames) for s in other.scenes] == [(s.narration, s.frames) for s in one.scenes]


def test_headings_fit_the_board_and_every_scene_says_what_is_seen() -> None:
    for script in (script_of(SHORT), script_of(DIYA, 30, language="hi"), script_of(None, concept="The history of tea")):
        for scene in script.scenes:
            assert 0 < len(scene.heading) <= 40
            assert scene.direction
            assert scene.continuity
            assert set(scene.characters) <= {character.name for character in script.characters}


def test_tags_are_short_and_unique() -> None:
    text = (
        "Mara met Milo. Milo liked Mara. Then Max saw Mia, and Max and Mia and Mara and Milo went. Mia laughed at Max."
    )
    script = script_of(text, 30)
    tags = [character.tag for character in script.characters]
    assert len(tags) >= 3
    assert len(set(tags)) == len(tags)
    assert all(1 <= len(tag) <= 3 for tag in tags)
    assert len({character.colour for character in script.characters}) == len(tags)


def test_the_test_is_a_window_of_neighbours() -> None:
    for duration_s, size in ((5, 1), (15, 2), (60, 3), (600, 3)):
        window = script_of(LONG, duration_s).test_scenes
        assert window == tuple(range(window[0], window[0] + size))


def test_a_film_for_children_leaves_out_what_would_frighten_them() -> None:
    text = (
        "Lena had a kite. The kite was red. A man was killed by a knife. There was blood. "
        "Lena flew the kite. The wind laughed."
    )
    assert any("killed" in said for said in words_said(script_of(text, 60)))
    gentle = script_of(text, 60, content_mode="kid")
    assert not any(word in " ".join(words_said(gentle)) for word in ("killed", "blood", "knife"))
    assert gentle.palette != script_of(text, 60).palette


@pytest.mark.parametrize(
    ("text", "language", "ends"),
    [(DIYA, "hi", "।?”"), (CHINESE, "zh", "。！？”"), (ARABIC, "ar", ".؟")],
)
def test_other_scripts_are_told_in_their_own_whole_sentences(text: str, language: str, ends: str) -> None:
    script = script_of(text, 30, language=language)
    flat = " ".join(text.split())
    assert script.language == language
    assert words_said(script)
    for narration in words_said(script):
        assert narration in flat
        assert narration[-1] in ends
    assert_speakable(script)


def test_a_story_in_another_language_than_the_brief_says_is_noted() -> None:
    script = script_of(DIYA, 30)
    assert script.language == "hi"
    assert "told in the story's language" in script.notes[0]


@pytest.mark.parametrize(
    "hostile", ["😀" * 5000, "1 2 3. 4 5 6. " * 500, "word " * 100_000, "A", "a. b. c.", "x" * 100_000]
)
def test_hostile_stories_still_give_a_script(hostile: str) -> None:
    for duration_s in (5, 60, 600):
        assert_speakable(script_of(hostile, duration_s))


def test_a_story_without_a_word_is_told_from_its_title_and_says_so() -> None:
    script = script_of("😀🎉 " * 50, 30, title="The last train")
    assert "made from its title" in script.notes[0]
    assert any("train" in said for said in words_said(script))


def test_a_story_of_one_sentence_is_not_stretched_to_twelve_scenes() -> None:
    script = script_of("The old clock in the hall stopped at noon.", 60)
    assert len(script.scenes) <= 6
    assert words_said(script) == ["The old clock in the hall stopped at noon."]


def test_a_film_does_not_begin_with_and() -> None:
    story = "And Della counted every coin in the box. Della wept by the window."
    assert words_said(script_of(story, 10))[0].startswith("Della counted every coin in the box.")


def test_a_heading_does_not_end_at_a_title() -> None:
    assert heading_of("Mr. Jabez Wilson laughed heavily.", "en") == "Mr. Jabez Wilson laughed heavily"


def test_a_sentence_does_not_end_inside_a_list_of_adverbs() -> None:
    assert shorter_forms("Della looked at her reflection in the mirror long, carefully, and critically.") == []
