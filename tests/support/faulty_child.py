"""A child for `segcam.segment.isolated` whose backend fails as its arguments say.

``faulty_child.py FAULT FLAG REQUEST``: the first process creates the file FLAG and fails at its
tenth inference; processes that find the file work. Without a FLAG ("") all fail.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from segcam.errors import BackendFailed
from segcam.segment.backends.null import NullBackend
from segcam.segment.child import serve
from segcam.segment.memory import Tensors

WELL = 10
"""Inferences before the fault, including that of ``load``."""
COMPUTES_S = 2.0
"""Processor time until "compile" has loaded."""
SLEEPS_S = {"hang": 60, "late": 0.5}


class FaultyBackend(NullBackend):
    """The null backend, until the fault."""

    def __init__(self, fault: str, flag: str) -> None:
        super().__init__()
        self._runs = 0
        self._fault = "" if flag and Path(flag).exists() else fault
        if flag:
            Path(flag).touch()

    def load(self, card, path, tensors, threads=1):
        if self._fault == "hang at load":
            time.sleep(60)
        while self._fault == "compile" and time.process_time() < COMPUTES_S:
            pass
        if self._fault == "surprise at load":
            raise TypeError("nobody expected this")
        if self._fault == "pinned":
            tensors = Tensors.pinned(np.zeros_like(tensors.input), np.zeros_like(tensors.output))
        self._out = super().load(card, path, tensors, threads).output
        return tensors

    def run(self):
        super().run()
        self._runs += 1
        if self._runs >= WELL:
            self._take_long()
            self._go_wrong()

    def _take_long(self):
        end_s = time.monotonic() + 60
        while self._fault == "spin" and time.monotonic() < end_s:
            pass
        if self._fault in SLEEPS_S:
            time.sleep(SLEEPS_S[self._fault])

    def _go_wrong(self):
        match self._fault:
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "fail":
                raise BackendFailed("told to fail", "now", "Wait")
            case "nonsense":
                self._out.fill(np.nan)
            case "chatter":
                os.write(1, b"a runtime's greeting\n")


if __name__ == "__main__":
    fault, flag = sys.argv[1:3]
    del sys.argv[1:3]
    serve(lambda _: FaultyBackend(fault, flag))
