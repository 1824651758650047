"""``studio scaffold provider``: which names a new vendor may have, and that nothing is overwritten. That what it writes
works is tried in ``contract/test_scaffold.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from studio_pipeline.cli import scaffold
from studio_pipeline.errors import BadInput
from studio_pipeline.settings import ASSETS_DIR

ROOT = ASSETS_DIR.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """The folders of a checkout and what makes it one; vendors are looked up in the real one."""
    for path in scaffold.FILES:
        (tmp_path / path).parents[1 if "$name" in path else 0].mkdir(parents=True, exist_ok=True)
    for name in ("pyproject.toml", "studio_pipeline_tests/contract/hosted_case.py"):
        (tmp_path / name).touch()
    yield tmp_path


def new(root: Path, name: str = "acme", label: str = "Acme") -> dict[Path, str]:
    return scaffold.new_vendor(root, name, "video", label)


def test_a_new_vendor_is_six_files_under_its_name(checkout: Path) -> None:
    written = scaffold.write(new(checkout, "acme-clips"))
    assert sorted(path.relative_to(checkout).as_posix() for path in written) == [
        "assets/vendors/acme-clips/capabilities.yaml",
        "assets/vendors/acme-clips/manifest.yaml",
        "assets/vendors/acme-clips/rate_card.yaml",
        "studio_pipeline/fake_vendor/shapes/acme_clips.py",
        "studio_pipeline/providers/hosted/acme_clips.py",
        "studio_pipeline_tests/contract/cases/acme_clips.py",
    ]
    for path in written:
        assert "TODO" in path.read_text(encoding="utf-8")
        assert "$" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "a",
            "a" * 32,
            "Acme",
            "1acme",
            "ácme",
            "acme_clips",
            "acme-",
            "-acme",
            "a--b",
            "acme ",
            "acme\n",
            "acme\0",
        ),
        *("../acme", "/acme", "acme/x", "a\\b", "acme.py", "$module", "${x}", "`id`", "a;b"),
        *("class", "auto", "meter", "reset"),
    ],
)
def test_what_is_no_name_is_refused(checkout: Path, name: str) -> None:
    before = sorted(checkout.rglob("*"))
    with pytest.raises(BadInput, match="cannot be the name"):
        new(checkout, name)
    assert sorted(checkout.rglob("*")) == before


@pytest.mark.parametrize("name", ["fal", "espeak", "openai-videos"])
def test_the_name_of_a_vendor_is_taken(checkout: Path, name: str) -> None:
    with pytest.raises(BadInput, match="taken"):
        new(checkout, name)


@pytest.mark.parametrize("name", ["api", "setup", "elevenlabs-music", "anthropic"])
def test_the_name_of_a_file_that_is_there_is_taken(name: str) -> None:
    with pytest.raises(BadInput, match="taken"):
        new(ROOT, name)


@pytest.mark.parametrize(("name", "whose"), [("gemini", "google"), ("runwayml", "runway")])
def test_a_name_whose_variables_another_vendor_reads_is_refused(checkout: Path, name: str, whose: str) -> None:
    with pytest.raises(BadInput, match=f"which is {whose}'s"):
        new(checkout, name)


@pytest.mark.parametrize("label", ["", " ", '"""', 'A"', "A\nB", "A\\", "A: b #", "a" * 41, "{x}", "A'", "A "])
def test_a_label_that_would_not_stay_words_is_refused(checkout: Path, label: str) -> None:
    with pytest.raises(BadInput, match="sentence"):
        new(checkout, label=label)


@pytest.mark.parametrize("label", ["no", "1e3", "Łódź & Söhne", "3M", "Acme Inc."])
def test_a_label_is_words_whatever_yaml_would_make_of_it(checkout: Path, label: str) -> None:
    from studio_pipeline.providers.manifest import load_vendors

    scaffold.write(new(checkout, label=label))
    assert load_vendors(checkout / "assets/vendors")["acme"].manifest.label == label


def test_an_installed_package_is_no_place_for_a_vendor(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="installed package"):
        new(tmp_path)


def test_what_is_there_is_never_overwritten(checkout: Path) -> None:
    mine = checkout / "studio_pipeline_tests/contract/cases/acme.py"
    mine.write_text("mine")
    with pytest.raises(BadInput, match="taken") as refused:
        new(checkout)
    assert "cases/acme.py" in refused.value.where
    assert mine.read_text() == "mine"


def test_a_link_that_leads_nowhere_is_not_written_through(checkout: Path) -> None:
    (checkout / "studio_pipeline/providers/hosted/acme.py").symlink_to(checkout / "elsewhere.py")
    with pytest.raises(BadInput, match="taken"):
        new(checkout)
    assert not (checkout / "elsewhere.py").exists()


def test_a_file_that_appears_meanwhile_stays_and_nothing_else_is_added(checkout: Path) -> None:
    files = new(checkout)
    mine = checkout / "assets/vendors/acme/rate_card.yaml"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(BadInput, match="Nothing was added"):
        scaffold.write(files)
    assert [path for path in files if path.exists()] == [mine]
    assert mine.read_text() == "mine"


def test_the_command_asks_for_a_kind_that_there_is() -> None:
    told = CliRunner().invoke(scaffold.command, ["provider", "acme", "--kind", "smell"])
    assert told.exit_code == 2
    assert "video" in told.output
