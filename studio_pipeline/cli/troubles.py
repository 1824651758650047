"""Runs that failed, one line each, as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio_pipeline.cli.words import plain

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
