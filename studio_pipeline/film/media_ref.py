"""A reference to a picture, clip or sound in the content-addressed media store."""

from __future__ import annotations

from pydantic import Field

from studio_pipeline.film.frozen import Frozen


class MediaRef(Frozen):
    """Names bytes, not a place: ``sha256`` of the file's content and the suffix it is opened with."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    suffix: str = Field(pattern=r"^\.[a-z0-9]{1,5}$")
    size_bytes: int = Field(ge=0)
