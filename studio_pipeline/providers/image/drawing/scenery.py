"""Which shapes make which place. To add a place, name its words in ``places``, draw it in ``nature`` or ``built``.

The place of a scene stays the same place from shot to shot: its shapes come from its name, and only the camera moves
with the shot's seed.
"""

from __future__ import annotations

from collections.abc import Callable

from studio_pipeline.providers.image.drawing.built import city, road, room, village
from studio_pipeline.providers.image.drawing.nature import coast, desert, forest, hills, mountain, sea, space
from studio_pipeline.providers.image.drawing.places import Kind
from studio_pipeline.providers.image.drawing.shapes import Depth
from studio_pipeline.providers.image.drawing.site import Site


def scenery(site: Site) -> list[Depth]:
    """The depths of ``site``, far first; the sky is the painters'."""
    return _PLACES[site.place.kind](site)


_PLACES: dict[Kind, Callable[[Site], list[Depth]]] = {
    "coast": coast,
    "sea": sea,
    "forest": forest,
    "city": city,
    "room": room,
    "mountain": mountain,
    "road": road,
    "desert": desert,
    "space": space,
    "village": village,
    "hills": hills,
}
