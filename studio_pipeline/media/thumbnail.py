"""Small pictures for places that show text: a still as a JPEG inside a Markdown image."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from studio_pipeline.errors import MediaDamaged
from studio_pipeline.media.markdown import escaped


def picture_md(path: Path, *, alt: str, width: int = 320) -> str:
    """Markdown that shows the picture at ``path``, ``width`` pixels wide, with no file to serve.

    Raises:
        MediaDamaged: when the file is no picture.
    """
    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB")
            small.thumbnail((width, width))
    except OSError as error:
        raise MediaDamaged(
            "A picture cannot be read", where=str(path), todo="Make the shot again with `studio retake`."
        ) from error
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=80)
    return f"![{escaped(alt)}](data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()})"


def pictures_md(paths: Iterable[Path], *, alt: str, width: int) -> str:
    """Markdown that shows small pictures, one under the other."""
    return "\n\n".join(picture_md(path, alt=alt, width=width) for path in paths)
