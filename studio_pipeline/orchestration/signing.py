"""Who signs the films of a home: a person's own certificate where one is named, else the home's test certificate."""

from __future__ import annotations

from pathlib import Path

from studio_pipeline.errors import BadInput
from studio_pipeline.media.credentials.certificates import Credentials, read_credentials
from studio_pipeline.media.credentials.content_credentials import EXTRA, can_sign
from studio_pipeline.media.credentials.local_certificate import local_credentials
from studio_pipeline.settings import Settings


def own_credentials(settings: Settings) -> Credentials | None:
    """Those that a person has named; ``None`` where nobody has.

    Raises:
        BadInput: they cannot be used, or not without the extra.
    """
    certificate, private_key = settings.c2pa_certificate, settings.c2pa_private_key
    if certificate is None and private_key is None:
        return None
    if certificate is None or private_key is None:
        lacking = "C2PA_CERTIFICATE" if certificate is None else "C2PA_PRIVATE_KEY"
        raise BadInput(f"{lacking} is not set", where="environment", todo="Signing needs both of them, or neither.")
    if not can_sign():
        raise BadInput(
            f"C2PA_CERTIFICATE is set, and the extra “{EXTRA}” that signs films is not installed",
            where="environment",
            todo=f"Run `pip install -e '.[{EXTRA}]'` in the checkout, or leave both variables empty.",
        )
    return read_credentials(certificate, private_key)


def credentials_folder(home: Path) -> Path:
    """Where a home keeps its test certificate."""
    return home / "credentials"


def credentials_of(settings: Settings, home: Path) -> Credentials | None:
    """Who signs films in ``home``, which makes itself a test certificate where it needs one; ``None`` without the
    extra.

    Raises:
        BadInput: they cannot be used.
        HomeFull: the test certificate cannot be written.
    """
    if (own := own_credentials(settings)) is not None:
        return own
    return local_credentials(credentials_folder(home)) if can_sign() else None
