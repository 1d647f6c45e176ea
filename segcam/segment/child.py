"""The child process that runs a backend for `segcam.segment.isolated`.

Its argument is the request to load, as JSON. From then on each byte on stdin asks for one inference
of the tensor in the shared memory. A recurrent model's state stays in this process. Each answer is
a line of JSON on stdout, empty if all is well.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from segcam import process
from segcam.errors import BackendFailed, SegCamError
from segcam.model_card import parse_card
from segcam.segment.base import Backend
from segcam.segment.memory import Tensors
from segcam.segment.registry import create

RUN, RUN_ANEW = b"\n", b"0"
"""The requests: the second one lets a recurrent model begin with an empty state."""


def serve(make: Callable[[str], Backend]) -> None:
    """Answer until stdin ends.

    Args:
        make: Makes a backend from its name.
    """
    # Ends the process also during an inference that hangs: the end of stdin is noticed only between
    # two.
    process.end_with_parent()
    process.protect_memory()
    asked, answers = sys.stdin.fileno(), os.dup(sys.stdout.fileno())
    # A runtime's messages must not mix with the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    request = json.loads(sys.argv[1])
    guest = _Guest(make(request["name"]))
    with suppress(BrokenPipeError):  # the parent is gone
        os.write(answers, guest.load(request))
        while request := os.read(asked, 1):
            if request == RUN_ANEW:
                guest.backend.forget()
            os.write(answers, guest.run())
    guest.backend.close()


class _Guest:
    """A backend, with copies between its tensors and the shared memory."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._shared: Tensors | None = None
        self._own: Tensors | None = None

    def load(self, request: dict[str, Any]) -> bytes:
        """Load, and time a second inference, since the first one also sets things up."""
        try:
            card = parse_card(request["card"])
            self._shared = Tensors(card, request["memory"])
            path, threads = Path(request["path"]), request["threads"]
            self._own = self.backend.load(card, path, self._shared, threads)
            start = time.monotonic()
            self._infer()
            self.backend.forget()
        except SegCamError as error:
            return _line(error.as_dict())
        except Exception as error:  # a file that surprises the runtime is no crash
            title = f"{self.backend.name} could not load the model"
            hint = "Try another --backend or --model"
            return _line(BackendFailed(title, repr(error), hint).as_dict())
        return _line({"device": self.backend.device, "run_s": time.monotonic() - start})

    def run(self) -> bytes:
        """One inference."""
        try:
            self._infer()
        except SegCamError as error:
            return _line(error.as_dict())
        return b"\n"

    def _infer(self) -> None:
        shared, own = self._shared, self._own
        assert shared is not None
        assert own is not None
        if own is shared:
            self.backend.run()
            return
        np.copyto(own.input, shared.input)
        self.backend.run()
        np.copyto(shared.output, own.output)


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer).encode() + b"\n"


if __name__ == "__main__":
    serve(create)
