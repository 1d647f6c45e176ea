"""Making single planes smaller and larger, quickly."""

from __future__ import annotations

import cv2
import numpy as np

from segcam.frame import U8, Frame, Size


def shrink(plane: U8, size: Size) -> U8:
    """A smaller version of a plane, every pixel counted.

    Halving by area is eight times cheaper in OpenCV than any other ratio (0.05 against 0.4 ms from
    1280x720 on one core), so the plane is halved as often as it goes and interpolated for the rest.

    Args:
        plane: uint8 (H, W).
        size: Wanted (h, w). A side that is larger than the plane's is interpolated.

    Returns:
        uint8 (h, w); the plane itself where it already has that size.
    """
    height, width = size
    while plane.shape[0] >= 2 * height and plane.shape[1] >= 2 * width:
        half = (plane.shape[1] // 2, plane.shape[0] // 2)
        plane = np.asarray(cv2.resize(plane, half, interpolation=cv2.INTER_AREA), np.uint8)
    return plane if plane.shape == size else enlarge(plane, size)


def enlarge(plane: U8, size: Size, out: U8 | None = None) -> U8:
    """A plane interpolated to ``size``: uint8 (h, w), written to ``out`` where given."""
    height, width = size
    result = cv2.resize(plane, (width, height), dst=out, interpolation=cv2.INTER_LINEAR)
    return np.asarray(result, np.uint8)


def contain(picture: Frame, out: Frame) -> None:
    """Scale ``picture`` so that all of it fits into ``out``; what is left over is black."""
    height, width = picture.size
    scale = min(out.size[0] / height, out.size[1] / width)
    rows = max(2, min(out.size[0], round(height * scale)) & ~1)
    columns = max(2, min(out.size[1], round(width * scale)) & ~1)
    top, left = (out.size[0] - rows) // 4 * 2, (out.size[1] - columns) // 4 * 2
    out.fill((16, 128, 128))
    for source, target in zip(picture.planes, out.planes, strict=True):
        step = out.size[0] // target.shape[0]
        size = (rows // step, columns // step)
        place = (
            slice(top // step, top // step + size[0]),
            slice(left // step, left // step + size[1]),
        )
        target[place] = shrink(source, size)
    out.id, out.captured_ns, out.cut = picture.id, picture.captured_ns, picture.cut
