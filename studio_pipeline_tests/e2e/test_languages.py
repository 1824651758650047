"""Films in other scripts: what is written is what is said and what is captioned, letter for letter."""

from __future__ import annotations

import re
import wave

import numpy as np
import pytest

from studio_pipeline.film.cells import Cell
from studio_pipeline_tests.backlot.studio import SKETCH, Studio

pytestmark = pytest.mark.slow

STORIES = {
    "hi": "मीरा को अटारी में एक लाल पतंग मिली। हवा पतंग को गाँव के ऊपर ले गई।",
    "zh": "米拉在阁楼里找到一只红风筝。风把风筝带到村子上空。",
    "ar": "وجدت ميرا طائرة ورقية حمراء في العلية. حملت الريح الطائرة فوق القرية.",
}


@pytest.mark.parametrize("language", STORIES)
def test_narration_is_spoken_and_captioned_in_its_own_script(empty: Studio, language: str) -> None:
    title = f"Sketch {language}"
    production = f"sketch-{language}"
    empty.write_brief(SKETCH | {"title": title, "language": language}, story=STORIES[language])
    told = empty.ok("produce", "kite.yaml", "--choose", "recommended")
    assert told["state"] == "delivered"

    narration = empty.artifacts.read("narration", Cell.parse(f"{production}|static.s01"))
    assert narration is not None
    spoken = narration.content
    assert spoken.language == language
    assert bare(spoken.text) in bare(STORIES[language]), "nothing is invented"
    assert bare("".join(word.text for word in spoken.words)) == bare(spoken.text), "every word has its time"
    assert [word.start_s for word in spoken.words] == sorted(word.start_s for word in spoken.words)
    with wave.open(str(empty.home.media.path(spoken.sound))) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    assert np.abs(samples).max() > 3000, "it is a voice, not silence"

    for captions in ("film.srt", "film.vtt"):
        shown = (empty.home.films(production) / captions).read_text(encoding="utf-8")
        assert bare(spoken.text) in bare(shown), captions


def bare(text: str) -> str:
    """Letters and their marks alone: spaces, breaks, times and punctuation of every script left out."""
    return "".join(char for char in text if char.isalpha() or re.match(r"[\u0900-\u097f]", char)).replace("।", "")
