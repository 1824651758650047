"""One file a vendor's shape: the paths, words and prices of that vendor, and nothing that decides.

A shape is a module here with

- ``NAME``: the first part of its addresses, the vendor's name;
- ``answer(request, engine) -> Response``: understands the request, makes an ``Order`` with the shape's own price and
  hands it to ``engine.accept``; answers about jobs from ``engine.job``;
- ``trouble(fault) -> Response``, if it likes: a ``Fault`` that ``accept`` raised, in the vendor's words. What has no
  words of its own gets the plain ones of ``server.py``;
- ``KEYS``: the environment variables to set for it, with a value that is good; and ``BASE_URL_VARIABLE``.

Every shape looks at its key as the vendor does: any word is good, ``wrong`` is not, and ``broke`` has no money left.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol, cast

from studio_pipeline.fake_vendor.engine import Engine
from studio_pipeline.fake_vendor.wire import Request, Response


class Shape(Protocol):
    """What every module here has."""

    NAME: str
    KEYS: Mapping[str, str]
    BASE_URL_VARIABLE: str

    def answer(self, request: Request, engine: Engine) -> Response: ...


@lru_cache(maxsize=1)
def shapes() -> dict[str, Shape]:
    """Every shape, by name."""
    found = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return {module.NAME: cast(Shape, module) for module in found}
