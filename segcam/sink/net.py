"""Safety net: shows viewers a placeholder instead of the last picture while SegCam hangs.

The pipeline itself sends placeholders while there is no picture. The net is for the case that the
sending thread hangs. For v4l2loopback devices the kernel does the same.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from fractions import Fraction

SILENT_S, SILENT_PERIODS = 0.75, 2.5
"""Delay of the placeholder: longer than the pipeline's own, shorter than the second that Chromium
waits for a frame."""
AGAIN_S = 0.5
"""Interval of repetition, which keeps a browser's track alive."""


class Net:
    """Shows a placeholder, on its own thread, while a camera in use gets no frames.

    Args:
        show: Shows the placeholder. Called without locks; it checks `due` again under the lock
            under which frames are sent, so that a placeholder never follows a newer frame.
    """

    def __init__(self, show: Callable[[], object]) -> None:
        self._show = show
        self._changed = threading.Condition()
        self._silent_s = SILENT_S
        self._due_s = math.inf
        self._thread: threading.Thread | None = None

    def start(self, rate_hz: Fraction) -> None:
        """Start the thread; the camera is not in use yet.

        Args:
            rate_hz: Expected frames per second.
        """
        self._silent_s = max(SILENT_S, float(SILENT_PERIODS / rate_hz))
        self._thread = threading.Thread(target=self._run, name="segcam-net", daemon=True)
        self._thread.start()

    @property
    def due(self) -> bool:
        """Whether the placeholder is due: the camera is in use, no frame came. From any thread."""
        return time.monotonic() >= self._due_s

    def watch(self, in_use: bool) -> None:
        """Set whether the camera is in use now. From any thread."""
        with self._changed:
            self._due_s = time.monotonic() + self._silent_s if in_use else math.inf
            self._changed.notify()

    def feed(self) -> None:
        """Record that a frame is sent now. From any thread."""
        with self._changed:
            if self._due_s < math.inf:
                self._due_s = time.monotonic() + self._silent_s

    def stop(self) -> None:
        """End the thread and wait for it. May be called twice."""
        with self._changed:
            thread, self._thread = self._thread, None
            self._due_s = math.inf
            self._changed.notify()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while self._wait_until_due():
            self._show()
            with self._changed:
                self._due_s = max(self._due_s, time.monotonic() + AGAIN_S)

    def _wait_until_due(self) -> bool:
        """False: the thread should end."""
        with self._changed:
            while self._thread is not None and not self.due:
                left_s = self._due_s - time.monotonic()
                self._changed.wait(min(left_s, threading.TIMEOUT_MAX))
            return self._thread is not None
