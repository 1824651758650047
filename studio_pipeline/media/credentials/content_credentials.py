"""Content credentials: a C2PA manifest in a film's file, signed, so that everybody sees who made what in it.

The official library (``c2pa-python``, extra ``provenance``) writes the manifest into a box behind the first one and
moves the offsets of the samples by its length: pictures, sound and times stay as they are, and the film still starts
playing before it is loaded whole. Nothing goes over the network: no time stamp is asked for.

Each signing draws random salts, so no two are equal. A signed film is therefore kept in the render cache, under what
it follows from, and found there when the same film is finished again. What is said in a manifest is decided by whoever
hands it in (``stages/finishing/provenance.py``).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from studio_pipeline.errors import ProviderFailed
from studio_pipeline.media.credentials.certificates import Credentials
from studio_pipeline.media.render_cache import RenderCache
from studio_pipeline.wording import clipped

EXTRA = "provenance"
"""The extra of this package that signing needs."""

_VERSION = 1
"""Counts up when a film is signed otherwise than before."""
_PIECE_BYTES = 16 * 2**20
"""A film of several such pieces is hashed piece by piece (a Merkle tree, C2PA 2.2 section 18.7): memory stays at 60 MB.
In one piece it takes as much as the film is long, which every reader of older versions understands."""
_WHOLE_UP_TO_BYTES = 4 * _PIECE_BYTES


def can_sign() -> bool:
    """Whether the libraries that signing needs are installed."""
    return find_spec("c2pa") is not None and find_spec("cryptography") is not None


def signed(
    film: Path, into: Path, manifest: Mapping[str, Any], credentials: Credentials, *, content: str, cache: RenderCache
) -> None:
    """Write ``film`` with ``manifest`` in it to ``into``; the same bytes each time, as long as the cache has them.

    Args:
        film: an MP4 that no one has signed.
        manifest: a C2PA manifest definition, as JSON values.
        content: SHA-256 of ``film``, in hexadecimal.

    Raises:
        HomeFull: no space left.
        ProviderFailed: the library did not sign.
    """
    recipe = json.dumps([_VERSION, content, manifest, credentials.fingerprint], sort_keys=True)
    key = hashlib.sha256(f"signed {recipe}".encode()).hexdigest()
    kept = cache.get(key, ".mp4", lambda place: _sign(film, place, manifest, credentials))
    shutil.copyfile(kept, into)


def _sign(film: Path, into: Path, manifest: Mapping[str, Any], credentials: Credentials) -> None:
    import c2pa  # an extra, with a library of 30 MB

    settings: dict[str, Any] = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}
    if film.stat().st_size > _WHOLE_UP_TO_BYTES:
        settings["core"] = {
            "backing_store_memory_threshold_in_mb": _PIECE_BYTES >> 20,
            "merkle_tree_chunk_size_in_kb": _PIECE_BYTES >> 10,
        }
    with film.open("rb") as source, into.open("w+b") as place:
        watched = _Watched(place)
        try:
            who = c2pa.C2paSignerInfo(credentials.algorithm, credentials.chain, credentials.private_key, None)
            with c2pa.Signer.from_info(who) as signer, c2pa.Context.from_dict(settings) as context:
                c2pa.Builder(json.dumps(manifest), context=context).sign(signer, "video/mp4", source, watched)
        except c2pa.C2paError as error:
            if watched.trouble is not None:
                raise watched.trouble from error
            raise ProviderFailed(
                f"The film could not be signed: {clipped(str(error), 300)}",
                where=credentials.words,
                todo="See what `studio doctor` says of the content credentials.",
            ) from error


class _Watched:
    """A file that remembers why it could not be written: the library says no more than that it could not."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.trouble: OSError | None = None
        self.read, self.seek, self.tell = file.read, file.seek, file.tell

    def write(self, content: bytes) -> int:
        try:
            return self._file.write(content)
        except OSError as error:
            self.trouble = error
            raise

    def flush(self) -> None:
        try:
            self._file.flush()
        except OSError as error:
            self.trouble = error
            with suppress(OSError):  # what is left of it must not be said again when the file is closed
                self._file.close()
            raise
