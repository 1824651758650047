"""Runs that failed, one line each, as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from studio_pipeline.cli.words import plain
from studio_pipeline.errors import BadInput, HomeError, OutOfBudget, ProviderFailed, StudioError

if TYPE_CHECKING:
    from studio_pipeline.orchestration.drive import Driven, RunTrouble

_DID = {
    "develop": "planning the pilots",
    "script": "writing the script",
    "plan": "planning shots and narration",
    "shoot": "shooting",
    "inspect": "inspecting",
    "judge": "judging",
    "edit": "cutting",
    "finish": "making the film",
    "retake_shot": "the retake",
}


def told(driven: Driven) -> tuple[str, ...]:
    """The failures of a drive that still matter at its end, each once."""
    if not driven.sheet.blocked and driven.sheet.state != "failed":
        return ()  # what failed was tried again and succeeded
    lines = [in_words(trouble) for trouble in driven.troubles]
    return tuple(dict.fromkeys(lines))


def in_words(trouble: RunTrouble) -> str:
    first, _, last = trouble.cells.partition(":")
    cells = f" {first}" if first == last or not last else f" {first} to {last}"
    return plain(f"{_DID.get(trouble.job, trouble.job)}{cells if first else ''}: {trouble.message}")


def raise_trouble(trouble: RunTrouble) -> NoReturn:
    """End the command with the words and the exit code of a run that failed."""
    kinds: dict[int, type[StudioError]] = {2: BadInput, 3: OutOfBudget, 5: HomeError}
    raise kinds.get(trouble.exit_code, ProviderFailed)(trouble.message) from RuntimeError(trouble.detail)
