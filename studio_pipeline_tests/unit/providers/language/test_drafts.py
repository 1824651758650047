"""What every agent asks of a draft is told all at once, in words that its model can act on."""

import pytest

from studio_pipeline.providers.language.drafts import Faults
from studio_pipeline.providers.language.reading import Objection


def test_a_line_is_cleaned_and_a_number_in_its_range_is_no_fault() -> None:
    faults = Faults()
    assert faults.line("look", " Warm\u202e \u200blamplight\n", most=20) == "Warm lamplight"
    assert faults.line("left_out", "", most=20, needed=False) == ""
    faults.number("weight", 10, 1, 10)
    faults.object()


def test_all_that_is_wrong_is_told_together() -> None:
    faults = Faults()
    faults.line("look", "\u200b \n", most=20)
    faults.line("pace", "x" * 21, most=20)
    faults.number("weight", float("nan"), 1, 10)
    with pytest.raises(Objection) as told:
        faults.object()
    assert told.value.words == (
        "look is empty",
        "pace has 21 characters; at most 20 fit",
        "weight is nan; it has to be from 1 to 10",
    )
