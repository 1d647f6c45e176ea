"""The model's small input, cut straight from a frame's planes: no full-size RGB is ever made."""

from __future__ import annotations

import cv2
import numpy as np

from segcam.card import ModelCard
from segcam.frame import F32, U8, Frame, Size

# BT.601 limited range: Y 16..235 and U, V 16..240 become R, G, B 0..255; the last column is the
# offset. Source: ITU-R BT.601-7, sections 2.5.1 to 2.5.4 (Kr = 0.299, Kb = 0.114).
_YUV_TO_RGB = np.array(
    [
        [255 / 219, 0.0, 1.402 * 255 / 224, 0.0],
        [255 / 219, -0.344136 * 255 / 224, -0.714136 * 255 / 224, 0.0],
        [255 / 219, 1.772 * 255 / 224, 0.0, 0.0],
    ],
    np.float32,
)
_YUV_TO_RGB[:, 3] = -_YUV_TO_RGB[:, :3] @ np.array([16, 128, 128], np.float32)


class TensorCutter:
    """Writes frames into the input tensor of one model. One thread.

    The whole picture is stretched to the input's size, as the models were trained.
    """

    def __init__(self, card: ModelCard) -> None:
        self._size = card.input.size
        self._nchw = card.input.layout == "nchw"
        self._scale, self._offset = np.float32(card.scale), np.float32(card.offset)
        self._matrix = _YUV_TO_RGB if card.color == "rgb" else _YUV_TO_RGB[::-1].copy()
        height, width = self._size
        self._yuv = np.empty((height, width, 3), np.uint8)
        self._pixels = np.empty((height, width, 3), np.uint8)
        self._source: Size | None = None
        self._shrinkers: tuple[_Shrinker, ...] = ()

    def cut(self, frame: Frame, out: F32) -> None:
        """Convert one frame.

        Args:
            frame: I420, any size. Borrowed, unchanged.
            out: float32, ``card.input.shape``, colour order, scale and offset as the card says;
                written whole.
        """
        if frame.size != self._source:
            self._shrinkers = tuple(_Shrinker(plane.shape, self._size) for plane in frame.planes)
            self._source = frame.size
        planes = [
            shrink(plane) for shrink, plane in zip(self._shrinkers, frame.planes, strict=True)
        ]
        cv2.merge(planes, self._yuv)
        cv2.transform(self._yuv, self._matrix, self._pixels)
        pixels = self._pixels.transpose(2, 0, 1) if self._nchw else self._pixels
        np.multiply(pixels, self._scale, out=out[0])
        if self._offset:
            out += self._offset


class _Shrinker:
    """Resizes one plane through buffers it owns.

    Exact halving is ten times cheaper than any other area average in OpenCV, so each side is
    halved as long as it stays at least as long as the target's, and only the rest is interpolated.
    """

    def __init__(self, source: Size, target: Size) -> None:
        steps = [source]
        while (half := _halved(steps[-1], target)) != steps[-1]:
            steps.append(half)
        self._halves: list[U8] = [np.empty(step, np.uint8) for step in steps[1:]]
        # Odd sides cannot be halved exactly; what is left to shrink then needs a true average.
        far = any(side >= 2 * goal for side, goal in zip(steps[-1], target, strict=True))
        self._last = cv2.INTER_AREA if far else cv2.INTER_LINEAR
        self._out: U8 = np.empty(target, np.uint8)

    def __call__(self, plane: U8) -> U8:
        """The plane at the target size; valid until the next call."""
        for half in self._halves:
            # Sampled half-way between two pixels, linear interpolation is their mean.
            cv2.resize(plane, half.shape[::-1], half, interpolation=cv2.INTER_LINEAR)
            plane = half
        cv2.resize(plane, self._out.shape[::-1], self._out, interpolation=self._last)
        return self._out


def _halved(size: Size, target: Size) -> Size:
    """``size`` with each side halved that is even and at least twice the target's."""
    height, width = (
        side // 2 if side % 2 == 0 and side >= 2 * goal else side
        for side, goal in zip(size, target, strict=True)
    )
    return height, width
