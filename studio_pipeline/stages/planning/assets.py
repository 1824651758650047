"""Dagster assets of the planning stage: the brief as handed in, the story as understood, the pilots as staked.

Shells only. Reading a brief is in ``brief.py``, a story in ``story.py``, weighing the tiers in ``producer.py``.
"""

from collections.abc import Mapping

import dagster as dg

from studio_pipeline.errors import BadInput
from studio_pipeline.film.brief import Brief
from studio_pipeline.film.cells import Cell
from studio_pipeline.film.frozen import digest_of, plain
from studio_pipeline.film.pilot import Pilot, Strategies
from studio_pipeline.film.story import Entity, Story
from studio_pipeline.media.markdown import bullets, glossary, paragraphs
from studio_pipeline.orchestration.artifacts import Artifact, Made
from studio_pipeline.orchestration.cells import Metadata, Upstream, make_cells, need, upstream
from studio_pipeline.orchestration.estimate import estimate
from studio_pipeline.orchestration.grid import GRID, tiers
from studio_pipeline.orchestration.minds import decided_by
from studio_pipeline.orchestration.money import open_envelopes
from studio_pipeline.orchestration.resources import LanguageResource
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.orchestration.versions import code_version
from studio_pipeline.settings import settings
from studio_pipeline.stages.planning.producer import strategize
from studio_pipeline.stages.planning.story import ingest

GROUP = "planning"
OWNERS = ["team:producers"]
_BY_RULES = "1"
_PRODUCER = code_version(_BY_RULES, "producer")
DELIVERY = ("captions", "loudness_lufs")
"""Keys of a brief that only the last steps follow from: nothing is shot or spoken again for them."""
DUBS = ("dubs",)
_PARTS = {"delivery": DELIVERY, "dubs": DUBS}
NO_STORY = "The brief is an idea; there is no story to read."


def film_part(brief: Brief) -> dict[str, object]:
    """What the film itself follows from: the brief without its money, so that a raised budget re-makes nothing, and
    without what people are told of its story's file."""
    others = {"budget_usd", "policy", "pilots", "priority", "tiers", "story_notes", *DELIVERY, *DUBS}
    return {name: value for name, value in plain(brief).items() if name not in others}


def parts_of(brief: Brief) -> dict[str, str]:
    """Digests of what others follow from: the film itself, what is staked on it, how it is handed over, what it is
    dubbed in."""
    values = plain(brief)
    picked = {part: {name: values.get(name) for name in names} for part, names in _PARTS.items()}
    picked["film"] = film_part(brief)
    picked["stakes"] = {name: value for name, value in values.items() if name not in (*DELIVERY, *DUBS)}
    return {part: digest_of(value) for part, value in picked.items()}


def film_part_of(pilot: Pilot) -> dict[str, object]:
    """What a pilot's script and pictures follow from: not its money, nor the words about it that only people read."""
    followed = {"tier", "look", "pace", "image_model", "video_model"}
    return {name: value for name, value in plain(pilot).items() if name in followed}


@dg.asset(
    partitions_def=GRID.productions,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"yaml"},
    code_version="1",
    description="The validated brief of a production, as it was handed in: idea or story, duration, budget.",
)
def brief(context: dg.AssetExecutionContext, home: StudioHome):
    def make(cell: Cell) -> tuple[Made[Brief], Metadata]:
        ordered = home.orders.brief(cell.production)
        if ordered is None:
            raise BadInput(
                f"No brief was handed in for {cell.production}",
                todo="Launch the job new_production with a brief, or use `studio produce`.",
            )
        made = Made(ordered, {"order#brief": digest_of(ordered)}, parts_of(ordered))
        return made, {
            "title": ordered.title,
            "duration_s": ordered.duration_s,
            "budget_usd": float(ordered.budget_usd),
            "frames": ordered.frames,
            "frame_size": "×".join(map(str, ordered.frame_size)),
            "source": "story" if ordered.story else "idea",
        }

    return make_cells(context, make)


