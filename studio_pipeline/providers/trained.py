"""Whether what a vendor makes comes out of a model that was trained on examples, or of rules that people wrote.

Each manifest says so (``trained``). It decides what a film declares about itself.
"""

from __future__ import annotations

from studio_pipeline.providers.factory import vendors
from studio_pipeline.providers.rehearsal import is_rehearsal


def is_trained(vendor: str) -> bool:
    """Whether ``vendor`` makes things with a trained model.

    One that nobody knows (any more) is believed to: to declare too much is the lesser wrong. What a rehearsal shows was
    drawn on this machine.
    """
    if is_rehearsal(vendor):
        return False
    known = vendors().get(vendor)
    return known is None or known.manifest.trained
