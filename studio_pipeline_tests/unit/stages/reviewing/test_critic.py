"""What a producer needs from a verdict: the right share, real reasons, and a decision that stands once money moved."""

from __future__ import annotations

from decimal import Decimal

import pytest

from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.pilot import Pilot
from studio_pipeline.film.rate import Rate
from studio_pipeline.film.ratings import Issue, SceneRating, ShotRating
from studio_pipeline.film.script import Scene, Script
from studio_pipeline.stages.reviewing.critic import judge

BRIEF = Brief(title="Lighthouse", concept="x", duration_s=20, budget_usd=Decimal(5))
PILOT = Pilot(
    tier="animated",
    look="ink",
    image_model="i",
    video_model="v",
    budget_usd=Decimal(2),
    expected_cost_usd=Decimal(1),
    why="",
)
SCRIPT = Script(
    title="L",
    logline="",
    rate=Rate.of(24),
    language="en",
    scenes=tuple(
        Scene(number=n, heading="h", place="p", frames=frames, narration="", direction="")
        for n, frames in ((1, 120), (2, 240), (3, 120))
    ),
    test_scenes=(1, 2),
)


def rated(
    scene: int, *shots: float, issues: tuple[Issue, ...] = (), measures: dict[str, float] | None = None
) -> SceneRating:
    return SceneRating(
        scene=scene,
        rating=sum(shots) / len(shots),
        shots=tuple(
            ShotRating(
                shot=f"animated.s{scene:02d}.k{k}", take=1, rating=rating, measures=measures or {}, issues=issues
            )
            for k, rating in enumerate(shots, start=1)
        ),
    )


@pytest.mark.parametrize(
    ("rating", "decision", "share_pct"),
    [(85, "continue", 100), (80, "continue", 100), (72, "continue", 50), (60, "continue", 50), (58, "cancel", 0)],
)
def test_the_rating_decides_the_share(rating: float, decision: str, share_pct: int) -> None:
    verdict = judge(BRIEF, PILOT, SCRIPT, [rated(1, rating), rated(2, rating)])
    assert (verdict.rating, verdict.decision, verdict.share_pct) == (rating, decision, share_pct)


def test_longer_scenes_weigh_more() -> None:
    good_is_long = judge(BRIEF, PILOT, SCRIPT, [rated(1, 70), rated(2, 90)]).rating
    good_is_short = judge(BRIEF, PILOT, SCRIPT, [rated(1, 90), rated(2, 70)]).rating
    assert good_is_long > good_is_short


def test_one_broken_shot_pulls_the_pilot_below_its_mean() -> None:
    even = judge(BRIEF, PILOT, SCRIPT, [rated(1, 80, 80), rated(2, 80, 80)])
    uneven = judge(BRIEF, PILOT, SCRIPT, [rated(1, 95, 95), rated(2, 95, 50)])
    assert even.rating == 80
    mean = (95 * 120 + 72.5 * 240) / 360
    assert mean - 8 <= uneven.rating < mean


def test_reasons_name_the_measured_issues_with_counts_and_frames() -> None:
    freeze = Issue(code="freeze", severity="fault", message="Stands still", first_frame=12, last_frame=40, points=20)
    verdict = judge(BRIEF, PILOT, SCRIPT, [rated(1, 70, 70, issues=(freeze,)), rated(2, 70)])
    (reason,) = [reason for reason in verdict.reasons if "freeze" in reason]
    assert "× 2" in reason and "40.0 points" in reason and "frames 12–40" in reason and "animated.s01.k1" in reason
    assert any("stand still" in note for note in verdict.notes)
    clean = judge(BRIEF, PILOT, SCRIPT, [rated(1, 90), rated(2, 90)])
    assert not any("freeze" in reason for reason in clean.reasons) and not clean.notes


def test_the_gap_speaks_of_quality_duration_and_missing_shots() -> None:
    missing = SceneRating(
        scene=2,
        rating=40,
        shots=(),
        issues=(Issue(code="missing_shot", severity="fault", message="Shot 1 was not shot", points=50),),
    )
    high = BRIEF.model_copy(update={"quality_mode": "high"})
    gap = judge(high, PILOT, SCRIPT, [rated(1, 80), missing]).gap
    assert "high quality" in gap and "85" in gap and "short of it" in gap
    assert "15.0 s of the 20 s film" in gap and "1 planned shot could not be made" in gap
    assert "above it" in judge(BRIEF, PILOT, SCRIPT, [rated(1, 90)]).gap


def test_the_gap_holds_the_style_against_what_was_measured() -> None:
    dark = BRIEF.model_copy(update={"style": "A dark, brooding film"})
    bright_shots = [rated(1, 80, measures={"luma_mean_levels": 170.0})]
    dark_shots = [rated(1, 80, measures={"luma_mean_levels": 60.0})]
    assert "“dark”" in judge(dark, PILOT, SCRIPT, bright_shots).gap
    assert "“dark”" not in judge(dark, PILOT, SCRIPT, dark_shots).gap
    assert "“dark”" not in judge(BRIEF, PILOT, SCRIPT, bright_shots).gap


def test_a_decision_that_moved_money_stands_and_says_so() -> None:
    before = judge(BRIEF, PILOT, SCRIPT, [rated(1, 72), rated(2, 72)])
    after = judge(BRIEF, PILOT, SCRIPT, [rated(1, 40), rated(2, 40)], standing=before)
    assert (after.decision, after.share_pct) == ("continue", 50)
    assert after.rating == 40
    assert "stands" in after.notes[0] and "40.0" in after.notes[0]


def test_a_pilot_without_ratings_cannot_be_judged() -> None:
    with pytest.raises(BadInput, match="No test scene"):
        judge(BRIEF, PILOT, SCRIPT, [])