@dg.asset(
    partitions_def=GRID.productions,
    ins={"brief": upstream()},
    group_name=GROUP,
    owners=OWNERS,
    kinds={"text"},
    code_version=code_version("1", "story_reader", "story_merger"),
    description="What the studio understood of the story: digest, characters, places and themes, with evidence.",
)
def story(context: dg.AssetExecutionContext, home: StudioHome, language: LanguageResource, brief: Upstream):
    def make(cell: Cell) -> tuple[Made[Story], Metadata]:
        ordered = need(brief, "brief", cell)
        film: Brief = ordered.content
        text = home.media.verify(film.story).read_text(encoding="utf-8") if film.story else ""
        reader = language.mind("story_reader", film, cell, "planning")
        merger = language.mind("story_merger", film, cell, "planning")
        understood = ingest(
            text,
            film.language,
            reader=reader,
            merger=merger,
            at_once=settings().llm_parallel,
            notes=film.story_notes,
        )
        return Made(understood, ordered.as_input("film")), {
            "chars": understood.chars,
            "chapters": len(understood.chapters),
            "characters": ", ".join(entity.name for entity in understood.characters) or "–",
            "places": ", ".join(entity.name for entity in understood.places) or "–",
            "themes": ", ".join(understood.themes) or "–",
            "tone": understood.tone or "–",
            "digest": dg.MetadataValue.md(paragraphs(understood.digest or NO_STORY)),
            "chapter_digests": dg.MetadataValue.md(bullets(understood.chapter_digests)),
            "evidence": dg.MetadataValue.md(
                glossary((entity.name, _known_of(entity)) for entity in (*understood.characters, *understood.places))
            ),
            "events": dg.MetadataValue.md(bullets(understood.events)),
            **decided_by(reader, merger),
        }

    return make_cells(context, make)


def _known_of(entity: Entity) -> str:
    also = f" Also: {', '.join(entity.aliases)}." if entity.aliases else ""
    return f"×{entity.mentions} “{entity.evidence}” {entity.what}{also}"


@dg.asset(
    partitions_def=GRID.productions,
    ins={"brief": upstream(), "story": upstream()},
    group_name=GROUP,
    owners=OWNERS,
    kinds={"agent"},
    code_version=_PRODUCER,
    description="The producer's two or three competing pilots: tier, look, pace, budget and why; and the reserve.",
)
def pilot_strategies(
    context: dg.AssetExecutionContext, home: StudioHome, language: LanguageResource, brief: Upstream, story: Upstream
):
    def make(cell: Cell) -> tuple[Made, Metadata]:
        ordered, understood = need(brief, "brief", cell), need(story, "story", cell)
        price = estimate(home, ordered.content).expected_usd
        mind = language.mind("producer", ordered.content, cell, "planning")
        inputs = {**ordered.as_input("stakes"), **ordered.as_input("film"), **understood.as_input()}
        before = same_film(home.artifacts.read("pilot_strategies", cell), inputs, _PRODUCER)
        strategies = strategize(ordered.content, understood.content, tiers(), price, mind=mind, before=before)
        open_envelopes(home.ledger, cell.production, ordered.content.budget_usd, strategies)
        parts = {pilot.tier: digest_of(film_part_of(pilot)) for pilot in strategies.pilots}
        rows = [
            dg.TableRecord(
                {
                    "tier": p.tier,
                    "budget_usd": float(p.budget_usd),
                    "expected_usd": float(p.expected_cost_usd),
                    "look": p.look,
                    "pace": p.pace,
                    "risk": p.risk,
                    "why": p.why,
                }
            )
            for p in strategies.pilots
        ]
        return Made(strategies, inputs, parts), {
            "pilots": dg.MetadataValue.table(rows),
            "pilot_count": len(strategies.pilots),
            "reserve_usd": float(strategies.reserve_usd),
            "passed_over": dg.MetadataValue.md(bullets(strategies.passed_over)),
            "events": dg.MetadataValue.md(bullets(strategies.events)),
            **decided_by(mind),
            "home": dg.MetadataValue.path(str(settings().home)),
        }

    return make_cells(context, make)


def same_film(before: Artifact[Strategies] | None, inputs: Mapping[str, str], version: str) -> Strategies | None:
    """What was staked before, when nothing but the money of the brief has changed since, and nobody thinks otherwise
    than then: an edited prompt or another model chooses anew.

    Args:
        version: code version of whoever chooses now.
    """
    if before is None or version not in (before.header.code_version, _BY_RULES):
        return None
    changed = {ref for ref in inputs if before.header.inputs.get(ref) != inputs[ref]}
    return before.content if changed <= {"brief#stakes"} else None


ASSETS = [brief, story, pilot_strategies]
