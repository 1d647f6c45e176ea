"""Everything that runs beside the pipeline."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from segcam.api.messages import SET, STATUS, Change
from segcam.daemon.engine import Engine
from segcam.daemon.report import status
from segcam.daemon.server import Server, Tell
from segcam.daemon.sleep import SleepWatch


@contextmanager
def attend(engine: Engine) -> Iterator[None]:
    """Answer clients and follow the computer's sleep meanwhile.

    A run into a file is nobody's camera: it leaves the socket to one that is.
    """

    def tell_status(_: Mapping[str, Any], __: Tell) -> Mapping[str, Any]:
        return status(engine).as_dict()

    def change(request: Mapping[str, Any], tell: Tell) -> Mapping[str, Any]:
        engine.change(Change.from_dict(request), tell)
        return status(engine).as_dict()

    with ExitStack() as stack:
        if engine.sink.is_camera:
            stack.enter_context(Server({STATUS: tell_status, SET: change}))
        if sys.platform == "linux":
            stack.enter_context(SleepWatch(engine.pipeline))
        yield
