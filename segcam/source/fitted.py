"""A picture at the output size, as a video of one frame."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np

from segcam.backgrounds import fitted
from segcam.errors import UsageError
from segcam.fit import cover
from segcam.frame import Frame, Size
from segcam.source.picture import read_frame

log = logging.getLogger(__name__)

LEAST_PIXELS, LEAST_BYTES = 1_500_000, 1_000_000
"""A smaller picture in a smaller file is read as quickly from there."""


class FittedPicture:
    """Fills the size with the picture, cropping the rest.

    The result of a large picture is cached, see `segcam.backgrounds.fitted`.

    Args:
        path: The picture.
        size: (H, W).
    """

    def __init__(self, path: Path, size: Size) -> None:
        self._path, self._size = path, size
        self._is_read = False
        self._place: Path | None = None
        self._kept: bytes | None = None
        self._made: bytes | None = None

    def read(self, out: Frame) -> bool:
        """See `Source.read`.

        Raises:
            MediaError: It cannot be read.
        """
        if self._is_read:
            return False
        self._is_read = True
        out.resize(self._size)
        try:
            self._place = fitted.place_of(self._path, self._size)
        except (OSError, ValueError, UsageError) as error:
            log.debug("%s is not cached: %s", self._path, error)
        if not self._load(out):
            self._make(out)
        out.stamp(0, 0, True)
        return True

    def keep(self, copy: Path | None = None) -> None:
        """Cache the result if that is worthwhile. Never fails, since it can be made again.

        Args:
            copy: Cache it for this copy of the picture instead.
        """
        made, self._made = self._made, None
        planes = made if copy is None else made or self._kept
        if planes is None or self._place is None:
            return
        try:
            if fitted.place_of(self._path, self._size) == self._place:  # the file has not changed
                place = self._place if copy is None else fitted.place_of(copy, self._size)
                fitted.keep(place, planes)
        except (OSError, UsageError) as error:
            log.info("the reduced copy of %s is not cached: %s", self._path, error)

    def close(self) -> None:
        """Cache the result on another thread, so that no picture waits for a stalled disk."""
        self._kept = None
        if self._made is not None:
            threading.Thread(target=self.keep, name="segcam-keeping", daemon=True).start()

    def _load(self, out: Frame) -> bool:
        if self._place is not None:
            self._kept = fitted.load(self._place, out.data.nbytes)
        if self._kept is None:
            return False
        np.copyto(out.data, np.frombuffer(self._kept, np.uint8).reshape(out.data.shape))
        return True

    def _make(self, out: Frame) -> None:
        picture = read_frame(self._path, self._size)
        cover(picture, out)
        is_large = picture.size[0] * picture.size[1] >= LEAST_PIXELS
        if is_large or self._file_bytes() >= LEAST_BYTES:  # a JPEG may be decoded at a smaller size
            self._made = out.data.tobytes()

    def _file_bytes(self) -> int:
        with suppress(OSError):
            return self._path.stat().st_size
        return 0
