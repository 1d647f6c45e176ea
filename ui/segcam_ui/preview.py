"""The live picture as others see it, and without effect while a button is held."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from segcam_ui import icons, theme
from segcam_ui.connection import Connection
from segcam_ui.looking import Looking

_LOOK_MS = 40
"""Interval of checks for a new picture; the running SegCam writes up to 15 a second."""
_RADIUS_PX = 12
_ROUNDED_PX = 2
"""Bars that are only there because sizes are whole numbers; the picture covers them."""


class PreviewWidget(QWidget):
    """Shows the picture in a place with rounded corners; watches only while it is visible.

    Args:
        connection: Opens the previews on another thread.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._others = Looking(connection, False, self)
        self._bare = Looking(connection, True, self)
        self._image, self._bare_image = QImage(), QImage()
        self._scaled, self._scaled_from = QImage(), (0, QSize(), False)
        self._mirrored = False
        self._dimmed = ""
        self.setAccessibleName(self.tr("Live picture, as others see it"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(320, 180)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        policy.setHeightForWidth(False)
        self.setSizePolicy(policy)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)

    @property
    def shows_picture(self) -> bool:
        """Whether there is a picture."""
        return not self._shown.isNull()

    @property
    def shows_bare(self) -> bool:
        """Whether it shows the picture without effect."""
        return not self._bare_image.isNull()

    @property
    def _shown(self) -> QImage:
        return self._bare_image if self.shows_bare else self._image

    def set_mirrored(self, mirrored: bool) -> None:
        """Swap left and right in this widget only."""
        self._mirrored = mirrored
        self.update()

    def set_bare(self, bare: bool) -> None:
        """Show the camera's picture with nothing hidden, only in this window."""
        if bare and self.isVisible() and not self._dimmed:
            self._bare.start()
        else:
            self._end_bare()

    def set_dimmed(self, symbol: str) -> None:
        """Dim the last picture under a symbol, since it is not live. Empty: it is live."""
        if symbol != self._dimmed:
            self._dimmed = symbol
            self._end_bare()
            self.update()

    def sizeHint(self) -> QSize:
        """The size of the preview's pictures."""
        return QSize(640, 360)

    def showEvent(self, event: QShowEvent) -> None:
        """Watch."""
        super().showEvent(event)
        self._timer.start()
        self._others.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop watching."""
        super().hideEvent(event)
        self.stop()

    def stop(self) -> None:
        """Stop watching until it is shown again."""
        self._timer.stop()
        self._others.stop()
        self._end_bare()

    def _end_bare(self) -> None:
        """Stop, and drop the picture at once."""
        self._bare.stop()
        if self.shows_bare:
            self._bare_image = self._scaled = QImage()
            self.update()

    def _look(self) -> None:
        if (seen := self._others.newer()) is not None:
            self._image = seen
            self.update()
        if self._bare.wanted:
            self._look_bare()

    def _look_bare(self) -> None:
        seen = self._bare.newer()
        if seen is not None:
            self._bare_image = seen
            self.update()
        elif self._bare.has_ended:  # its time limit was reached
            self._end_bare()

    def _frame(self) -> QRect:
        """The place of the picture: centred, in its own shape."""
        shape = self._shown.size() if self.shows_picture else QSize(16, 9)
        size = shape.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left_over = self.size() - size
        if max(left_over.width(), left_over.height()) <= _ROUNDED_PX:
            size = self.size()
        left = (self.width() - size.width()) // 2
        return QRect(left, (self.height() - size.height()) // 2, size.width(), size.height())

    def _fitted(self, size: QSize) -> QImage:
        """The picture in the screen's pixels: scaling once costs a third of scaled drawing.

        Args:
            size: Size in device-independent pixels.
        """
        ratio = self.devicePixelRatioF()
        made_from = (self._shown.cacheKey(), size * ratio, self._mirrored)
        if made_from != self._scaled_from or self._scaled.isNull():
            mirrored = self._mirrored
            shown = self._shown.flipped(Qt.Orientation.Horizontal) if mirrored else self._shown
            self._scaled = shown.scaled(
                size * ratio,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            self._scaled.setDevicePixelRatio(ratio)
            self._scaled_from = made_from
        return self._scaled

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, then its corners, since clipping would cost more than the picture."""
        colors = theme.colors()
        painter = QPainter(self)
        frame = self._frame()
        if frame != self.rect() or not self.shows_picture:
            painter.fillRect(self.rect(), colors.surface)
        if self.shows_picture:
            painter.drawImage(frame.topLeft(), self._fitted(frame.size()))
        # The placeholder of a pause says so itself.
        dimmed = self._dimmed if self._dimmed != "pause" or not self.shows_picture else ""
        if dimmed:
            painter.fillRect(self.rect(), _veil(colors.window))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        around = QPainterPath()
        around.addRect(QRectF(self.rect()).adjusted(-1, -1, 1, 1))  # at scales such as 1.5, too
        hole = QPainterPath()
        hole.addRoundedRect(QRectF(self.rect()), _RADIUS_PX, _RADIUS_PX)
        painter.fillPath(around.subtracted(hole), colors.window)
        if dimmed:
            self._paint_symbol(painter, QRectF(frame).center(), colors.dim)
        elif self.shows_bare:
            self._paint_note(painter, frame)

    def _paint_symbol(self, painter: QPainter, center: QPointF, color: QColor) -> None:
        symbol = icons.pixmap(self._dimmed, color, 48, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(center.x() - 24, center.y() - 24), symbol)

    def _paint_note(self, painter: QPainter, frame: QRect) -> None:
        """Draw a note that others do not see this."""
        text = self.tr("Without effect: only you see this")
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(text) + 24, metrics.height() + 8
        note = QRectF(frame.center().x() - width / 2, frame.top() + 12, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 190))
        painter.drawRoundedRect(note, height / 2, height / 2)
        painter.setPen(QColor("#fff"))
        painter.drawText(note, Qt.AlignmentFlag.AlignCenter, text)


def _veil(color: QColor) -> QColor:
    return QColor(color.red(), color.green(), color.blue(), 190)
