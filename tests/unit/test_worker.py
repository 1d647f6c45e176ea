import errno
import threading
import time
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace

import pytest
from support.waiting import LIMIT_S, until

from segcam.errors import (
    BackendFailed,
    CameraLost,
    InternalError,
    OutOfResources,
    OutputUnwritable,
)
from segcam.pipeline.watchdog import STALL_S, Watchdog
from segcam.worker import RESTARTS, Worker


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr("segcam.worker.FIRST_BACKOFF_S", 0.01)
    monkeypatch.setattr("segcam.worker.LONGEST_BACKOFF_S", 0.1)


class Script:
    """A stage that does one scripted thing per step: True/False is returned, errors are raised."""

    def __init__(self, steps, recovers=True, open_error=None, close_error=None):
        self.steps = list(steps)
        self.recovers = recovers
        self.open_error = open_error
        self.close_error = close_error
        self.opened = self.closed = 0

    def open(self):
        self.opened += 1
        if self.open_error:
            raise self.open_error

    def step(self):
        action = self.steps.pop(0) if self.steps else False
        if isinstance(action, Exception):
            raise action
        return action

    def close(self):
        self.closed += 1
        if self.close_error:
            raise self.close_error

    def recovers_from(self, error):
        return self.recovers

    def interrupt(self):
        pass


def run(stage, live=True):
    ended = threading.Event()
    worker = Worker("script", stage, ended.set, live)
    worker.start()
    assert ended.wait(LIMIT_S)
    assert worker.join(LIMIT_S)
    return worker


def test_runs_to_the_end_and_closes():
    stage = Script([True, True, False])
    assert run(stage).error is None
    assert (stage.opened, stage.closed) == (1, 1)


def test_a_stage_that_cannot_be_opened_ends_the_worker():
    stage = Script([], recovers=False, open_error=CameraLost("busy"))
    worker = run(stage)
    with pytest.raises(CameraLost):
        worker.wait_tried()
    assert (stage.opened, stage.closed) == (1, 1)


def test_a_stage_that_may_come_later_is_tried_until_it_opens():
    stage = Script([False], open_error=CameraLost("not there yet"))
    ended = threading.Event()
    worker = Worker("script", stage, ended.set)
    worker.start()
    worker.wait_tried()
    assert isinstance(worker.trouble, CameraLost)
    stage.open_error = None
    assert ended.wait(LIMIT_S)
    assert worker.error is None


def test_a_worker_that_waits_for_the_next_try_can_be_hurried(monkeypatch):
    monkeypatch.setattr("segcam.worker.FIRST_BACKOFF_S", 1000)
    monkeypatch.setattr("segcam.worker.LONGEST_BACKOFF_S", 1000)
    stage = Script([False], open_error=OutputUnwritable("not there yet"))
    ended = threading.Event()
    worker = Worker("script", stage, ended.set)
    worker.start()
    worker.wait_tried()
    stage.open_error = None
    worker.hurry()
    assert ended.wait(LIMIT_S)


def test_a_transient_error_is_retried_and_forgotten():
    stage = Script([True, CameraLost("pulled"), True, False])
    worker = run(stage)
    assert worker.error is None
    assert worker.trouble is None
    assert (stage.opened, stage.closed) == (2, 2)


def test_transient_errors_have_no_budget():
    lost = [CameraLost("pulled")] * (RESTARTS + 1)
    assert run(Script([*lost, False])).error is None


def test_in_a_call_no_error_has_a_budget():
    stage = Script([*[BackendFailed("again")] * 3 * RESTARTS, True, False])
    worker = run(stage)
    assert worker.error is None
    assert stage.opened == 3 * RESTARTS + 1


def test_it_is_tried_ever_more_rarely(monkeypatch):
    monkeypatch.setattr("segcam.worker.LONGEST_BACKOFF_S", 0.4)
    opened_s = []

    class Failing(Script):
        def open(self):
            opened_s.append(time.monotonic())
            super().open()

    run(Failing([*[BackendFailed("again")] * 7, False]))
    pauses_s = [later - earlier for earlier, later in pairwise(opened_s)]
    assert all(pause >= 0.01 * 2**index for index, pause in enumerate(pauses_s[:5]))
    assert sum(pauses_s) < 30, "the pauses are bounded"


