"""Signals that ask for something of a running SegCam."""

import errno
import os
import signal
import sys

import pytest
from support.waiting import until

from segcam.daemon.signals import Signals
from segcam.errors import DaemonBusy

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of them")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DaemonBusy("It loads a model"), "It loads a model"),
        (OSError(errno.EMFILE, "Too many open files"), "can open nothing more"),
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
