"""Signals that ask for something of a running SegCam."""

import errno
import os
import signal
import sys
import threading

import pytest
from support.changing import Gate
from support.waiting import LIMIT_S, until

from segcam.daemon.signals import Signals
from segcam.errors import DaemonBusy

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of them")


def test_the_camera_is_switched_off_while_the_settings_are_still_being_read():
    reading, off = Gate(), threading.Event()
    with Signals({"SIGHUP": reading, "SIGUSR1": off.set}, lambda: None):
        os.kill(os.getpid(), signal.SIGHUP)
        assert reading.reached.wait(LIMIT_S)
        os.kill(os.getpid(), signal.SIGUSR1)
        assert off.wait(LIMIT_S)
        reading.opened.set()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DaemonBusy("It loads a model"), "It loads a model"),
        (OSError(errno.EMFILE, "Too many open files"), "cannot open more files"),
    ],
)
def test_a_signal_that_fails_does_not_make_it_deaf(error, told, caplog):
    asked = []

    def wish():
        asked.append(1)
        raise error

    with Signals({"SIGUSR1": wish}, lambda: None):
        for count in (1, 2):
            os.kill(os.getpid(), signal.SIGUSR1)
            assert until(lambda count=count: len(asked) == count)
    assert told in caplog.text
