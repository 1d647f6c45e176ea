"""What viewers see while SegCam hangs: a card instead of the last picture.

The pipeline sends cards by itself while there is no picture; this is for when the thread that sends
hangs. A v4l2loopback device has the same in the kernel.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from fractions import Fraction

SILENT_S, SILENT_PERIODS = 0.75, 2.5
"""The card comes after this. More than the pause between the pipeline's own cards; less than the
second that Chromium waits for a frame."""
AGAIN_S = 0.5
"""And again after each of these: it keeps a browser's track alive."""


class Net:
    """Shows a placeholder, on a thread of its own, while a camera that is watched is sent nothing.

    Args:
        show: Shows it, where it is still `due` under the lock under which frames are sent:
            then no placeholder overtakes a frame. Called with nothing locked.
    """

    def __init__(self, show: Callable[[], object]) -> None:
        self._show = show
        self._changed = threading.Condition()
        self._silent_s = SILENT_S
        self._due_s = math.inf
        self._thread: threading.Thread | None = None

    def start(self, rate_hz: Fraction) -> None:
        """Start the thread; nobody watches yet.

        Args:
            rate_hz: Frames a second that the camera is to be sent.
        """
        self._silent_s = max(SILENT_S, float(SILENT_PERIODS / rate_hz))
        self._thread = threading.Thread(target=self._run, name="segcam-net", daemon=True)
        self._thread.start()

    @property
    def due(self) -> bool:
        """Whether the placeholder is: somebody watches and nothing came. From any thread."""
        return time.monotonic() >= self._due_s

    def watch(self, watched: bool) -> None:
        """Say whether somebody watches now. From any thread."""
        with self._changed:
            self._due_s = time.monotonic() + self._silent_s if watched else math.inf
            self._changed.notify()

    def feed(self) -> None:
        """Say that a frame is sent now. From any thread."""
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
        """False: it is time to end."""
        with self._changed:
            while self._thread is not None and not self.due:
                left_s = self._due_s - time.monotonic()
                self._changed.wait(min(left_s, threading.TIMEOUT_MAX))
            return self._thread is not None
