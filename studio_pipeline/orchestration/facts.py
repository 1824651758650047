"""The facts of one production: everything the call sheet decides from, gathered in one look.

Reads the orders, the artifacts, the ledger and Dagster's runs; decides nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio_pipeline.budget.halving import RatedShot
from studio_pipeline.budget.ledger import Ledger, pilot_envelope, production_envelope
from studio_pipeline.budget.refinement import Gates
from studio_pipeline.budget.takes_belief import RATING_NOISE_POINTS
from studio_pipeline.film.brief import Policy
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.film import Film
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.pilot import Strategies
from studio_pipeline.film.ratings import QUALITY_BAR, Verdict
from studio_pipeline.film.script import Script
from studio_pipeline.film.takes import Narration, ShotTakes
from studio_pipeline.media.store import MediaStore
from studio_pipeline.orchestration.artifacts import ArtifactStore, Header, ref_of

if TYPE_CHECKING:
    import dagster as dg

    from studio_pipeline.orchestration.orders import Orders

PRODUCTION_TAG = "studio/production"
WORK_TAG = "studio/work"


@dataclass(frozen=True)
class Facts:
    """What is known about one production at one moment. All refs are within the production."""

    production: str
    orders: Mapping[str, str] = field(default_factory=dict)
    """Digests of the brief handed in and the cut chosen."""
    headers: Mapping[str, Header] = field(default_factory=dict)
    strategies: Strategies | None = None
    scripts: Mapping[str, Script] = field(default_factory=dict)
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    shares: Mapping[str, int] | None = None
    """Per cent of its money that each judged pilot was left with when the money was moved; ``None`` before that."""
    why_moved: Mapping[str, str] = field(default_factory=dict)
    """Why money was taken from a pilot then, in words, by tier."""
    policy: Policy = "threshold"
    good_enough: float = QUALITY_BAR["standard"]
    """The rating the brief hopes for."""
    refines: bool = False
    """Whether shots under the bar are made again, told what was wrong: by the policy ``threshold``, where a mind writes
    their prompts anew and the clips are made from prompts."""
    gates: Gates = field(default_factory=Gates)
    """When such a shot is given up."""
    noise_points: float = RATING_NOISE_POINTS
    """How far a rating is off: as a calibration has measured it, else as assumed."""
    halved: Mapping[str, int] | None = None
    """For the policy ``halving``: the shares once all shots were there; ``None`` before that."""
    rated: Mapping[str, tuple[RatedShot, ...]] = field(default_factory=dict)
    """Shots with all their takes' ratings, by pilot; where more takes may be bought, once the money was moved."""
    circled: Mapping[str, int] = field(default_factory=dict)
    """The circled take of each of these shots, by place."""
    left_usd: Mapping[str, Decimal] = field(default_factory=dict)
    """What each pilot may still reserve: out of every envelope that it pays from."""
    in_flight: frozenset[str] = frozenset()
    """Work that a run is queued or busy with."""
    failures: Mapping[str, int] = field(default_factory=dict)
    """How often a piece of work has failed."""
    runs: Mapping[str, int] = field(default_factory=dict)
    """How many runs of a piece of work have ended, well or badly, at any time."""

    def digest(self, ref: str) -> str | None:
        """The current digest of an order, an artifact or a part of one; ``None`` when there is none."""
        if ref in self.orders:
            return self.orders[ref]
        whole, _, part = ref.partition("#")
        header = self.headers.get(whole)
        if header is None:
            return None
        return header.parts.get(part) if part else header.digest

    def present(self, ref: str) -> bool:
        """Whether the artifact exists and is not an absent marker."""
        header = self.headers.get(ref)
        return header is not None and header.absent is None

    def flagged(self, *assets: str) -> list[str]:
        """Refs of these assets that no vendor made."""
        absent = {ref: header.absent for ref, header in self.headers.items() if ref.partition("/")[0] in assets}
        return [ref for ref, marker in absent.items() if marker is not None and marker.kind == "flagged"]

    def test_shots(self, tier: str) -> list[str]:
        """Places of the shots of a pilot's test scenes."""
        script = self.scripts[tier]
        return [shot for number in script.test_scenes for shot in self.shots(f"{tier}.s{number:02d}")]

    def shots(self, scene_place: str) -> list[str]:
        """Places of the shots that the plan of a scene has; empty before it is planned."""
        header = self.headers.get(ref_of("shot_plans", scene_place))
        return [f"{scene_place}.{part}" for part in sorted(header.parts)] if header else []


