"""Who signs films: a certificate and its private key, and what may be wrong with them.

What lives here: reading both from files. What does not: the certificate a home makes for itself
(``local_certificate.py``), signing (``content_credentials.py``), and which of them a home signs with
(``orchestration/signing.py``). C2PA asks for a certificate that was issued by another one, for a purpose that it knows.
Needs the extra ``provenance``. A private key is never shown, also not in an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from studio_pipeline.errors import BadInput
from studio_pipeline.wording import clipped, plain

if TYPE_CHECKING:
    from cryptography import x509

_PURPOSES = {
    "1.3.6.1.5.5.7.3.4": "e-mail protection",
    "1.3.6.1.5.5.7.3.36": "document signing",
    "1.3.6.1.4.1.62558.2.1": "C2PA claim signing",
    "1.3.6.1.4.1.311.76.59.1.9": "C2PA signing by Microsoft",
}
"""Extended key usages that C2PA libraries accept for a film."""
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_LEAST_RSA_BITS = 2048
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Credentials:
    """What a film is signed with."""

    chain: bytes = field(repr=False)
    """PEM: the signer's certificate, then those that it was issued by."""
    private_key: bytes = field(repr=False)
    """PEM, not encrypted."""
    algorithm: str
    """As C2PA calls it: ``ed25519``, ``es256``, …"""
    name: str
    """Of the signer, as its certificate says."""
    issuer: str
    fingerprint: str
    """SHA-256 of the signer's certificate, in hexadecimal."""
    expires: datetime
    test: bool
    """Whether it was made here to try things out: it proves that nothing was changed, not who made it."""

    @property
    def words(self) -> str:
        """Who it is, for people."""
        if self.test:
            return f"{self.name}, made on this machine; nobody else trusts it"
        return f"{self.name}, issued by {self.issuer}"


def read_credentials(certificate: Path, private_key: Path, *, test: bool = False) -> Credentials:
    """A certificate with its chain, and its private key; both PEM.

    Raises:
        BadInput: a file is not there or not what it should be, they do not belong together, the certificate is not
            valid today, or C2PA does not accept it.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    signer, *issuers = _certificates(certificate)
    key = _private_key(private_key)
    if key.public_key() != signer.public_key():
        raise BadInput(
            "The private key is not the one of the certificate",
            where=f"{private_key} and {certificate}",
            todo="Name the two that were made together; the signer's certificate comes first in its file.",
        )
    _check_dates(signer, certificate)
    _check_purpose(signer, certificate)
    return Credentials(
        chain=b"".join(each.public_bytes(Encoding.PEM) for each in (signer, *issuers)),
        private_key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        algorithm=_algorithm(key, private_key),
        name=_common_name(signer.subject),
        issuer=_common_name(signer.issuer),
        fingerprint=_fingerprint(signer),
        expires=signer.not_valid_after_utc,
        test=test,
    )


def _certificates(path: Path) -> list[x509.Certificate]:
    from cryptography import x509

    content = _content(path, "The certificate", "C2PA_CERTIFICATE")
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError:
        raise BadInput(
            "The certificate is no PEM file with a certificate in it",
            where=str(path),
            todo="It begins with -----BEGIN CERTIFICATE-----; put the signer's first and those it was issued by after.",
        ) from None


def _private_key(path: Path):
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _content(path, "The private key", "C2PA_PRIVATE_KEY")
    try:
        return load_pem_private_key(content, password=None)
    except TypeError:  # what it says for a key that needs one
        what, todo = "The private key is encrypted", "Name a file with the key decrypted, which nobody else may read."
    except (ValueError, UnsupportedAlgorithm):
        what, todo = "The private key is no PEM file with a private key in it", "It begins with -----BEGIN PRIVATE KEY"
    raise BadInput(what, where=str(path), todo=todo)


def _content(path: Path, what: str, variable: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except FileNotFoundError:
        raise BadInput(
            f"{what} to sign films with is not there", where=str(path), todo=f"Set {variable} to its file."
        ) from None
    except OSError as error:
        raise BadInput(
            f"{what} to sign films with cannot be read: {error.strerror}",
            where=str(path),
            todo=f"Set {variable} to a file that the studio may read.",
        ) from error


def _check_dates(signer: x509.Certificate, path: Path) -> None:
    now = datetime.now(UTC)
    if signer.not_valid_after_utc < now:
        raise BadInput(
            f"The certificate has expired on {signer.not_valid_after_utc:%Y-%m-%d}",
            where=str(path),
            todo="Have it renewed; films that were signed before stay as they are.",
        )
    if signer.not_valid_before_utc > now:
        raise BadInput(
            f"The certificate is not valid before {signer.not_valid_before_utc:%Y-%m-%d}",
            where=str(path),
            todo="Wait until then, or set this machine's clock right.",
        )


def _check_purpose(signer: x509.Certificate, path: Path) -> None:
    from cryptography import x509

    def raise_(what: str) -> None:
        raise BadInput(what, where=str(path), todo="Name a certificate that was issued to sign content (C2PA).")

    if signer.issuer == signer.subject:
        raise_("The certificate vouches for itself, which C2PA does not accept")
    try:
        if signer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise_("The first certificate of the file issues others and may not sign films")
    except x509.ExtensionNotFound:
        pass  # then it issues none
    try:
        purposes = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        purposes = ()
    if not {purpose.dotted_string for purpose in purposes} & _PURPOSES.keys():
        raise_(f"The certificate is not for signing content; C2PA accepts {', '.join(_PURPOSES.values())}")


def _algorithm(key: object, path: Path) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _LEAST_RSA_BITS:
        return "ps256"
    raise BadInput(
        "The private key is of a kind that C2PA does not sign with",
        where=str(path),
        todo="Take Ed25519, P-256, P-384, P-521, or RSA of at least 2048 bits.",
    )


def _common_name(name: x509.Name) -> str:
    from cryptography.x509.oid import NameOID

    found = name.get_attributes_for_oid(NameOID.COMMON_NAME) or name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return clipped(plain(str(found[0].value)), 80) if found else "no name"


def _fingerprint(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives.hashes import SHA256

    return certificate.fingerprint(SHA256()).hex()
