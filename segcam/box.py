"""A part of a picture."""

from __future__ import annotations

from dataclasses import dataclass

from segcam.planes import U8
from segcam.size import Size


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a 4:2:0 picture: whole pixels with even sides and corners, inside the picture.

    Attributes:
        top, left, height, width: In pixels of luma.
    """

    top: int
    left: int
    height: int
    width: int

    @classmethod
    def whole(cls, size: Size) -> Box:
        """The whole of a picture of (H, W)."""
        return cls(0, 0, *size)

    @property
    def size(self) -> Size:
        """(h, w)."""
        return self.height, self.width

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.top + self.height

    @property
    def right(self) -> int:
        """The first column to its right."""
        return self.left + self.width

    @property
    def area(self) -> int:
        """In pixels."""
        return self.height * self.width

    @property
    def slices(self) -> tuple[slice, slice]:
        """Its rows and columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def of(self, plane: U8, step: int = 1) -> U8:
        """The part of a plane, a view.

        Args:
            plane: uint8 (H, W), or (H/2, W/2) with a step of 2.
            step: Luma pixels per pixel of the plane, in each direction.
        """
        return plane[self.top // step : self.bottom // step, self.left // step : self.right // step]

    def holds(self, other: Box) -> bool:
        """Whether it contains all of the other box."""
        return (
            self.top <= other.top
            and self.left <= other.left
            and self.bottom >= other.bottom
            and self.right >= other.right
        )

    def joined(self, other: Box) -> Box:
        """The smallest box that contains both."""
        top, left = min(self.top, other.top), min(self.left, other.left)
        bottom, right = max(self.bottom, other.bottom), max(self.right, other.right)
        return Box(top, left, bottom - top, right - left)
