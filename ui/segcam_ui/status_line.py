"""The line below the live picture: the viewers, or a problem with its cure as a button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from segcam.errors import SegCamError
from segcam_ui import icons, theme
from segcam_ui.controls import dim_label, push_button
from segcam_ui.remote import Remote
from segcam_ui.words import Line, trouble_line

COMPLAINT_MS = 12_000
"""Time for which an error is shown, before the current state is shown again."""


class StatusLine(QWidget):
    """One sentence, a second one for a problem, and a button for the cure.

    Signals:
        cured: The button was pressed; gives `Line.action`. said: It shows another text.
    """

    cured = Signal(str)
    said = Signal()

    def __init__(self, remote: Remote) -> None:
        super().__init__()
        self._line = remote.line
        self._complaint: Line | None = None
        self._progress: Line | None = None
        self._mark, self._text, self._detail = QLabel(), QLabel(), dim_label()
        self._text.setWordWrap(True)
        self._button = push_button("", lambda: self.cured.emit(self.shown.action))
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._text)
        texts.addWidget(self._detail)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GRID)
        layout.addWidget(self._mark)
        layout.addLayout(texts, 1)
        layout.addWidget(self._button)
        # Reserve space for the button and two lines, so that nothing jumps.
        self.setMinimumHeight(2 * self._text.fontMetrics().lineSpacing() + theme.GRID)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(COMPLAINT_MS)
        self._timer.timeout.connect(self._forget)
        remote.changed.connect(lambda: self.show_line(remote.line))
        remote.complained.connect(self.complain)
        remote.progressed.connect(self.tell)
        self._show()

    @property
    def shown(self) -> Line:
        """The text that it shows now."""
        return self._complaint or self._line

    def show_line(self, line: Line) -> None:
        """Show the current state; an error stays until its time is over."""
        self._line = line
        self._show()

    def complain(self, error: SegCamError) -> None:
        """Show an error for a while."""
        self._complaint = trouble_line(error.as_dict())
        self._timer.start()
        self._show()

    def tell(self, text: str, icon: str = "reconnect") -> None:
        """Show a message for a while, usually of progress; an empty text ends it."""
        if text:
            self._complaint = self._progress = Line(icon, text)
            self._timer.start()
        elif self._complaint is self._progress:
            self._complaint = None
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system's colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show()

    def _forget(self) -> None:
        self._complaint = None
        self._show()

    def _show(self) -> None:
        line, colors = self.shown, theme.colors()
        if line.icon:
            color = colors.warning if line.warns else colors.dim
            self._mark.setPixmap(icons.pixmap(line.icon, color, 16, self.devicePixelRatioF()))
        self._text.setText(line.text)
        self._detail.setText(line.detail)
        self._detail.setVisible(bool(line.detail))
        self._button.setText(line.cure)
        self._button.setVisible(bool(line.cure))
        self.said.emit()
