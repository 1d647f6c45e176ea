"""Decides where the picker goes, so that the live picture is large and no space stays empty."""

from __future__ import annotations

from dataclasses import dataclass, replace

from segcam_ui import theme
from segcam_ui.tiles import RING_PX, TILE_PX

MARGIN_PX = 2 * theme.GRID
SCROLL_BAR_PX = theme.GRID
SMALLEST_PX = 180
"""Least height of the picture."""
ROWS = 2
"""Rows of tiles that stay visible below the picture."""
BARS_PX = 4 * theme.GRID
"""Height from which bars above and below the picture fill what is left; less stays empty."""
GAIN = 1.4
"""An unusual arrangement must make the picture's area larger by this factor."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where the picker goes, and the sizes that follow.

    Attributes:
        below: Whether the picker is below the picture instead of beside it.
        columns: Columns of tiles.
        picker_px: Width of the picker, with the tiles' rings and the scroll bar.
        place_px: Height of the picture's place, with bars above and below it.
        picture_px: Height of a picture in 16:9 in it.
        spare_px: Height that stays empty below the line.
    """

    below: bool
    columns: int
    picker_px: int
    place_px: int
    picture_px: int
    spare_px: int = 0

    def with_longer_line(self, by_px: int) -> Arrangement:
        """The same with that much more height for the line below the picture."""
        left = self.place_px - max(0, by_px - self.spare_px)
        place = min(self.place_px, max(SMALLEST_PX, left))
        return replace(self, place_px=place, picture_px=min(self.picture_px, place))

    @property
    def area(self) -> float:
        """Area of the picture."""
        return self.picture_px**2 * 16 / 9


def arrange(width: int, height: int, other: int, least: int = TILE_PX) -> Arrangement:
    """The best arrangement for a window.

    Args:
        width: The window's, in device-independent pixels; the same for all lengths.
        height: The window's.
        other: Height of the row above the picture and of the line below it.
        least: Width that the picker needs beside the picture, without rings and scroll bar.
    """
    usual, narrow = (_beside(columns, width, height, other, least) for columns in (2, 1))
    below = _below(width, height, other)
    for each in sorted((narrow, below), key=lambda found: -found.area):
        if each.area > GAIN * usual.area:
            return each
    return usual


def _beside(columns: int, width: int, height: int, other: int, least: int) -> Arrangement:
    tiles = max(least, columns * TILE_PX + (columns - 1) * theme.GRID)
    left = width - 3 * MARGIN_PX - tiles
    room = height - 3 * MARGIN_PX - theme.GRID - other
    picture = max(SMALLEST_PX, min(room, round(left * 9 / 16)))
    place = room if room - picture >= BARS_PX else picture
    return Arrangement(
        False, columns, _with_edges(tiles), place, picture, spare_px=max(0, room - place)
    )


def _below(width: int, height: int, other: int) -> Arrangement:
    tiles = width - 2 * MARGIN_PX
    columns = (tiles + theme.GRID) // (TILE_PX + theme.GRID)
    row = (tiles + theme.GRID) // columns * 9 // 16 + theme.GRID
    picker = ROWS * row + 8 * theme.GRID  # its heading and the slider
    room = height - 4 * MARGIN_PX - theme.GRID - other - picker
    picture = max(0, min(room, tiles * 9 // 16))
    return Arrangement(True, columns, _with_edges(tiles), picture, picture)


def _with_edges(tiles: int) -> int:
    return tiles + 2 * RING_PX + SCROLL_BAR_PX
