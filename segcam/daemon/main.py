"""Everything that runs beside the pipeline."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from segcam.api.messages import STATUS
from segcam.daemon.report import Run
from segcam.daemon.server import Server
from segcam.daemon.sleep import SleepWatch


@contextmanager
def attend(run: Run) -> Iterator[None]:
    """Answer clients and follow the computer's sleep meanwhile.

    A run into a file is nobody's camera: it leaves the socket to one that is.
    """
    with ExitStack() as stack:
        if run.sink.watched:
            stack.enter_context(Server({STATUS: lambda: run.status().as_dict()}))
        if sys.platform == "linux":
            stack.enter_context(SleepWatch(run.pipeline))
        yield
