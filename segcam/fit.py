"""Fits a picture into a frame of another shape."""

from __future__ import annotations

from segcam.frame import BLACK, Frame
from segcam.planes import shrink


def cover(picture: Frame, out: Frame, pixel_aspect: float = 1.0) -> None:
    """Scale ``picture`` to fill ``out``, cropping both sides evenly.

    Args:
        picture: What to scale.
        out: The target. Only its planes are written.
        pixel_aspect: Width over height of one of the picture's pixels.
    """
    height, width = picture.size
    scale = max(out.size[0] / height, out.size[1] / (width * pixel_aspect))
    rows = max(2, min(height, round(out.size[0] / scale)) & ~1)
    columns = max(2, min(width, round(out.size[1] / (scale * pixel_aspect))) & ~1)
    top, left = (height - rows) // 4 * 2, (width - columns) // 4 * 2
    for source, target in zip(picture.planes, out.planes, strict=True):
        step = height // source.shape[0]
        window = source[top // step : (top + rows) // step, left // step : (left + columns) // step]
        target[:] = shrink(window, (target.shape[0], target.shape[1]))


def contain(picture: Frame, out: Frame, pixel_aspect: float = 1.0) -> None:
    """Scale ``picture`` so that all of it fits into ``out``; the rest becomes black.

    ``out`` gets id, time and cut of the picture. Arguments as for `cover`.
    """
    height, width = picture.size
    scale = min(out.size[0] / height, out.size[1] / (width * pixel_aspect))
    rows = max(2, min(out.size[0], round(height * scale)) & ~1)
    columns = max(2, min(out.size[1], round(width * pixel_aspect * scale)) & ~1)
    top, left = (out.size[0] - rows) // 4 * 2, (out.size[1] - columns) // 4 * 2
    out.fill(BLACK)
    for source, target in zip(picture.planes, out.planes, strict=True):
        step = out.size[0] // target.shape[0]
        size = (rows // step, columns // step)
        place = (
            slice(top // step, top // step + size[0]),
            slice(left // step, left // step + size[1]),
        )
        target[place] = shrink(source, size)
    out.stamp(picture.id, picture.captured_ns, picture.cut)
