"""Freshness: whether an artifact still follows from what it was made from, and if not, why in words. Pure.

The call sheet asks for what is not fresh, ``studio status`` shows it: one rule for both (ADR 0006).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studio_pipeline.orchestration.facts import Facts


def why_stale(facts: Facts, ref: str, expected: Iterable[str] = ()) -> str | None:
    """Why the artifact ``ref`` has to be made (again); ``None`` while it is fresh.

    Args:
        expected: refs that it has to be made from, whatever it was made from in fact.
    """
    header = facts.headers.get(ref)
    if header is None:
        return "it was not made yet"
    if header.is_phantom:
        return "there was nothing to make of it before"
    changed = [name for name, digest in header.inputs.items() if facts.digest(name) != digest]
    if changed:
        return f"{_listed(changed)} changed"
    lacking = [name for name in expected if name not in header.inputs]
    return f"{_listed(lacking)} came after it" if lacking else None


def stale_refs(facts: Facts, outdated: Mapping[str, str]) -> dict[str, str]:
    """Every stored artifact that has to be made again, with the reason in words, causes before effects.

    Staleness reaches as far as the last artifact below: what is made from something stale is named too.

    Args:
        outdated: what the call sheet found outdated (``CallSheet.outdated``).
    """
    stale: dict[str, str] = {}
    for ref, header in facts.headers.items():  # in pipeline order, so that causes come before effects
        if header.is_phantom:
            continue  # nobody misses it, unless the call sheet asks for it
        why = outdated.get(ref) or why_stale(facts, ref)
        above = [name for name in header.inputs if name.partition("#")[0] in stale]
        if why is not None:
            stale[ref] = why
        elif above:
            stale[ref] = f"follows {above[0].partition('#')[0]}"
    return stale


def _listed(refs: list[str]) -> str:
    return ", ".join(refs[:3]) + (f" and {len(refs) - 3} more" if refs[3:] else "")
