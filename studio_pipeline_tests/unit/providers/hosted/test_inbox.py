"""An answer that is the file is kept for good, under a name that nobody can bend."""

import base64

import pytest

from studio_pipeline.errors import HomeError, ProviderFailed
from studio_pipeline.providers.hosted.inbox import Inbox, from_base64
from studio_pipeline.providers.vendor import NoAnswer

TAG = "0123456789abcdef" * 2


def test_what_was_kept_can_be_brought_again_and_again_also_by_another_process(tmp_path):
    job = Inbox(tmp_path / "inbox").keep(TAG, b"a sound", {"seed": 7})
    for number in range(2):
        assert Inbox(tmp_path / "inbox").bring(job, tmp_path / f"{number}") == {"seed": 7}
        assert (tmp_path / f"{number}").read_bytes() == b"a sound"
    assert Inbox(tmp_path / "inbox").told(job) == {"seed": 7}
    assert list(Inbox(tmp_path / "inbox").all_told()) == [{"seed": 7}]


def test_an_answer_that_is_gone_or_unreadable_is_told(tmp_path):
    inbox = Inbox(tmp_path)
    with pytest.raises(ProviderFailed, match="gone"):
        inbox.bring(f"inbox:{TAG}", tmp_path / "out")
    job = inbox.keep(TAG, b"a sound", {})
    (tmp_path / TAG).unlink()
    with pytest.raises(ProviderFailed, match="gone"):
        inbox.bring(job, tmp_path / "out")
    (tmp_path / f"{TAG}.json").write_text("{half")
    with pytest.raises(ProviderFailed, match="gone"):
        inbox.told(job)


@pytest.mark.parametrize(
    "job", ["inbox:../../secret", "inbox:", "inbox:/etc/passwd", "inbox:0123.json", "inbox:ABCDEF01"]
)
def test_a_name_that_was_never_given_reaches_no_file(tmp_path, job):
    with pytest.raises(ProviderFailed, match="names nothing"):
        Inbox(tmp_path).bring(job, tmp_path / "out")


def test_an_inbox_that_cannot_be_written_is_the_homes_trouble(tmp_path):
    (tmp_path / "inbox").write_text("a file")
    with pytest.raises(HomeError):
        Inbox(tmp_path / "inbox").keep(TAG, b"a sound", {})


def test_a_file_inside_of_an_answer_is_read_or_was_lost():
    assert from_base64(base64.b64encode(b"a sound").decode()) == b"a sound"
    for broken in ("", "%%%", None, 7, "QUJ", ["QUJD"]):
        with pytest.raises(NoAnswer):
            from_base64(broken)