def test_what_the_system_lacks_is_named_and_waited_for():
    stage = Script([True, OSError(errno.EMFILE, "Too many open files"), False])
    worker = run(stage)
    assert worker.error is None
    assert isinstance(worker.trouble, OutOfResources)
    assert "Too many open files" in str(worker.trouble)


def test_with_files_other_errors_have_a_budget():
    stage = Script([BackendFailed("again")] * 20)
    worker = run(stage, live=False)
    assert isinstance(worker.error, BackendFailed)
    assert stage.opened == RESTARTS


def test_what_does_not_recover_is_not_retried():
    stage = Script([OutputUnwritable("full")], recovers=False)
    assert isinstance(run(stage).error, OutputUnwritable)
    assert stage.opened == 1


def test_a_fault_of_our_own_becomes_an_error_that_tells_so():
    stage = Script([ZeroDivisionError("oops")], recovers=False)
    worker = run(stage)
    assert isinstance(worker.error, InternalError)
    assert "oops" in worker.error.message


def test_an_output_that_cannot_be_finished_is_told():
    stage = Script([False], recovers=False, close_error=OutputUnwritable("full"))
    assert isinstance(run(stage).error, OutputUnwritable)


def test_the_watchdog_tells_a_hanging_worker_from_a_working_one(monkeypatch, caplog):
    class Fake:
        def __init__(self, name, beat_ns):
            self.name, self.beat_ns = name, beat_ns

    now = time.monotonic_ns()
    hanging, working = Fake("hanging", now - int((STALL_S + 1) * 1e9)), Fake("working", now)
    opening = Fake("opening", None)
    monkeypatch.setattr("segcam.pipeline.watchdog.CHECK_S", 0.01)
    watchdog = Watchdog([hanging, working, opening])
    watchdog.start(Fraction(30))
    assert until(lambda: watchdog.stalled == {"hanging"})
    hanging.beat_ns = time.monotonic_ns()
    assert until(lambda: watchdog.stalled == frozenset())
    watchdog.stop()
    assert [r.levelname for r in caplog.records if "hangs" in r.message] == ["ERROR"]


def test_after_the_program_was_stopped_no_worker_is_said_to_hang(monkeypatch, caplog):
    """As between SIGSTOP and SIGCONT: the clock went on and nobody did."""
    clock = SimpleNamespace(ns=0, step_ns=0)

    def monotonic_ns():
        clock.ns += clock.step_ns
        return clock.ns

    monkeypatch.setattr("segcam.pipeline.watchdog.CHECK_S", 0.005)
    monkeypatch.setattr("segcam.pipeline.watchdog.time", SimpleNamespace(monotonic_ns=monotonic_ns))
    worker = SimpleNamespace(name="worker", beat_ns=0)
    watchdog = Watchdog([worker])
    watchdog.start(Fraction(30))
    time.sleep(0.05)
    clock.ns += 100_000_000_000
    time.sleep(0.2)
    assert watchdog.stalled == frozenset()
    clock.step_ns = 250_000_000
    assert until(lambda: watchdog.stalled == {"worker"}), "it still does not come back"
    watchdog.stop()


def test_the_same_trouble_is_told_once_until_it_is_over(caplog):
    lost = CameraLost("gone")
    run(Script([lost, lost, CameraLost("odd"), True, lost]))
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert [message.split(": ")[1] for message in warnings] == ["gone.", "odd.", "gone."]


def test_what_fails_after_a_calm_time_is_tried_ever_more_rarely(monkeypatch):
    monkeypatch.setattr("segcam.worker.CALM_S", 0.05)

    class Unplugged(Script):
        def open(self):
            super().open()
            if self.opened > 1:
                raise CameraLost("gone")

        def step(self):
            time.sleep(0.1)
            raise CameraLost("gone")

    stage = Unplugged([])
    worker = Worker("script", stage, lambda: None)
    worker.start()
    assert until(lambda: stage.opened >= 2)
    time.sleep(1.5)
    worker.stop()
    assert worker.join(LIMIT_S)
    assert stage.opened < 30
