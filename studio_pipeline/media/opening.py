"""Opening a media file to read its packets and frames, in one way for all who do.

What its errors mean is said where it is opened: what was bought is not what was made here.
"""

from __future__ import annotations

from pathlib import Path

import av
from av.container import InputContainer

from studio_pipeline.media.ffmpeg import as_argument


def open_to_read(path: Path) -> InputContainer:
    """``path`` opened. Whatever its name, it is a file; and a title that is no UTF-8 is no reason to refuse a clip.

    Raises:
        FFmpegError: it is not there, or no media.
    """
    return av.open(as_argument(path), metadata_errors="replace")
