"""Long English sentences are told shorter, and what is left is always a sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio_pipeline.prose.clauses import is_sentence, parted, shorter_forms


@pytest.mark.parametrize(
    ("sentence", "forms"),
    [
        (
            "Old Mara opened the gate, which had stood shut since spring, and walked into the orchard.",
            ["Old Mara opened the gate."],
        ),
        ("The boat turned slowly round until nobody could see its lamp.", []),
        ("The boat turned slowly round until it struck the pier.", ["The boat turned slowly round."]),
        ("They ran down to the water, laughing as they went.", ["They ran down to the water."]),
        ("Down went Mara after the dog, never once looking back.", ["Down went Mara after the dog."]),
        # A list is not cut, nor a side clause from its sentence, nor an apposition from its verb.
        ("She carried bread, apples, and a jar of honey.", []),
        ("When the rain began at last, the children ran home.", []),
        ("The miller, who had seen everything, shut the door.", []),
        ("The old miller, you may be sure, was glad.", []),
        (
            "The kitchen door flew open, and a man as thin as a rake, who smelled of tar, came in.",
            ["The kitchen door flew open."],
        ),
        # What needs its other half keeps it.
        ("The wind was so strong in the valley, that the mill stood still.", []),
        ("It was neither the wind of the sea, nor the rain in the trees.", []),
        ("He knew the answer to all of it, but he said:", ["He knew the answer to all of it."]),
        # A speech is not cut through.
        ("“I went home, and I slept, and I woke,” said Mara to the dog.", []),
    ],
)
def test_a_sentence_stops_only_where_it_is_whole(sentence: str, forms: list[str]) -> None:
    assert shorter_forms(sentence) == forms


def test_clauses_with_a_subject_of_their_own_become_sentences() -> None:
    assert parted(
        "Mara was thinking in her slow way whether it was worth the trouble to get up and feed the hens, when suddenly "
        "a white goat in a collar ran past the window; then it was gone, and the hens came out from under the cart."
    ) == [
        "Mara was thinking in her slow way whether it was worth the trouble to get up and feed the hens.",
        "Suddenly a white goat in a collar ran past the window.",
        "Then it was gone, and the hens came out from under the cart.",
    ]


def test_short_sentences_and_parts_without_subject_stay_together() -> None:
    short = "The dog barked, and the cat ran up the tree."
    assert parted(short) == [short]
    listed = (
        "He wore rather wide grey trousers, a black coat that had seen many winters, and a drab waistcoat with a heavy "
        "brass chain, and a square pierced bit of metal dangling down as an ornament."
    )
    assert parted(listed) == [listed]


@pytest.mark.parametrize(
    "text", ["Down, down, down.", "Poor Mara!", "Which way?", "A kitchen at night.", "With a cry."]
)
def test_fragments_are_no_sentences(text: str) -> None:
    assert not is_sentence(text)


@given(st.text(alphabet="abcdefg ,;:.'\"()—-!?A", max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_is_survived_and_forms_are_its_beginnings(text: str) -> None:
    for form in shorter_forms(text):
        assert text.startswith(form.rstrip("."))
    assert parted(text)
