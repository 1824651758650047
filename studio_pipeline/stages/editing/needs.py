"""What a cut would still need, in US dollars: the shots that are missing, and again those under the bar.

A shot's price is what a take of its pilot has cost on average, still and clip together. Nothing is bought here, and
nobody asks a vendor: what was paid is the best guess at what will be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from studio_pipeline.stages.editing.footage import PilotFootage, SceneCut

_MICRO = Decimal("0.000001")


def take_price_usd(footage: PilotFootage) -> Decimal | None:
    """What a take of a pilot has cost on average; ``None`` when it has none."""
    paid = [take.still.price_usd + take.video.price_usd for shot in footage.takes.values() for take in shot.takes]
    return sum(paid, Decimal(0)) / len(paid) if paid else None


def needs_usd(
    wanted: Sequence[SceneCut], used: Sequence[SceneCut], bar: float, prices: Mapping[str, Decimal | None]
) -> Decimal | None:
    """What it would cost to make what is missing in ``wanted``, and again what is under ``bar`` in ``used``.

    Args:
        wanted: the scenes that a cut wants to tell, also those that nobody shot.
        used: the scenes as the cut has them.
        prices: what a take costs, by pilot.

    Returns:
        ``None`` when nobody knows: a scene has no plan, or its pilot no take.
    """
    if not all(scene.planned for scene in wanted):
        return None
    takes: Counter[str] = Counter()
    for scene in wanted:
        takes[scene.tier] += len(scene.missing)
    for scene in used:
        takes[scene.tier] += sum(piece.rating is not None and piece.rating < bar for piece in scene.pieces)
    needed = Decimal(0)
    for tier, count in takes.items():
        price = prices.get(tier)
        if count and price is None:
            return None
        needed += count * (price or Decimal(0))
    return needed.quantize(_MICRO)
