"""Threads that decode large pictures keep no memory."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
import numpy as np
from segcam.composite.courtesy import give_back_large_blocks

def held_mb():
    with open("/proc/self/status") as status:
        line = next(each for each in status if each.startswith("RssAnon"))
    return int(line.split()[1]) // 1024

def decode():
    for _ in range(2):
        np.full(20 << 20, 1, np.uint8)
    done.release()
    end.wait()

if sys.argv[1] == "courteous":
    give_back_large_blocks()
done, end = threading.Semaphore(0), threading.Event()
before = held_mb()
for _ in range(4):  # each has a heap of its own while the others live
    threading.Thread(target=decode).start()
    done.acquire()
print(held_mb() - before)
end.set()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="about glibc")
def test_large_pictures_leave_nothing_in_the_heaps_of_their_threads():
    def held_mb(how):
        command = [sys.executable, "-c", PROGRAM, how]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert held_mb("courteous") < 10, "80 without it"
