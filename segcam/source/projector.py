"""Writes a clip's pictures into frames, as a player shows them."""

from __future__ import annotations

from fractions import Fraction

from segcam.fit import contain, cover
from segcam.frame import Frame, Size, even
from segcam.source.decode import PlaneReader
from segcam.source.grade import Grader
from segcam.source.reel import Shot
from segcam.source.turn import UPRIGHT


class Projector:
    """Writes shots into frames: ordinary colours, square pixels, upright. For one thread.

    Args:
        size: (H, W) of the frames, even.
        shape: Width over height of the video: pictures of another shape get black bars. None: all
            fill the frame, cropping the rest.
    """

    def __init__(self, size: Size, shape: Fraction | None) -> None:
        self._size, self._shape = size, shape
        self._grader, self._reader = Grader(), PlaneReader()
        self._whole, self._turned = Frame.empty((2, 2)), Frame.empty((2, 2))

    def show(self, shot: Shot, out: Frame) -> None:
        """Write a shot into the planes of ``out``, which gets the projector's size.

        Raises:
            av.FFmpegError: FFmpeg cannot convert the picture's format.
        """
        out.resize(self._size)
        picture = self._grader.grade(shot.picture)
        if even(shown_size(shot)) == self._size and shot.is_plain:
            self._reader.copy(picture, out)
            return
        whole = self._whole
        whole.resize(even((picture.height, picture.width)))
        self._reader.copy(picture, whole)
        aspect = shot.pixel_aspect
        if shot.turn != UPRIGHT:
            shot.turn.apply(whole, self._turned)
            whole = self._turned
            aspect = 1 / aspect if shot.turn.swaps_sides else aspect
        fills = self._shape is None or is_same_shape(shape_of(shot), self._shape)
        (cover if fills else contain)(whole, out, float(aspect))


def shown_size(shot: Shot) -> Size:
    """(H, W) of a shot as shown: pixels made square by stretching, then turned."""
    height, width = shot.picture.height, shot.picture.width
    if shot.pixel_aspect > 1:
        width = round(width * shot.pixel_aspect)
    else:
        height = round(height / shot.pixel_aspect)
    return (width, height) if shot.turn.swaps_sides else (height, width)


def shape_of(shot: Shot) -> Fraction:
    """Width over height of a shot as shown."""
    height, width = shown_size(shot)
    return Fraction(width, height)


def is_same_shape(shape: Fraction, other: Fraction) -> bool:
    """Whether the shapes are equal within 2 %, which covers rounding and is not visible."""
    return abs(shape / other - 1) < Fraction(2, 100)
