"""The first page: the live picture, the viewers, and the picker."""

from __future__ import annotations

from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from segcam_ui import theme
from segcam_ui.arrange import MARGIN_PX, SCROLL_BAR_PX, arrange
from segcam_ui.controls import HoldButton, IconButton
from segcam_ui.header import Header
from segcam_ui.library import Library
from segcam_ui.picker import Picker
from segcam_ui.preview import PreviewWidget
from segcam_ui.remote import Remote
from segcam_ui.status_line import StatusLine
from segcam_ui.thumbnails import Thumbnails
from segcam_ui.tiles import RING_PX


class MainPage(QWidget):
    """The page for everyday use.

    Signals:
        wanted: "settings", "guide", "doctor" or "quit".
    """

    wanted = Signal(str)

    def __init__(
        self, remote: Remote, library: Library, thumbnails: Thumbnails, kept: QSettings
    ) -> None:
        super().__init__()
        self._remote, self._kept = remote, kept
        self.setAcceptDrops(True)
        self.header = Header(remote)
        self.header.wanted.connect(self.wanted)
        self.preview = PreviewWidget(remote.connection)
        self.status = StatusLine(remote)
        self.picker = Picker(remote, library, thumbnails)
        self._mirror = IconButton(self.tr("Mirror this picture (only for you)"), "mirror")
        self._mirror.setCheckable(True)
        self._mirror.toggled.connect(self._set_mirrored)
        self._mirror.setChecked(bool(kept.value("mirrored", False, bool)))
        self._bare = HoldButton(
            self.tr("Hold to see yourself without effect (only you see it)"), "person"
        )
        self._bare.held.connect(self.preview.set_bare)
        self._lay_out()
        library.changed.connect(self._find_focus)
        remote.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(theme.GRID)
        below.addWidget(self.status, 1)
        below.addWidget(self._bare)
        below.addWidget(self._mirror)
        self._left = QVBoxLayout()
        self._left.setSpacing(theme.GRID)
        self._left.addWidget(self.preview)
        self._left.addLayout(below)
        self.status.said.connect(self._arrange)
        self._left.addStretch(1)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._parts.addLayout(self._left, 1)
        self._parts.addWidget(self.picker)
        above = QHBoxLayout()
        above.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, 0)
        above.addWidget(self.header)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, MARGIN_PX, 0, MARGIN_PX)
        layout.setSpacing(MARGIN_PX)
        layout.addLayout(above)
        layout.addLayout(self._parts, 1)

    def showEvent(self, event: QShowEvent) -> None:
        """Start with the focus on the chosen tile."""
        super().showEvent(event)
        self._arrange()
        if not event.spontaneous():
            self.take_focus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the picture all the space, in its shape, with the line below it."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Give parts their places; a long text below the picture makes it smaller."""
        above, line = self.header.sizeHint().height(), self.status.minimumHeight()
        found = arrange(self.width(), self.height(), above + line, self.picker.least_px)
        buttons = self._bare.sizeHint().width() + self._mirror.sizeHint().width() + 2 * theme.GRID
        beside = 0 if found.below else found.picker_px - 2 * RING_PX - SCROLL_BAR_PX + MARGIN_PX
        needed = self.status.heightForWidth(self.width() - 2 * MARGIN_PX - beside - buttons)
        found = found.with_longer_line(max(0, needed - line))
        # The tiles are in line with the rest; their rings and the scroll bar are outside of it.
        right = MARGIN_PX - RING_PX - SCROLL_BAR_PX
        if found.below:
            self._parts.setDirection(QBoxLayout.Direction.TopToBottom)
            self._parts.setContentsMargins(MARGIN_PX - RING_PX, 0, right, 0)
            self._left.setContentsMargins(RING_PX, 0, MARGIN_PX - right, 0)
            self._parts.setSpacing(MARGIN_PX)
        else:
            self._parts.setDirection(QBoxLayout.Direction.LeftToRight)
            self._parts.setContentsMargins(MARGIN_PX, 0, right, 0)
            self._left.setContentsMargins(0, 0, 0, 0)
            self._parts.setSpacing(MARGIN_PX - RING_PX)
        self._parts.setStretch(0, int(not found.below))
        self._parts.setStretch(1, int(found.below))
        self.picker.setFixedWidth(found.picker_px)
        self.picker.set_narrow(found.columns == 1)
        self.preview.setFixedHeight(found.place_px)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files anywhere."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add the files as backgrounds."""
        event.acceptProposedAction()
        self.picker.add_urls(event.mimeData().urls())

    def _set_mirrored(self, mirrored: bool) -> None:
        self.preview.set_mirrored(mirrored)
        self._kept.setValue("mirrored", mirrored)

    def _show(self) -> None:
        state = self._remote.state
        if state is None:
            self.preview.set_dimmed("reconnect")
        else:
            self.preview.set_dimmed("pause" if state.paused else "")
        self._bare.setEnabled(state is not None and not state.paused)
        self._enable_picker(state is not None)

    def take_focus(self) -> None:
        """Put the focus on the chosen tile, or on no control until there is one."""
        if not self.picker.take_focus():
            self.setFocus()  # else the next key would press another button

    def _find_focus(self) -> None:
        """Leave the empty place for the chosen tile, once that is known."""
        if self.window().focusWidget() is self:
            self.take_focus()

    def _enable_picker(self, enabled: bool) -> None:
        """Enable it, or keep the focus for its return."""
        focused = self.window().focusWidget()
        if not enabled and focused is not None and self.picker.isAncestorOf(focused):
            self.setFocus()
        self.picker.setEnabled(enabled)
        self._find_focus()
