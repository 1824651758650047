"""The test certificate a home makes for itself, so that films can be signed at once.

It proves that nothing was changed since, and not who signed: nobody else has its root among those they trust. Its name
says so. Needs the extra ``provenance``.
"""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from studio_pipeline.errors import BadInput
from studio_pipeline.media.credentials.certificates import Credentials, read_credentials
from studio_pipeline.whole_file import disk_errors_told, sync, unfinished_folder

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

CERTIFICATE, PRIVATE_KEY = "certificate.pem", "private_key.pem"
"""What its files are called in its folder; the certificate's holds the root it was issued by, too."""
NAME = "Studio pipeline test certificate"
"""Its common name, which everybody sees who looks at the film."""

_DAYS = 3650


def local_credentials(folder: Path) -> Credentials:
    """The test certificate in ``folder``, which is made with it where it is not there.

    Raises:
        BadInput: what is there cannot be used; it says to delete the folder.
        HomeFull: it cannot be written.
    """
    with disk_errors_told(folder, "The test certificate"):
        there = folder.exists()
    if not there:
        _make(folder)
    try:
        return read_credentials(folder / CERTIFICATE, folder / PRIVATE_KEY, test=True)
    except BadInput as bad:
        todo = f"Delete the folder {folder}: the next film makes another test certificate."
        raise BadInput(bad.what, where=bad.where, todo=todo) from bad


def _make(folder: Path) -> None:
    """A root, whose key is forgotten, and a certificate issued by it: C2PA accepts none that vouches for itself."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    root_key, key = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    chain = _issued(NAME, key, root_key, root=False), _issued(f"{NAME} root", root_key, root_key, root=True)
    with disk_errors_told(folder, "The test certificate"), unfinished_folder(folder) as work:
        made = work / folder.name
        made.mkdir(mode=0o700)
        _write(made / PRIVATE_KEY, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
        _write(made / CERTIFICATE, b"".join(each.public_bytes(Encoding.PEM) for each in chain), mode=0o644)
        sync(made)
        try:
            made.rename(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise  # else another process was quicker, and its certificate is as good
        sync(folder.parent)


def _issued(name: str, key: Ed25519PrivateKey, issuer_key: Ed25519PrivateKey, *, root: bool) -> x509.Certificate:
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    begins = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)  # clocks differ
    usage = x509.KeyUsage(
        digital_signature=not root,
        key_cert_sign=root,
        crl_sign=root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(f"{NAME} root"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not root:
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(issuer, critical=False).add_extension(purpose, critical=True)
    return builder.sign(issuer_key, None)


def _named(name: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    said = [
        (NameOID.ORGANIZATION_NAME, "studio_pipeline, a local test certificate"),
        (NameOID.COMMON_NAME, name),
    ]
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in said])


def _write(place: Path, content: bytes, *, mode: int) -> None:
    """A new file that nobody could read for a moment longer than its ``mode`` allows."""
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
