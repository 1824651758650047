"""Which certificate a home signs with."""

from __future__ import annotations

import subprocess
import sys

import pytest

from studio_pipeline.errors import BadInput
from studio_pipeline.orchestration import signing
from studio_pipeline.orchestration.signing import credentials_of, own_credentials
from studio_pipeline.settings import Settings
from studio_pipeline_tests.backlot.signers import Signer, signer


def settings(tmp_path, mine: Signer | None = None, **more: str) -> Settings:
    named = {"C2PA_CERTIFICATE": str(mine.certificate), "C2PA_PRIVATE_KEY": str(mine.private_key)} if mine else {}
    return Settings.read({"STUDIO_HOME": str(tmp_path / "home"), **named, **more})


def test_without_a_word_it_is_the_homes_own_test_certificate(tmp_path):
    here = settings(tmp_path)
    assert own_credentials(here) is None and not here.home.exists()
    made = credentials_of(here, here.home)
    assert made is not None and made.test
    assert credentials_of(here, here.home) == made


def test_a_persons_own_goes_first_and_no_other_is_made(tmp_path):
    here = settings(tmp_path, signer(tmp_path / "mine"))
    found = credentials_of(here, here.home)
    assert found is not None and (found.name, found.test) == ("Jane Doe", False)
    assert not here.home.exists()


@pytest.mark.parametrize("lacking", ["C2PA_CERTIFICATE", "C2PA_PRIVATE_KEY"])
def test_one_of_the_two_files_alone_is_refused(tmp_path, lacking):
    here = settings(tmp_path, signer(tmp_path / "mine"), **{lacking: ""})
    with pytest.raises(BadInput, match=f"{lacking} is not set"):
        own_credentials(here)


def test_without_the_extra_nobody_signs_and_who_asked_for_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(signing, "can_sign", lambda: False)
    here = settings(tmp_path)
    assert credentials_of(here, here.home) is None and not here.home.exists()
    with pytest.raises(BadInput, match="extra “provenance”"):
        credentials_of(settings(tmp_path, signer(tmp_path / "mine")), here.home)


def test_films_are_finished_without_the_extra():
    told = subprocess.run(
        [
            *(sys.executable, "-c"),
            "import sys; sys.modules['c2pa'] = sys.modules['cryptography'] = None\n"
            "import studio_pipeline.stages.finishing.finisher\n"
            "from studio_pipeline.media.credentials.content_credentials import can_sign\n"
            "print(can_sign())",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "False\n"