def gather(
    production: str,
    *,
    orders: Orders,
    store: ArtifactStore,
    ledger: Ledger,
    instance: dg.DagsterInstance,
    media: MediaStore,
    films: Path,
    since: float | None = None,
    day_left_usd: Decimal | None = None,
    words_matter: bool = False,
    gates: Gates | None = None,
    noise_points: float | None = None,
) -> Facts:
    """Look at everything once.

    An artifact whose files are gone from the media store or cut short there, or gone from ``films``, the folder of the
    production's deliverables, counts as not made: making it again finds what was paid for, for nothing. So does one
    whose media a film had to be made without, as long as they are damaged; then the film.

    Args:
        since: forget failures of runs created before this time (seconds since the epoch), as a person does who
            gives the same command again.
        day_left_usd: what may still be spent today, over all productions; ``None`` where that has no limit.
        words_matter: whether a shot can be made better by another prompt.
        gates: when a shot is good, and when it is given up.
        noise_points: how far a rating is off, where somebody has measured it.
    """
    in_flight, failures, runs = _runs(production, instance, since)
    headers = store.headers(production)  # first of all: what is written meanwhile is seen the next time
    whole = Cell(production=production)
    final = store.read("final_cut", whole) if "final_cut" in headers else None
    # What a film was made without is the only media that is read here: all of a home's would take minutes.
    suspects = final.content.damaged if final is not None and isinstance(final.content, Film) else ()
    damaged = frozenset(ref for ref in suspects if not media.is_whole(ref))
    for ref in [ref for ref in headers if _lost(ref, headers[ref], production, store, media, films, damaged)]:
        del headers[ref]
    strategies = store.read("pilot_strategies", whole) if "pilot_strategies" in headers else None
    pilots = [pilot.tier for pilot in strategies.content.pilots] if strategies else []

    def of_pilots(asset: str) -> dict[str, Any]:
        there = [tier for tier in pilots if ref_of(asset, tier) in headers]
        found = {tier: store.read(asset, whole.with_tier(tier)) for tier in there}
        return {tier: artifact.content for tier, artifact in found.items() if artifact}

    shared = [ledger.available(name) for name in (production_envelope(production), *ledger.enrolled(production))]
    left = min(shared if day_left_usd is None else [*shared, day_left_usd])
    decided = ledger.decision(verdict_money_key(production)) or {}
    brief = orders.brief(production)
    policy = brief.policy if brief else "threshold"
    shot_takes: dict[str, ShotTakes] = {}
    rated: dict[str, tuple[RatedShot, ...]] = {}
    refines = policy == "threshold" and words_matter and brief is not None and not brief.rehearse
    gates = gates or Gates()
    if (policy == "halving" or refines) and decided:
        going_on = [tier for tier, share in decided["shares"].items() if share > 0]
        shot_takes = _takes(production, going_on, headers, store)
        rated = {tier: _rated(production, tier, shot_takes, headers, store) for tier in going_on}
    return Facts(
        production=production,
        orders=orders.digests(production),
        headers=headers,
        strategies=strategies.content if strategies else None,
        scripts=of_pilots("scenes"),
        verdicts=of_pilots("critic_verdicts"),
        shares=decided.get("shares"),
        why_moved=decided.get("why", {}),
        policy=policy,
        good_enough=gates.good[brief.quality_mode if brief else "standard"],
        refines=refines,
        gates=gates,
        noise_points=RATING_NOISE_POINTS if noise_points is None else noise_points,
        halved=(ledger.decision(halved_money_key(production)) or {}).get("shares") if rated else None,
        rated=rated,
        circled={place: takes.circled for place, takes in shot_takes.items()},
        left_usd={tier: min(left, ledger.available(pilot_envelope(production, tier))) for tier in pilots},
        in_flight=in_flight,
        failures=failures,
        runs=runs,
    )


