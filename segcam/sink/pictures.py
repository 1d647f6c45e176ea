"""Writes composites or mattes as picture files."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from segcam.color import frame_to_bgr
from segcam.errors import OutputUnwritable
from segcam.frame import Frame, Size
from segcam.sink.base import Sink
from segcam.sink.place import write_file


class PictureSink(Sink):
    """One PNG a frame.

    Args:
        folder: Made if missing.
        name_of: The file's stem for a frame id.
        size_of: (H, W) of a frame's picture before it was rounded to even numbers.
        gray: Write only luma, unchanged: for mattes.
    """

    is_camera = False
    keeps = True

    def __init__(
        self,
        folder: Path,
        name_of: Callable[[int], str],
        size_of: Callable[[int], Size],
        gray: bool = False,
    ) -> None:
        self.name = str(folder)
        self._folder = folder
        self._name_of = name_of
        self._size_of = size_of
        self._gray = gray

    def open(self, size: Size, rate_hz: Fraction) -> None:  # noqa: ARG002 - pictures vary in size
        """See `Sink.open`."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error

    def send(self, frame: Frame) -> None:
        """See `Sink.send`."""
        height, width = self._size_of(frame.id)
        picture = frame.y if self._gray else frame_to_bgr(frame)
        _, data = cv2.imencode(".png", np.ascontiguousarray(picture[:height, :width]))
        path = self._folder / f"{self._name_of(frame.id)}.png"
        try:
            write_file(path, data.tobytes())
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error

    def close(self) -> None:
        """See `Sink.close`."""

    def _unwritable(self, reason: str) -> OutputUnwritable:
        return OutputUnwritable(
            f"{self._folder} cannot be written",
            reason,
            "Choose a writable folder on a disk with free space",
        )
