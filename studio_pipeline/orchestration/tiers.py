"""Reading ``assets/tiers.yaml``: data, so that a new tier is a new entry and no code.

A tier names the models that can shoot it, of all vendors. Which of them are in question is decided by the vendors in
use (``IMAGE_PROVIDER``, ``VIDEO_PROVIDER``), in the order in which they are named there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from studio_pipeline.errors import BadInput
from studio_pipeline.film.pilot import Tier
from studio_pipeline.providers.capabilities import vendor_of


def load_tiers(path: Path) -> tuple[Tier, ...]:
    """The tiers in the order of the file.

    Raises:
        BadInput: for a file that is no list of tiers with different names, naming the entry that is wrong.
    """
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))["tiers"]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise BadInput("The tiers file holds no list of tiers", where=str(path), todo="Restore the file.") from error
    if not isinstance(entries, list) or not entries:
        raise BadInput("The tiers file holds no list of tiers", where=str(path), todo="Restore the file.")
    tiers = tuple(_tier(entry, order, path) for order, entry in enumerate(entries, start=1))
    names = [tier.name for tier in tiers]
    if twice := [name for name in names if names.count(name) > 1]:
        raise BadInput(f"Two tiers are called {twice[0]}", where=str(path), todo="Give each tier its own name.")
    return tiers


def of_vendors(models: Iterable[str], vendors: Sequence[str]) -> tuple[str, ...]:
    """Those of ``models`` (``vendor/model``) that ``vendors`` make, the first vendor's first.

    ``vendors`` are names, or names of models, which stand for themselves.
    """
    wanted = tuple(model for name in vendors for model in models if name in (model, vendor_of(model)))
    return tuple(dict.fromkeys(wanted))


def shootable(tier: Tier, image_vendors: Sequence[str], video_vendors: Sequence[str]) -> Tier | str:
    """The tier with the models that these vendors make; or why it cannot be shot, in words."""
    stills, clips = of_vendors(tier.image_models, image_vendors), of_vendors(tier.video_models, video_vendors)
    if not stills:
        return f"none of its still models is made by {' or '.join(image_vendors)} (IMAGE_PROVIDER)"
    if not clips:
        return f"none of its clip models is made by {' or '.join(video_vendors)} (VIDEO_PROVIDER)"
    return tier.model_copy(update={"image_models": stills, "video_models": clips})


def _tier(entry: object, order: int, path: Path) -> Tier:
    try:
        return Tier.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the entry"
        raise BadInput(
            f"Tier {order} cannot be used: `{field}`: {first['msg']}",
            where=str(path),
            todo="Compare it with the other entries.",
        ) from error
