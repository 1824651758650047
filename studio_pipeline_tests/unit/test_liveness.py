import os
import signal
import subprocess
import sys

from studio_pipeline.liveness import Process


def test_a_process_is_alive_until_it_ends():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    card = Process(Process.current().host, Process.current().boot, child.pid, started(child.pid))
    assert card.alive() is True
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert card.alive() is False


def test_a_killed_process_that_nobody_has_collected_is_dead():
    child = os.fork()
    if child == 0:
        signal.pause()
    card = Process(Process.current().host, Process.current().boot, child, started(child))
    os.kill(child, signal.SIGKILL)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert card.alive() is False
    os.waitpid(child, 0)


def test_a_process_id_used_again_is_another_process():
    here = Process.current()
    assert here.alive() is True
    assert Process(here.host, here.boot, here.pid, "1").alive() is False


def test_nothing_survives_a_reboot():
    here = Process.current()
    assert Process(here.host, "0ther", here.pid, here.started).alive() is False


def test_a_process_of_another_machine_cannot_be_seen():
    here = Process.current()
    assert Process("elsewhere", here.boot, here.pid, here.started).alive() is None


def test_a_card_reads_back_and_nonsense_names_no_known_machine():
    here = Process.current()
    assert Process.parse(str(here)) == here
    assert Process.parse("no card at all").alive() is None
    assert Process.parse("a~b~-1~c").alive() is None


def started(pid: int) -> str:
    from studio_pipeline import liveness

    return liveness._started(pid)
