"""Live pictures for clients: small copies in memory that they can read.

There are two previews: of the sent picture, and of the camera's picture with nothing hidden. The
second lets users see themselves without the effect. Its memory has no name, only the client gets
it, and it is written only while that client watches, for `RAW_S` at most.

Costs nothing while nobody watches. The calling thread shrinks the planes, which takes a fraction of
a millisecond; another thread converts them to RGB and writes them. A failure here ends the preview,
never the video.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from segcam.api import preview as shared
from segcam.api.folder import runtime_folder
from segcam.api.transport import Handover
from segcam.daemon.preview_memory import PreviewMemory
from segcam.frame import U8, Frame, Size

log = logging.getLogger(__name__)

PERIOD_S = 1 / 15
EARLY_S = 0.015
"""A picture may come this much early, so that every other of 30 uneven ones a second is shown."""
VIEWER = "preview"
RAW_S = 30.0
"""Longest time for the raw preview, so that a hanging client does not keep the room visible."""


class Preview:
    """Takes pictures while somebody watches. ``with preview:`` releases the memory at the end.

    Args:
        find_path: Gives the path of the memory's file when somebody watches; None for memory
            without a name.
    """

    def __init__(self, find_path: Callable[[], Path | None]) -> None:
        self._find_path = find_path
        self._changed = threading.Condition()
        self._watchers = 0
        self.used_otherwise: Callable[[], object] = bool
        """Called when the first viewer comes or the last one leaves."""
        self._ended = False
        self._next: Frame | None = None
        self._spare = Frame.empty((2, 2))
        self._due_s = 0.0
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Preview:
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    @property
    def watched(self) -> bool:
        """Whether somebody watches. From any thread."""
        return self._watchers > 0

    def offer(self, picture: Frame) -> None:
        """Take a small copy of ``picture``, if one is due. Call from one thread only."""
        now_s = time.monotonic()
        if not self._watchers or now_s < self._due_s - EARLY_S:
            return
        self._due_s = max(self._due_s, now_s) + PERIOD_S
        with suppress(cv2.error):
            self._take_copy(picture)

    def _take_copy(self, picture: Frame) -> None:
        small = self._spare
        small.resize(_fitting(picture.size))
        for plane, place in zip(picture.planes, small.planes, strict=True):
            cv2.resize(plane, place.shape[::-1], dst=place, interpolation=cv2.INTER_AREA)
        with self._changed:
            self._spare = self._next or Frame.empty((2, 2))
            self._next = small
            self._changed.notify_all()

    @contextmanager
    def watching(self) -> Iterator[dict[str, Any]]:
        """Count a viewer inside the context; gives what a client needs to read the preview.

        Raises:
            DaemonError, OSError: The memory cannot be made.
        """
        with self._changed:
            if self._thread is None:
                self._start()
            self._watchers += 1
        self.used_otherwise()
        try:
            path = self._memory.path
            yield {
                "path": str(path) if path is not None else "",
                "width_max": shared.WIDTH_MAX,
                "height_max": shared.HEIGHT_MAX,
            }
        finally:
            with self._changed:
                self._watchers -= 1
                self._clear_unwatched()
            self.used_otherwise()

    def duplicate(self) -> int:
        """A new descriptor of the memory, which the caller closes; only while `watching`."""
        return self._memory.duplicate()

    def _start(self) -> None:
        self._memory = PreviewMemory(self._find_path())
        self._thread = threading.Thread(target=self._run, name="segcam-preview", daemon=True)
        self._thread.start()

    def _clear_unwatched(self) -> None:
        """Called with the lock held."""
        if not self._watchers:
            self._next = None
            self._memory.clear()

    def _run(self) -> None:
        memory = self._memory
        try:
            while (small := self._take()) is not None:
                memory.write(_rgb(small))
                with self._changed:
                    self._clear_unwatched()  # the last viewer has left meanwhile
        except Exception:  # only the preview fails; the call goes on
            log.warning("the preview has failed", exc_info=True)
            with self._changed:
                self._thread = None  # the next viewer starts a new one
        finally:
            with self._changed:
                memory.close()

    def _take(self) -> Frame | None:
        """Wait for a picture; None: the thread should end."""
        with self._changed:
            self._changed.wait_for(lambda: self._next is not None or self._ended)
            small, self._next = self._next, None
            return None if self._ended else small


def _fitting(size: Size) -> Size:
    """(h, w), even, no larger than a preview and no larger than (H, W)."""
    scale = min(1.0, shared.WIDTH_MAX / size[1], shared.HEIGHT_MAX / size[0])
    height, width = (max(2, int(side * scale) // 2 * 2) for side in size)
    return height, width


def _rgb(small: Frame) -> U8:
    """uint8 (h, w, 3)."""
    return np.asarray(cv2.cvtColor(small.data, cv2.COLOR_YUV2RGB_I420), np.uint8)


def preview_path(name: str = "") -> Path:
    """Path of the preview of the SegCam of that name.

    Raises:
        DaemonError: There is no folder that belongs only to this user.
    """
    return runtime_folder() / f"preview{f'-{name}' if name else ''}"


def stream(preview: Preview) -> Iterator[Mapping[str, Any] | None]:
    """The messages for a client that watches: the preview's place, then nothing."""
    with preview.watching() as found:
        yield {"answer": {"preview": found}}
        while True:
            time.sleep(LOOK_S)
            yield None


def raw_stream(preview: Preview) -> Iterator[Handover | None]:
    """The messages for a client that watches without the effect. Ends after `RAW_S`."""
    with preview.watching() as found:
        yield Handover({"answer": {"preview": found}}, preview.duplicate())
        deadline = time.monotonic() + RAW_S
        while time.monotonic() < deadline:
            time.sleep(LOOK_S)
            yield None


LOOK_S = 0.2
"""Interval of checks whether the client still watches."""
