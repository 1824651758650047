"""The dubbing room: what a scene says, spoken in the further languages that the brief asks for. Nothing translates by
rules: without a model there is no dub, and each one that could not be made says why.

A dub never costs the film itself anything but money: whatever goes wrong with it, the scene's own narration stands.
What the translator is asked is in ``dubbing_mind.py``; in which languages a film is delivered, in ``editing/dubs.py``.
"""

from __future__ import annotations

from studio_pipeline.errors import OutOfBudget, ProviderFailed
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.script import Scene, Script
from studio_pipeline.film.takes import Narration
from studio_pipeline.orchestration.minds import Mind
from studio_pipeline.prose.pace import AIR_S
from studio_pipeline.stages.shooting.dubbing_mind import translate
from studio_pipeline.stages.shooting.speaking import spoken
from studio_pipeline.stages.shooting.take import Shop

_AGAIN = "materialise its narration in the UI to try once more"


def dub(
    cell: Cell, script: Script, brief: Brief, narration: Narration, voice: Shop, mind: Mind | None = None
) -> Narration:
    """``narration`` with its dubs, in the order of the brief: one a language, those that could not be made without a
    sound. A scene that says nothing has none, and none is made in the language that the film is told in anyway."""
    if narration.sound is None:
        return narration
    languages = [language for language in brief.dubs if language.lower() != narration.language.lower()]
    scene = script.scenes[narration.scene - 1]
    room_s = max(script.rate.seconds(scene.frames) - AIR_S, narration.duration_s)
    dubs = tuple(_dub(cell, script, scene, brief, language, voice, mind, room_s) for language in languages)
    return narration.model_copy(update={"dubs": dubs})


def _dub(
    cell: Cell, script: Script, scene: Scene, brief: Brief, language: str, voice: Shop, mind: Mind | None, room_s: float
) -> Narration:
    text = ""
    events: list[str] = []
    try:
        voices = _voices(cell, language, voice)
        if mind is None:
            raise ProviderFailed(
                "A rehearsal asks no model, and nothing is translated without one"
                if brief.rehearse
                else "No language model is in use, and nothing is translated without one"
            )
        text, told = translate(mind, script, scene, language, room_s=room_s, kid=brief.content_mode == "kid")
        events += told
        return spoken(cell, text, language, voice, events, longest_s=room_s, models=voices)
    except (ProviderFailed, OutOfBudget) as error:
        why = f"{error.what.rstrip('.')}, so there are no words in {language}; {_AGAIN}."
        return Narration(
            scene=scene.number, text=text, language=language, sound=None, duration_s=0, events=(*events, why)
        )


def _voices(cell: Cell, language: str, voice: Shop) -> tuple[str, ...]:
    """The voices in use that speak ``language``. Raises ``ProviderFailed`` when none does."""
    listed = voice.models(cell.tier or "")
    found = tuple(model for model in listed if (known := voice.capability(model)) is None or known.speaks(language))
    if not found:
        raise ProviderFailed(f"{' and '.join(listed)} cannot speak {language}")
    return found
