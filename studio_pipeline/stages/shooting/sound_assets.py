"""Dagster assets of the shooting stage's sound: narration and music. Shells only: buying them is in ``sound.py``."""

import dagster as dg

from studio_pipeline.film.cells import Cell
from studio_pipeline.film.frozen import digest_of
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.film.takes import MusicTrack, Receipt
from studio_pipeline.media.markdown import bullets, glossary
from studio_pipeline.orchestration.artifacts import Absent, Made
from studio_pipeline.orchestration.cells import Metadata, Upstream, make_cells, need, phantom, upstream
from studio_pipeline.orchestration.grid import GRID, SINGLE_RUN
from studio_pipeline.orchestration.minds import decided_by
from studio_pipeline.orchestration.resources import LanguageResource, VendorResource
from studio_pipeline.orchestration.studio_home import StudioHome
from studio_pipeline.orchestration.versions import code_version
from studio_pipeline.settings import settings
from studio_pipeline.stages.shooting import sound
from studio_pipeline.stages.shooting.composing import compose
from studio_pipeline.stages.shooting.dubbing import dub
from studio_pipeline.stages.shooting.scene_inputs import SCENE_INS, scene_of

GROUP = "shooting"
OWNERS = ["team:sound"]


@dg.asset(
    partitions_def=GRID.scenes,
    ins=SCENE_INS,
    backfill_policy=SINGLE_RUN,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"audio"},
    code_version=code_version("1", "translator"),
    description="The spoken narration of a scene, with word times, also in the further languages of the brief. The "
    "same words are bought once for all pilots.",
)
def narration(
    context: dg.AssetExecutionContext,
    home: StudioHome,
    voice: VendorResource,
    language: LanguageResource,
    brief: Upstream,
    pilot_strategies: Upstream,
    scenes: Upstream,
):
    def make(cell: Cell) -> tuple[Made, Metadata]:
        found = scene_of(cell, brief, pilot_strategies, scenes)
        if isinstance(found, str):
            return phantom(found)
        film, _, script, inputs = found
        inputs |= need(brief, "brief", cell.of_production()).as_input("dubs")
        spoken = sound.narrate(cell, script, film, voice.shop(film))
        if isinstance(spoken, Absent):
            return Made(spoken, inputs), {}
        mind = None
        if film.dubs:
            inputs |= need(scenes, "scenes", cell.of_pilot()).as_input()  # a translator reads the whole film
            mind = language.mind("translator", film, cell, "shooting")
            spoken = dub(cell, script, film, spoken, voice.shop(film), mind)
        return Made(spoken, inputs, {"spoken": digest_of(spoken.undubbed)}), {
            "text": spoken.text,
            "duration_s": spoken.duration_s,
            "words": len(spoken.words),
            **_bought(spoken.sound, spoken.receipt, home),
            "dubs": dg.MetadataValue.md(glossary((each.language, each.text or "–") for each in spoken.dubs)),
            "events": dg.MetadataValue.md(bullets(e for each in (spoken, *spoken.dubs) for e in each.events)),
            **(decided_by(mind) if mind else {}),
        }

    return make_cells(context, make, workers=settings().workers)


@dg.asset(
    partitions_def=GRID.pilots,
    ins={"brief": upstream(GRID.to_or_from_production), "scenes": upstream()},
    backfill_policy=SINGLE_RUN,
    group_name=GROUP,
    owners=OWNERS,
    kinds={"audio"},
    code_version="2",
    description="The music of the pilot's film: a track for each mood it is in for a while, and which scenes have it.",
)
def music(
    context: dg.AssetExecutionContext,
    home: StudioHome,
    music: dg.ResourceParam[VendorResource],
    brief: Upstream,
    scenes: Upstream,
):
    def make(cell: Cell) -> tuple[Made, Metadata]:
        script = scenes.get(cell.key)
        if script is None:
            return phantom(f"no pilot of {cell.production} is shot in {cell.tier}")
        film = need(brief, "brief", cell.of_production())
        score = compose(cell, script.content, film.content, music.shop(film.content))
        inputs = film.as_input("film") | script.as_input("score")
        if isinstance(score, Absent):
            return Made(score, inputs), {}
        return Made(score, inputs), {
            "tracks": dg.MetadataValue.table([_track_row(track) for track in score.tracks]),
            "cues": dg.MetadataValue.md(bullets(f"{cue.mood} from scene {cue.first_scene} on" for cue in score.cues)),
            **{f"sound_{t.mood}": dg.MetadataValue.path(str(home.media.path(t.sound))) for t in score.tracks},
            "price_usd": float(sum(track.receipt.price_usd for track in score.tracks)),
            "simulated": all(track.receipt.simulated for track in score.tracks),
            "events": dg.MetadataValue.md(bullets(score.events)),
        }

    return make_cells(context, make)


def _bought(sound: MediaRef | None, receipt: Receipt | None, home: StudioHome) -> Metadata:
    """Where a sound lies and what it cost; nothing for a scene without one."""
    shown: dict[str, object] = {}
    if sound is not None:
        shown["sound"] = dg.MetadataValue.path(str(home.media.path(sound)))
    if receipt is not None:
        shown["price_usd"] = float(receipt.price_usd)
        shown["simulated"] = receipt.simulated
        shown["vendor"] = f"{receipt.vendor} {receipt.model}"
    return shown


def _track_row(track: MusicTrack) -> dg.TableRecord:
    return dg.TableRecord(
        {
            "mood": track.mood,
            "seconds": round(track.duration_s, 2),
            "tempo_bpm": track.tempo_bpm or "–",
            "beats": len(track.beats_s),
            "price_usd": float(track.receipt.price_usd),
            "vendor": f"{track.receipt.vendor} {track.receipt.model}",
        }
    )


SOUND_ASSETS = [narration, music]
