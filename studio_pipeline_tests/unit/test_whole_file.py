"""A file is the old one or the new one, whatever happens while it is written; errors of the disk are told apart."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from studio_pipeline.errors import HomeDamaged, HomeError, HomeFull
from studio_pipeline.liveness import Process
from studio_pipeline.whole_file import disk_error, disk_errors_told, unfinished_folder, whole_file, write_whole

OLD, NEW = b"old" * 1000, b"new" * 2000


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_whole(tmp_path / "home" / "choice.json", OLD)
    return tmp_path / "home" / "choice.json"


def in_a_child(work) -> int:
    """The exit code of ``work`` in a process of its own; 70 when it raised."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def left_unfinished(place: Path) -> list[str]:
    return [path.name for path in place.parent.iterdir() if path != place]


@pytest.mark.parametrize(
    ("step", "when", "is_there"),
    [
        ("fsync", "before", OLD),
        ("fsync", "after", OLD),
        ("replace", "before", OLD),
        ("replace", "after", NEW),
    ],
)
def test_a_process_killed_between_two_steps_leaves_the_old_file_or_the_new_one(place, step, when, is_there):
    owner = Path if step == "replace" else os

    def killed_there() -> None:
        real = getattr(owner, step)

        def dies(*args):
            if when == "after":
                real(*args)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(owner, step, dies)
        write_whole(place, NEW)

    assert in_a_child(killed_there) == -signal.SIGKILL
    assert place.read_bytes() == is_there
    assert all(name.startswith(".") and not name.endswith(".json") for name in left_unfinished(place))
    write_whole(place, b"next")
    assert place.read_bytes() == b"next"
    assert left_unfinished(place) == []


def test_what_a_living_process_is_writing_is_left_to_it(place):
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    here = Process.current()
    started = Path(f"/proc/{other.pid}/stat").read_text().rpartition(")")[2].split()[19]
    theirs = place.with_name(f".choice.json.unfinished~{Process(here.host, here.boot, other.pid, started)}~0")
    theirs.write_bytes(b"half")
    write_whole(place, NEW)
    assert left_unfinished(place) == [theirs.name]
    other.communicate(b"\n")
    write_whole(place, NEW)
    assert left_unfinished(place) == []


def test_what_a_killed_writer_of_another_file_left_is_removed_and_what_only_looks_like_it_is_not(place):
    here = Process.current()
    dead = f".unfinished~{Process(here.host, 'another boot', 1, '2')}~0"
    (place.parent / f".other.json{dead}").write_bytes(b"half")
    theirs = place.with_name(f"no dot before it{dead}")
    theirs.write_bytes(b"a person's own")
    write_whole(place, NEW)
    assert left_unfinished(place) == [theirs.name]


def test_two_threads_that_write_the_same_file_do_not_write_into_each_other(place):
    together = threading.Barrier(2)

    def write(content: bytes) -> None:
        with whole_file(place) as unfinished:
            together.wait(timeout=10)
            unfinished.write_bytes(content)
            together.wait(timeout=10)

    other = threading.Thread(target=write, args=(OLD,))
    other.start()
    write(NEW)
    other.join()
    assert place.read_bytes() in (OLD, NEW)
    assert left_unfinished(place) == []


def test_a_body_that_fails_leaves_the_old_file_alone(place):
    with pytest.raises(ZeroDivisionError), whole_file(place) as unfinished:
        unfinished.write_bytes(NEW)
        raise ZeroDivisionError
    assert place.read_bytes() == OLD
    assert left_unfinished(place) == []


def test_text_is_written_as_it_is(place):
    write_whole(place, "कल\r\n灯台\n")
    assert place.read_bytes().decode() == "कल\r\n灯台\n"


def test_the_folder_is_made_durable_after_the_file(place, monkeypatch):
    seen, real = [], os.fsync

    def watched(handle: int) -> None:
        seen.append((Path(f"/proc/self/fd/{handle}").readlink(), place.read_bytes()))
        real(handle)

    monkeypatch.setattr(os, "fsync", watched)
    write_whole(place, NEW)
    (file, before), (folder, after) = seen
    assert "choice.json" in file.name and before == OLD
    assert folder == place.parent and after == NEW


def test_a_disk_that_is_full_while_writing_is_told_by_the_name_of_the_file(place):
    said = place.parent.parent / "said"

    def fills_up() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))
        try:
            with disk_errors_told(place, "The order"):
                write_whole(place, NEW)
        except HomeFull as error:
            said.write_text(str(error))

    assert in_a_child(fills_up) == 0
    assert said.read_text().startswith(f"The order cannot be written: File too large ({place}). Free some space")
    assert place.read_bytes() == OLD
    assert left_unfinished(place) == []


@pytest.mark.parametrize(
    ("number", "kind", "todo"),
    [
        (errno.ENOSPC, HomeFull, "Free some space"),
        (errno.EDQUOT, HomeFull, "Free some space"),
        (errno.EROFS, HomeFull, "writable"),
        (errno.EACCES, HomeError, "Let the user who runs the studio write there"),
        (errno.EPERM, HomeError, "Let the user who runs the studio write there"),
        (errno.EIO, HomeDamaged, "Check the disk"),
    ],
)
def test_each_fault_of_the_disk_has_its_own_words(tmp_path, number, kind, todo):
    told = disk_error(OSError(number, os.strerror(number)), tmp_path, "An artifact")
    assert type(told) is kind
    assert told.exit_code == 5
    assert os.strerror(number) in told.what
    assert told.where == str(tmp_path)
    assert todo in told.todo


def test_a_folder_of_unfinished_files_is_gone_afterwards_and_the_next_one_sweeps(tmp_path):
    def killed() -> None:
        with unfinished_folder(tmp_path / "lamp") as folder:
            (folder / "film.mp4").write_bytes(b"half")
            os.kill(os.getpid(), signal.SIGKILL)

    in_a_child(killed)
    assert len(list(tmp_path.iterdir())) == 1
    with unfinished_folder(tmp_path / "lamp") as folder:
        assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    assert list(tmp_path.iterdir()) == []
