"""The one tree of errors, and the exit code each branch ends a command with.

Every error here says three things to a person: *what* went wrong, *where*, and *what to do* about it. Nothing
else in the project defines an exception that reaches a person.

::

    StudioError
     ├── BadInput            2    a brief, story, slate or name that cannot be used
     ├── OutOfBudget         3    an envelope would be overspent; a partial film is delivered
     │    └── UnknownPrice   3    no rate card for the call, so no call is made
     ├── ProviderFailed      4    a vendor, model or local media program failed
     │    ├── MediaDamaged   4    a clip or sound that does not decode or has the wrong length
     │    ├── PromptRefused  4    the vendor's moderation does not want the prompt; nothing was charged
     │    ├── JobFailed      4    the vendor took the job and delivered nothing; another take may succeed
     │    ├── AnswerUnusable 4    a language model answered, and nothing of it can be used
     │    ├── Unanswered     4    nobody knows whether the vendor took the job; its money stays set aside
     │    └── VendorAway     4    no key, no credit, overloaded, out of reach: it certainly did not take the job
     └── HomeError           5    the studio home cannot be used
          ├── HomeLocked     5    another process drives the same home
          ├── HomeDamaged    5    a file in the home cannot be read back
          └── HomeFull       5    no space left, or the home is read-only

Exit codes 0 (done) and 130 (interrupted, resumable) have no error.
"""

from __future__ import annotations


class StudioError(Exception):
    """Root of the tree.

    Args:
        what: the problem in one sentence, in the words of the person who asked.
        where: the file, field, partition or entry it concerns.
        todo: the next thing a person can do about it.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        self.what = what
        self.where = where
        self.todo = todo
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f" {self.todo}" if self.todo else ""
        return (
            f"{self.what}{place}.{advice}" if not self.what.endswith((".", "?", "!")) else f"{self.what}{place}{advice}"
        )


class BadInput(StudioError):
    """What a person handed in cannot be used as it is."""

    exit_code = 2


class OutOfBudget(StudioError):
    """A reservation would break an envelope. Nothing was sent, nothing was billed."""

    exit_code = 3


class UnknownPrice(OutOfBudget):
    """No rate card covers the call; an unknown price means no call."""


class ProviderFailed(StudioError):
    """A vendor, a model or a local media program did not deliver."""

    exit_code = 4


class MediaDamaged(ProviderFailed):
    """A picture, clip or sound does not decode, or is not what was asked for."""


class PromptRefused(ProviderFailed):
    """The vendor's moderation does not want the prompt or the picture. Nothing was charged."""


class JobFailed(ProviderFailed):
    """The vendor took the job and delivered nothing that can be used. Another take may succeed.

    Args:
        before: whether this was known before, so that nothing was handed in now.
    """

    def __init__(self, what: str, *, where: str = "", todo: str = "", before: bool = False) -> None:
        self.before = before
        super().__init__(what, where=where, todo=todo)


class AnswerUnusable(ProviderFailed):
    """A language model answered, also when told what was wrong, and nothing of it can be used. It was charged for."""


class Unanswered(ProviderFailed):
    """Nobody knows whether the vendor took the job. Its money stays set aside until that is known.

    Args:
        before: whether this was known before, so that nothing was handed in now.
    """

    def __init__(self, what: str, *, where: str = "", todo: str = "", before: bool = False) -> None:
        self.before = before
        super().__init__(what, where=where, todo=todo)


class VendorAway(ProviderFailed):
    """The vendor certainly did not take the job, whatever the job was: another one may.

    Args:
        retry_after_s: for trouble that passes (overload, a network that is down): when to ask again, in seconds, 0
            for the caller's own pace. ``None`` for trouble that only a person can end (no key, no credit).
    """

    def __init__(self, what: str, *, where: str = "", todo: str = "", retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(what, where=where, todo=todo)


class HomeError(StudioError):
    """The studio home cannot be used."""

    exit_code = 5


class HomeLocked(HomeError):
    """Another process drives the same home."""


class HomeDamaged(HomeError):
    """A file in the home cannot be read back as what it should be."""


class HomeFull(HomeError):
    """No space is left, or the home cannot be written."""
