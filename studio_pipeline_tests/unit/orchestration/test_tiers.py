"""The packaged tiers load; a broken file names the entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio_pipeline.errors import BadInput
from studio_pipeline.orchestration.tiers import load_tiers
from studio_pipeline.settings import ASSETS_DIR


def test_the_packaged_tiers_load_in_order() -> None:
    assert [tier.name for tier in load_tiers(ASSETS_DIR / "tiers.yaml")] == ["static", "animated", "photoreal"]


TIER = "{name: a, label: A, description: d, look: l, image_models: [a/i], video_models: [a/v], appeal: 0.5}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tiers: []", "list of tiers"),
        ("other: 1", "list of tiers"),
        ("tiers: [3]", "Tier 1 cannot be used"),
        ("tiers: [{name: a}]", "Tier 1 cannot be used: `label`"),
        (f"tiers: [{TIER}, {TIER}]", "Two tiers are called a"),
        (f"tiers: [{TIER.replace('0.5', '7')}]", "`appeal`"),
    ],
)
def test_a_broken_tiers_file_names_the_entry(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "tiers.yaml"
    path.write_text(text)
    with pytest.raises(BadInput) as refused:
        load_tiers(path)
    assert words in str(refused.value)
