"""The first page: the live picture, the viewers, and the picker."""

from __future__ import annotations

from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from segcam_ui import theme
from segcam_ui.controls import HoldButton, IconButton
from segcam_ui.header import Header
from segcam_ui.library import Library
from segcam_ui.picker import Picker
from segcam_ui.preview import PreviewWidget
from segcam_ui.remote import Remote
from segcam_ui.status_line import StatusLine
from segcam_ui.thumbnails import Thumbnails

PICKER_PX = 296
"""Width of two tiles; the picture gets the rest."""


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
        self._mirror = IconButton(self.tr("Mirror this picture for me"), "mirror")
        self._mirror.setCheckable(True)
        self._mirror.toggled.connect(self._set_mirrored)
        self._mirror.setChecked(bool(kept.value("mirrored", False, bool)))
        self._bare = HoldButton(self.tr("Hold to see yourself without effect: only you"), "person")
        self._bare.held.connect(self.preview.set_bare)
        self._lay_out()
        remote.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(theme.GRID)
        below.addWidget(self.status, 1)
        below.addWidget(self._bare)
        below.addWidget(self._mirror)
        left = QVBoxLayout()
        left.setSpacing(theme.GRID)
        left.addWidget(self.preview)
        left.addLayout(below)
        left.addStretch(1)
        self.picker.setFixedWidth(PICKER_PX)
        columns = QHBoxLayout()
        columns.setSpacing(2 * theme.GRID)
        columns.addLayout(left, 1)
        columns.addWidget(self.picker)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*4 * (2 * theme.GRID,))
        layout.setSpacing(2 * theme.GRID)
        layout.addWidget(self.header)
        layout.addLayout(columns, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the picture all the space, in its shape, with the line below it."""
        super().resizeEvent(event)
        margin = 2 * theme.GRID
        width = self.width() - 3 * margin - PICKER_PX
        taken = self.header.sizeHint().height() + self.status.minimumHeight() + theme.GRID
        height = self.height() - 3 * margin - taken
        self.preview.setFixedHeight(max(180, min(height, round(width * 9 / 16))))

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
        self.picker.setEnabled(state is not None)
