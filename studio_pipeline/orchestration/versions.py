"""What an agent's decision depends on beside its code: the prompts that are sent, and the models that are asked.

They are part of an asset's ``code_version``, so an edited prompt turns what an agent said with it stale in the UI, and
nothing of other agents. Where only the rules think, no prompt is sent, and the version is that of the code alone.
"""

from __future__ import annotations

from pathlib import Path

from studio_pipeline.errors import BadInput
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.prompting import library, variants
from studio_pipeline.providers import factory
from studio_pipeline.providers.language.roles import names_for
from studio_pipeline.settings import RULES, settings

_SHOWN = 12
"""Hexadecimal characters of the digest."""


def code_version(base: str, *functions: str) -> str:
    """``base`` where only rules think, else ``base+`` and a digest of what the functions of an agent say, to whom, how.

    A variant's weight is no part of it: it decides which productions will have the variant, and changes no answer. One
    that nobody gets any more is, as there are productions that keep it.

    Raises:
        BadInput: for a function that there is not.
    """
    asked = factory.listed("language", settings().language_provider)
    if not functions or all(name == RULES for name in asked):
        return base
    manners = {name: _manner(name, asked) for name in functions}
    return f"{base}+{digest_of(manners)[:_SHOWN]}"


def _manner(function: str, vendors: tuple[str, ...]) -> dict[str, object]:
    return {
        variant.name: {
            "prompt": _prompt(variant.prompt),
            "models": [names_for(variant.model, vendors, simple=simple) for simple in (False, True)],
            "temperature": variant.temperature,
            "best_of": variant.best_of,
        }
        for variant in variants.function(function).variants
    }


def _prompt(name: str, folder: Path = library.PROMPTS_DIR) -> str:
    """The digest of a prompt; of its complaint when it cannot be read, so that the rest of the studio can be looked at:
    asking with it tells the same complaint."""
    try:
        return library.digest(name, folder)
    except BadInput as error:
        return f"{name}: {error.what}"
