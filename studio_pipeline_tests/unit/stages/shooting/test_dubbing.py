"""The dubbing room: what is asked, what is sent back, and that a dub which fails costs the film itself nothing."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from corner_shop import PRICES, CornerShop, Purse

from studio_pipeline.errors import JobFailed, OutOfBudget, VendorAway
from studio_pipeline.fake_vendor.answers import answer_for
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.script import Character, Scene, Script
from studio_pipeline.film.takes import Narration
from studio_pipeline.prompting import library
from studio_pipeline.prose.pace import speaking_s
from studio_pipeline.providers.capabilities import Model
from studio_pipeline.providers.language.reading import Objection
from studio_pipeline.providers.metering import Purchase
from studio_pipeline.stages.shooting.dubbing import dub
from studio_pipeline.stages.shooting.dubbing_mind import HOLD_S, DubDraft, text_from, values
from studio_pipeline.stages.shooting.sound import narrate
from studio_pipeline_tests.backlot.stub_mind import StubMind

CELL = Cell.parse("lamp|animated.s01")
TOLD = "Mira ties a new string, and the Fox watches her from the hill."
HINDI = "मीरा नई डोर बाँधती है और लोमड़ी पहाड़ी से देखती है।"
SCRIPT = Script(
    title="Kite",
    logline="A kite flies.",
    rate=Rate.of(24),
    language="en",
    scenes=(
        Scene(number=1, heading="", place="hill", frames=144, narration=TOLD, direction="Wind.", characters=("Mira",)),
        Scene(number=2, heading="", place="hill", frames=96, narration="", direction="Wind."),
    ),
    test_scenes=(1,),
    characters=(
        Character(name="Mira", tag="M", look="red scarf", colour="#7a2e2e"),
        Character(name="Fox", tag="F", look="red fur", colour="#b5852b"),
    ),
)
ROOM_S = 5.4


class Voice(CornerShop):
    def buy(self, request: Any, **account: Any) -> Purchase:
        bought = super().buy(request, **account)
        words = [{"text": word, "start_s": 0.1, "end_s": 0.2} for word in request.text.split()]
        return bought.model_copy(update={"details": {"duration_s": 2.5, "words": words}})


@pytest.fixture
def voice() -> Voice:
    return Voice({"pen/ink": PRICES["pen/ink"]}, Purse())


def brief(*dubs: str, **changes: Any) -> Brief:
    told = {"title": "Kite", "concept": "x", "duration_s": 10, "budget_usd": Decimal(9), "dubs": dubs}
    return Brief.model_validate(told | changes)


def dubbed(voice: Voice, order: Brief, mind: StubMind | None = None, script: Script = SCRIPT) -> Narration:
    own = narrate(CELL, script, order, voice)
    assert isinstance(own, Narration)
    return dub(CELL, script, order, own, voice, mind)


def translator(*texts: Any) -> StubMind:
    return StubMind("translator", *({"text": text} if isinstance(text, str) else text for text in texts))


def objections(text: str, language: str = "hi", *, kid: bool = False) -> str:
    try:
        text_from(DubDraft(text=text), SCRIPT, SCRIPT.scenes[0], language, room_s=ROOM_S, kid=kid)
    except Objection as objection:
        return "; ".join(objection.words)
    return ""


def test_a_scene_is_translated_and_spoken_once_in_each_language(voice: Voice) -> None:
    narration = dubbed(voice, brief("hi", "de"), translator(HINDI, "Mira knüpft eine Schnur, der Fuchs sieht zu."))
    assert [(each.language, each.text) for each in narration.dubs] == [
        ("hi", HINDI),
        ("de", "Mira knüpft eine Schnur, der Fuchs sieht zu."),
    ]
    assert all(each.sound and each.words and each.receipt for each in narration.dubs)
    assert [asked.request.language for asked in voice.asked] == ["en", "hi", "de"]  # type: ignore[attr-defined]
    assert narration.undubbed.dubs == () and narration.undubbed.text == TOLD


def test_the_translator_is_told_the_film_its_people_the_scene_and_the_room(voice: Voice) -> None:
    mind = translator(HINDI)
    dubbed(voice, brief("hi"), mind)
    (prompt,) = mind.prompts
    assert TOLD in prompt.shared and "red scarf" in prompt.shared and "A kite flies." in prompt.shared
    assert "into hi" in prompt.ask and "in 5.4 s: about 11 words at most" in prompt.ask
    assert "for children" not in prompt.system
    assert (
        "for children"
        in library.render("translator", values(SCRIPT, SCRIPT.scenes[0], "hi", room_s=5, kid=True)).system
    )


@pytest.mark.parametrize("silent", [True, False])
def test_a_scene_without_words_and_a_brief_without_dubs_ask_nobody(voice: Voice, silent: bool) -> None:
    mind = translator()
    if silent:
        narration = dub(Cell.parse("lamp|animated.s02"), SCRIPT, brief("hi"), silence(voice), voice, mind)
    else:
        narration = dubbed(voice, brief(), mind)
    assert narration.dubs == () and mind.prompts == []


def silence(voice: Voice) -> Narration:
    own = narrate(Cell.parse("lamp|animated.s02"), SCRIPT, brief("hi"), voice)
    assert isinstance(own, Narration)
    return own


def test_the_language_that_the_film_is_told_in_anyway_needs_no_dub(voice: Voice) -> None:
    hindi = SCRIPT.model_copy(update={"language": "hi"})
    assert [each.language for each in dubbed(voice, brief("hi", "de"), translator("Sie sieht zu."), hindi).dubs] == [
        "de"
    ]


def test_an_answer_that_is_wrong_is_repaired_and_the_dub_says_so(voice: Voice) -> None:
    (hindi,) = dubbed(voice, brief("hi"), translator(TOLD, HINDI)).dubs
    assert hindi.text == HINDI and hindi.events == ("stub/model was told what was wrong.",)


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("", "hi", "text is empty"),
        (" \u200b।\u202e ", "hi", "text is empty"),
        (TOLD, "hi", "left as it was"),
        (TOLD.upper(), "de", "left as it was"),
        (
            "Mira ties another string while the fox is there and watches what she will do.",
            "hi",
            "text is in en",
        ),
        ("Mira bindet die Schnur und der Fuchs sieht ihr von dem Hügel aus zu.", "fr", "text is in de"),
        ("Мира привязывает верёвку.", "hi", "text is in ru; write it in hi"),
        ("Maria knüpft eine neue Schnur, und der Fuchs sieht zu.", "de", "“Mira” is named"),
        (f"{HINDI} " * 2, "hi", "the scene has 5.4 s: say it in about"),
        ("राम " * 200, "hi", "at most 135 can be said"),
    ],
)
def test_what_is_wrong_with_a_translation_is_said_in_words(text: str, language: str, words: str) -> None:
    assert words in objections(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (HINDI, "hi"),
        ("Mira knüpft eine neue Schnur, und der Fuchs sieht vom Hügel aus zu.", "de"),
        ("Miras neue Schnur hält; der Fuchs sieht es.", "de"),
        ("米拉系上新的线,狐狸在山上看着。", "zh"),
        ("ميرا تربط خيطا جديدا والثعلب يراقبها.", "ar"),
        ("Mira wiąże nowy sznurek, a lis patrzy na nią ze wzgórza.", "pl"),
        ("Mira ata um fio novo.", "pt-BR"),
        ("Мира везује нови канап.", "sr"),
    ],
)
def test_a_good_translation_has_nothing_wrong(text: str, language: str) -> None:
    assert objections(text, language) == ""


def test_a_little_longer_than_the_scene_is_a_held_picture_and_no_objection() -> None:
    line = "लोमड़ी " * 14
    assert ROOM_S < speaking_s(line, "hi") <= ROOM_S + HOLD_S
    assert objections(line) == ""


def test_children_are_spared_in_every_language_that_is_known() -> None:
    assert "not for children" in objections("मीरा को ख़ून दिखता है।", kid=True)
    assert objections("मीरा को ख़ून दिखता है।") == ""


def test_what_nobody_sees_is_taken_out_of_the_words() -> None:
    text = text_from(
        DubDraft(text=f"\u202e{HINDI}\x07\nऔर\u200b"), SCRIPT, SCRIPT.scenes[0], "hi", room_s=ROOM_S, kid=False
    )
    assert text == f"{HINDI} और"


@pytest.mark.parametrize(
    ("mind", "why"),
    [
        (lambda: translator(TOLD, TOLD), "stub/model did not answer usably"),
        (lambda: translator(VendorAway("No key")), "No key"),
        (lambda: translator(OutOfBudget("The pilot has nothing left")), "nothing left"),
        (lambda: None, "No language model is in use"),
    ],
)
def test_a_dub_that_fails_leaves_the_scene_its_own_words_and_says_why(voice: Voice, mind: Any, why: str) -> None:
    narration = dubbed(voice, brief("hi"), mind())
    assert narration.sound is not None and narration.events == ()
    (hindi,) = narration.dubs
    assert hindi.sound is None
    assert why in hindi.events[-1] and "no words in hi; materialise its narration" in hindi.events[-1]


def test_a_rehearsal_says_that_it_translates_nothing(voice: Voice) -> None:
    (hindi,) = dubbed(voice, brief("hi", rehearse=True)).dubs
    assert "A rehearsal asks no model" in hindi.events[-1]


def test_a_line_that_nobody_speaks_keeps_its_words_and_what_was_tried(voice: Voice) -> None:
    voice.answer = lambda asked: JobFailed("Hoarse") if asked.request.language == "hi" else None  # type: ignore[attr-defined]
    (hindi,) = dubbed(voice, brief("hi"), translator(HINDI)).dubs
    assert (hindi.text, hindi.sound) == (HINDI, None)
    assert hindi.events[:2] == ("Take 1: Hoarse.", "Take 2: Hoarse.") and "Hoarse" in hindi.events[-1]


def test_no_voice_is_asked_for_a_language_that_it_does_not_speak(voice: Voice) -> None:
    voice.prices = {"pen/ink": PRICES["pen/ink"], "brush/oil": PRICES["brush/oil"]}
    ink = Model(name="pen/ink", kind="voice", languages=("en",), source="")
    voice.able = {"pen/ink": ink}
    (hindi,) = dubbed(voice, brief("hi"), translator(HINDI)).dubs
    assert hindi.receipt is not None and hindi.receipt.model == "brush/oil"
    voice.able = dict.fromkeys(voice.prices, ink)
    (hindi,) = dubbed(voice, brief("hi"), translator(HINDI)).dubs
    assert "pen/ink and brush/oil cannot speak hi" in hindi.events[-1]


@pytest.mark.parametrize("language", ["hi", "de", "fr", "es", "zh", "ja", "ar", "ru", "ko", "it", "pt", "sw"])
def test_the_fake_translator_answers_usably_in_its_language(language: str) -> None:
    asked = library.render("translator", values(SCRIPT, SCRIPT.scenes[0], language, room_s=ROOM_S, kid=False))
    said = answer_for(DubDraft.model_json_schema(), f"{asked.shared}\n{asked.ask}")
    assert said is not None
    draft = DubDraft.model_validate_json(said)
    assert text_from(draft, SCRIPT, SCRIPT.scenes[0], language, room_s=ROOM_S, kid=False)
    assert len(draft.text) > 8
