"""The program that runs a backend for `segcam.segment.isolated`, in a process of its own.

Its argument is the request to load, as JSON. From then on each byte on stdin asks for one inference
of the tensor in the shared memory. Each answer is a line of JSON on stdout, empty if all is well.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from segcam import process
from segcam.errors import SegCamError
from segcam.model_card import parse_card
from segcam.segment.base import Backend
from segcam.segment.memory import Tensors
from segcam.segment.registry import create

_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


def serve(make: Callable[[str], Backend]) -> None:
    """Answer until stdin ends.

    Args:
        make: Gives a new backend of a name.
    """
    # Also in the middle of an inference that hangs: the end of stdin is noticed only between two.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    process.protect_memory()
    asked, answers = sys.stdin.fileno(), os.dup(sys.stdout.fileno())
    # What a runtime prints must not get between the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    request = json.loads(sys.argv[1])
    backend = make(request["name"])
    with suppress(BrokenPipeError):  # nobody waits for the answer any more
        os.write(answers, _load(backend, request))
        while os.read(asked, 1):
            os.write(answers, _run(backend))
    backend.close()


def _load(backend: Backend, request: dict[str, Any]) -> bytes:
    """Load, and time one inference more: the first one also sets things up."""
    try:
        card = parse_card(request["card"])
        tensors = Tensors(card, request["memory"])
        backend.load(card, Path(request["path"]), tensors, request["threads"])
        start = time.monotonic()
        backend.run()
    except SegCamError as error:
        return _line(error.as_dict())
    return _line({"device": backend.device, "run_s": time.monotonic() - start})


def _run(backend: Backend) -> bytes:
    try:
        backend.run()
    except SegCamError as error:
        return _line(error.as_dict())
    return b"\n"


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer).encode() + b"\n"


if __name__ == "__main__":
    serve(create)
