"""What did not go as planned and was dealt with is told all the same: to a person, and in ``--json``."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from studio_pipeline.budget.ledger import Ledger, production_envelope
from studio_pipeline.budget.purchase import Account, Entry, PurchaseOrder
from studio_pipeline.budget.rate_cards import Quote
from studio_pipeline.cli.notices import notices_of
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.ratings import SceneRating
from studio_pipeline.film.takes import Music, MusicCue, MusicTrack, Narration, Receipt, ShotTakes, Take
from studio_pipeline.orchestration.artifacts import Made
from studio_pipeline.orchestration.facts import Facts
from studio_pipeline.orchestration.studio_home import StudioHome

FILE = MediaRef(sha256="0" * 64, suffix=".mp4", size_bytes=1)
WHOLE = production_envelope("lamp")


@pytest.fixture
def home(tmp_path: Path) -> StudioHome:
    home = StudioHome(
        root=str(tmp_path), artifacts_url=str(tmp_path / "artifacts"), ledger_url=f"sqlite:///{tmp_path}/l.sqlite3"
    )
    home.ledger.set_caps({WHOLE: Decimal(20)})
    return home


def told(home: StudioHome) -> list[tuple[str, str]]:
    facts = Facts("lamp", headers=home.artifacts.headers("lamp"))
    return [(n.place, n.words) for n in notices_of(home, "lamp", facts, home.ledger.statement("lamp"))]


def purchase(
    home: StudioHome, end: Callable[[Ledger, Entry], object], *, most: str = "0.60", identity: str = "1" * 64
) -> None:
    quote = Quote(
        expected_usd=min(Decimal("0.50"), Decimal(most)), max_usd=Decimal(most), simulated=False, source="tag"
    )
    order = PurchaseOrder(
        identity=identity,
        account=Account(production="lamp", place="animated.s01.k1", stage="shooting", envelopes=(WHOLE,)),
        vendor="reel",
        model="reel/fast",
        take=1,
        quote=quote,
    )
    end(home.ledger, home.ledger.submitting(home.ledger.reserve(order).entry))


def test_when_all_went_as_planned_there_is_nothing_to_tell(home: StudioHome) -> None:
    purchase(home, lambda ledger, entry: ledger.settle(ledger.submitted(entry, "1"), Decimal("0.50"), FILE))
    assert told(home) == []


def test_a_purchase_without_an_answer_says_what_a_person_can_do(home: StudioHome) -> None:
    purchase(home, lambda ledger, entry: ledger.ambiguous(entry, "the line was lost"))
    ((place, words),) = told(home)
    assert place == "animated.s01.k1"
    assert "reel never answered to reel/fast; $0.60 stay set aside" in words
    assert "studio ledger resolve 1" in words


def test_a_question_that_costs_less_than_a_cent_has_a_sum_that_can_be_seen(home: StudioHome) -> None:
    purchase(home, lambda ledger, entry: ledger.ambiguous(entry, "the line was lost"), most="0.002196")
    ((_, words),) = told(home)
    assert "$0.0022 stay set aside" in words


def test_many_that_were_never_answered_are_one_line_with_the_number_of_each(home: StudioHome) -> None:
    for number in "123":
        purchase(home, lambda ledger, entry: ledger.ambiguous(entry, "killed"), most="0.002", identity=number * 64)
    ((_, words),) = told(home)
    assert "never answered to reel/fast, 3 times; $0.006 stay set aside" in words
    assert "`studio ledger resolve 1 --billed` or `--unbilled`, and the same of 2, 3" in words


def test_a_price_that_moved_is_told(home: StudioHome) -> None:
    purchase(home, lambda ledger, entry: ledger.settle(ledger.submitted(entry, "1"), Decimal("0.65"), FILE))
    ((_, words),) = told(home)
    assert words.startswith("price drift: reel charged $0.65 where $0.50 was quoted (+30 %)")


def receipt(*events: str) -> Receipt:
    return Receipt(
        entry="1", identity="1" * 64, vendor="v", model="v/m", price_usd=Decimal(1), simulated=False, events=events
    )


def write(home: StudioHome, asset: str, place: str, content: Narration | Music | ShotTakes | SceneRating) -> None:
    home.artifacts.write(asset, Cell.parse(f"lamp|{place}"), Made(content), code_version="1", run_id="r")


def test_what_a_take_and_a_sound_went_through_is_told_and_not_what_their_makers_say_of_them(home: StudioHome) -> None:
    take = Take(
        number=1,
        clip=FILE,
        poster=FILE,
        frames=60,
        plan_digest="d",
        still=receipt("The title was cut"),
        video=receipt(),
        events=("Take 1: The reel tore.",),
    )
    write(home, "pilot_clips", "animated.s01.k1", ShotTakes(shot="animated.s01.k1", takes=(take,), circled=1))
    paced = "The line was spoken 1.1 times as fast."
    sound = {"sound": FILE, "duration_s": 2.0, "receipt": receipt(paced)}
    spoken = Narration(
        scene=1, text="Lit.", language="en", events=("A is away: B is asked instead of A.", paced), **sound
    )
    write(home, "narration", "animated.s01", spoken)
    score = Music(
        tracks=(MusicTrack(mood="calm", **sound),),
        cues=(MusicCue(first_scene=1, mood="calm"),),
        events=("Take 1: Out of tune.", paced),
    )
    write(home, "music", "animated", score)
    assert sorted(told(home)) == [
        ("animated", "Take 1: Out of tune."),
        ("animated.s01", "A is away: B is asked instead of A."),
        ("animated.s01.k1", "Take 1: The reel tore."),
    ]


def test_the_same_that_was_decided_otherwise_at_many_places_is_one_line(home: StudioHome) -> None:
    why = "Decided by rules, as there is no money left for a model: the pilot has none."
    for number in range(1, 4):
        rating = SceneRating(scene=number, rating=80, shots=(), events=(why,))
        write(home, "qa_scores", f"animated.s{number:02d}", rating)
    assert told(home) == [("animated.s01 and 2 more", why)]
