"""Makes the sent picture from frame and matte."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from segcam.composite.background import Background, Blurred
from segcam.composite.blend import Blender
from segcam.errors import SegCamError
from segcam.frame import U8, Frame, Size
from segcam.planes import Shrinker
from segcam.settings import BLUR_DEFAULT

PRIVACY_CELLS = (9, 16)
"""A privacy frame has this many cells (rows, columns): it shows that the camera works, but nobody
and nothing in front of it."""


class Compositor(Protocol):
    """Makes the sent picture. For one thread. Implementations inherit from it."""

    needs_matte: bool
    """Whether it uses a matte. False only if the user wants to show the room."""

    def composite(self, frame: Frame, matte: U8, out: Frame) -> None:
        """Write the whole composite of ``frame`` and its uint8 (H, W) ``matte`` into ``out``."""

    def hide(self, frame: Frame, out: Frame) -> None:
        """Write a privacy frame into ``out``, which is sent if ``frame`` has no matte."""
        hide(frame, out)

    @property
    def trouble(self) -> SegCamError | None:
        """Why it does not show what it should, or None. From any thread."""
        return None

    def close(self) -> None:
        """Release everything. From any thread, after the last composite."""
        return


class RoomHidden(Compositor):
    """The person in front of a background; while that has no picture, of the blurred room.

    Args:
        background: What replaces the room.
    """

    needs_matte = True

    def __init__(self, background: Background) -> None:
        self.background = background
        self._spare = Blurred(BLUR_DEFAULT)
        self._blender = Blender()
        self._size: Size = (0, 0)

    def composite(self, frame: Frame, matte: U8, out: Frame) -> None:
        """See `Compositor.composite`."""
        background: Background = self.background
        _take_over(frame, out)
        mattes = (matte, self._halve(matte))
        if not background.paint(frame, mattes[1], out):
            background = self._spare
            background.paint(frame, mattes[1], out)
        self._blender.blend(frame, mattes, out, clean_edge=not background.keeps_colors)

    @property
    def trouble(self) -> SegCamError | None:
        """See `Compositor.trouble`."""
        return self.background.trouble

    def close(self) -> None:
        """See `Compositor.close`."""
        self.background.close()

    def _halve(self, matte: U8) -> U8:
        size = matte.shape[0], matte.shape[1]
        if size != self._size:
            self._size = size
            self._shrinker = Shrinker(size, (size[0] // 2, size[1] // 2))
        return self._shrinker(matte)


class RoomShown(Compositor):
    """The unchanged picture: the user chose "none"."""

    needs_matte = False

    def composite(self, frame: Frame, matte: U8, out: Frame) -> None:  # noqa: ARG002
        """See `Compositor.composite`."""
        out.copy_from(frame)


class MatteShown(Compositor):
    """The matte itself as luma 0..255, to measure the mattes of a call."""

    needs_matte = True

    def composite(self, frame: Frame, matte: U8, out: Frame) -> None:
        """See `Compositor.composite`."""
        _take_over(frame, out)
        out.fill((0, 128, 128))
        np.copyto(out.y, matte)

    def hide(self, frame: Frame, out: Frame) -> None:
        """See `Compositor.hide`. Black: no person."""
        _take_over(frame, out)
        out.fill((0, 128, 128))


def hide(frame: Frame, out: Frame) -> None:
    """Blur the whole of ``frame`` beyond recognition into ``out``."""
    _take_over(frame, out)
    cells = (min(PRIVACY_CELLS[0], frame.size[0]), min(PRIVACY_CELLS[1], frame.size[1]))
    for source, target in zip(frame.planes, out.planes, strict=True):
        few = cv2.resize(source, cells[::-1], interpolation=cv2.INTER_AREA)
        height, width = target.shape
        cv2.resize(few, (width, height), dst=target, interpolation=cv2.INTER_LINEAR)


def _take_over(frame: Frame, out: Frame) -> None:
    out.resize(frame.size)
    out.stamp(frame.id, frame.captured_ns, frame.cut)
