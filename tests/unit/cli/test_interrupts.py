"""Ctrl-C and its like: one ends the work, the rest leave its end alone."""

import contextlib
import os
import signal
import time

import pytest

from segcam.cli.interrupts import Interrupts
from segcam.process import ENDING

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Unix")


def press(number=signal.SIGINT, times=1, pause_s=0.0):
    for _ in range(times):
        os.kill(os.getpid(), number)
        time.sleep(pause_s)


@pytest.mark.parametrize("name", ENDING)
def test_the_first_one_interrupts_and_the_next_do_not(name):
    number = getattr(signal, name, None)
    if number is None:
        pytest.skip(f"this system has no {name}")
    with Interrupts():
        with pytest.raises(KeyboardInterrupt):
            press(number)
        press(signal.SIGHUP)
        press(signal.SIGINT)
        press(signal.SIGTERM)


def test_a_limit_of_processor_time_that_is_told_each_second_does_not_abandon_a_file():
    with Interrupts():
        with pytest.raises(KeyboardInterrupt):
            press(signal.SIGXCPU)
        press(signal.SIGXCPU, times=4, pause_s=0.4)


def test_at_the_end_of_the_work_not_even_the_first_interrupts():
    with Interrupts() as interrupts:
        interrupts.hold()
        press(times=20)


def test_whoever_asks_again_and_again_is_obeyed():
    with Interrupts() as interrupts:
        interrupts.hold()
        press(times=2, pause_s=0.4)
        with pytest.raises(KeyboardInterrupt):
            press(pause_s=0.4)


def test_a_key_that_is_held_down_counts_once():
    with Interrupts() as interrupts:
        interrupts.hold()
        press(times=200)


def test_what_was_there_before_is_there_again(monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    with Interrupts():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_an_ignored_signal_stays_ignored():
    """As nohup and background jobs of scripts have it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts():
            press(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_interruption_that_a_library_has_lost_is_not_lost():
    with Interrupts() as interrupts:
        interrupts.insist()
        with contextlib.suppress(KeyboardInterrupt):  # as a callback from C does
            press(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            interrupts.insist()
