"""Base of all pages but the first: a back button, a title, a scrolling column."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from segcam_ui import icons, theme
from segcam_ui.controls import IconButton, heading

WIDTH_PX = 640
"""Longest lines, with lines of `LINE_PX`; larger fonts get as much more."""
LINE_PX = 16


class Page(QWidget):
    """A page of the window.

    Args:
        title: Next to the back button.
        width_px: Greatest width of the column; see `WIDTH_PX`.

    Attributes:
        rows: Layout of the column.

    Signals:
        closed: Back to the first page.
    """

    closed = Signal()

    def __init__(self, title: str, width_px: int = WIDTH_PX) -> None:
        super().__init__()
        self.back = IconButton(self.tr("Back"), "back")
        self.back.clicked.connect(self.closed)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(2 * theme.GRID)
        self.top = QWidget()
        top = QHBoxLayout(self.top)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(theme.GRID)
        top.addWidget(self.back)
        top.addWidget(heading(title), 1)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(*4 * (2 * theme.GRID,))
        self._layout.addWidget(self.top)
        self._layout.addWidget(self._make_scroll(width_px), 1)

    def open(self) -> None:
        """Ask for what may have changed since the last visit, if it needs anything."""

    def add_below(self, widget: QWidget) -> None:
        """Add a part that does not scroll."""
        self._layout.addWidget(widget)

    def showEvent(self, event: QShowEvent) -> None:
        """Start with the focus on the back button."""
        super().showEvent(event)
        self.take_focus()

    def take_focus(self) -> None:
        """Put the focus on the page's first control."""
        self.back.setFocus()

    def _make_scroll(self, width_px: int) -> QScrollArea:
        self._column, self._width_px = QWidget(), width_px
        self._column.setLayout(self.rows)
        self._limit_width()
        inside = QWidget()
        centered = QHBoxLayout(inside)  # an alignment would ignore the height of wrapped texts
        centered.addStretch(1)
        centered.addWidget(self._column, 100)
        centered.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        self._scroll = scroll
        return scroll

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system's font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._limit_width()

    def _limit_width(self) -> None:
        larger = max(1.0, self.fontMetrics().lineSpacing() / LINE_PX)
        self._column.setMaximumWidth(round(larger * self._width_px))


class Sentence(QWidget):
    """A sentence after its icon."""

    def __init__(self) -> None:
        super().__init__()
        self._mark, self._text = QLabel(), QLabel()
        self._text.setWordWrap(True)
        self._mark.setMinimumHeight(self._text.fontMetrics().lineSpacing())  # beside its first line
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme.GRID)
        layout.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)

    def say(self, symbol: str, text: str, *, warns: bool = False) -> None:
        """Show another text."""
        colors, ratio = theme.colors(), self.devicePixelRatioF()
        color = colors.warning if warns else colors.accent
        self._mark.setPixmap(icons.pixmap(symbol, color, 20, ratio))
        self._text.setText(text)
