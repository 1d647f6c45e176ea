"""The live picture as others see it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
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

from segcam.api import client
from segcam.api.preview import Picture, Preview
from segcam.errors import SegCamError
from segcam_ui import icons, theme
from segcam_ui.connection import Connection

_LOOK_MS = 40
"""Looks for a new picture so often; the running SegCam writes up to 15 a second."""
_RADIUS_PX = 12


class PreviewSource:
    """The shared memory of the running SegCam, and the connection that keeps it written."""

    def __init__(self) -> None:
        self._watch = client.watch()
        try:
            self._preview = Preview(self._watch.path)
        except SegCamError:
            self._watch.close()
            raise
        self._serial = 0

    def newer(self) -> Picture | None:
        """The newest picture, if it was not returned before."""
        if self._preview.serial == self._serial:
            return None
        picture = self._preview.read()
        if picture is not None:
            self._serial = picture[0]
        return picture

    @property
    def ended(self) -> bool:
        """Whether nobody writes any more."""
        return self._watch.ended

    def close(self) -> None:
        """Watch no more: the camera may go off."""
        self._watch.close()
        self._preview.close()


class PreviewWidget(QWidget):
    """Shows the picture in its shape with rounded corners; watches only while it is visible.

    Args:
        connection: Opens the preview beside the window's thread.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection
        self._source: PreviewSource | None = None
        self._opening = False
        self._image = QImage()
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
        return not self._image.isNull()

    def set_mirrored(self, mirrored: bool) -> None:
        """Swap left and right here alone, as a mirror does."""
        self._mirrored = mirrored
        self.update()

    def set_dimmed(self, symbol: str) -> None:
        """Draw the last picture faintly under a symbol: it is not live. Empty: it is."""
        if symbol != self._dimmed:
            self._dimmed = symbol
            self.update()

    def sizeHint(self) -> QSize:
        """The size of what is written."""
        return QSize(640, 360)

    def showEvent(self, event: QShowEvent) -> None:
        """Watch."""
        super().showEvent(event)
        self._timer.start()
        self._look()

    def hideEvent(self, event: QHideEvent) -> None:
        """Watch no more."""
        super().hideEvent(event)
        self.stop()

    def stop(self) -> None:
        """Watch no more until it is shown again."""
        self._timer.stop()
        if self._source is not None:
            self._source.close()
            self._source = None

    def _look(self) -> None:
        if self._source is None:
            self._open()
            return
        if self._source.ended:
            self._source.close()
            self._source = None
            return
        picture = self._source.newer()
        if picture is not None:
            _, width, height, rows = picture
            self._image = QImage(rows, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
            self.update()

    def _open(self) -> None:
        if not self._opening:
            self._opening = True
            self._connection.ask(PreviewSource, self._take, self._wait, lane="preview")

    def _take(self, source: PreviewSource) -> None:
        self._opening = False
        if self.isVisible():
            self._source = source
        else:
            source.close()

    def _wait(self, _: SegCamError) -> None:
        QTimer.singleShot(1000, self, self._try_again)

    def _try_again(self) -> None:
        self._opening = False

    def _frame(self) -> QRectF:
        """Where the picture lies: in its own shape, in the middle."""
        shape = self._image.size() if self.shows_picture else QSize(16, 9)
        size = shape.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left = (self.width() - size.width()) // 2
        return QRectF(left, (self.height() - size.height()) // 2, size.width(), size.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, then the corners over it: a clip would cost more than the picture."""
        colors = theme.colors()
        painter = QPainter(self)
        frame = self._frame()
        if self.shows_picture:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            shown = (
                self._image.flipped(Qt.Orientation.Horizontal) if self._mirrored else self._image
            )
            painter.drawImage(frame, shown)
        else:
            painter.fillRect(frame, colors.surface)
        if self._dimmed:
            painter.fillRect(frame, _veil(colors.window))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        around = QPainterPath()
        around.addRect(QRectF(self.rect()))
        hole = QPainterPath()
        hole.addRoundedRect(frame, _RADIUS_PX, _RADIUS_PX)
        painter.fillPath(around.subtracted(hole), colors.window)
        if self._dimmed:
            self._paint_symbol(painter, frame.center(), colors.dim)

    def _paint_symbol(self, painter: QPainter, center: QPointF, color: QColor) -> None:
        symbol = icons.pixmap(self._dimmed, color, 48, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(center.x() - 24, center.y() - 24), symbol)


def _veil(color: QColor) -> QColor:
    return QColor(color.red(), color.green(), color.blue(), 190)
