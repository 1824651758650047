"""Who signs films: what is wrong with a certificate is said before anything is signed, and no key is ever shown."""

from __future__ import annotations

import stat

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from studio_pipeline.errors import BadInput, HomeError
from studio_pipeline.media.credentials.certificates import read_credentials
from studio_pipeline.media.credentials.local_certificate import NAME, local_credentials
from studio_pipeline_tests.backlot.signers import KEYS, signer


@pytest.mark.parametrize("kind", KEYS)
def test_a_certificate_is_read_with_its_chain_and_named_by_its_holder(tmp_path, kind):
    mine = signer(tmp_path, kind)
    found = read_credentials(mine.certificate, mine.private_key)
    assert (found.algorithm, found.name, found.issuer, found.test) == (kind, "Jane Doe", "Studio Lane CA", False)
    assert found.words == "Jane Doe, issued by Studio Lane CA"
    assert found.chain.count(b"BEGIN CERTIFICATE") == 2
    assert "PRIVATE" not in repr(found) and "PRIVATE" not in str(found)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"days": (-20, -5)}, "has expired on"),
        ({"days": (5, 20)}, "is not valid before"),
        ({"is_ca": True}, "issues others"),
        ({"self_signed": True}, "vouches for itself"),
        ({"purpose": None}, "not for signing content"),
        ({"purpose": ExtendedKeyUsageOID.SERVER_AUTH}, "not for signing content"),
        ({"password": b"open sesame"}, "is encrypted"),
        ({"key": ec.generate_private_key(ec.SECP256K1())}, "of a kind"),
        ({"key": rsa.generate_private_key(public_exponent=65537, key_size=1024)}, "of a kind"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_certificate_that_cannot_sign_is_refused_with_what_is_wrong(tmp_path, wrong, said):
    mine = signer(tmp_path, **wrong)
    with pytest.raises(BadInput, match=said) as told:
        read_credentials(mine.certificate, mine.private_key)
    assert str(tmp_path) in told.value.where and told.value.todo


def test_a_key_of_another_certificate_is_refused(tmp_path):
    mine, other = signer(tmp_path / "mine"), signer(tmp_path / "other")
    with pytest.raises(BadInput, match="not the one of the certificate"):
        read_credentials(mine.certificate, other.private_key)


@pytest.mark.parametrize(
    ("file", "variable"), [("certificate", "C2PA_CERTIFICATE"), ("private_key", "C2PA_PRIVATE_KEY")]
)
def test_a_file_that_is_not_there_is_named_with_its_variable(tmp_path, file, variable):
    mine = signer(tmp_path)
    getattr(mine, file).unlink()
    with pytest.raises(BadInput, match=f"is not there.*{variable}"):
        read_credentials(mine.certificate, mine.private_key)


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff", b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"]
)
def test_what_is_no_certificate_or_no_key_is_refused_without_showing_it(tmp_path, content):
    mine = signer(tmp_path)
    for file in (mine.certificate, mine.private_key):
        kept = file.read_bytes()
        file.write_bytes(content)
        with pytest.raises(BadInput, match="no PEM file") as told:
            read_credentials(mine.certificate, mine.private_key)
        assert "c2VjcmV0" not in str(told.value)
        file.write_bytes(kept)
    mine.certificate.unlink()
    mine.certificate.mkdir()
    with pytest.raises(BadInput, match="cannot be read"):
        read_credentials(mine.certificate, mine.private_key)


def test_a_home_makes_itself_a_test_certificate_once_and_its_key_is_for_nobody_else(tmp_path):
    folder = tmp_path / "home" / "credentials"
    first = local_credentials(folder)
    assert first.test and first.name == NAME and "nobody else trusts it" in first.words
    assert local_credentials(folder) == first
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "private_key.pem").stat().st_mode) == 0o600
    assert [path.name for path in folder.parent.iterdir()] == ["credentials"]
    assert local_credentials(tmp_path / "other").fingerprint != first.fingerprint


def test_a_test_certificate_that_was_damaged_says_how_to_get_another(tmp_path):
    folder = tmp_path / "credentials"
    first = local_credentials(folder)
    (folder / "private_key.pem").unlink()
    with pytest.raises(BadInput, match=r"is not there.*Delete the folder"):
        local_credentials(folder)
    (folder / "certificate.pem").unlink()
    folder.rmdir()
    assert local_credentials(folder).fingerprint != first.fingerprint


def test_a_home_that_cannot_be_written_is_said_in_words(tmp_path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(HomeError, match="test certificate"):
        local_credentials(tmp_path / "home" / "credentials")


def test_two_processes_that_make_it_at_once_end_with_the_same_one(tmp_path, monkeypatch):
    folder = tmp_path / "credentials"
    real = ed25519.Ed25519PrivateKey.generate
    winner = []

    def another_process_is_quicker():
        if not winner:
            winner.append(None)
            winner[0] = local_credentials(folder)
        return real()

    monkeypatch.setattr(ed25519.Ed25519PrivateKey, "generate", another_process_is_quicker)
    assert local_credentials(folder) == winner[0]
