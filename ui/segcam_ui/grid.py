"""A grid of tiles, in rows of as many as fit, with navigation by arrow keys."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from segcam_ui import theme
from segcam_ui.tiles import RING_PX, TILE_PX, Tile


class TileGrid(QWidget):
    """Places tiles; Tab reaches one of them, the arrow keys reach the others."""

    def __init__(self) -> None:
        super().__init__()
        self._tiles: list[Tile] = []
        self._columns = 2
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)

    @property
    def tiles(self) -> Sequence[Tile]:
        """The tiles, in order."""
        return self._tiles

    def set_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show these tiles; tiles that are already shown stay, others are removed."""
        gone = [tile for tile in self._tiles if tile not in tiles]
        focused = self.window().focusWidget()
        left = next((tile for tile in gone if tile is focused), None)
        place = self._tiles.index(left) if left is not None else 0
        self._tiles = list(tiles)
        for tile in self._tiles:
            if tile.parent() is not self:
                tile.setParent(self)
                tile.focused.connect(self.settle_focus)
                tile.show()
        for before, after in pairwise(self._tiles):
            QWidget.setTabOrder(before, after)
        self._place()
        if left is not None:  # the next tile takes its place, also for the focus
            reasons = Qt.FocusReason
            reason = reasons.TabFocusReason if left.by_keys else reasons.OtherFocusReason
            self._tiles[min(place, len(self._tiles) - 1)].setFocus(reason)
        for tile in gone:
            tile.hide()
            tile.deleteLater()
        self.settle_focus()

    @property
    def _chosen(self) -> Tile | None:
        return next((tile for tile in self._tiles if tile.isChecked()), None)

    def settle_focus(self) -> None:
        """Let Tab reach the chosen tile; if there is none, the first that hides the room."""
        hiding = (tile for tile in self._tiles if tile.entry.kind != "none")
        target = self._chosen or next(hiding, None)
        for tile in self._tiles:
            reached = tile is target or tile.hasFocus()
            tile.setFocusPolicy(
                Qt.FocusPolicy.StrongFocus if reached else Qt.FocusPolicy.ClickFocus
            )

    def take_focus(self) -> bool:
        """Put the focus on the chosen tile. False: there is none that can be used."""
        chosen = self._chosen
        if chosen is None or not chosen.isEnabled():
            return False
        chosen.setFocus()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rearrange the tiles for the new width."""
        super().resizeEvent(event)
        self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move between the tiles."""
        here = next((i for i, tile in enumerate(self._tiles) if tile.hasFocus()), None)
        there = None if here is None else self._neighbour(here, event.key())
        if there is None:
            super().keyPressEvent(event)
            return
        self._tiles[there].setFocus(Qt.FocusReason.TabFocusReason)

    def _neighbour(self, here: int, key: int) -> int | None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._columns,
            Qt.Key.Key_Down: self._columns,
            Qt.Key.Key_Home: -here,
            Qt.Key.Key_End: len(self._tiles) - 1 - here,
        }
        if key not in steps:
            return None
        there = here + steps[Qt.Key(key)]
        return there if 0 <= there < len(self._tiles) else here

    def _place(self) -> None:
        gap = theme.GRID - 2 * RING_PX
        width = self.width()
        least = TILE_PX + 2 * RING_PX + gap
        self._columns = max(1, (width + gap) // least)
        tile_width = (width + gap) // self._columns - gap
        tile_height = round((tile_width - 2 * RING_PX) * 9 / 16) + 2 * RING_PX
        for index, tile in enumerate(self._tiles):
            row, column = divmod(index, self._columns)
            tile.setGeometry(
                column * (tile_width + gap), row * (tile_height + gap), tile_width, tile_height
            )
        rows = -(-len(self._tiles) // self._columns)
        height = max(0, rows * (tile_height + gap) - gap)
        if height != self.minimumHeight():
            self.setFixedHeight(height)
