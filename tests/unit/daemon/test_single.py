"""One SegCam per user and name."""

import signal
import subprocess
import sys
import threading

import pytest
from support.waiting import LIMIT_S, until

from segcam.api import transport
from segcam.daemon import single
from segcam.daemon.server import Requests, Server
from segcam.daemon.single import claimed, lock_path
from segcam.errors import DaemonRunning, UsageError

HOLDER = """
import signal, sys, time
from segcam.daemon.single import claimed
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with claimed(""):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def test_the_second_is_told_who_has_it_and_what_to_do():
    with claimed(""), pytest.raises(DaemonRunning) as caught, claimed(""):
        pass
    told = str(caught.value)
    for part in ("process", "segcam set", "segcam stop", "--replace", "--name"):
        assert part in told


def test_one_of_another_name_may_run_beside():
    with claimed(""), claimed("office"), claimed("home"):
        assert len({lock_path(name) for name in ("", "office", "home")}) == 3
    with claimed(""):
        pass


@pytest.mark.parametrize("name", ["../x", "a/b", "a b", "x" * 33, "\0", "ä"])
def test_what_can_be_no_name_is_refused(name):
    with pytest.raises(UsageError), claimed(name):
        pass


def test_of_several_that_start_at_once_one_runs():
    won, lost = [], []
    barrier, end = threading.Barrier(8), threading.Event()

    def start(number):
        barrier.wait()
        try:
            with claimed(""):
                won.append(number)
                assert end.wait(LIMIT_S)
        except DaemonRunning:
            lost.append(number)

    threads = [threading.Thread(target=start, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    assert until(lambda: len(won) + len(lost) == 8)
    assert len(won) == 1
    end.set()
    for thread in threads:
        thread.join()


def test_replacing_asks_the_other_to_end():
    ended = threading.Event()
    running = claimed("")
    running.__enter__()

    def stop(*_):
        ended.set()
        running.__exit__(None, None, None)
        return {}

    with Server(Requests({"stop": stop})), claimed("", replaces=True) as answers:
        assert answers
        assert ended.is_set()


def test_replacing_kills_one_that_hangs(monkeypatch):
    monkeypatch.setattr(single, "END_S", 0.3)
    command = [sys.executable, "-c", HOLDER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as hanging:
        assert hanging.stdout.readline() == "held\n"
        with claimed("", replaces=True):
            assert hanging.wait(LIMIT_S) == -signal.SIGKILL


def test_without_a_folder_of_its_own_the_video_goes_on(tmp_path, caplog):
    (tmp_path / "segcam").write_text("in the way")
    with claimed("") as answers:
        assert not answers
    assert "segcam status and segcam set will not work" in caplog.text


def test_names_are_found_by_their_sockets():
    with Server(Requests({}), "office"), Server(Requests({})):
        assert transport.names() == ["", "office"]
