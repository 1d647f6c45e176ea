"""The live picture for clients: a small copy of what is sent, in memory that they may read.

Costs nothing while nobody watches. The output's thread shrinks the picture's planes, which takes a
fraction of a millisecond; a thread of our own turns them into RGB and writes them. Whatever fails
here ends the preview, never the video.
"""

from __future__ import annotations

import logging
import mmap
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from segcam.api import preview as shared
from segcam.api.folder import runtime_folder
from segcam.frame import U8, Frame, Size
from segcam.sink.base import Output, Sink

log = logging.getLogger(__name__)

PERIOD_S = 0.06
"""A little less than 1/15 s, so that of 30 pictures a second every other one is shown."""
VIEWER = "preview"


class PreviewMemory:
    """The shared memory; see `segcam.api.preview` for what lies where.

    Args:
        path: Its file, below the user's runtime folder; one that is there is replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._serial = 0
        path.unlink(missing_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.ftruncate(fd, shared.FILE_BYTES)
            self._memory = mmap.mmap(fd, shared.FILE_BYTES)
        finally:
            os.close(fd)
        places = shared.PLACE_BYTES, shared.PLACES
        shared.HEADER.pack_into(self._memory, 0, shared.MAGIC, shared.VERSION, 0, *places)

    def write(self, rgb: U8) -> None:
        """Show a uint8 (h, w, 3) picture, no larger than the limits of `segcam.api.preview`."""
        serial = self._serial = self._serial + 1
        height, width = rgb.shape[:2]
        at = shared.HEADER.size + serial % shared.PLACES * shared.PLACE_BYTES
        shared.SERIAL.pack_into(self._memory, at, 0)
        start = at + shared.PLACE.size
        self._memory[start : start + rgb.nbytes] = rgb.tobytes()
        shared.PLACE.pack_into(self._memory, at, 0, width, height)
        shared.SERIAL.pack_into(self._memory, at, serial)
        shared.SERIAL.pack_into(self._memory, shared.SERIAL_AT, serial)

    def clear(self) -> None:
        """Show nothing: who comes later is not to see an old picture."""
        if not self._memory.closed:
            shared.SERIAL.pack_into(self._memory, shared.SERIAL_AT, 0)

    def close(self) -> None:
        """Release the memory; who reads it keeps the last picture."""
        self.path.unlink(missing_ok=True)
        self._memory.close()


class Preview:
    """Takes what is sent while somebody watches. ``with preview:`` releases the memory at the end.

    Args:
        find_path: Finds the place of the memory's file, once somebody watches.
    """

    def __init__(self, find_path: Callable[[], Path]) -> None:
        self._find_path = find_path
        self._changed = threading.Condition()
        self._watchers = 0
        self.used_otherwise: Callable[[], object] = bool
        """Called when somebody watches, or nobody any more."""
        self._ended = False
        self._next: Frame | None = None
        self._spare = Frame.empty((2, 2))
        self._taken_s = 0.0
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
        """Take a small copy of ``picture``, where it is time for one. The output's thread alone."""
        now_s = time.monotonic()
        if not self._watchers or now_s - self._taken_s < PERIOD_S:
            return
        self._taken_s = now_s
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
        """Count a viewer meanwhile; gives what a client needs to read the preview.

        Raises:
            DaemonError, OSError: The memory cannot be had.
        """
        with self._changed:
            if self._thread is None:
                self._start()
            self._watchers += 1
        self.used_otherwise()
        try:
            yield {
                "path": str(self._memory.path),
                "width_max": shared.WIDTH_MAX,
                "height_max": shared.HEIGHT_MAX,
            }
        finally:
            with self._changed:
                self._watchers -= 1
                self._clear_unwatched()
            self.used_otherwise()

    def _start(self) -> None:
        self._memory = PreviewMemory(self._find_path())
        self._thread = threading.Thread(target=self._run, name="segcam-preview", daemon=True)
        self._thread.start()

    def _clear_unwatched(self) -> None:
        """Locked."""
        if not self._watchers:
            self._next = None
            self._memory.clear()

    def _run(self) -> None:
        memory = self._memory
        try:
            while (small := self._take()) is not None:
                memory.write(_rgb(small))
                with self._changed:
                    self._clear_unwatched()  # the last one left meanwhile
        except Exception:  # a window without a picture, and a call that goes on
            log.warning("the preview has failed", exc_info=True)
            with self._changed:
                self._thread = None  # who watches next begins anew
        finally:
            memory.close()

    def _take(self) -> Frame | None:
        """Wait for a picture; None: it is time to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._next is not None or self._ended)
            small, self._next = self._next, None
            return None if self._ended else small


class Previewed(Sink):
    """A sink whose pictures are shown in the preview as well. See the Sink protocol.

    Args:
        sink: Owned.
        preview: Gets what it is sent.
    """

    def __init__(self, sink: Sink, preview: Preview) -> None:
        self.sink, self.preview = sink, preview
        self.is_camera, self.name = True, sink.name  # who watches sees placeholders, too
        self.taken = False
        """Whether the sink itself was in use, when that was last asked."""

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """See `Sink.open`."""
        self.sink.open(size, rate_hz)
        self.name = self.sink.name

    def send(self, frame: Frame) -> None:
        """See `Sink.send`."""
        if self.sink.is_camera or not frame.is_placeholder:
            self.sink.send(frame)
        if self.preview.watched:
            with suppress(cv2.error):
                self.preview.offer(frame)

    def in_use(self) -> bool:
        """Whether anybody takes the frames or watches the preview; see `Sink.in_use`."""
        self.taken = self.sink.in_use()
        return self.taken or self.preview.watched

    def viewers(self) -> list[str]:
        """See `Sink.viewers`."""
        return self.sink.viewers() + ([VIEWER] if self.preview.watched else [])

    @property
    def lost(self) -> int:  # type: ignore[override]
        """See `Sink.lost`."""
        return self.sink.lost

    def notify(self, wake: Callable[[], object]) -> bool:
        """See `Sink.notify`."""
        self.preview.used_otherwise = wake
        return self.sink.notify(wake)

    def outputs(self, in_use: bool) -> list[Output]:  # noqa: ARG002 - the preview is none of them
        """See `Sink.outputs`."""
        return self.sink.outputs(self.taken)

    def settle(self, timeout_s: float) -> bool:
        """See `Sink.settle`."""
        return self.sink.settle(timeout_s)

    @property
    def unfinished(self) -> str:
        """See `Sink.unfinished`."""
        return self.sink.unfinished

    def abandon(self) -> None:
        """See `Sink.abandon`."""
        self.sink.abandon()

    def close(self) -> None:
        """See `Sink.close`."""
        self.sink.close()


def _fitting(size: Size) -> Size:
    """(h, w), even, no larger than a preview and no larger than (H, W)."""
    scale = min(1.0, shared.WIDTH_MAX / size[1], shared.HEIGHT_MAX / size[0])
    height, width = (max(2, int(side * scale) // 2 * 2) for side in size)
    return height, width


def _rgb(small: Frame) -> U8:
    """uint8 (h, w, 3)."""
    return np.asarray(cv2.cvtColor(small.data, cv2.COLOR_YUV2RGB_I420), np.uint8)


def preview_path(name: str = "") -> Path:
    """Where the preview of the SegCam of that name lies.

    Raises:
        DaemonError: There is no folder that belongs to this user alone.
    """
    return runtime_folder() / f"preview{f'-{name}' if name else ''}"


def stream(preview: Preview) -> Iterator[Mapping[str, Any] | None]:
    """What a client that watches is sent: where the preview is, and then nothing."""
    with preview.watching() as found:
        yield {"answer": {"preview": found}}
        while True:
            time.sleep(LOOK_S)
            yield None


LOOK_S = 0.2
"""How soon it is noticed that a client watches no more."""
