"""What ``studio doctor`` says of the language models in use, and of who signs films."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studio_pipeline.cli.examination import Finding, _credentials, _vendors
from studio_pipeline.fake_vendor.server import FakeVendor
from studio_pipeline.media.credentials import content_credentials
from studio_pipeline.media.credentials.local_certificate import local_credentials
from studio_pipeline.settings import Settings
from studio_pipeline_tests.backlot.signers import Signer, signer

Examined = Callable[..., dict[str, Finding]]


@pytest.fixture
def examined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Examined:
    """The findings about vendors, by name, where only these language models are in use."""
    monkeypatch.chdir(tmp_path)

    def examine(names: str, **environ: str) -> dict[str, Finding]:
        said = {"STUDIO_HOME": str(tmp_path / "home"), "LANGUAGE_PROVIDER": names, **environ}
        for name, value in said.items():
            monkeypatch.setenv(name, value)
        return {finding.check: finding for finding in _vendors(Settings.read(said))}

    return examine


def test_the_rules_need_nothing(examined: Examined) -> None:
    found = examined("rules")
    assert found.keys() == {"vendors"}
    assert "rules (language)" in found["vendors"].found


def test_a_language_model_without_a_key_is_told_like_any_vendor(examined: Examined) -> None:
    found = examined("anthropic,rules")["anthropic"]
    assert (found.state, "ANTHROPIC_API_KEY" in found.found) == ("fail", True)


def test_a_language_model_without_its_sdk_is_told_with_what_installs_it(
    examined: Examined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "anthropic", None)
    found = examined("anthropic", ANTHROPIC_API_KEY="any")["anthropic"]
    assert (found.state, "studio-pipeline[minds]" in found.todo) == ("fail", True)


def test_a_model_of_this_machine_that_lacks_something_is_not_said_to_need_nothing(examined: Examined) -> None:
    found = examined("huggingface")
    assert (found["huggingface"].state, "HUGGINGFACE_MODEL" in found["huggingface"].found) == ("fail", True)
    assert "huggingface" not in found["vendors"].found


def test_a_key_is_tried_at_the_vendor(examined: Examined) -> None:
    with FakeVendor() as fake:
        for key, state in (("any", "ok"), ("wrong", "fail")):
            found = examined("anthropic", ANTHROPIC_API_KEY=key, ANTHROPIC_BASE_URL=fake.url("anthropic"))["anthropic"]
            assert found.state == state, found
        assert fake.meter.total_usd == 0


@pytest.mark.parametrize("name", ["auto", "sora", "anthropic/claude-nope"])
def test_a_name_that_is_no_language_model_says_which_there_are(examined: Examined, name: str) -> None:
    from studio_pipeline.errors import BadInput
    from studio_pipeline.providers import factory

    with pytest.raises(BadInput, match="claude-opus-5-5" if "/" in name else "anthropic"):
        factory.listed("language", name)


def signing(tmp_path: Path, mine: Signer | None = None) -> Finding:
    named = {"C2PA_CERTIFICATE": str(mine.certificate), "C2PA_PRIVATE_KEY": str(mine.private_key)} if mine else {}
    return _credentials(Settings.read({"STUDIO_HOME": str(tmp_path / "home"), **named}))


def test_it_says_who_signs_films_and_makes_no_certificate_for_it(tmp_path: Path) -> None:
    found = signing(tmp_path)
    assert (found.state, "test certificate" in found.found) == ("ok", True)
    assert not (tmp_path / "home").exists()
    local_credentials(tmp_path / "home" / "credentials")
    assert "nobody else trusts it" in signing(tmp_path).found
    found = signing(tmp_path, signer(tmp_path / "mine"))
    assert (found.state, "Jane Doe, issued by Studio Lane CA" in found.found) == ("ok", True)


def test_a_certificate_that_is_about_to_expire_is_a_note_and_one_that_has_is_a_failure(tmp_path: Path) -> None:
    found = signing(tmp_path, signer(tmp_path / "soon", days=(-5, 9)))
    assert (found.state, "renewed" in found.todo) == ("warn", True)
    found = signing(tmp_path, signer(tmp_path / "past", days=(-9, -5)))
    assert (found.state, "has expired" in found.found) == ("fail", True)


def test_without_the_extra_it_says_that_films_are_not_signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_credentials, "can_sign", lambda: False)
    found = signing(tmp_path)
    assert (found.state, "not signed" in found.found, "provenance" in found.todo) == ("warn", True, True)
