"""What a narrator says of a story: its narrative, not its talk; with names instead of “she” where that is sure."""

import re

import pytest

from studio_pipeline.film.story import Entity, Story
from studio_pipeline.stages.planning.story import ingest
from studio_pipeline.stages.scripting.bible import finders
from studio_pipeline.stages.scripting.sayable import Line, lines_of
from studio_pipeline.stages.scripting.whereabouts import Whereabouts


def lines(text: str, *, film_s: float = 1.0) -> list[Line]:
    """The lines of ``text`` for a film so short that its narrative is always enough."""
    story = ingest(text, "en")
    names = finders(story.characters, "en")
    return lines_of(story.passages, names, story.language, title="", gentle=False, film_s=film_s)


def narrated(text: str) -> list[str]:
    return [line.text for line in lines(text) if not line.quoted]


GARDEN = (
    "Mara lived beside the mill with her hens. She kept a white goat. 'Oh dear! I am late! What shall I do "
    "with the goat?' thought Mara, 'and with the hens?' Mara ran to the gate. (She always ran. Do you run?) Poor Mara!"
)


@pytest.mark.parametrize("marks", ["''", "‘’", "“”", '""'])
def test_speech_brackets_and_cries_are_not_narrated_in_any_marks(marks: str) -> None:
    text = GARDEN.replace("'", marks[0]) if marks[0] == marks[1] else re.sub(r"(^|\s)'", rf"\1{marks[0]}", GARDEN)
    text = text.replace("'", marks[1])
    assert narrated(text) == [
        "Mara lived beside the mill with her hens.",
        "Mara kept a white goat.",
        "Mara ran to the gate.",
    ]


def test_a_sentence_of_a_long_speech_is_never_told_as_if_the_narrator_said_it() -> None:
    text = "“I went to the sea. The sea was cold.\n\n“My boat was gone. I wept,” said Mara. Mara shut the window."
    assert narrated(text) == ["Mara shut the window."]


def test_a_short_speech_is_a_quote_only_with_the_one_who_says_it() -> None:
    found = {line.text: line.quoted for line in lines("“Turn the boat around,” Mara said. “Now.” Mara rowed.")}
    assert found == {"“Turn the boat around,” Mara said.": True, "Mara rowed.": False}


def test_words_on_a_label_are_no_speech() -> None:
    assert narrated("Mara found a jar with the words 'EAT ME' painted on its lid.") == [
        "Mara found a jar with the words 'EAT ME' painted on its lid."
    ]


def test_what_was_said_is_not_announced_without_being_said() -> None:
    text = (
        "Mara rowed home in the dark. Mara looked at the rising water and at last she said to the ferryman: "
        "“We must go at once.” Mara rowed."
    )
    assert narrated(text) == ["Mara rowed home in the dark.", "Mara rowed."]


def test_a_pronoun_gets_the_name_when_only_one_can_be_meant() -> None:
    text = (
        "Mara walked home to her cat. Suddenly she saw a light. She opened the door. Tom slept by the fire. "
        "Then Mara woke Tom."
    )
    assert narrated(text)[:3] == ["Mara walked home to her cat.", "Suddenly Mara saw a light.", "Mara opened the door."]


def test_a_pronoun_stays_when_two_could_be_meant() -> None:
    text = (
        "Mara sang as she walked. Anna laughed when she heard Mara. Then Mara and Anna walked home. She opened "
        "the door. She lit the lamp."
    )
    assert narrated(text)[-2:] == ["She opened the door.", "She lit the lamp."]


def test_a_pronoun_after_another_woman_stays() -> None:
    text = "Mara sang as she walked. Mara met an old woman at the well. She carried a red jug."
    assert narrated(text)[-1] == "She carried a red jug."


def test_emphasis_in_capitals_is_spoken_softly_and_abbreviations_are_not() -> None:
    text = "Mara TOOK A COIN from the little wooden box with the NATO mark. She took the coin home."
    assert narrated(text)[0] == "Mara took a coin from the little wooden box with the NATO mark."


def test_a_play_is_told_by_its_stage_directions() -> None:
    text = (
        "SCENE I. A kitchen.\n\nNORA. The soup is cold.\n\nHENRIK. The train stood still.\n\nNora takes his coat.\n\n"
        "HENRIK. It came today.\n\nNORA. I have read it.\n\nHenrik throws the letter into the stove."
    )
    assert narrated(text) == ["Nora takes his coat.", "Henrik throws the letter into the stove."]


def test_a_story_of_talk_alone_still_has_something_to_say() -> None:
    assert [line.text for line in lines("“Where are you?” “I am here, by the door.”", film_s=30)]


def places_of(text: str, *sentences: str) -> list[str]:
    story = ingest(text, "en")
    where = Whereabouts(story, "en")
    passages = story.passages
    return [
        where.place_of(sentence, next(at for at, p in enumerate(passages) if sentence in p)) for sentence in sentences
    ]


def test_a_scene_plays_where_its_sentence_or_the_nearest_one_before_says() -> None:
    text = (
        "Mara sat in the kitchen. She peeled an onion. “In the forest there are wolves,” said Tom. Mara laughed. "
        "She looked out into the garden. She went down to the harbour. Tom waited."
    )
    assert places_of(text, "Mara sat in the kitchen.", "Mara laughed.", "She looked out", "Tom waited.") == [
        "kitchen",
        "kitchen",
        "kitchen",
        "harbour",
    ]


def test_a_story_without_places_plays_nowhere_in_particular() -> None:
    assert Whereabouts(Story(passages=("Mara slept.",)), "en").place_of("Mara slept.", 0) == ""
    only = Story(passages=("Mara slept.",), places=(Entity(name="mill", mentions=1, evidence="mill"),))
    assert Whereabouts(only, "en").place_of("Mara slept.", 0) == "mill"
