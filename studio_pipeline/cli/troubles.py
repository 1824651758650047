"""Runs that failed, one line each, as a person reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio_pipeline.wording import plain

if TYPE_CHECKING:
    from studio_pipeline.orchestration.drive import Driven, RunTrouble

_DID = {
    "revise": "reading the brief again",
    "develop": "planning the pilots",
    "script": "writing the script",
    "plan": "planning shots and narration",
    "narrate": "speaking the narration of",
    "shoot": "shooting",
    "inspect": "inspecting",
    "judge": "judging",
    "edit": "cutting",
    "finish": "making the film",
    "polish": "another take of",
    "retake_shot": "the retake",
}


@dataclass(frozen=True)
class Trouble:
    """Something that failed and was not mended by trying again."""

    words: str
    exit_code: int


def told(driven: Driven) -> tuple[Trouble, ...]:
    """The failures of a drive that still matter at its end, each once: those of the cells that are blocked now."""
    blocked = {ref.partition("/")[2] for ref in driven.sheet.blocked}
    if not blocked and driven.sheet.state != "failed":
        return ()  # what failed was tried again and succeeded
    last = {trouble.cells: trouble for trouble in driven.troubles}
    single = [trouble for trouble in last.values() if len({*trouble.cells.split(":")}) == 1]
    final = [trouble for trouble in single if trouble.cells.partition(":")[0] in blocked]
    return tuple(Trouble(in_words(trouble), trouble.error.exit_code) for trouble in final or single or last.values())


def in_words(trouble: RunTrouble) -> str:
    """``shooting animated.s02.k1: what went wrong``."""
    first, _, last = trouble.cells.partition(":")
    cells = f" {first}" if last in ("", first) else f" {first} to {last}"
    return plain(f"{_DID.get(trouble.job, trouble.job)}{cells if first else ''}: {trouble.error}")
