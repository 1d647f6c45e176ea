"""Eight colour bars: what programs that watch SegCam are shown, and what they must see."""

from __future__ import annotations

from collections.abc import Sequence

from segcam.frame import Frame, Size

YUV = (
    (180, 128, 128),
    (162, 44, 142),
    (131, 156, 44),
    (112, 72, 58),
    (84, 184, 198),
    (65, 100, 212),
    (35, 212, 114),
    (16, 128, 128),
)
"""White, yellow, cyan, green, magenta, red, blue and black of 75 %, in BT.601."""
TOLERANCE = 8
"""Levels of 255 by which a colour may be off after a program's own conversion."""

Colors = Sequence[Sequence[float]]
"""Of the eight eighths of a picture, left to right, as RGB."""


def picture(size: Size) -> Frame:
    """The bars from left to right; each as wide as an eighth of the picture."""
    frame = Frame.empty(size)
    for plane, levels in zip(frame.planes, zip(*YUV, strict=True), strict=True):
        width = plane.shape[1]
        for index, level in enumerate(levels):
            plane[:, index * width // 8 : (index + 1) * width // 8] = level
    return frame


def rgb(yuv: Sequence[int]) -> tuple[float, float, float]:
    """A colour as BT.601 turns it into RGB, 0 to 255."""
    y, u, v = 255 / 219 * (yuv[0] - 16), yuv[1] - 128, yuv[2] - 128
    red, green, blue = y + 1.596 * v, y - 0.392 * u - 0.813 * v, y + 2.017 * u
    return max(0.0, min(red, 255.0)), max(0.0, min(green, 255.0)), max(0.0, min(blue, 255.0))


def same(colors: Colors, wanted: Colors) -> bool:
    """Whether two pictures have the same colours, within what programs make of them."""
    pairs = zip(colors, wanted, strict=True)
    return all(
        abs(a - b) <= TOLERANCE for seen, right in pairs for a, b in zip(seen, right, strict=True)
    )


def plain(yuv: Sequence[int]) -> Colors:
    """The colours of a picture that is all of one."""
    return [rgb(yuv)] * 8


COLORS: Colors = [rgb(yuv) for yuv in YUV]
