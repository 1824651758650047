"""Reading a prompt as a model would: what stands between its tags, and the rows of its tables. Never raises."""

from __future__ import annotations

import csv
import json
import re
from typing import Any

_TABLE = re.compile(r"<table>\n(.*?)\n</table>", re.DOTALL)
_HEAD = re.compile(r"\[\d+([\t|]?)\]\{([^}\n]*)\}:")


def between(prompt: str, tag: str) -> str:
    """The text in the last ``<tag>`` of a prompt; empty when there is none."""
    found = re.findall(rf"<{tag}>\n(.*?)\n</{tag}>", prompt, re.DOTALL)
    return found[-1] if found else ""


def tables(prompt: str) -> list[list[dict[str, Any]]]:
    """Every table of a prompt, in order: TOON or JSON."""
    return [_rows(text) for text in _TABLE.findall(prompt)]


def table_with(prompt: str, *columns: str) -> list[dict[str, Any]]:
    """The first table that has all these columns; empty when there is none."""
    return next((rows for rows in tables(prompt) if rows and set(columns) <= rows[0].keys()), [])


def number_after(prompt: str, words: str, default: int) -> int:
    """The last whole number that follows ``words``."""
    found = re.findall(rf"{re.escape(words)}\D{{0,12}}(\d+)", prompt)
    return int(found[-1]) if found else default


def _rows(text: str) -> list[dict[str, Any]]:
    head, _, body = text.partition("\n")
    named = _HEAD.fullmatch(head.strip())
    if named is None:
        return _of_json(text)
    delimiter = named[1] or ","
    columns = named[2].split(delimiter)
    lines = [line.strip(" ") for line in body.split("\n")]
    split = csv.reader(lines, delimiter=delimiter, escapechar="\\")
    return [dict(zip(columns, map(_value, values), strict=False)) for values in split]


def _of_json(text: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(text)
    except ValueError:
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
