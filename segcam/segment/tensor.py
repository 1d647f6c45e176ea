"""The model's small input, cut straight from a frame's planes: no full-size RGB is ever made."""

from __future__ import annotations

import cv2
import numpy as np

from segcam.frame import F32, U8, Frame, Size
from segcam.model_card import ModelCard
from segcam.planes import Shrinker

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
    """Writes frames' boxes into the input tensor of one model. For one thread.

    A box of any shape is stretched to the input's size, as in the models' training.
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
        self._shrinkers: tuple[Shrinker, ...] = ()

    def cut(self, frame: Frame, out: F32) -> U8:
        """Convert the content of one frame's box.

        Args:
            frame: I420, any size. Borrowed, unchanged.
            out: float32, ``card.input.shape``, colour order, scale and offset as the card says;
                written completely.

        Returns:
            uint8 (h, w, 3), the same before scale and offset. Owned by the cutter; the next call
            overwrites it.
        """
        given = frame.box_for(self._size)  # the smallest planes with enough detail for the model
        if frame.box.size != self._source:
            self._shrinkers = tuple(Shrinker(plane.shape, self._size) for plane in given)
            self._source = frame.box.size
        planes = [shrink(plane) for shrink, plane in zip(self._shrinkers, given, strict=True)]
        cv2.merge(planes, self._yuv)
        cv2.transform(self._yuv, self._matrix, self._pixels)
        pixels = self._pixels.transpose(2, 0, 1) if self._nchw else self._pixels
        np.multiply(pixels, self._scale, out=out[0])
        if self._offset:
            out += self._offset
        return self._pixels

    def mirror(self, tensor: F32) -> None:
        """Mirror a written tensor in place."""
        across = 3 if self._nchw else 2
        tensor[:] = np.flip(tensor, across).copy()
