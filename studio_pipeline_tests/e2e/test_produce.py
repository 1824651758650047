"""From a brief to a film at a shell: the contract of ``produce --json``, and what is made again, and what never is."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import av
import c2pa
import imageio_ffmpeg
import opentimelineio as otio
import pytest

from studio_pipeline.film.cells import Cell
from studio_pipeline.film.film import Film
from studio_pipeline.media.filter_graph import render_picture
from studio_pipeline_tests.backlot.studio import BRIEF, PRODUCTION, STORY, Studio, sha256

pytestmark = pytest.mark.slow

KEYS = {
    "production",
    "state",
    "film",
    "duration_s",
    "cap_usd",
    "settled_usd",
    "reserved_usd",
    "avoided_usd",
    "simulated",
    "pilots",
    "edls",
    "chosen",
    "deliverables",
}
MONEY = re.compile(r"\d+\.\d{2,6}")


@pytest.fixture(scope="module")
def told(tiny: Studio) -> dict[str, object]:
    """What the same command says about the finished production: it does nothing, and tells all."""
    return tiny.ok("produce", "kite.yaml", "--choose", "recommended")


def test_json_is_the_object_of_the_contract(told: dict) -> None:
    assert set(told) >= KEYS
    assert told["state"] == "delivered"
    assert told["production"] == PRODUCTION
    assert told["duration_s"] == BRIEF["duration_s"]
    assert told["chosen"] in {edl["name"] for edl in told["edls"]}
    assert [edl["name"] for edl in told["edls"] if edl["recommended"]] == [told["chosen"]]
    assert len(told["edls"]) >= 3
    for edl in told["edls"]:
        assert set(edl) == {"name", "rating", "rationale", "recommended", "needs_usd"}
        assert 0 < edl["rating"] <= 100
        assert edl["rationale"]
    assert {pilot["tier"]: pilot["verdict"] for pilot in told["pilots"]} == {"static": "cancel", "animated": "continue"}
    for path in told["deliverables"].values():
        assert Path(path).exists(), path


def test_money_in_json_is_exact_and_adds_up(told: dict, tiny: Studio) -> None:
    amounts = [told[name] for name in ("cap_usd", "settled_usd", "reserved_usd", "avoided_usd")]
    amounts += [pilot[name] for pilot in told["pilots"] for name in ("budget_usd", "settled_usd")]
    assert all(isinstance(amount, str) and MONEY.fullmatch(amount) for amount in amounts), amounts
    assert told["simulated"] is True
    assert Decimal(told["cap_usd"]) == BRIEF["budget_usd"]
    assert Decimal(told["reserved_usd"]) == 0
    assert sum(Decimal(pilot["settled_usd"]) for pilot in told["pilots"]) == Decimal(told["settled_usd"])
    assert sum(Decimal(pilot["budget_usd"]) for pilot in told["pilots"]) <= Decimal(told["cap_usd"])
    paid = [e.settled_usd for e in tiny.ledger.entries(PRODUCTION) if e.state == "settled" and e.settled_usd]
    assert sum(paid) == Decimal(told["settled_usd"])


def test_the_same_input_in_another_home_gives_the_same_film_byte_for_byte(tiny: Studio, empty: Studio) -> None:
    empty.write_brief(BRIEF)
    empty.ok("produce", "kite.yaml", "--choose", "recommended")
    assert empty.media_sha256(".mp4") == tiny.media_sha256(".mp4")
    assert empty.media_sha256(".wav") == tiny.media_sha256(".wav")
    assert empty.content_sha256() == tiny.content_sha256(), "each home signs it with its own certificate"


def test_the_same_command_again_does_nothing(fresh_copy: Callable[[], Studio]) -> None:
    again = fresh_copy()
    lines, digests, film = again.ledger.entries(PRODUCTION), again.digests(), again.film_sha256()
    runs = sorted(path.name for path in (again.settings.dagster_home / "history" / "runs").glob("*.db"))
    ran = again.run("produce", "kite.yaml", "--choose", "recommended", "--json")
    assert ran.code == 0
    assert ran.told["state"] == "delivered"
    assert again.ledger.entries(PRODUCTION) == lines, "nothing is bought, and nothing is found again either"
    assert again.digests() == digests
    assert again.film_sha256() == film
    assert sorted(path.name for path in (again.settings.dagster_home / "history" / "runs").glob("*.db")) == runs


def test_a_raised_budget_re_makes_nothing_but_the_stakes(fresh_copy: Callable[[], Studio]) -> None:
    richer = fresh_copy()
    digests, purchases = richer.digests(), richer.purchases()
    richer.write_brief(BRIEF | {"budget_usd": 9})
    told = richer.ok("produce", "kite.yaml")
    assert told["state"] == "delivered"
    assert told["cap_usd"] == "9.00"
    changed = {ref for ref, digest in richer.digests().items() if digests[ref] != digest}
    assert changed == {"brief", "pilot_strategies"}
    assert richer.purchases() == purchases


def test_an_edited_line_re_makes_its_scene_alone(fresh_copy: Callable[[], Studio]) -> None:
    edited = fresh_copy()
    before, purchases = edited.digests(), edited.purchases()
    narrated = {place: before[f"narration/{place}"] for place in ("animated.s01", "animated.s02", "animated.s03")}
    edited.write_brief(BRIEF, story=STORY.replace("Everybody looked up and waved.", "Everybody looked up and cheered."))
    told = edited.ok("produce", "kite.yaml")
    assert told["state"] == "delivered"
    after = edited.digests()
    spoken_anew = {place for place, digest in narrated.items() if after[f"narration/{place}"] != digest}
    assert spoken_anew == {"animated.s03"}
    for place in ("animated.s01", "animated.s02"):
        assert after[f"shot_plans/{place}"] == before[f"shot_plans/{place}"]
        assert after[f"qa_scores/{place}"] == before[f"qa_scores/{place}"]
    assert after["final_cut"] != before["final_cut"]
    assert len(set(edited.purchases())) == len(edited.purchases())
    assert set(purchases) <= set(edited.purchases())


def test_a_shorter_film_drops_what_its_script_no_longer_has(fresh_copy: Callable[[], Studio]) -> None:
    shorter = fresh_copy()
    assert "narration/animated.s03" in shorter.digests()
    shorter.write_brief(BRIEF | {"duration_s": 8})
    told = shorter.ok("produce", "kite.yaml")
    assert told["state"] == "delivered"
    assert told["duration_s"] == 8.0
    assert len(set(shorter.purchases())) == len(shorter.purchases())
    (film,) = json.loads((shorter.home.films(PRODUCTION) / "provenance.json").read_text())["films"]
    assert sum(shot["frames"] for shot in film["shots"]) == 8 * 24
    assert {shot["scene"] for shot in film["shots"]} == {1, 2}, "the old third scene stays, and nobody reads it"


def test_without_the_money_for_all_of_it_a_partial_film_comes_out_and_more_money_finishes_it(
    fresh_copy: Callable[[], Studio],
) -> None:
    studio = fresh_copy()
    bought = studio.purchases()
    (pilot,) = [p for p in studio.ok("status", PRODUCTION)["pilots"] if p["verdict"] == "continue"]
    takes = studio.artifacts.read("pilot_clips", Cell.parse(f"{PRODUCTION}|animated.s03.k1"))
    assert takes is not None
    price = takes.content.take.still.price_usd + takes.content.take.video.price_usd
    # Every shot is another picture now, and there is money for one or two of the four. A budget is shared out in
    # proportion once the verdicts have moved it.
    for_two = (Decimal(pilot["settled_usd"]) + 2 * price) / Decimal(pilot["budget_usd"]) * BRIEF["budget_usd"]
    restyled = BRIEF | {"style": "charcoal on rough paper"}
    studio.write_brief(restyled | {"budget_usd": round(float(for_two), 2)})
    ran = studio.run("produce", "kite.yaml", "--json")
    told = ran.told
    assert (ran.code, told["state"]) == (3, "partial"), ran.stderr
    assert Path(told["film"]).stat().st_size > 0
    assert Decimal(told["settled_usd"]) + Decimal(told["reserved_usd"]) <= Decimal(told["cap_usd"])
    standing = studio.ok("status", PRODUCTION)
    assert standing["missing"]
    assert all(Decimal(missing["needed_usd"]) > 0 for missing in standing["missing"]), standing["missing"]
    partly = studio.purchases()
    assert len(partly) > len(bought)

    studio.write_brief(restyled)
    told = studio.ok("produce", "kite.yaml")
    assert told["state"] == "delivered"
    assert told["duration_s"] == BRIEF["duration_s"]
    assert set(partly) < set(studio.purchases())
    assert len(set(studio.purchases())) == len(studio.purchases()), "nothing is bought twice"

    studio.write_brief(BRIEF)
    whole = studio.purchases()
    assert studio.ok("produce", "kite.yaml")["state"] == "delivered"
    assert studio.purchases() == whole, "the first style again costs nothing"


def test_a_retake_changes_that_shot_and_what_follows_from_it_alone(fresh_copy: Callable[[], Studio]) -> None:
    studio = fresh_copy()
    before, clips, purchases = studio.digests(), studio.media_sha256(".mp4"), studio.purchases()
    spent = studio.ledger.totals(PRODUCTION).settled_usd
    told = studio.ok("retake", PRODUCTION, "animated.s03.k1", "--note", "closer")
    assert told["state"] == "delivered"
    after = studio.digests()
    changed = {ref for ref, digest in after.items() if before.get(ref) != digest}
    assert changed == {"pilot_clips/animated.s03.k1", "qa_scores/animated.s03", "edls", "final_cut"}
    assert after.keys() == before.keys()
    (new_clip,) = studio.media_sha256(".mp4") - clips
    takes = studio.artifacts.read("pilot_clips", Cell.parse(f"{PRODUCTION}|animated.s03.k1"))
    assert takes is not None
    assert [take.number for take in takes.content.takes] == [1, 2]
    assert takes.content.take.note == "closer"
    assert takes.content.take.clip.sha256 == new_clip
    price = takes.content.take.still.price_usd + takes.content.take.video.price_usd
    assert Decimal(told["settled_usd"]) - spent == price == Decimal(told["retake"]["cost_usd"]) > 0
    assert len(studio.purchases()) == len(purchases) + 2, "one still and one clip"


def test_another_cut_is_chosen_and_only_the_film_is_made_anew(fresh_copy: Callable[[], Studio]) -> None:
    studio = fresh_copy()
    before, purchases, film = studio.digests(), studio.purchases(), studio.film_sha256()
    cuts = studio.artifacts.read("edls", Cell(production=PRODUCTION))
    assert cuts is not None
    other = next(cut for cut in cuts.content.cuts if cut.name != cuts.content.recommended and cut.timeline.frames < 288)
    told = studio.ok("choose", PRODUCTION, other.name)
    assert told["chosen"] == other.name
    assert told["duration_s"] == pytest.approx(other.timeline.duration_s)
    assert {ref for ref, digest in studio.digests().items() if before[ref] != digest} == {"final_cut"}
    assert studio.purchases() == purchases
    assert studio.film_sha256() != film
    assert Film.model_validate(
        json.loads((studio.home.films(PRODUCTION) / "report.json").read_text())["film"]
    ).frames == frames_of(studio.home.films(PRODUCTION) / "film.mp4")


def test_an_export_opens_elsewhere_with_every_media_link_alive(tiny: Studio, tmp_path: Path) -> None:
    told = tiny.ok("export", PRODUCTION, "--to", str(tmp_path / "export"))
    moved = (tmp_path / "export").rename(tmp_path / "elsewhere")
    timelines = [name for name in told["files"] if name.endswith(".otio")]
    assert len(timelines) >= 3
    for name in timelines:
        timeline = otio.adapters.read_from_file(str(moved / name))
        clips = list(timeline.find_clips())
        assert clips
        for clip in clips:
            url = clip.media_reference.target_url
            assert ":" not in url, "links are relative"
            assert ((moved / name).parent / unquote(url)).resolve().is_relative_to(moved.resolve())
            assert ((moved / name).parent / unquote(url)).is_file(), (name, url)
        assert timeline.video_tracks()[0].trimmed_range().duration.rate == 24
    film = otio.adapters.read_from_file(str(moved / "film.otio"))
    assert film.video_tracks()[0].trimmed_range().duration.value == BRIEF["duration_s"] * 24
    assert otio.adapters.read_from_file(str(moved / "film.edl"), rate=24).video_tracks()
    for name in ("film.mp4", "provenance.json"):
        assert (moved / name).read_bytes() == (tiny.home.films(PRODUCTION) / name).read_bytes()
    assert c2pa.Reader(moved / "film.mp4").get_validation_state() == "Valid"


def test_the_film_is_as_long_as_asked_for_as_loud_as_it_should_be_and_captioned(tiny: Studio) -> None:
    folder = tiny.home.films(PRODUCTION)
    assert frames_of(folder / "film.mp4") == BRIEF["duration_s"] * 24
    with av.open(str(folder / "film.mp4")) as film:
        (video,), (sound,), (captions,) = film.streams.video, film.streams.audio, film.streams.subtitles
        assert (video.width, video.height, video.average_rate) == (720, 720, 24)
        assert captions.codec_context.name == "mov_text"
        assert float((sound.duration or 0) * (sound.time_base or 0)) == pytest.approx(BRIEF["duration_s"], abs=0.1)
    assert integrated_lufs(folder / "film.mp4") == pytest.approx(-16, abs=1)
    srt, vtt = (folder / "film.srt").read_text(), (folder / "film.vtt").read_text()
    spoken = [tiny.artifacts.read("narration", Cell.parse(f"{PRODUCTION}|animated.s0{n}")) for n in (1, 2, 3)]
    for narration in spoken:
        assert narration is not None
        assert narration.content.words
        assert narration.content.text in " ".join(srt.split())
        assert narration.content.text in " ".join(vtt.split())


def test_a_cut_gives_the_same_picture_however_often_it_is_rendered(tiny: Studio, tmp_path: Path) -> None:
    cuts = tiny.artifacts.read("edls", Cell(production=PRODUCTION))
    assert cuts is not None
    pictures = set()
    for number in range(3):
        render_picture(cuts.content.cut("recommended").timeline, tiny.home.media.path, tmp_path / f"{number}.mp4")
        pictures.add(sha256(tmp_path / f"{number}.mp4"))
    assert len(pictures) == 1, "an encoder whose threads race gives another file each time"


def frames_of(film: Path) -> int:
    with av.open(str(film)) as media:
        return sum(1 for _ in media.decode(video=0))


def integrated_lufs(film: Path) -> float:
    """Measured by ffmpeg's ebur128, not by the code that mixed it."""
    heard = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostats", "-i", film, "-af", "ebur128", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(re.findall(r"I:\s+(-?[0-9.]+) LUFS", heard.stderr)[-1])
