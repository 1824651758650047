import errno
import hashlib
import os
import resource
import signal
import threading

import pytest

from studio_pipeline.errors import HomeDamaged, HomeFull, ProviderFailed
from studio_pipeline.film.media_ref import MediaRef
from studio_pipeline.media.store import MediaStore

HELLO = hashlib.sha256(b"hello").hexdigest()


@pytest.fixture
def store(tmp_path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def files(store: MediaStore) -> list[str]:
    return sorted(str(path.relative_to(store.root)) for path in store.root.rglob("*") if path.is_file())


def test_content_lies_under_its_digest_and_reads_back(store):
    ref = store.put_bytes(b"hello", ".txt")
    assert ref == MediaRef(sha256=HELLO, suffix=".txt", size_bytes=5)
    assert store.path(ref) == store.root / HELLO[:2] / f"{HELLO}.txt"
    assert store.verify(ref).read_bytes() == b"hello"
    assert store.has(ref)


def test_the_same_content_is_stored_once(store):
    assert store.put_bytes(b"hello", ".txt") == store.put_bytes(b"hello", ".txt")
    assert files(store) == [f"{HELLO[:2]}/{HELLO}.txt"]


def test_a_finished_file_is_moved_in_and_leaves_no_trace_where_it_was_made(store):
    with store.workdir() as work:
        made = work / "clip"
        made.write_bytes(b"hello")
        ref = store.put_file(made, ".mp4")
        assert not made.exists()
    assert files(store) == [f"{HELLO[:2]}/{HELLO}.mp4"]
    assert store.has(ref)


def test_threads_that_store_the_same_content_at_once_agree(store):
    refs = []
    threads = [threading.Thread(target=lambda: refs.append(store.put_bytes(b"hello" * 9999, ".wav"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refs) == 8
    assert len(set(refs)) == 1
    store.verify(refs[0])


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: path.write_bytes(b"hell"), "4 bytes of 5"),
        (lambda path: path.write_bytes(b"HELLO"), "content was changed"),
        (lambda path: path.unlink(), "is gone"),
    ],
)
def test_a_damaged_file_is_named_with_what_to_do_and_storing_it_again_heals_it(store, harm, words):
    ref = store.put_bytes(b"hello", ".txt")
    harm(store.path(ref))
    with pytest.raises(HomeDamaged, match=f"{words}.*{HELLO}.*backup"):
        store.verify(ref)
    assert store.put_bytes(b"hello", ".txt") == ref
    assert store.verify(ref).read_bytes() == b"hello"


def test_a_missing_or_cut_file_is_not_had(store):
    ref = store.put_bytes(b"hello", ".txt")
    store.path(ref).write_bytes(b"hel")
    assert not store.has(ref)
    store.path(ref).unlink()
    assert not store.has(ref)


@pytest.mark.parametrize("suffix", ["", "mp4", "./x", ".MP4", "/../../x", ".a b", ".toolong"])
def test_a_suffix_that_could_become_a_path_is_refused_and_nothing_is_stored(store, suffix):
    with pytest.raises(ProviderFailed, match="no suffix"):
        store.put_bytes(b"hello", suffix)
    assert files(store) == []


def test_what_a_dead_process_left_unfinished_is_swept_and_a_living_one_keeps_its_own(store):
    child = os.fork()
    if child == 0:
        unfinished = store.workdir()
        (unfinished.__enter__() / "half a clip").write_bytes(b"x" * 1000)
        os._exit(9)
    os.waitpid(child, 0)
    assert any("half a clip" in name for name in files(store))
    with store.workdir() as mine:
        (mine / "mine").write_bytes(b"x")
        assert not any("half a clip" in name for name in files(store))
        with store.workdir():
            assert (mine / "mine").exists()
    assert files(store) == []


def test_a_file_made_on_another_file_system_is_brought_over(store, tmp_path, monkeypatch):
    """The kernel's answer for a rename across file systems, given once."""
    made = tmp_path / "made"
    made.write_bytes(b"hello")
    real = type(made).replace

    def replace(self, target):
        if self == made:
            raise OSError(errno.EXDEV, "Invalid cross-device link", str(self))
        return real(self, target)

    monkeypatch.setattr(type(made), "replace", replace)
    assert store.verify(store.put_file(made, ".txt")).read_bytes() == b"hello"


def test_a_full_disk_is_told_and_leaves_no_half_file(store, tmp_path):
    """The kernel's limit on file size stands for a full disk: a real write that really fails."""
    said = tmp_path / "said"
    child = os.fork()
    if child == 0:
        status = 70
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
            try:
                store.put_bytes(b"x" * 20_000, ".wav")
            except HomeFull as error:
                said.write_text(str(error))
                status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert "cannot be written" in said.read_text()
    assert "Free some space" in said.read_text()
    assert files(store) == []


def test_a_vendor_that_fills_the_disk_while_it_writes_is_told_as_a_full_home(store):
    with pytest.raises(HomeFull, match="No space left"), store.workdir():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_store_whose_place_is_taken_by_a_file_is_told(tmp_path):
    (tmp_path / "media").write_text("in the way")
    with pytest.raises(HomeDamaged, match=r"cannot be used.*Check the disk"):
        MediaStore(tmp_path / "media").put_bytes(b"hello", ".txt")
