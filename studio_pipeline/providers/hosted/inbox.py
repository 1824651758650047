"""Answers that are the finished file. Some vendors have no jobs: the answer to the request is the picture or sound.

It is paid for the moment it arrives, so it is on the disk, whole and synced, before anybody is told of it. From then on
it is a job like any other: its id is ``inbox:<tag>``, it is done, and it can be fetched again at any time.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from studio_pipeline.errors import ProviderFailed
from studio_pipeline.providers.vendor import JobState, NoAnswer
from studio_pipeline.whole_file import disk_errors_told, write_whole

_TAG = re.compile(r"[0-9a-f]{8,64}")
_PREFIX = "inbox:"


class Inbox:
    """A folder of answers, one pair of files each: the bytes, and what the vendor told with them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, client_tag: str, content: bytes, told: Mapping[str, Any]) -> str:
        """Put an answer away for good; returns its job id."""
        place = self._place(client_tag)
        with disk_errors_told(self._folder, "The inbox"):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(place.with_suffix(".json"), json.dumps(dict(told)))  # first: with the bytes it is whole
            write_whole(place, content)
        return f"{_PREFIX}{client_tag}"

    def kept(self, client_tag: str) -> str | None:
        """The job id of the answer to ``client_tag``; ``None`` when there is none, or only a part of it."""
        return f"{_PREFIX}{client_tag}" if self._place(client_tag).exists() else None

    def bring(self, job_id: str, into: Path) -> dict[str, Any]:
        """Copy the bytes of ``job_id`` to ``into``; returns what was told with them.

        Raises:
            ProviderFailed: when they are not here any more.
        """
        told = self.told(job_id)
        try:
            shutil.copyfile(self._place(job_id.removeprefix(_PREFIX)), into)
        except FileNotFoundError as error:
            raise self._gone(job_id) from error
        return told

    def told(self, job_id: str) -> dict[str, Any]:
        """What was told with the bytes of ``job_id``.

        Raises:
            ProviderFailed: when it is not here any more.
        """
        place = self._place(job_id.removeprefix(_PREFIX))
        try:
            return json.loads(place.with_suffix(".json").read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError) as error:
            raise self._gone(job_id) from error

    def all_told(self) -> Iterator[dict[str, Any]]:
        """What was told with every answer."""
        for place in sorted(self._folder.glob("*.json")):
            if _TAG.fullmatch(place.stem):
                yield self.told(place.stem)

    def _gone(self, job_id: str) -> ProviderFailed:
        return ProviderFailed(
            "The vendor answered once with this file, and it is gone",
            where=str(self._place(job_id.removeprefix(_PREFIX))),
            todo="Put it back from a backup, or make a new take.",
        )

    def _place(self, tag: str) -> Path:
        if not _TAG.fullmatch(tag):
            raise ProviderFailed(f"“{tag[:40]}” names nothing that was ever kept", where=str(self._folder))
        return self._folder / tag


class AnswersAtOnce:
    """The part of a ``Vendor`` that is the same wherever the answer to the request is the finished file."""

    _inbox: Inbox

    def poll(self, job_id: str, request: Any) -> JobState:
        self._inbox.told(job_id)
        return JobState(state="done")

    def kept(self, client_tag: str) -> str | None:
        return self._inbox.kept(client_tag)


def from_base64(text: object) -> bytes:
    """The file that stands in an answer as base64.

    Raises:
        NoAnswer: when it is none: the file was made, and lost on the way.
    """
    try:
        content = base64.b64decode(text if isinstance(text, str) else "", validate=True)
    except binascii.Error as error:
        raise NoAnswer("an answer whose file cannot be read") from error
    if not content:
        raise NoAnswer("an answer without its file")
    return content
