"""Decodes animated WebP pictures, which FFmpeg does not support."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import cv2
import numpy as np

from segcam.errors import MediaError
from segcam.media import MOST_CLIP_PIXELS
from segcam.media_file import read_file
from segcam.source.reel import Shot, unreadable

_PORTION_BYTES = 256 * 2**20
"""Pictures are decoded in portions of this much memory; each portion starts from the front."""
_BASE = Fraction(1, 1000)
_DEFAULT_MS = 100
"""Duration of pictures that state 0 ms, as in browsers."""


class WebpReel:
    """The pictures of an animated WebP file. See `segcam.source.reel.Reel`.

    Raises:
        MediaError: The file is missing, broken or states a giant size.
    """

    start_ns = 0
    count: int | None = None

    def __init__(self, path: Path) -> None:
        self._path = path
        self._data = np.frombuffer(read_file(path), np.uint8)
        self._end_ns = 0
        width, height = (int.from_bytes(self._data[at : at + 3], "little") + 1 for at in (24, 27))
        if width * height > MOST_CLIP_PIXELS:
            raise MediaError(
                f"{path} is too large",
                f"It has {width}x{height} pixels",
                "Make it smaller in an image program",
            )
        self._portion = max(2, _PORTION_BYTES // (width * height * 4))
        self._shots: Iterator[Shot] = self._decoded()
        first = next(self._shots, None)
        if first is None:
            raise unreadable(path, None)
        self.first = first
        self._shots = chain([first], self._shots)
        self.rate_hz = Fraction(10**9, first.end_ns)

    @property
    def end_ns(self) -> int:
        """See `Reel.end_ns`."""
        return self._end_ns

    def read(self) -> Shot | None:
        """See `Reel.read`."""
        shot = next(self._shots, None)
        if shot is not None:
            self._end_ns = shot.end_ns
        return shot

    def close(self) -> None:
        """See `Reel.close`."""
        self._shots = iter(())

    def _decoded(self) -> Iterator[Shot]:
        start_ms = index = 0
        while True:
            animation = self._animation(index)
            for pixels, length_ms in zip(animation.frames, animation.durations, strict=True):
                form = "bgra" if pixels.shape[2] == 4 else "bgr24"
                picture = av.VideoFrame.from_ndarray(np.asarray(pixels, np.uint8), form)
                picture.pts, picture.time_base = start_ms, _BASE
                end_ms = start_ms + (int(length_ms) or _DEFAULT_MS)
                yield Shot(picture, start_ms * 10**6, end_ms * 10**6)
                start_ms = end_ms
            index += len(animation.frames)
            if len(animation.frames) < self._portion:
                return

    def _animation(self, start: int) -> cv2.Animation:
        try:
            _, animation = cv2.imdecodeanimation(self._data, start=start, count=self._portion)
        except cv2.error as error:
            raise unreadable(self._path, error) from error
        return animation
