"""What people really hand in, and homes as they really break: one clear message, the right code, nothing lost."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

GOOD = "title: Lamp\nconcept: A lamp is lit.\nduration_s: 10\nbudget_usd: 20\n"


def brief(**changes: object) -> str:
    """A good brief with other values; ``None`` leaves the key out."""
    lines = {"title": "Lamp", "concept": "A lamp is lit.", "duration_s": 10, "budget_usd": 20} | changes
    return "".join(f"{name}: {value}\n" for name, value in lines.items() if value is not None)


STORIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "blank": (b" \n\t\n", "empty"),
    "binary": (bytes(range(256)) * 8, ""),
    "huge": (b"word " * 500_000, "characters"),
    "wrong encoding": ("Der Leuchtturm über dem Fluß, süß und müde.".encode("utf-16-le")[1:], ""),
}


@pytest.mark.parametrize("kind", STORIES)
def test_a_story_that_cannot_be_read_is_refused_before_anything_is_made(studio, refused, kind: str) -> None:
    content, word = STORIES[kind]
    (studio.here / "story.txt").write_bytes(content)
    told = refused(studio("produce", studio.brief(brief(concept=None, story="story.txt"))), 2)
    assert "story.txt" in told
    assert word in told.lower()
    assert not studio.home.exists()


def test_a_missing_story_is_named(studio, refused) -> None:
    told = refused(studio("produce", studio.brief(brief(concept=None, story="nowhere.txt"))), 2)
    assert "nowhere.txt" in told
    assert not studio.home.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02", b"- a\n- b\n", b"title: [", "title: Lämp".encode("latin-1"), b"just words\n"],
    ids=["empty", "binary", "a list", "broken YAML", "latin-1", "words"],
)
def test_a_brief_that_is_no_brief_is_refused(studio, refused, content: bytes) -> None:
    told = refused(studio("produce", studio.brief(content)), 2)
    assert "brief.yaml" in told
    assert not studio.home.exists()


def test_a_missing_brief_is_named(studio, refused) -> None:
    assert "lamp.yaml" in refused(studio("produce", "lamp.yaml"), 2)
    assert not studio.home.exists()


@pytest.mark.parametrize(("wrong", "right"), [("duration", "duration_s"), ("budget", "budget_usd"), ("titel", "title")])
def test_an_unknown_key_is_told_the_nearest(studio, refused, wrong: str, right: str) -> None:
    told = refused(studio("produce", studio.brief(GOOD + f"{wrong}: 12\n")), 2)
    assert f"`{wrong}`" in told
    assert f"`{right}`" in told or right in told.partition(wrong)[2]


@pytest.mark.parametrize("value", ["0", "-5", ".nan", ".inf", "1e9", "ten", "1.0000001"])
@pytest.mark.parametrize("name", ["budget_usd"])
def test_a_budget_that_is_no_money_is_refused(studio, refused, name: str, value: str) -> None:
    assert name in refused(studio("produce", studio.brief(brief(**{name: value}))), 2)


@pytest.mark.parametrize("value", ["0", "-5", ".nan", ".inf", "1e9", "soon", "4"])
def test_a_duration_that_is_no_length_of_a_film_is_refused(studio, refused, value: str) -> None:
    assert "duration_s" in refused(studio("produce", studio.brief(brief(duration_s=value))), 2)


@pytest.mark.parametrize("command", ["produce", "quote"])
def test_a_budget_too_small_for_any_tier_says_the_minimum(studio, refused, command: str) -> None:
    told = refused(studio(command, studio.brief(brief(budget_usd="0.01"))), 2)
    assert "at least $" in told
    assert "budget_usd" in told


def test_every_problem_of_a_brief_is_told_at_once(studio, refused) -> None:
    told = refused(studio("produce", studio.brief("titel: x\nduration_s: -1\nbudget_usd: 0\n")), 2)
    assert all(name in told for name in ("titel", "duration_s", "budget_usd", "concept"))


def test_an_error_is_one_json_object_where_json_was_asked_for(studio) -> None:
    result = studio("produce", studio.brief(brief(duration_s=0)), "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == told["error"]["exit_code"] == 2
    assert told["error"]["kind"] == "BadInput"


ESCAPES = ["../../etc", "/etc/passwd", "..", "a/b", "a\\b", "UPPER", "", "x" * 400, "a\x00b", "lamp|animated"]


@pytest.mark.parametrize("name", ESCAPES)
@pytest.mark.parametrize(
    "command",
    [("status", "{}"), ("ledger", "{}"), ("choose", "{}", "balanced"), ("retake", "{}", "static.s01.k1"),
     ("export", "{}", "--to", "out")],
    ids=lambda command: command[0],
)  # fmt: skip
def test_a_name_never_becomes_a_path(empty_home, refused, command: tuple[str, ...], name: str) -> None:
    before = _everything(empty_home)
    result = empty_home(*(part.format(name) for part in command))
    refused(result, 2)
    new = {name.partition("/")[2] for name in _everything(empty_home) - before}
    assert {name for name in new if not name.startswith("dagster")} <= {"drive.lock"}


def _everything(studio) -> set[str]:
    return {str(path.relative_to(studio.here)) for path in studio.here.rglob("*")}


@pytest.fixture
def empty_home(studio):
    """A home that was made and holds nothing yet."""
    from studio_pipeline.orchestration.home import open_home
    from studio_pipeline.settings import Settings

    open_home(Settings.read({"STUDIO_HOME": str(studio.home)}))
    return studio


ODD_NAMES = ["..", "a/b", "", "x" * 300, "x" * 10_000, "🌊", "a\x00b", "\udcff"]


@pytest.mark.parametrize("name", ODD_NAMES, ids=["..", "a/b", "none", "300", "10 kB", "emoji", "NUL", "no text"])
@pytest.mark.parametrize(
    "command",
    [("produce", "{}"), ("retake", "{}", "static.s01.k1"), ("choose", "{}", "pace"), ("quote", "{}"), ("batch", "{}")],
    ids=lambda command: command[0],
)  # fmt: skip
def test_an_odd_name_gets_one_message(empty_home, refused, command: tuple[str, ...], name: str) -> None:
    refused(empty_home(*(part.format(name) for part in command)), 2)


def test_a_folder_called_like_a_production_does_not_hide_it(studio, handed_in, monkeypatch) -> None:
    (studio.here / handed_in).mkdir()
    asked: list[str] = []

    def stop(session: object, production: str, **how: object) -> None:
        asked.append(production)
        raise KeyboardInterrupt

    monkeypatch.setattr("studio_pipeline.cli.driving.advance", stop)
    assert studio("produce", handed_in).exit_code == 130
    assert asked == [handed_in]


@pytest.mark.parametrize("note", ["x" * 2_001, "closer\udcff"], ids=["long", "no text"])
def test_a_note_that_cannot_be_kept_is_refused(studio, refused, handed_in, note: str) -> None:
    told = refused(studio("retake", handed_in, "static.s01.k1", "--note", note), 2)
    assert "note" in told


@pytest.mark.parametrize("choose", ["nosuch", "paces"])
def test_a_cut_that_nobody_will_propose_is_refused_before_anything_is_made(studio, refused, choose: str) -> None:
    told = refused(studio("produce", studio.brief(GOOD), "--choose", choose), 2)
    assert "recommended, balanced, quality, pace, story, alternate" in told
    assert ("Did you mean pace?" in told) == (choose == "paces")
    assert not studio.home.exists()


def test_a_brief_that_is_lowered_below_any_tier_leaves_the_one_before(studio, refused, handed_in) -> None:
    before = studio.files()
    told = refused(studio("produce", studio.brief(brief(budget_usd="0.01"))), 2)
    assert "at least $" in told
    assert studio.files() == before


READING = [("status",), ("status", "lamp"), ("ledger", "lamp"), ("doctor",), ("export", "lamp", "--to", "out")]


@pytest.mark.parametrize("command", READING, ids=lambda command: " ".join(command[:2]))
def test_a_command_that_only_reads_makes_nothing(studio, handed_in, command: tuple[str, ...]) -> None:
    before = _everything(studio)
    studio(*command)
    assert _everything(studio) == before


def test_the_doctor_makes_no_home_of_a_folder_that_is_none(studio) -> None:
    studio.home.mkdir()
    assert studio("doctor").exit_code == 0
    assert "No productions" in studio("status").stdout
    assert list(studio.home.iterdir()) == []


def test_a_read_only_home_can_be_looked_at(studio, handed_in, read_only) -> None:
    from studio_pipeline.budget.ledger import Ledger, production_envelope

    ledger = Ledger(f"sqlite:///{studio.home}/ledger.sqlite3")
    ledger.set_caps({production_envelope(handed_in): Decimal(20)})
    before = _everything(studio)
    read_only(studio.home)
    assert handed_in in studio("status").stdout
    assert json.loads(studio("status", handed_in, "--json").stdout)["cap_usd"] == "20.00"
    assert json.loads(studio("ledger", handed_in, "--json").stdout)["cap_usd"] == "20.00"
    assert "no finished film" in studio("export", handed_in, "--to", "out").stderr
    checks = {check["check"]: check for check in json.loads(studio("doctor", "--json").stdout)["checks"]}
    assert "cannot be written" in checks["home"]["found"]
    assert {checks[name]["state"] for name in ("ledger", "artifacts", "media", "dagster")} == {"ok"}
    assert studio("produce", handed_in).exit_code == 5, "driving it is another matter"
    assert _everything(studio) == before


def test_a_damaged_production_hides_no_other(studio, refused, handed_in, damaged: Path) -> None:
    from studio_pipeline.cli.orders import hand_in_brief
    from studio_pipeline.cli.session import open_studio

    with open_studio(make=True) as session:
        hand_in_brief(session, studio.brief(brief(title="Reef")))
    listed = studio("status")
    refused(listed, 5)
    rows = {line.split()[0]: line for line in listed.stdout.splitlines() if line.split()}
    assert "damaged" in rows["lamp"]
    assert "damaged" not in rows["reef"]
    told = json.loads(studio("status", "--json").stdout)
    assert [(row["production"], row["state"] == "damaged") for row in told["productions"]] == [
        ("lamp", True),
        ("reef", False),
    ]
    assert told["productions"][0]["error"]["kind"] == "HomeDamaged"
    assert told["productions"][0]["error"]["where"] == str(damaged)


@pytest.mark.parametrize(
    "shot", ["../../etc", "static", "static.s01", "static.s99.k9", "static.s01.k1/..", "", "é" * 300]
)
def test_a_shot_that_is_no_shot_is_refused(studio, refused, handed_in, shot: str) -> None:
    before = studio.files()
    refused(studio("retake", handed_in, shot), 2)
    assert studio.files() == before


@pytest.mark.parametrize("cut", ["../x", "Balanced!", "", "x" * 99])
def test_a_cut_that_is_no_cut_is_refused(studio, refused, handed_in, cut: str) -> None:
    refused(studio("choose", handed_in, cut), 2)
    refused(studio("produce", studio.brief(GOOD), "--choose", cut), 2)


def test_a_command_on_a_home_that_is_not_there_makes_none(studio, refused) -> None:
    assert "There is no studio home" in refused(studio("ledger", "lamp"), 2)
    assert studio("status").exit_code == 0
    assert studio("doctor").exit_code == 0
    assert not studio.home.exists()


def test_a_certificate_that_cannot_sign_is_refused_before_anything_is_made(studio, refused, monkeypatch) -> None:
    monkeypatch.setenv("C2PA_CERTIFICATE", str(studio.here / "mine.pem"))
    monkeypatch.setenv("C2PA_PRIVATE_KEY", str(studio.here / "key.pem"))
    told = refused(studio("produce", studio.brief(GOOD)), 2)
    assert "mine.pem" in told and "C2PA_CERTIFICATE" in told
    assert not studio.home.exists()


@pytest.mark.parametrize("value", ["many", "0", "-1", "100"])
def test_a_setting_that_is_no_number_names_its_variable(studio, refused, monkeypatch, value: str) -> None:
    monkeypatch.setenv("MAX_SCENES_PER_PILOT", value)
    assert "MAX_SCENES_PER_PILOT" in refused(studio("doctor"), 2)


@pytest.fixture
def handed_in(studio) -> str:
    """The name of a production whose brief was handed in, and nothing more."""
    from studio_pipeline.cli.orders import hand_in_brief
    from studio_pipeline.cli.session import open_studio
    from studio_pipeline.settings import settings

    settings.cache_clear()
    with open_studio(make=True) as session:
        name, _ = hand_in_brief(session, studio.brief(GOOD))
    return name


@pytest.mark.parametrize("title", ["a/../../b", "🌊🌊", "منارة البحر", "-- rm -rf /", "{{ 7*7 }}", "con\u202eoc"])
def test_any_title_is_only_a_title(studio, title: str) -> None:
    result = studio("quote", studio.brief(brief(title=json.dumps(title, ensure_ascii=False))), "--json")
    assert result.exit_code == 0, result.stderr
    name = json.loads(result.stdout)["production"]
    assert name
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_quote_changes_nothing(studio) -> None:
    (studio.here / "story.txt").write_text("The lamp went out. Mara climbed the stairs. She lit it again.\n" * 20)
    result = studio("quote", studio.brief(brief(concept=None, story="story.txt")))
    assert result.exit_code == 0
    assert "simulated" in result.stdout
    assert not studio.home.exists()


def test_a_home_that_is_a_file_cannot_be_used(studio, refused) -> None:
    studio.home.write_text("mine")
    told = refused(studio("produce", studio.brief(GOOD)), 5)
    assert str(studio.home) in told
    assert studio.home.read_text() == "mine"


@pytest.mark.parametrize("number", [errno.EROFS, errno.ENOSPC])
def test_a_disk_that_takes_nothing_more_is_told_in_words(studio, refused, handed_in, monkeypatch, number: int) -> None:
    def full(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    before = studio.files()
    monkeypatch.setattr(os, "fsync", full)
    told = refused(studio("produce", studio.brief(GOOD)), 5)
    assert os.strerror(number) in told
    monkeypatch.undo()
    assert studio.files() == before


def test_a_home_that_another_process_drives_is_left_alone(studio, refused, handed_in) -> None:
    lock = studio.home / "drive.lock"
    lock.write_text(json.dumps({"pid": 4711, "who": "the Dagster daemon"}))
    before = studio.files()
    with lock.open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        told = refused(studio("produce", studio.brief(GOOD)), 5)
        assert "the Dagster daemon (process 4711)" in told
        assert studio("status").exit_code == 0, "looking needs no lock"
        assert "the Dagster daemon" in studio("doctor").stdout
    assert studio.files() == before


@pytest.fixture
def damaged(studio, handed_in) -> Path:
    """An artifact of the home whose last bytes are gone."""
    from studio_pipeline.film.cells import Cell
    from studio_pipeline.orchestration.artifacts import ArtifactStore, Made
    from studio_pipeline.orchestration.orders import Orders

    ordered = Orders(studio.home / "orders").brief(handed_in)
    ArtifactStore(str(studio.home / "artifacts")).write(
        "brief", Cell(production=handed_in), Made(ordered), code_version="1", run_id="x"
    )
    path = studio.home / "artifacts" / handed_in / "brief.json"
    path.write_bytes(path.read_bytes()[:-20])
    return path


@pytest.mark.parametrize("command", [("status",), ("status", "lamp"), ("produce", "brief.yaml"), ("produce", "lamp")])
def test_a_damaged_artifact_is_named_and_nothing_is_lost(
    studio, refused, damaged: Path, command: tuple[str, ...]
) -> None:
    before = studio.files()
    told = refused(studio(*command), 5)
    assert str(damaged) in told
    assert "Delete that one file" in told
    assert studio.files() == before


def test_the_doctor_names_every_damaged_file(studio, damaged: Path) -> None:
    order = studio.home / "orders" / "lamp" / "choice.json"
    order.write_text("{")
    result = studio("doctor", "--json")
    told = {check["check"]: check for check in json.loads(result.stdout)["checks"]}
    assert result.exit_code == 5
    assert told["artifacts"]["state"] == "fail"
    assert str(damaged) in told["artifacts"]["found"]
    assert str(order) in told["artifacts"]["found"]


def test_a_damaged_ledger_is_never_overwritten(studio, refused, handed_in) -> None:
    ledger = studio.home / "ledger.sqlite3"
    ledger.write_bytes(b"this is no database at all" * 100)
    for end in ("-wal", "-shm"):
        (studio.home / f"ledger.sqlite3{end}").unlink(missing_ok=True)
    refused(studio("ledger", handed_in), 5)
    assert studio("doctor").exit_code == 5
    assert ledger.read_bytes().startswith(b"this is no database")


def test_a_slate_with_a_wrong_brief_names_it(studio, refused) -> None:
    slate = studio.brief("name: night\nbriefs:\n  - nowhere.yaml\n", "slate.yaml")
    assert "nowhere.yaml" in refused(studio("batch", slate), 2)
