"""GStreamer as the program that watches: it keeps every frame and its time."""

from __future__ import annotations

import subprocess
import threading
import time

import numpy as np

from segcam.frame import Frame, Size

PIPEWIRE = "pipewiresrc target-object=segcam ! video/x-raw"


class Recording:
    """A program that records a camera until it is ended.

    Args:
        size: (H, W) of the frames, which are YUYV.
        camera: What to record, in GStreamer's words.
    """

    def __init__(self, size: Size, camera: str = PIPEWIRE) -> None:
        self.frames: list[tuple[float, Frame]] = []
        self._program = subprocess.Popen(
            f"gst-launch-1.0 -q {camera} ! fdsink".split(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._reader = threading.Thread(target=self._read, args=(size,))
        self._reader.start()

    def _read(self, size: Size) -> None:
        rows, columns = size
        count = 2 * rows * columns
        assert self._program.stdout is not None
        while len(data := self._program.stdout.read(count)) == count:
            packed = np.frombuffer(data, np.uint8).reshape(rows, columns, 2)
            frame = Frame.empty(size)
            frame.y[:] = packed[..., 0]
            frame.u[:], frame.v[:] = packed[::2, ::2, 1], packed[::2, 1::2, 1]
            self.frames.append((time.monotonic(), frame))

    @property
    def count(self) -> int:
        """How many frames have come so far."""
        return len(self.frames)

    def pictures(self, first: int = 0) -> list[Frame]:
        """Those that have come so far, from the one with this number on."""
        return [frame for _, frame in self.frames[first:]]

    def end(self) -> None:
        """Kill the program."""
        self._program.kill()
        self._program.wait()
        self._reader.join()
        assert self._program.stdout is not None
        self._program.stdout.close()

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
