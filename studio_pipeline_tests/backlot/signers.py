"""Certificates and keys as people have them, right and wrong, made on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEYS = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "es256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "es384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ps256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
}
"""By what C2PA calls signing with one."""


@dataclass(frozen=True)
class Signer:
    """The two files that a person names."""

    certificate: Path
    private_key: Path


def signer(
    folder: Path,
    kind: str = "ed25519",
    *,
    name: str = "Jane Doe",
    key: Any = None,
    days: tuple[int, int] = (-10, 300),
    purpose: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    is_ca: bool = False,
    self_signed: bool = False,
    password: bytes | None = None,
) -> Signer:
    """A certificate issued by a root of its own, from ``days[0]`` to ``days[1]`` from now, with its key."""
    root_key = ec.generate_private_key(ec.SECP256R1())
    key = key or KEYS[kind]()
    issuer_key = key if self_signed else root_key
    issuer = _named(name if self_signed else "Studio Lane CA")
    leaf = _certificate(_named(name), issuer, key, issuer_key, days, ca=is_ca, purpose=purpose)
    root = _certificate(issuer, issuer, root_key, root_key, (-20, 400), ca=True, purpose=None)
    folder.mkdir(parents=True, exist_ok=True)
    made = Signer(folder / "certificate.pem", folder / "key.pem")
    made.certificate.write_bytes(leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM))
    hidden = BestAvailableEncryption(password) if password else NoEncryption()
    made.private_key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden))
    return made


def _named(name: str) -> x509.Name:
    said = [(NameOID.ORGANIZATION_NAME, "Lane"), (NameOID.COMMON_NAME, name)]
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in said])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: Any, issuer_key: Any, days: tuple[int, int], *, ca: bool, purpose: Any
) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, decipher_only=False, **usage),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if purpose is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    return builder.sign(issuer_key, None if isinstance(issuer_key, ed25519.Ed25519PrivateKey) else SHA256())
