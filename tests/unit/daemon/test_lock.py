import signal
import subprocess
import sys

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
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert lock.acquire()
    lock.release()
