"""Ideas of a line become films by structure: grammatical, about the idea, and not the same film twice."""

import re
from decimal import Decimal

import pytest

from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.script import Script
from studio_pipeline.film.story import Story
from studio_pipeline.prose.pace import AIR_S, speaking_s
from studio_pipeline.stages.scripting.idea import read_idea
from studio_pipeline.stages.scripting.screenwriter import write_script

PILOT = Pilot(
    tier="static",
    look="Cards",
    image_model="i",
    video_model="v",
    budget_usd=Decimal(1),
    expected_cost_usd=Decimal(1),
    why="",
)


def film(concept: str, duration_s: float = 60, **brief: object) -> Script:
    asked = Brief.model_validate(
        {"title": "T", "concept": concept, "duration_s": duration_s, "budget_usd": Decimal(9), **brief}
    )
    script = write_script(asked, Story(), PILOT, max_scenes=15)
    assert script.frames == asked.frames
    return script


def said(script: Script) -> str:
    return " ".join(scene.narration for scene in script.scenes)


@pytest.mark.parametrize(
    ("concept", "kind", "thing", "other"),
    [
        ("Why the sky turns red at sunset", "question", "the sky", "sunset"),
        ("Why do cats purr?", "question", "cats", ""),
        ("how old bridges sing in the wind", "question", "old bridges", "the wind"),
        ("A short film about how bees find their way home.", "question", "bees", "their way home"),
        ("how a vaccine trains the body", "question", "a vaccine", "the body"),
        ("What happens inside a black hole?", "question", "a black hole", ""),
        ("Who invented the wheel", "question", "the wheel", ""),
        ("Which animals can count?", "question", "animals", ""),
        ("How to bake bread", "question", "how to bake bread", ""),
        ("When the moon disappears, the sea forgets its tides", "tale", "the moon", "the sea"),
        ("The history of the bicycle", "subject", "the bicycle", ""),
        ("coffee", "subject", "coffee", ""),
        ("Explain photosynthesis to children", "subject", "photosynthesis", ""),
        ("Make a 30-second ad for our new electric scooter. Keep it funny.", "subject", "our new electric scooter", ""),
        ("A robot who is afraid of the dark", "tale", "the robot", "the dark"),
        ("A girl and her dog travel to Mars", "tale", "the girl", "her dog"),
        ("Two sisters who run a bakery in Naples", "tale", "the two sisters", "the bakery"),
    ],
)
def test_an_idea_is_understood(concept: str, kind: str, thing: str, other: str) -> None:
    idea = read_idea(concept, "en")
    assert (idea.kind, idea.thing) == (kind, thing)
    assert idea.other == other or not other


def test_the_hook_asks_the_question_of_the_idea() -> None:
    assert film("Why the sky turns red at sunset", 30).scenes[0].narration == (
        "Have you ever wondered why the sky turns red at sunset?"
    )
    assert film("Why do cats purr?", 30).scenes[0].narration == "Why do cats purr?"
    assert (
        film("A robot who is afraid of the dark", 30).scenes[0].narration == "Meet a robot who is afraid of the dark."
    )


ONE_LINE = [
    ("en", "Why the sky turns red at sunset"),
    ("en", "Why do cats purr?"),
    ("en", "coffee"),
    ("en", "A robot who learns to paint"),
    ("en", "A lighthouse keeper's daughter who talks to whales and one winter night hears them answer"),
    ("en", "Why do some people remember every dream they ever had while others wake with nothing at all"),
    ("hi", "चाय"),
    ("hi", "बारिश क्यों होती है?"),
    ("hi", "एक छोटी लड़की जो हर रात तारों से बात करती है और एक दिन जवाब पाती है"),
    ("hi", "दो बहनें नेपल्स में एक बेकरी चलाती हैं और एक दिन उन्हें एक पुराना नुस्ख़ा मिलता है"),
]


