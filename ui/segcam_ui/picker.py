"""The picker of backgrounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from segcam.settings import BLUR_DEFAULT
from segcam_ui import dialogs, theme
from segcam_ui.adding import Adding, local_paths
from segcam_ui.arrange import SCROLL_BAR_PX
from segcam_ui.controls import IconButton, Menu, QuietScrollBar, heading
from segcam_ui.entries import Entry
from segcam_ui.focus import Slider
from segcam_ui.grid import TileGrid
from segcam_ui.library import Library
from segcam_ui.remote import Remote
from segcam_ui.thumbnails import Thumbnails
from segcam_ui.tiles import RING_PX, Tile

UNDO_MS = 8_000
"""Time in which a removal can be undone."""
DRAG_MS = 60
"""Interval of updates while the slider moves; each takes effect with the next frame."""


class Picker(QWidget):
    """Tiles, the blur's strength, and the last removal.

    Signals:
        busy: A system dialog was opened or closed.
    """

    busy = Signal(bool)

    def __init__(self, remote: Remote, library: Library, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._remote, self._library, self._thumbnails = remote, library, thumbnails
        self._adding = Adding(remote)
        self._seen_choice = ""
        self._going: Entry | None = None
        self._was_chosen = False
        self._grid = TileGrid()
        self._add = self._new_tile(Entry("add", self.tr("Add a background"), "add"))
        self._lay_out()
        self._undo_timer = QTimer(self)
        self._undo_timer.setSingleShot(True)
        self._undo_timer.setInterval(UNDO_MS)
        self._undo_timer.timeout.connect(self.settle)
        self._drag_timer = QTimer(self)
        self._drag_timer.setSingleShot(True)
        self._drag_timer.setInterval(DRAG_MS)
        self._drag_timer.timeout.connect(self._send_drag)
        self._arranging = QTimer(self)  # the tiles are in their places once events were processed
        self._arranging.setSingleShot(True)
        self._arranging.timeout.connect(self._scroll_to_choice)
        library.changed.connect(self.update_tiles)
        thumbnails.came.connect(self._show_thumbnail)
        self.update_tiles()

    def _lay_out(self) -> None:
        scroll = QScrollArea()
        scroll.setWidget(self._grid)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setVerticalScrollBar(QuietScrollBar())
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._scroll = scroll
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GRID)
        self._title = heading(self.tr("Background"))
        self._title.setContentsMargins(RING_PX, 0, 0, 0)
        layout.addWidget(self._title)
        layout.addWidget(scroll, 1)
        layout.addWidget(self._make_undo())
        layout.addLayout(self._make_slider())
        for row in self._rows:
            row.setContentsMargins(RING_PX, 0, RING_PX + SCROLL_BAR_PX, 0)

    @property
    def least_px(self) -> int:
        """Width that its texts need beside a picture, without rings and scroll bar."""
        texts = (self._title.sizeHint().width() - RING_PX, self._take_back.sizeHint().width())
        return max(texts)

    def set_narrow(self, narrow: bool) -> None:
        """Set whether there is one column of tiles, so that rows do not fit."""
        direction = QBoxLayout.Direction
        for row in self._rows:
            row.setDirection(direction.TopToBottom if narrow else direction.LeftToRight)

    @property
    def _rows(self) -> tuple[QBoxLayout, QBoxLayout]:
        return self._undo_row, self._blur_row

    def _make_undo(self) -> QWidget:
        self._removed = QLabel()
        self._removed.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._take_back = IconButton(self.tr("Undo"), "undo", text=True, flat=False)
        self._take_back.clicked.connect(self.undo)
        self._undo = QWidget()
        self._undo_row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._undo)
        self._undo_row.setSpacing(theme.GRID)
        self._undo_row.addWidget(self._removed, 1)
        self._undo_row.addWidget(self._take_back)
        self._undo.hide()
        return self._undo

    def _make_slider(self) -> QBoxLayout:
        self._slider = Slider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 100)
        self._slider.setPageStep(10)
        self._slider.setValue(BLUR_DEFAULT)  # until a blur is chosen
        self._slider.setAccessibleName(self.tr("Blur strength"))
        self._slider.valueChanged.connect(self._slide)
        self._slider.sliderReleased.connect(self._send)
        self._label = QLabel(self.tr("Blur"))
        self._label.setBuddy(self._slider)
        self._blur_row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._blur_row.setSpacing(theme.GRID)
        self._blur_row.addWidget(self._label)
        self._blur_row.addWidget(self._slider, 1)
        return self._blur_row

    def take_focus(self) -> bool:
        """Put the focus on the chosen tile. False: there is none that can be used."""
        return self._grid.take_focus()

    # Tiles

    def update_tiles(self) -> None:
        """Show the current library; existing tiles are kept, so that the focus stays."""
        old = {tile.entry: tile for tile in self._grid.tiles if tile is not self._add}
        entries = self._library.entries
        tiles = [old.get(entry) or self._new_tile(entry) for entry in entries]
        shown = list(self._grid.tiles)
        chosen = self._library.chosen
        for tile in tiles:
            tile.set_chosen(tile.entry == chosen)
            if not tile.has_thumbnail:
                self._show_film(tile)
        if shown != [*tiles, self._add]:
            self._grid.set_tiles([*tiles, self._add])
            for before, after in pairwise((self._add, self._take_back, self._slider)):
                QWidget.setTabOrder(before, after)
        self._grid.settle_focus()
        self._show_choice(tiles)
        self._show_strength()

    def _show_choice(self, tiles: Sequence[Tile]) -> None:
        """Scroll to a new choice, which may be a file that was just added."""
        tile = next((tile for tile in tiles if tile.isChecked()), None)
        chosen = tile.entry.id if tile is not None else ""
        if tile is not None and chosen != self._seen_choice:
            self._arranging.start()
        self._seen_choice = chosen

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the chosen tile visible where the columns change."""
        super().resizeEvent(event)
        self._arranging.start()

    def _scroll_to_choice(self) -> None:
        for tile in self._grid.tiles:
            if tile.isChecked():
                self._scroll.ensureWidgetVisible(tile, 0, 0)

    def _new_tile(self, entry: Entry) -> Tile:
        tile = Tile(entry)
        tile.clicked.connect(lambda: self._press(tile))
        tile.removed.connect(lambda: self.remove(tile.entry))
        self._show_film(tile)
        return tile

    def _show_film(self, tile: Tile) -> None:
        film = self._thumbnails.get(tile.entry) if tile.entry.path else None
        if film is not None:
            tile.show_film(film)

    def _show_thumbnail(self, path: str) -> None:
        for tile in self._grid.tiles:
            if tile.entry.path == path:
                self._show_film(tile)

    def _press(self, tile: Tile) -> None:
        if tile is self._add:
            self._open_add_menu()
        elif tile.entry.kind != "blur" or self._library.chosen != tile.entry:
            self._library.choose(tile.entry)  # a chosen blur keeps the slider's strength

    def _open_add_menu(self) -> None:
        menu = Menu("", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Picture or video …"), self.choose_file)
        menu.addAction(self.tr("Colour …"), self.choose_color)
        menu.popup(self._add.mapToGlobal(self._add.rect().bottomLeft()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show actions for the tile under the pointer, or for the one with the focus."""
        tile = next(
            (each for each in self._grid.tiles if each.hasFocus() or each.underMouse()), None
        )
        if tile is None or not tile.entry.own:
            return
        menu = Menu("", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Remove"), lambda: self.remove(tile.entry))
        menu.popup(event.globalPos())

    # Adding

    def choose_file(self) -> None:
        """Let the user choose files in the system's dialog, without blocking."""
        dialogs.choose_files(self, self.add_urls)

    def choose_color(self) -> None:
        """Let the user choose a colour in the system's dialog, without blocking."""
        dialogs.choose_color(self, self._library.add_color)

    def add_paths(self, paths: Iterable[str]) -> None:
        """Add files to the library, and choose the last one."""
        self._adding.add(paths)

    def add_urls(self, urls: Iterable[QUrl]) -> None:
        """Add dropped files."""
        self.add_paths(local_paths(urls))

    # Removing

    def remove(self, entry: Entry) -> None:
        """Remove a background; that can be undone for a while."""
        self.settle()
        self._was_chosen = self._library.chosen == entry
        self._going = entry
        self._library.hide(entry)
        self._removed.setText(self.tr("“{}” removed").format(entry.title))
        self._undo.show()
        theme.fade_in(self._undo)
        self._undo_timer.start()

    def undo(self) -> None:
        """Undo the last removal."""
        if self._going is not None:
            entry, self._going = self._going, None
            self._undo_timer.stop()
            self._library.show(entry)
            if self._was_chosen:
                self._library.choose(entry)
        self._undo.hide()

    def settle(self) -> None:
        """Make the last removal permanent."""
        self._undo_timer.stop()
        self._undo.hide()
        if self._going is not None:
            entry, self._going = self._going, None
            self._library.remove(entry)

    # The blur's strength

    def _show_strength(self) -> None:
        strength = self._library.strength
        self._slider.setEnabled(strength is not None)
        self._label.setEnabled(strength is not None)
        moving = self._slider.isSliderDown() or self._drag_timer.isActive()
        if strength is not None and not moving:
            self._slider.blockSignals(True)
            self._slider.setValue(strength)
            self._slider.blockSignals(False)

    def _slide(self) -> None:
        if not self._drag_timer.isActive():
            self._drag_timer.start()

    def _send_drag(self) -> None:
        if self._slider.isSliderDown():
            self._remote.change(background=f"blur:{self._slider.value()}", once=True)
        else:
            self._send()

    def _send(self) -> None:
        self._remote.change(background=f"blur:{self._slider.value()}")
