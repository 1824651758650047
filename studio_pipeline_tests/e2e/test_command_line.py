"""One small production through every command: what each says is what is on the disk and in the ledger."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

pytestmark = pytest.mark.slow

BRIEF = """\
title: Two waves
concept: How waves break on the shore, and why they foam.
duration_s: 8
budget_usd: {budget}
tiers: [static, animated]
"""
KEYS = {
    "production", "state", "film", "duration_s", "cap_usd", "settled_usd", "reserved_usd", "avoided_usd", "simulated",
    "pilots", "edls", "chosen", "deliverables", "troubles", "notices",
}  # fmt: skip


def told(result: Any, code: int = 0) -> dict[str, Any]:
    """The one JSON object on stdout."""
    assert result.exit_code == code, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def studio(lasting_studio):
    return lasting_studio


@pytest.fixture(scope="module")
def produced(studio) -> dict[str, Any]:
    """A production that waits for a choice, as ``produce --json`` tells of it."""
    result = studio("produce", studio.brief(BRIEF.format(budget=9)), "--json")
    assert result.stderr == "", "with --json and off a terminal it is quiet"
    return told(result)


@pytest.fixture(scope="module")
def delivered(studio, produced) -> dict[str, Any]:
    recommended = next(edl["name"] for edl in produced["edls"] if edl["recommended"])
    return told(studio("choose", "two-waves", recommended, "--json"))


def test_produce_keeps_its_contract_and_waits_for_a_choice(studio, produced) -> None:
    assert set(produced) == KEYS
    assert (produced["production"], produced["state"], produced["film"]) == ("two-waves", "awaiting_choice", None)
    assert produced["duration_s"] is None
    assert produced["simulated"] is True
    assert {pilot["tier"] for pilot in produced["pilots"]} == {"static", "animated"}
    assert all(set(pilot) == {"tier", "verdict", "rating", "budget_usd", "settled_usd"} for pilot in produced["pilots"])
    assert sum(edl["recommended"] for edl in produced["edls"]) == 1
    assert sum(Decimal(pilot["settled_usd"]) for pilot in produced["pilots"]) == Decimal(produced["settled_usd"])
    assert Decimal(produced["settled_usd"]) <= Decimal(produced["cap_usd"]) == 9


def test_choose_delivers_the_film_where_it_says(studio, delivered) -> None:
    assert set(delivered) == KEYS
    assert delivered["state"] == "delivered"
    assert delivered["duration_s"] == pytest.approx(8, abs=0.1)
    assert Path(delivered["film"]).is_relative_to(studio.home)
    assert all(Path(path).exists() for path in delivered["deliverables"].values())


def test_a_cut_that_was_not_proposed_is_told_the_ones_that_were(studio, delivered) -> None:
    result = studio("choose", "two-waves", "balance")
    assert result.exit_code == 2
    assert "Did you mean balanced?" in result.stderr


def test_the_same_brief_again_costs_nothing_and_changes_nothing(studio, delivered) -> None:
    before = studio.files()
    again = told(studio("produce", studio.brief(BRIEF.format(budget=9)), "--json"))
    assert again["settled_usd"] == delivered["settled_usd"]
    assert studio.files() == before


def test_an_edited_brief_goes_on_and_says_what_changed(studio, delivered) -> None:
    result = studio("produce", studio.brief(BRIEF.format(budget="9.50")), "--json")
    assert "budget_usd ($9.00 → $9.50)" in result.stderr
    assert told(result)["cap_usd"] == "9.50"
    assert told(result)["settled_usd"] == delivered["settled_usd"], "money alone re-makes no film"


def test_status_shows_every_production_and_that_nothing_is_stale(studio, delivered) -> None:
    assert [row["production"] for row in told(studio("status", "--json"))["productions"]] == ["two-waves"]
    one = told(studio("status", "two-waves", "--json"))
    assert (one["state"], one["stale"], one["missing"], one["next"]["command"]) == ("delivered", [], [], None)
    table = studio("status").stdout
    assert "two-waves" in table
    assert "simulated" in table


def test_a_retake_re_makes_only_what_depends_on_it(studio, delivered) -> None:
    before = studio.files()
    result = told(studio("retake", "two-waves", "animated.s01.k1", "--note", "closer", "--json"))
    retake = result["retake"]
    assert (retake["take"], retake["note"], retake["film_changed"]) == (2, "closer", True)
    assert {"pilot_clips/animated.s01.k1", "qa_scores/animated.s01", "edls", "final_cut"} <= set(retake["remade"])
    assert not any(".s02" in ref or "static" in ref for ref in retake["remade"])
    assert Decimal(retake["cost_usd"]) == Decimal(result["settled_usd"]) - Decimal(delivered["settled_usd"]) > 0
    after = studio.files()
    touched = {name for name in before if before[name] != after.get(name) and name.startswith(("artifacts", "media"))}
    assert touched == {f"artifacts/two-waves/{ref}.json" for ref in retake["remade"]}


def test_a_retake_killed_after_its_take_was_bought_goes_on_and_buys_no_other(studio, delivered, monkeypatch) -> None:
    def killed(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    spent = Decimal(told(studio("ledger", "two-waves", "--json"))["settled_usd"])
    with monkeypatch.context() as patch:
        patch.setattr("studio_pipeline.cli.driving.advance", killed)
        cut_off = studio("retake", "two-waves", "animated.s01.k2", "--note", "wider")
    assert cut_off.exit_code == 130
    assert "the same command goes on" in cut_off.stderr
    bought = Decimal(told(studio("ledger", "two-waves", "--json"))["settled_usd"])
    assert bought > spent
    assert told(studio("status", "two-waves", "--json"))["stale"], "the new take waits to be inspected and cut"
    ended = told(studio("retake", "two-waves", "animated.s01.k2", "--note", "wider", "--json"))
    assert (ended["retake"]["take"], ended["state"]) == (2, "delivered")
    assert Decimal(ended["settled_usd"]) == bought


def test_a_shot_of_the_best_pilot_may_be_shot_again_though_its_verdict_was_to_cancel(
    studio, delivered, monkeypatch
) -> None:
    """Where all pilots are rated too low the best one continues all the same; its verdict stays what it is."""
    from studio_pipeline.cli.retake import _shot
    from studio_pipeline.cli.session import open_studio
    from studio_pipeline.errors import BadInput

    with open_studio() as session:
        facts = session.home.facts("two-waves", session.instance)
        low = {
            tier: verdict.model_copy(update={"decision": "cancel", "share_pct": 0})
            for tier, verdict in facts.verdicts.items()
        }
        shares = {"animated": 100, "static": 0}
        monkeypatch.setattr(
            type(session.home), "facts", lambda *args, **how: replace(facts, verdicts=low, shares=shares)
        )
        assert _shot(session, "two-waves", "animated.s01.k1").place == "animated.s01.k1"
        with pytest.raises(BadInput, match="was cancelled"):
            _shot(session, "two-waves", "static.s01.k1")


def test_a_retake_of_a_shot_that_is_not_there_offers_the_nearest(studio, delivered) -> None:
    result = studio("retake", "two-waves", "animated.s01.k8")
    assert result.exit_code == 2
    assert "animated.s01.k1" in result.stderr


def test_the_ledger_adds_up(studio, delivered) -> None:
    report = told(studio("ledger", "two-waves", "--json", "--entries"))
    assert report["adds_up"] is True
    paid = [Decimal(line["settled_usd"]) for line in report["entries"] if line["state"] == "settled"]
    assert sum(paid) == Decimal(report["settled_usd"])
    table = studio("ledger", "two-waves").stdout
    assert "simulated: nobody was charged" in table
    assert "shooting" in table


def test_an_export_opens_elsewhere_and_can_be_repeated(studio, delivered, tmp_path: Path) -> None:
    into = tmp_path / "for the editor"
    files = told(studio("export", "two-waves", "--to", str(into), "--json"))["files"]
    moved = into.rename(tmp_path / "moved")
    assert all((moved / name).is_file() for name in files)
    for timeline in moved.rglob("*.otio"):
        for clip in otio.adapters.read_from_file(str(timeline)).find_clips():
            assert (timeline.parent / clip.media_reference.target_url).is_file()
    assert told(studio("export", "two-waves", "--to", str(moved), "--json"))["files"] == files
    assert not list(moved.rglob("*.unfinished"))


def test_an_export_leaves_a_folder_of_yours_alone(studio, delivered, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    result = studio("export", "two-waves", "--to", str(tmp_path))
    assert result.exit_code == 2
    assert "not empty" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_export_to_a_place_that_cannot_be_is_told_so(studio, delivered, refused) -> None:
    assert "too long" in refused(studio("export", "two-waves", "--to", "x" * 10_000), 2)
    (studio.here / "file").write_text("mine")
    refused(studio("export", "two-waves", "--to", "file/inside"), 2)


def test_an_export_deletes_only_inside_its_folder(studio, delivered, tmp_path: Path) -> None:
    treasure = tmp_path / "treasure.txt"
    treasure.write_text("mine")
    into = tmp_path / "out"
    (into / "cuts").mkdir(parents=True)
    (into / "cuts" / "old.edl").write_text("an older cut")
    hostile = ["../treasure.txt", str(treasure), "cuts/../../treasure.txt", "cuts/old.edl"]
    (into / "export.json").write_text(json.dumps({"production": "two-waves", "cut": "x", "files": hostile}))
    told(studio("export", "two-waves", "--to", str(into), "--json"))
    assert treasure.read_text() == "mine"
    assert not (into / "cuts" / "old.edl").exists()


def test_an_export_does_not_follow_links_out_of_its_folder(studio, delivered, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    into = tmp_path / "out"
    into.mkdir()
    (into / "media").symlink_to(elsewhere)
    assert studio("export", "two-waves", "--to", str(into)).exit_code == 2
    assert not list(elsewhere.iterdir())


def test_the_doctor_finds_all_well_and_then_a_lost_clip(studio, delivered) -> None:
    assert told(studio("doctor", "--json"))["exit_code"] == 0
    clip = next(path for path in (studio.home / "media").rglob("*.mp4") if "work" not in path.parts)
    kept = clip.read_bytes()
    clip.write_bytes(kept[:100])
    try:
        checks = {check["check"]: check for check in told(studio("doctor", "--json"), 5)["checks"]}
        assert str(clip) in checks["media"]["found"]
    finally:
        clip.write_bytes(kept)


def test_what_a_person_reads_names_the_film_the_money_and_the_next_step(studio, delivered) -> None:
    said = studio("produce", "two-waves").stdout
    assert "home/films/two-waves/film.mp4" in said
    assert "simulated money: nobody was charged" in said
    assert "studio retake two-waves animated." in said
    assert "studio ui" in said


def test_a_slate_goes_on_past_a_brief_that_fails_and_ends_with_the_worst_code(studio, delivered) -> None:
    studio.brief(BRIEF.format(budget="9.50"), "good.yaml")
    studio.brief("title: Broken\nduration_s: 0\n", "broken.yaml")
    slate = studio.brief("name: night\nbriefs: [broken.yaml, good.yaml]\nchoose: recommended\n", "night.slate.yaml")
    ended = told(studio("batch", slate, "--json"), 2)
    assert [row["state"] for row in ended["productions"]] == ["failed", "delivered"]
    assert "duration_s" in ended["productions"][0]["error"]


def test_a_slate_begins_nothing_its_own_cap_cannot_carry(studio, delivered) -> None:
    studio.brief(BRIEF.format(budget=50).replace("Two waves", "Dear waves"), "dear.yaml")
    slate = studio.brief("name: poor\nbriefs: [dear.yaml]\nbudget_usd: 20\n", "poor.slate.yaml")
    ended = told(studio("batch", slate, "--json"), 3)
    assert "$20.00 left" in ended["productions"][0]["error"]
    assert not (studio.home / "orders" / "dear-waves").exists()


def test_a_film_that_lacks_a_file_is_not_exported_and_is_put_together_anew_for_nothing(studio, delivered) -> None:
    sheet = Path(delivered["deliverables"]["contact_sheet"])
    before = sheet.read_bytes()
    sheet.unlink()
    spent = told(studio("ledger", "two-waves", "--json"))["settled_usd"]
    refused = studio("export", "two-waves", "--to", "out")
    assert refused.exit_code == 5, refused.stderr
    assert str(sheet) in refused.stderr
    assert "studio produce two-waves" in refused.stderr
    again = told(studio("produce", "two-waves", "--json"))
    assert (again["state"], again["settled_usd"]) == ("delivered", spent)
    assert sheet.read_bytes() == before