@pytest.mark.parametrize("duration_s", [6, 8, 10, 12, 20])
@pytest.mark.parametrize(("language", "concept"), ONE_LINE)
def test_somebody_speaks_in_most_of_a_short_film_and_every_line_fits(
    language: str, concept: str, duration_s: float
) -> None:
    script = film(concept, duration_s, language=language)
    spoken_s = [speaking_s(scene.narration, language) for scene in script.scenes]
    assert sum(spoken_s) >= 0.49 * duration_s
    for scene, said_s in zip(script.scenes, spoken_s, strict=True):
        assert scene.narration
        assert said_s + AIR_S <= script.rate.seconds(scene.frames)


def test_a_film_too_short_for_the_whole_idea_names_what_it_is_about() -> None:
    idea = "Why do some people remember every dream they ever had while others wake with nothing at all"
    assert said(film(idea, 6)).startswith("Have you ever wondered about some people?")
    assert said(film(idea, 12)) == f"{idea}?"


def test_names_keep_their_capital_and_other_things_do_not() -> None:
    assert read_idea("The history of Rome", "en").thing == "Rome"
    assert read_idea("A girl travels to Mars", "en").other == "Mars"
    assert read_idea("Coffee", "en").thing == "coffee"
    assert read_idea("NASA", "en").thing == "NASA"


@pytest.mark.parametrize("duration_s", [5, 15, 30, 60, 300])
def test_every_line_is_a_whole_sentence_with_nothing_left_to_fill_in(duration_s: float) -> None:
    for concept in ("coffee", "Why do cats purr?", "A robot who is afraid of the dark", "{thing} and %s {0}"):
        for scene in film(concept, duration_s).scenes:
            if scene.narration:
                assert scene.narration[0].isupper() or not scene.narration[0].isalpha()
                assert scene.narration[-1] in ".?!"
                assert len(scene.narration.split()) <= 2.35 * (scene.frames / 24 - 0.6) + 1e-6
            assert "  " not in scene.narration + scene.direction


def test_user_text_is_never_a_template() -> None:
    assert "{thing}" in said(film("{thing}", 30))


def test_different_ideas_give_different_films_and_the_same_idea_the_same() -> None:
    concepts = ["coffee", "the moon", "old maps", "our new electric scooter", "bees", "glass", "the violin", "salt"]
    films = {re.sub(re.escape(concept), "it", said(film(concept)), flags=re.IGNORECASE) for concept in concepts}
    assert len(films) >= 6
    assert film("coffee") == film("coffee")


def test_the_further_sentences_of_an_idea_are_in_the_film_and_its_instructions_are_not() -> None:
    script = film("The history of tea. Monks drank it to stay awake at night. Keep it funny and use bright colours.")
    assert "Monks drank it to stay awake at night." in said(script)
    assert "Keep it funny" not in said(script)


def test_a_hindi_idea_is_told_in_hindi() -> None:
    script = film("चाय की कहानी", 30, language="hi")
    assert script.language == "hi"
    assert script.scenes[0].narration.find("चाय की कहानी") >= 0
    assert not re.search("[A-Za-z]", said(script))
    assert script.notes == ()


def test_an_idea_in_a_language_without_a_structure_speaks_its_own_words_and_says_so() -> None:
    script = film("Warum ist der Himmel rot? Das Licht geht einen langen Weg.", 30, language="de")
    assert script.language == "de"
    assert set(filter(None, (scene.narration for scene in script.scenes))) <= {
        "Warum ist der Himmel rot?",
        "Das Licht geht einen langen Weg.",
    }
    assert "writes English and Hindi" in script.notes[0]


@pytest.mark.parametrize(
    "concept", ["😀", "?", "why", "the", "A", "!!! ...", "x" * 5000, "word " * 4000, "How?", "1234"]
)
def test_an_odd_idea_still_gives_a_film(concept: str) -> None:
    for duration_s in (5, 30, 600):
        assert film(concept, duration_s).scenes