def _takes(
    production: str, tiers: list[str], headers: Mapping[str, Header], store: ArtifactStore
) -> dict[str, ShotTakes]:
    """The takes of every shot of these pilots that has some, by place."""
    found = {}
    for ref, header in headers.items():
        asset, _, place = ref.partition("/")
        if asset == "pilot_clips" and header.absent is None and place.partition(".")[0] in tiers:
            artifact = store.read(asset, Cell.parse(f"{production}|{place}"))
            if artifact is not None:
                found[place] = artifact.content
    return found


def _rated(
    production: str,
    tier: str,
    shot_takes: Mapping[str, ShotTakes],
    headers: Mapping[str, Header],
    store: ArtifactStore,
) -> tuple[RatedShot, ...]:
    ratings: dict[str, dict[int, float]] = {}
    for ref in headers:
        if ref.startswith(f"qa_scores/{tier}."):
            scene = store.read("qa_scores", Cell.parse(f"{production}|{ref.partition('/')[2]}"))
            for rating in (*scene.content.shots, *scene.content.others) if scene else ():
                ratings.setdefault(rating.shot, {})[rating.take] = rating.rating
    return tuple(
        RatedShot(
            name=place,
            ratings=ratings.get(place, {}),
            price_usd=takes.take.still.price_usd + takes.take.video.price_usd,
            lost=takes.lost,
        )
        for place, takes in sorted(shot_takes.items())
        if place.partition(".")[0] == tier and not takes.ordered
    )


def _lost(
    ref: str,
    header: Header,
    production: str,
    store: ArtifactStore,
    media: MediaStore,
    films: Path,
    damaged: frozenset[MediaRef],
) -> bool:
    """Whether a file that the artifact is about is gone or damaged, or was when the film was made and is not now."""
    asset, _, place = ref.partition("/")
    if header.absent is not None or asset not in ("narration", "music", "pilot_clips", "final_cut"):
        return False
    artifact = store.read(asset, Cell.parse(f"{production}|{place}" if place else production))
    if artifact is None:
        return True
    if isinstance(artifact.content, Film):
        mended = any(ref not in damaged for ref in artifact.content.damaged)
        return mended or not all((films / name).is_file() for name in artifact.content.names)
    if isinstance(artifact.content, ShotTakes):
        files = [artifact.content.take.clip, artifact.content.take.poster]
    elif isinstance(artifact.content, Narration):
        files = [artifact.content.sound, *(dub.sound for dub in artifact.content.dubs)]
    else:
        files = [track.sound for track in artifact.content.tracks]
    return not all(media.has(file) and file not in damaged for file in files if file is not None)


def _runs(
    production: str, instance: dg.DagsterInstance, since: float | None
) -> tuple[frozenset[str], dict[str, int], dict[str, int]]:
    """Work that is under way, how often work has failed, and how many runs of it have ended."""
    from dagster import DagsterRunStatus, RunsFilter

    in_flight, failures, ended = set(), Counter[str](), Counter[str]()
    for record in instance.get_run_records(RunsFilter(tags={PRODUCTION_TAG: production})):
        run = record.dagster_run
        work = run.tags.get(WORK_TAG)
        if work is None:
            continue
        if not run.is_finished:
            in_flight.add(work)
            continue
        ended[work] += 1
        if run.status != DagsterRunStatus.SUCCESS and (since is None or record.create_timestamp.timestamp() >= since):
            failures[work] += 1
    return frozenset(in_flight), dict(failures), dict(ended)


def verdict_money_key(production: str) -> str:
    """Key under which the ledger remembers that the verdicts' money was moved."""
    return f"verdicts:{production}"


def halved_money_key(production: str) -> str:
    """Key under which the ledger remembers that the money was moved once more, with all shots there."""
    return f"halved:{production}"


def carried_out(ledger: Ledger, production: str) -> dict[str, int] | None:
    """The shares in per cent that the pilots were given when the money was moved; ``None`` before that."""
    decided = ledger.decision(verdict_money_key(production))
    return decided["shares"] if decided is not None else None
