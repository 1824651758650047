"""Having one line spoken in one language: by whoever of the voices in use delivers.

What lives here: the purchase of a line through the ledger. What does not: which words a scene has (the script, or the
translator in ``dubbing.py``), and what a line that nobody speaks means for its film.
"""

from __future__ import annotations

from collections.abc import Sequence

from studio_pipeline.film.cells import Cell
from studio_pipeline.film.takes import Narration, Word
from studio_pipeline.providers.metering import Purchase
from studio_pipeline.providers.voice.port import SpeechRequest
from studio_pipeline.stages.shooting.asking import ask
from studio_pipeline.stages.shooting.take import Shop


def spoken(
    cell: Cell,
    text: str,
    language: str,
    voice: Shop,
    events: list[str],
    *,
    longest_s: float,
    models: Sequence[str] = (),
) -> Narration:
    """``text`` as spoken for the scene in ``cell``, within ``longest_s`` seconds where a natural pace allows it.

    Args:
        events: told here what did not go as planned, also where nobody speaks it in the end.
        models: which voices may be asked; by default all that are in use.

    Raises:
        VendorAway: when no voice can be asked now.
        JobFailed, PromptRefused: when no voice speaks it.
    """

    def buy(model: str, take: int) -> Purchase:
        request = SpeechRequest(model=model, text=text, language=language, max_duration_s=max(1.0, longest_s))
        return voice.buy(
            request, production=cell.production, tier=cell.tier or "", place=cell.place, stage="narration", take=take
        )

    line, _ = ask(models or voice.models(cell.tier or ""), buy, 1, events)
    return Narration(
        scene=cell.scene or 1,
        text=text,
        language=language,
        sound=line.media,
        duration_s=float(line.details["duration_s"]),
        words=tuple(Word.model_validate(word) for word in line.details["words"]),
        receipt=line.receipt,
        events=(*events, *line.events),
    )
