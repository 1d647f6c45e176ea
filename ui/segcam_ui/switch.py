"""A check box that looks like a switch."""

from __future__ import annotations

from PySide6.QtCore import Property, QPoint, QPropertyAnimation, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QWidget

from segcam_ui import theme
from segcam_ui.focus import Ringed

RING_PX = 4
"""Space around a switch for the ring of the focus."""


class Switch(Ringed, QCheckBox):
    """A check box drawn as a switch."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._at = 0.0
        self._slide = QPropertyAnimation(self, b"at", self)
        self._slide.setDuration(theme.FADE_MS)
        self.toggled.connect(self._move)

    def _get_at(self) -> float:
        return self._at

    def _set_at(self, at: float) -> None:
        self._at = at
        self.update()

    at = Property(float, _get_at, _set_at)
    """Position of the knob: 0 off, 1 on."""

    def _move(self, on: bool) -> None:
        self._slide.stop()
        if not theme.moves() or not self.isVisible():
            self._set_at(float(on))
            return
        self._slide.setEndValue(float(on))
        self._slide.start()

    def sizeHint(self) -> QSize:
        """Size of the switch with the ring around it."""
        return QSize(48, 28)

    def minimumSizeHint(self) -> QSize:
        """The same: a switch does not shrink."""
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        """The whole area can be pressed."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw track, knob and focus ring."""
        colors = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(RING_PX, (self.height() - 20) / 2, 40, 20)
        if self.hasFocus() and self.by_keys:
            painter.setPen(QPen(colors.accent, 2))
            painter.drawRoundedRect(track.adjusted(-3, -3, 3, 3), 13, 13)
        painter.setPen(Qt.PenStyle.NoPen)
        track_off = colors.edge if colors.strong else colors.pressed
        painter.setBrush(theme.mixed(track_off, colors.accent, self._at))
        painter.drawRoundedRect(track, 10, 10)
        off = max(colors.field, colors.dim, key=QColor.lightness)  # not darker than a dark window
        off = colors.window if colors.strong else off
        painter.setBrush(colors.on_accent if self._at > 0.5 else off)
        painter.drawEllipse(QRectF(track.x() + 3 + 20 * self._at, track.y() + 3, 14, 14))
