"""Frame and matte become the picture that is sent."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from segcam.composite.background import Background, Blurred
from segcam.composite.blend import Blender
from segcam.frame import U8, Frame, Size
from segcam.planes import Shrinker

PRIVACY_CELLS = (9, 16)
"""A privacy frame keeps this many cells (rows, columns) of the picture: it shows that the camera is
alive, and nothing of who or what is before it."""


class Compositor(Protocol):
    """Makes the picture that is sent. One thread."""

    needs_matte: bool
    """False where the composite is made without one: only when the user wants to show the room."""

    def composite(self, frame: Frame, matte: U8, out: Frame) -> None:
        """Write the composite of ``frame`` and its uint8 (H, W) ``matte`` into ``out``, whole."""

    def hide(self, frame: Frame, out: Frame) -> None:
        """Write a privacy frame into ``out``: what is sent of ``frame`` without a matte."""


class RoomHidden:
    """The person before another background.

    Args:
        background: What replaces the room.
    """

    needs_matte = True

    def __init__(self, background: Background) -> None:
        self.background = background
        self._blender = Blender()
        self._size: Size = (0, 0)

    def composite(self, frame: Frame, matte: U8, out: Frame) -> None:
        """See `Compositor.composite`."""
        background = self.background
        _take_over(frame, out)
        mattes = (matte, self._halve(matte))
        background.paint(frame, mattes[1], out)
        # a blurred room has the old room's colours: its edge is clean as it is
        self._blender.blend(frame, mattes, out, clean_edge=not isinstance(background, Blurred))

    def hide(self, frame: Frame, out: Frame) -> None:
        """See `Compositor.hide`."""
        hide(frame, out)

    def _halve(self, matte: U8) -> U8:
        size = matte.shape[0], matte.shape[1]
        if size != self._size:
            self._size = size
            self._shrinker = Shrinker(size, (size[0] // 2, size[1] // 2))
        return self._shrinker(matte)


class RoomShown:
    """The picture as it is: the user chose "none"."""

    needs_matte = False

    def composite(self, frame: Frame, matte: U8, out: Frame) -> None:  # noqa: ARG002
        """See `Compositor.composite`."""
        out.copy_from(frame)

    def hide(self, frame: Frame, out: Frame) -> None:
        """See `Compositor.hide`."""
        hide(frame, out)


class MatteShown:
    """The matte itself as luma 0..255, to measure what a call's composite is made of."""

    needs_matte = True

    def composite(self, frame: Frame, matte: U8, out: Frame) -> None:
        """See `Compositor.composite`."""
        _take_over(frame, out)
        out.fill((0, 128, 128))
        np.copyto(out.y, matte)

    def hide(self, frame: Frame, out: Frame) -> None:
        """See `Compositor.hide`. Nothing is taken for a person."""
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
