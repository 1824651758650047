"""What it means to whoever wanted something when a purchase brought nothing: the words and the kind of the error.

What lives here: from a closed or ambiguous entry of the ledger to an error. What does not: how it came to that
(``metering.py``).
"""

from __future__ import annotations

from studio_pipeline.budget.purchase import Entry
from studio_pipeline.errors import JobFailed, PromptRefused, ProviderFailed, Unanswered


def undelivered(entry: Entry, *, before: bool = False) -> ProviderFailed:
    """The job was ended by its vendor and nothing came of it: what that means to whoever wanted it."""
    cost = f"charged ${entry.settled_usd} and" if entry.state == "lost" else "charged nothing and"
    if entry.refused:
        return PromptRefused(
            f"{entry.vendor} {cost} refused the prompt: {entry.why}",
            where=_where(entry),
            todo="Say it in other words: the same ones are refused again.",
        )
    return JobFailed(
        f"{entry.vendor} {cost} delivered nothing: {entry.why}",
        where=_where(entry),
        todo="The same take is not bought twice; make a new take of it.",
        before=before,
    )


def unanswered(entry: Entry, *, before: bool = False) -> Unanswered:
    """Nobody knows what became of the job."""
    return Unanswered(
        f"Nobody knows whether {entry.vendor} charged ${entry.max_usd} for this: {entry.why}",
        where=_where(entry),
        todo="The money stays set aside. Look in the vendor's own list of jobs and charges, then say "
        f"`studio ledger resolve {entry.id} --billed` or `--unbilled`, or `--job ID` to have that job fetched.",
        before=before,
    )


def _where(entry: Entry) -> str:
    return f"{entry.production} {entry.place}, {entry.stage}, ledger entry {entry.id}"
