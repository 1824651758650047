"""What goes over the line: a request as a shape sees it, its response, and how a shape looks at a key."""

from __future__ import annotations

import base64
import email.parser
import email.policy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Standing = Literal["missing", "wrong", "broke", "good"]


class Malformed(Exception):
    """A body that is not what its content type says; answered with a 400."""


@dataclass(frozen=True)
class Request:
    """``path`` has no prefix of the shape and no query; ``headers`` are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    own_url: str
    """Where this shape is, for links in answers, without a slash at its end."""

    def json(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            Malformed: when it is none.
        """
        try:
            found = json.loads(self.body)
        except ValueError as error:
            raise Malformed(f"The body is no JSON: {error}") from error
        if not isinstance(found, dict):
            raise Malformed("The body is no JSON object.")
        return found

    def form(self) -> dict[str, str | bytes]:
        """The fields of a ``multipart/form-data`` body; those with a file name are bytes.

        Raises:
            Malformed: when it is none.
        """
        kind = self.headers.get("content-type", "")
        parsed = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
            b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n" + self.body
        )
        if not parsed.is_multipart():
            raise Malformed("The body is no multipart/form-data.")
        fields: dict[str, str | bytes] = {}
        for part in parsed.iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(content, bytes):
                fields[name] = content if part.get_filename() else content.decode("utf-8", "replace")
        return fields

    def fields(self) -> dict[str, Any]:
        """The body, whether it is JSON or a form."""
        return dict(self.form()) if "multipart/" in self.headers.get("content-type", "") else self.json()


@dataclass(frozen=True)
class Response:
    """A body of bytes, or one that goes out as JSON."""

    status: int = 200
    body: dict[str, Any] | list[Any] | bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    """``Content-Type`` is made up when it is not here."""


def standing(key: str) -> Standing:
    """What a key is good for. ``wrong`` and ``broke`` are words to try these answers with."""
    match key.strip():
        case "":
            return "missing"
        case "wrong":
            return "wrong"
        case "broke":
            return "broke"
    return "good"


def bearer(request: Request, scheme: str = "Bearer") -> str:
    """The key in ``Authorization: <scheme> <key>``; empty when there is none."""
    found, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if found.lower() == scheme.lower() else ""


def data_uri(text: object) -> bytes | None:
    """The bytes of a ``data:…;base64,…`` address; ``None`` for any other address.

    Raises:
        Malformed: for one that cannot be decoded.
    """
    if not isinstance(text, str) or not text.startswith("data:"):
        return None
    head, comma, coded = text.partition(",")
    try:
        if not comma or not head.endswith(";base64"):
            raise ValueError("it is not base64")
        return base64.b64decode(coded, validate=True)
    except ValueError as error:
        raise Malformed(f"A data URI cannot be read: {error}") from error
