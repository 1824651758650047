"""What was answered once is there for good, or said to be gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio_pipeline.errors import ProviderFailed
from studio_pipeline.providers.hosted.inbox import Inbox, from_base64
from studio_pipeline.providers.vendor import NoAnswer

TAG = "0123456789abcdef"


def test_an_answer_is_brought_again_and_again_by_whoever_knows_its_id(tmp_path: Path) -> None:
    job = Inbox(tmp_path / "inbox").keep(TAG, b"picture", {"seed": 7})
    assert job == f"inbox:{TAG}"
    for name in ("first", "second"):
        assert Inbox(tmp_path / "inbox").bring(job, tmp_path / name) == {"seed": 7}
        assert (tmp_path / name).read_bytes() == b"picture"
    assert list(Inbox(tmp_path / "inbox").all_told()) == [{"seed": 7}]


def test_an_answer_that_is_gone_is_told_with_its_place(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "inbox")
    job = inbox.keep(TAG, b"picture", {})
    (tmp_path / "inbox" / TAG).unlink()
    with pytest.raises(ProviderFailed, match="gone"):
        inbox.bring(job, tmp_path / "made")
    with pytest.raises(ProviderFailed, match="gone"):
        inbox.told("inbox:feedfeedfeedfeed")


@pytest.mark.parametrize("name", ["inbox:../../etc/passwd", "inbox:", "other", "inbox:XYZ"])
def test_an_id_is_never_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProviderFailed, match="names nothing"):
        Inbox(tmp_path).told(name)


@pytest.mark.parametrize("text", [None, 7, "", "not base64!", "YQ"])
def test_a_file_that_cannot_be_read_was_paid_for_and_lost(text: object) -> None:
    with pytest.raises(NoAnswer):
        from_base64(text)
