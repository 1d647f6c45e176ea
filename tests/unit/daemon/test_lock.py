import os
import signal
import subprocess
import sys
import threading

import pytest

from segcam.daemon.lock import Lock

HOLDER = """
import sys, time
from pathlib import Path
from segcam.daemon.lock import Lock
lock = Lock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
time.sleep(60)
"""


def test_one_holds_it_at_a_time(tmp_path):
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire()
    first.release()
    first.release()
    assert second.acquire()
    second.release()


def test_a_killed_process_holds_it_no_longer(tmp_path):
    lock = Lock(tmp_path / "lock")
    command = [sys.executable, "-c", HOLDER, tmp_path / "lock"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "True\n"
        assert not lock.acquire()
        assert lock.holder == holder.pid
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert lock.acquire()
    lock.release()


def test_the_one_who_asks_in_vain_leaves_the_holders_name(tmp_path):
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire(0.1)
    assert second.holder == os.getpid()
    first.release()
    assert (tmp_path / "lock").exists()


def test_another_thread_may_give_it_up(tmp_path):
    lock = Lock(tmp_path / "lock")
    assert lock.acquire()
    thread = threading.Thread(target=lock.release)
    thread.start()
    thread.join()
    assert Lock(tmp_path / "lock").acquire()


def test_a_link_in_its_place_is_not_followed(tmp_path):
    (tmp_path / "other").write_text("mine")
    (tmp_path / "lock").symlink_to(tmp_path / "other")
    with pytest.raises(OSError, match="symbolic links"):
        Lock(tmp_path / "lock").acquire()
    assert (tmp_path / "other").read_text() == "mine"
