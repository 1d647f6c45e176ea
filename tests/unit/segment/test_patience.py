"""A process that is late because the machine is busy gets more time."""

import os
import signal
import subprocess
import sys
import time

import pytest

from segcam.segment.patience import done_in_its_own_time

if sys.platform != "linux":
    pytest.skip("only Linux tells what threads do", allow_module_level=True)

BUSY = "while True: pass"
ASLEEP = "import time; time.sleep(100)"


@pytest.fixture
def child():
    """Starts a Python program."""
    made = []

    def start(code):
        made.append(subprocess.Popen([sys.executable, "-c", code]))
        return made[-1].pid

    yield start
    for process in made:
        process.kill()
        process.wait()


def never(seconds):
    time.sleep(seconds)
    return False


@pytest.mark.parametrize("code", [ASLEEP, BUSY])
def test_what_sleeps_or_runs_has_its_time_and_no_more(child, code):
    assert not done_in_its_own_time(child(code), never, 0.5)


def test_what_computes_may_take_longer_and_not_for_ever(child):
    asked = iter(range(1000))
    assert done_in_its_own_time(child(BUSY), lambda s: never(s) or next(asked) > 15, 0.5, 100)
    assert not done_in_its_own_time(child(BUSY), never, 0.3, 0.3)
    assert not done_in_its_own_time(child(ASLEEP), never, 0.3, 100)


def test_a_process_that_has_ended_is_not_waited_for_long():
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    assert not done_in_its_own_time(done.pid, never, 0.3)


def test_what_is_done_late_is_done(child):
    answers = iter([False, False, True])
    assert done_in_its_own_time(child(ASLEEP), lambda _: next(answers), 100)


def test_time_in_which_it_wants_to_run_and_may_not_does_not_count(child):
    """Idle priority next to busy processes on the same processor: it hardly ever runs."""
    core = min(os.sched_getaffinity(0))
    starved = child(BUSY)
    os.sched_setscheduler(starved, os.SCHED_IDLE, os.sched_param(0))
    for process in (starved, child(BUSY), child(BUSY)):
        os.sched_setaffinity(process, {core})
    asked = iter(range(1000))
    assert done_in_its_own_time(starved, lambda s: never(s) or next(asked) > 20, 0.5)


def test_a_halted_process_has_its_time(child):
    halted = child(BUSY)
    os.kill(halted, signal.SIGSTOP)
    assert not done_in_its_own_time(halted, never, 0.3)
