"""A prompt as its file says it, and as it is sent. Data only; ``library.py`` reads and renders the files."""

from __future__ import annotations

from pydantic import Field

from studio_pipeline.film.frozen import Frozen


class Prompt(Frozen):
    """The front matter of one file of ``prompts/``."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")
    version: int = Field(ge=1)
    agent: str
    """Which agent says it."""
    variables: tuple[str, ...]
    """Everything the body may use; rendering it with more or less is an error."""
    output: str
    """Name of the model that the answer has to fit: ``ScriptDraft``."""
    notes: str = ""
    """For people: what it is for, what was tried."""


class RenderedPrompt(Frozen):
    """What a model is sent, in three parts, from what changes least to what changes most.

    ``system`` is the same for every production, ``shared`` the same for all calls of one production (the story, the
    bible: a vendor may keep it between calls), ``ask`` is this call's own.
    """

    name: str
    version: int
    digest: str
    """Of the file and everything it includes (``library.digest``)."""
    system: str
    shared: str = ""
    ask: str
