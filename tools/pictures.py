"""Draw the pictures of the documents into ``docs/pictures/``: ``python -m tools.pictures [HOME]``.

The asset graph comes from the real definitions, in the studio's own type and colours; the captions of every script from
ffmpeg; the contact sheet and the seams from the film of a studio home, where one is given. Screenshots are made by
``tools/screenshots.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from studio_pipeline.editorial.timeline import Timeline
from studio_pipeline.film.cells import Cell
from studio_pipeline.media.contact_sheet import INK, PAPER, SOFT_INK
from studio_pipeline.media.store import MediaStore
from studio_pipeline.media.type.typography import fit_text
from studio_pipeline.orchestration.artifacts import ArtifactStore
from tools.captions_picture import draw_captions
from tools.generate import ROOT, dimension
from tools.seams_picture import draw_seams

INTO = ROOT / "docs" / "pictures"
SHEET_WIDTH_PX = 1200

_LANES = ("production", "pilot", "scene", "shot")
_LANE_NOTES = {
    "production": "lighthouse",
    "pilot": "lighthouse | animated",
    "scene": "lighthouse | animated.s03",
    "shot": "lighthouse | animated.s03.k2",
}
_STAGE_COLOURS = {
    # Lights and bodies of the moods that the drawn boards use.
    "planning": (234, 223, 196),
    "scripting": (171, 150, 214),
    "shooting": (255, 140, 98),
    "reviewing": (140, 198, 168),
    "editing": (127, 169, 200),
    "finishing": (246, 204, 142),
}
_CARD = (236, 84)
_GAP_PX, _ROW_PX, _LANE_PAD_PX = 34, 104, 26
_LABEL_PX, _MARGIN_PX, _LEGEND_PX = 250, 40, 84
_STEP = 0.58
"""How far right of its cause an asset of another lane stands, in cards."""
_SMOOTH = 2
"""Drawn so much larger and made smaller, for smooth curves."""


@dataclass(frozen=True)
class Node:
    """One asset: what it is called, where it belongs, what it reads."""

    name: str
    stage: str
    lane: str
    reads: tuple[str, ...]


def nodes() -> list[Node]:
    """The assets of the real definitions, causes first."""
    from studio_pipeline.definitions import defs

    graph = defs.resolve_asset_graph()
    return [
        Node(
            key.to_user_string(),
            graph.get(key).group_name or "",
            dimension(graph.get(key)),
            tuple(sorted(parent.to_user_string() for parent in graph.get(key).parent_keys)),
        )
        for key in graph.toposorted_asset_keys
    ]


def direct(assets: Sequence[Node]) -> set[tuple[str, str]]:
    """Edges that no longer path says as well."""
    above: dict[str, set[str]] = {}
    for node in assets:
        above[node.name] = {*node.reads, *(far for near in node.reads for far in above[near])}
    return {
        (cause, node.name)
        for node in assets
        for cause in node.reads
        if not any(cause in above[other] for other in node.reads if other != cause)
    }


def places(assets: Sequence[Node], edges: set[tuple[str, str]]) -> dict[str, tuple[float, int, str]]:
    """Where each asset stands: cards from the left, row of its lane, lane."""
    across: dict[str, float] = {}
    found: dict[str, tuple[float, int, str]] = {}
    for node in assets:
        causes = [cause for cause, effect in edges if effect == node.name]
        lane_of = {name: place[2] for name, place in found.items()}
        steps = [across[cause] + (1 if lane_of[cause] == node.lane else _STEP) for cause in causes]
        across[node.name] = max(steps, default=0.0)
        taken = {row for at, row, lane in found.values() if lane == node.lane and abs(at - across[node.name]) < 1}
        row = next(row for row in range(len(assets)) if row not in taken)
        found[node.name] = (across[node.name], row, node.lane)
    for node in assets:
        x, row, lane = found[node.name]
        until = max((across[effect] for cause, effect in edges if cause == node.name), default=x)
        if any(x < at < until and (other_row, other) == (row, lane) for at, other_row, other in found.values()):
            found[node.name] = (x, row + 1, lane)  # else its line would run behind the card between
    return found


def draw_graph(assets: Sequence[Node]) -> Image.Image:
    edges = direct(assets)
    at = places(assets, edges)
    rows = {lane: 1 + max(row for _, row, other in at.values() if other == lane) for lane in _LANES}
    heights = {lane: rows[lane] * _ROW_PX + _LANE_PAD_PX for lane in _LANES}
    tops = {lane: _MARGIN_PX + sum(heights[above] for above in _LANES[:index]) for index, lane in enumerate(_LANES)}
    width = round(_LABEL_PX + max(x for x, *_ in at.values()) * (_CARD[0] + _GAP_PX) + _CARD[0] + 2 * _MARGIN_PX)
    height = _MARGIN_PX + sum(heights.values()) + _LEGEND_PX
    boxes: dict[str, tuple[int, int, int, int]] = {}
    for name, (x, row, lane) in at.items():
        left = round(_MARGIN_PX + _LABEL_PX + x * (_CARD[0] + _GAP_PX))
        spare = (heights[lane] - rows[lane] * _ROW_PX) / 2 + (_ROW_PX - _CARD[1]) / 2
        top = round(tops[lane] + spare + row * _ROW_PX)
        boxes[name] = (left, top, left + _CARD[0], top + _CARD[1])

    large = Image.new("RGB", (width * _SMOOTH, height * _SMOOTH), PAPER)
    draw = ImageDraw.Draw(large)
    for index, lane in enumerate(_LANES):
        if index % 2 == 0:
            draw.rectangle(_scaled((0, tops[lane], width, tops[lane] + heights[lane])), fill=(31, 31, 34))
    implied = [(cause, node.name) for node in assets for cause in node.reads if (cause, node.name) not in edges]
    for cause, effect in implied:
        _curve(draw, boxes[cause], boxes[effect], (64, 64, 68), 3)
    for cause, effect in sorted(edges):
        _curve(draw, boxes[cause], boxes[effect], (150, 148, 142), 5)
    for node in assets:
        _card(draw, boxes[node.name], _STAGE_COLOURS[node.stage])
    picture = large.resize((width, height), Image.Resampling.LANCZOS)
    write = ImageDraw.Draw(picture)
    for lane in _LANES:
        top = tops[lane] + heights[lane] // 2 - 32
        box = (_MARGIN_PX, top, _MARGIN_PX + _LABEL_PX - 30, top + 40)
        fit_text(write, lane, box, max_px=29, min_px=20, fill=INK, weight=600, max_lines=1)
        note = (_MARGIN_PX, top + 40, _MARGIN_PX + _LABEL_PX - 20, top + 66)
        fit_text(write, _LANE_NOTES[lane], note, max_px=17, min_px=11, fill=SOFT_INK, max_lines=1)
    for node in assets:
        left, top, right, bottom = boxes[node.name]
        inside = (left + 22, top + 21, right - 10, bottom - 8)
        fit_text(write, node.name, inside, max_px=27, min_px=18, fill=INK, weight=600, max_lines=1)
    _legend(write, height, _stages(assets))
    return picture


def _stages(assets: Sequence[Node]) -> list[str]:
    return list(dict.fromkeys(node.stage for node in assets))


def _legend(draw: ImageDraw.ImageDraw, height: int, stages: Sequence[str]) -> None:
    left, top = _MARGIN_PX + _LABEL_PX, height - _LEGEND_PX + 28
    for stage in stages:
        draw.rounded_rectangle((left, top + 4, left + 24, top + 24), 5, fill=_STAGE_COLOURS[stage])
        fit_text(draw, stage, (left + 34, top - 2, left + 180, top + 34), max_px=21, min_px=14, fill=SOFT_INK)
        left += 190


def _card(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], colour: tuple[int, int, int]) -> None:
    left, top, _, bottom = box
    draw.rounded_rectangle(_scaled(box), 12 * _SMOOTH, fill=(43, 43, 47), outline=(82, 82, 86), width=2)
    draw.rounded_rectangle(_scaled((left, top, left + 20, bottom)), 12 * _SMOOTH, fill=colour)
    draw.rectangle(_scaled((left + 9, top + 1, left + 21, bottom - 1)), fill=(43, 43, 47))


def _curve(
    draw: ImageDraw.ImageDraw,
    cause: tuple[int, int, int, int],
    effect: tuple[int, int, int, int],
    colour: tuple[int, int, int],
    thick: int,
) -> None:
    """A line from a card to one further right: straight on in a lane, down and in, or out and up, between lanes."""
    left, top, right, bottom = cause
    x0, y0 = float(right), (top + bottom) / 2
    x1, y1 = float(effect[0]), (effect[1] + effect[3]) / 2
    if effect[1] >= bottom:  # a lane below
        x0, y0 = left + _CARD[0] * 0.3, float(bottom)
        corner = (x0, y1)
    elif effect[3] <= top:  # a lane above
        x1, y1 = effect[0] + _CARD[0] * 0.7, float(effect[3])
        corner = (x1, y0)
    else:
        corner = ((x0 + x1) / 2, y0)
    bend = 0.75  # how near the curve comes to its corner
    near = (x0 + (corner[0] - x0) * bend, y0 + (corner[1] - y0) * bend)
    far = (x1 + (corner[0] - x1) * bend, y1 + (corner[1] - y1) * bend)
    points = []
    for step in range(81):
        t = step / 80
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        x = a * x0 + b * near[0] + c * far[0] + d * x1
        y = a * y0 + b * near[1] + c * far[1] + d * y1
        points.append((x * _SMOOTH, y * _SMOOTH))
    draw.line(points, fill=colour, width=thick, joint="curve")


def _scaled(box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(edge * _SMOOTH) for edge in box)
    return left, top, right, bottom


def contact_sheet(home: Path) -> Image.Image:
    """The contact sheet of the only film in ``home``, at a modest size."""
    (sheet,) = sorted(home.glob("films/*/contact_sheet.jpg"))
    with Image.open(sheet) as picture:
        size = (SHEET_WIDTH_PX, round(picture.height * SHEET_WIDTH_PX / picture.width))
        return picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def delivered(home: Path) -> Timeline:
    """The best rated cut of the only film in ``home``."""
    (folder,) = home.glob("films/*")
    artifact = ArtifactStore(str(home / "artifacts")).read("edls", Cell(production=folder.name))
    if artifact is None:
        raise SystemExit(f"{home} holds no cuts")
    return artifact.content.cuts[0].timeline


def main(args: Sequence[str]) -> None:
    INTO.mkdir(parents=True, exist_ok=True)
    draw_graph(nodes()).quantize(128).save(INTO / "graph.png", optimize=True)
    draw_captions().quantize(256).save(INTO / "captions.png", optimize=True)
    if args:
        home = Path(args[0])
        contact_sheet(home).save(INTO / "contact_sheet.jpg", quality=84, optimize=True)
        draw_seams(delivered(home), MediaStore(home / "media").path).save(INTO / "seams.jpg", quality=84, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
