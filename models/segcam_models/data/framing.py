"""Chooses the camera's framing, from a full-frame face to the whole figure."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam_models.data.pictures import U8

Size = tuple[int, int]
HEAD_SHARE = 0.12
"""Share of the figure, from its top, that is the head: an adult is 7 to 8 heads tall."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A choice of crops.

    Attributes:
        tall: Least and largest height of the crop, as a share of the person's height in the
            picture: 0.2 is head and shoulders, 0.45 down to the waist, 1 the whole figure.
    """

    tall: tuple[float, float]


CLOSE_UP = Shot((0.16, 0.27))
UPPER_BODY = Shot((0.27, 0.55))
FIGURE = Shot((0.55, 1.15))
FAR = Shot((1.15, 2.5))
FARTHER = Shot((2.0, 3.5))
DISTANT = Shot((1.6, 3.6))


@dataclass(frozen=True, slots=True)
class Box:
    """A crop in pixels of the picture; it may exceed the picture.

    Attributes:
        top, left, height, width: May be fractions.
    """

    top: float
    left: float
    height: float
    width: float

    def inside(self, size: Size) -> Box:
        """The nearest crop of the same shape that fits into a picture of (H, W)."""
        shrink = min(1.0, size[0] / self.height, size[1] / self.width)
        height, width = self.height * shrink, self.width * shrink
        left = self.left + (self.width - width) / 2
        return Box(
            min(max(self.top, 0.0), size[0] - height),
            min(max(left, 0.0), size[1] - width),
            height,
            width,
        )

    def onto(self, size: Size, flip: bool = False, degrees: float = 0.0) -> NDArray[np.float64]:
        """The affine map (2, 3) of the crop, rotated about its centre, to a canvas of (H, W)."""
        scale_x, scale_y = size[1] / self.width, size[0] / self.height
        middle = (self.left + self.width / 2, self.top + self.height / 2)
        turn = np.vstack([cv2.getRotationMatrix2D(middle, degrees, 1.0), (0, 0, 1)])
        onto = np.array(
            [[scale_x, 0, -scale_x * self.left], [0, scale_y, -scale_y * self.top], [0, 0, 1]]
        )
        if flip:
            onto[0] = (0, 0, size[1] - 1) - onto[0]
        return np.asarray((onto @ turn)[:2])


def frame_person(matte: U8, shot: Shot, aspect: float, rng: np.random.Generator) -> Box:
    """Point a camera of width/height ``aspect`` roughly at the person's head."""
    rows = np.flatnonzero(matte.max(axis=1) > 127)
    if rows.size == 0:
        return Box(0.0, 0.0, float(matte.shape[0]), matte.shape[0] * aspect)
    tall = float(rows[-1] - rows[0] + 1)
    height = tall * rng.uniform(*shot.tall)
    head = matte[rows[0] : rows[0] + max(1, int(tall * HEAD_SHARE))] > 127
    middle = float(np.flatnonzero(head.any(axis=0)).mean())
    width = height * aspect
    left = middle - width * (0.5 + rng.uniform(-0.22, 0.22))
    return Box(rows[0] - height * rng.uniform(-0.04, 0.25), left, height, width)
