"""Loading the production tiers (``assets/tiers.yaml``): data, so that a new tier is a new entry and no code."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from studio_pipeline.errors import BadInput
from studio_pipeline.film.pilot import Tier
from studio_pipeline.stages.planning.yaml_file import kind_of, read_mapping, shown


def load_tiers(path: Path) -> tuple[Tier, ...]:
    """The tiers in the order of the file.

    Raises:
        BadInput: for a broken file, naming the entry.
    """
    where = shown(path)
    data = read_mapping(path, what="tiers file")
    entries = data.get("tiers")
    if set(data) != {"tiers"} or not isinstance(entries, list) or not entries:
        raise BadInput("The tiers file needs exactly one key, `tiers`, with a list of tiers", where=where)
    tiers = []
    for order, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise BadInput(f"Tier {order} is {kind_of(entry)}, not a mapping", where=where)
        name = f"Tier {order} ({entry.get('name', 'no name')})"
        try:
            tiers.append(Tier(**{str(key): value for key, value in entry.items()}))
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(map(str, first["loc"]))
            raise BadInput(
                f"{name}: `{key}`: {first['msg']}", where=where, todo="Compare it with the other entries."
            ) from None
    names = [tier.name for tier in tiers]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise BadInput(
            f"Two tiers are called {twice}",
            where=where,
            todo="A tier's name is part of every partition key; rename one.",
        )
    return tuple(tiers)
