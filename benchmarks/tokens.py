"""How many tokens a table takes as TOON and as compact JSON, on the tables that our own prompts really hold.

The tables come from reading briefs through (``studio prompts render`` does the same) and from the vocabulary of a whole
film. Tokens are counted by a real tokenizer where one is installed that needs no download (``pip install bpe-openai``
brings o200k_base, the one of OpenAI's models since GPT-4o); otherwise they are our own estimate, and the report says
so. Anthropic publishes no tokenizer, so what it would count can only differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.report import Report
from benchmarks.workshop import ROOT, Workshop

LEAST_SAVED = 30.0
"""Percent of input tokens, on tables."""
_BRIEFS = ("lighthouse", "hindi", "idea")
_LEAST_ROWS = 3
"""A table of one or two rows has hardly a column's name to save."""

Count = Callable[[str], int]


def run(workshop: Workshop) -> Report:
    from studio_pipeline.prompting.material import json_value
    from studio_pipeline.prompting.tables import shorter, toon

    workshop.enter("tokens")
    count, counter = _counter()
    report = Report(
        "Tables for models", f"Tokens of compact JSON against TOON, on our own payloads, as {counter} counts."
    )
    sums: dict[str, list[int]] = {}
    right, decided = 0, 0
    for kind, about, payloads in (
        ("tables", "Tables that prompts hold, of the example films “Lighthouse”, “Hindi” and “Idea”.", _of_prompts()),
        ("whole film", "Tables of the whole film “Lighthouse”, flat.", _flat()),
        ("nested", "Nested values of the same film: prompts hold none of these as a table.", _nested()),
    ):
        table = report.table("Payload", "rows", "JSON", "TOON", "saved", "written as", about=about)
        whole = sums.setdefault(kind, [0, 0, 0])
        for name, payload in payloads:
            value = json_value(payload)
            in_toon, in_json = toon(value), shorter(value, use_toon=False)
            if in_toon is None:
                raise SystemExit("toon-format is not installed: pip install 'studio-pipeline[minds]'")
            taken = shorter(value, use_toon=True)
            tokens = count(in_json), count(in_toon), count(taken)
            table.add(name, str(len(value)), *map(str, tokens[:2]), _saved(*tokens[:2]), _form(taken, in_json))
            sums[kind] = whole = [total + one for total, one in zip(whole, tokens, strict=True)]
            decided += 1
            right += tokens[2] == min(tokens)
        table.add(
            "all of them", "", str(whole[0]), str(whole[1]), _saved(whole[0], whole[1]), _saved(whole[0], whole[2])
        )
    for kind, whose in (
        ("whole film", "Tables of a whole film"),
        ("tables", "Tables in prompts, which are mostly sentences"),
    ):
        before, _, after = sums[kind]
        report.aim(
            f"{whose}: input tokens saved",
            limit=f"at least {LEAST_SAVED:.0f} %",
            found=f"{100 * (1 - after / before):.1f} %",
            met=after <= before * (1 - LEAST_SAVED / 100),
        )
    report.aim(
        "The estimate chooses the form that has fewer tokens",
        limit="always",
        found=f"{right} of {decided}",
        met=right == decided,
    )
    return report


def _counter() -> tuple[Count, str]:
    try:
        import bpe_openai
    except ModuleNotFoundError:
        from studio_pipeline.prompting.tokens import estimated_tokens

        return estimated_tokens, "our own estimate (no tokenizer is installed: pip install bpe-openai)"
    encoding = bpe_openai.get_encoding("o200k_base")
    return lambda text: len(encoding.encode(text)), f"o200k_base (bpe-openai {bpe_openai.__version__})"


def _saved(before: int, after: int) -> str:
    return f"{100 * (1 - after / before):.0f} %"


def _form(taken: str, in_json: str) -> str:
    return "JSON" if taken == in_json else "TOON"


def _read(brief: str) -> Any:
    from studio_pipeline.cli.prompt_values import ReadThrough
    from studio_pipeline.orchestration.studio_home import build_home
    from studio_pipeline.settings import settings

    return ReadThrough(ROOT / "examples" / f"{brief}.yaml", build_home(settings(), accept_stale_prices=True))


def _of_prompts() -> Iterator[tuple[str, Sequence[Any]]]:
    """The tables in the questions of all agents."""
    from studio_pipeline.cli.prompt_values import READERS
    from studio_pipeline.errors import BadInput

    for brief in _BRIEFS:
        read = _read(brief)
        for function in READERS:
            try:
                question = read.question(function)
            except BadInput:
                continue  # an idea has no story to read
            for name, value in question.values.items():
                if _is_table(value):
                    yield f"{brief}: {function}, {name}", value


def _is_table(value: object) -> bool:
    rows = isinstance(value, Sequence) and not isinstance(value, str) and len(value) >= _LEAST_ROWS
    return rows and all(isinstance(row, Mapping) for row in value)


def _flat() -> Iterator[tuple[str, Sequence[Any]]]:
    film = _read("lighthouse").film()
    yield (
        "scenes",
        [
            {
                "scene": scene.number,
                "heading": scene.heading,
                "seconds": round(film.script.rate.seconds(scene.frames), 2),
                "mood": scene.mood,
                "characters": ", ".join(scene.characters),
                "narration": scene.narration,
            }
            for scene in film.script.scenes
        ],
    )
    yield (
        "shots",
        [
            {
                "shot": f"s{plan.scene:02d}.k{shot.number}",
                "frames": shot.frames,
                "framing": shot.board.framing,
                "move": shot.move,
                "place": shot.board.place,
                "action": shot.board.action,
            }
            for plan in film.plans
            for shot in plan.shots
        ],
    )
    yield (
        "ratings",
        [
            {"shot": shot.shot, "take": shot.take, "rating": shot.rating, "frames": shot.measures["frames"]}
            for rating in film.ratings
            for shot in rating.shots
        ],
    )
    yield (
        "issues",
        [
            {"shot": shot.shot, **issue.model_dump()}
            for rating in film.ratings
            for shot in rating.shots
            for issue in shot.issues
        ],
    )


def _nested() -> Iterator[tuple[str, Sequence[Any]]]:
    film = _read("lighthouse").film()
    yield "one shot plan's shots", [shot.model_dump() for shot in max(film.plans, key=lambda p: len(p.shots)).shots]
    yield "all scenes of the script", [scene.model_dump() for scene in film.script.scenes]
    yield "all ratings", [rating.model_dump() for rating in film.ratings]
