"""The film's report: which files it is, how it was rendered, what it lacks, and why its cut is as it is.

Who made what is in ``provenance.json``, the edit in the timelines: neither is said here again. It holds no date, so
that equal films have equal reports.
"""

from __future__ import annotations

from typing import Any

from studio_pipeline.editorial.cut import Cut
from studio_pipeline.film.film import Film


def report(cut: Cut, film: Film) -> dict[str, Any]:
    """The report of ``film``, which was made of ``cut``, as JSON values."""
    return {
        "title": cut.timeline.title,
        "language": cut.timeline.language,
        "film": film.model_dump(mode="json"),
        "cut": {"name": cut.name, "rating": cut.rating, "rationale": cut.rationale, "notes": cut.notes},
    }
