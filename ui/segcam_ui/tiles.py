"""One background in the picker: a rounded picture in 16:9 that can be chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QFontMetrics,
    QHideEvent,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QRadioButton, QWidget

from segcam_ui import icons, theme
from segcam_ui.controls import press_by_enter
from segcam_ui.entries import Entry, Film
from segcam_ui.focus import Ringed

RING_PX = 4
"""Space around a tile for the ring that marks the choice and the focus."""
TILE_PX = 144
"""Width of the picture in a tile, without the ring."""
_BADGE_PX = 20
_LIGHTS = (0.12, 0.3, 0.20), (0.33, 0.78, 0.14), (0.72, 0.18, 0.17), (0.9, 0.7, 0.22)
"""Centre and size, as shares of the tile."""


class Tile(Ringed, QRadioButton):
    """A background; for assistive programs it is a radio button.

    Signals:
        removed: The user wants to remove it. focused: It got or lost the focus.
    """

    removed = Signal()
    focused = Signal()

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self.setCheckable(entry.kind != "add")
        self.setAccessibleName(entry.title)
        self.setToolTip(entry.title)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        self._thumbnail: QPixmap | None = None
        self._film: Sequence[QPixmap] = ()
        self._playing = QTimer(self)
        self._playing.timeout.connect(self._turn)
        self._at = 0

    @property
    def has_thumbnail(self) -> bool:
        """Whether it shows the file's picture."""
        return self._thumbnail is not None

    def show_film(self, film: Film) -> None:
        """Show the file's picture; a video plays under the pointer and with the focus."""
        self._film, self._thumbnail = film.pictures, film.pictures[0]
        self._playing.setInterval(film.period_ms)
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Play."""
        super().enterEvent(event)
        self._play()

    def leaveEvent(self, event: QEvent) -> None:
        """Stop playing."""
        super().leaveEvent(event)
        self._stop()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop playing."""
        super().hideEvent(event)
        self._stop()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Play, for users of the keyboard."""
        super().focusInEvent(event)
        self._play()
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Stop playing."""
        super().focusOutEvent(event)
        self._stop()
        self.focused.emit()

    def _play(self) -> None:
        if len(self._film) > 1 and theme.moves():
            self._playing.start()

    def _stop(self) -> None:
        self._playing.stop()
        self._at = 0
        if self._film:
            self._thumbnail = self._film[0]
        self.update()

    def _turn(self) -> None:
        self._at = (self._at + 1) % len(self._film)
        self._thumbnail = self._film[self._at]
        self.update()

    def set_chosen(self, chosen: bool) -> None:
        """Mark it as chosen or not; none need be chosen."""
        self.setAutoExclusive(False)
        self.setChecked(chosen)
        self.setAutoExclusive(True)  # for assistive programs: one of many

    def sizeHint(self) -> QSize:
        """The picker sets the real size."""
        return QSize(TILE_PX, TILE_PX * 9 // 16)

    def hitButton(self, pos: QPoint) -> bool:
        """The whole area can be pressed."""
        return self.rect().contains(pos)

    def nextCheckState(self) -> None:
        """Keep a chosen tile chosen when it is pressed again."""
        if self.isCheckable():
            self.setChecked(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses, Delete removes; the picker handles the arrows."""
        self.set_by_keys(True)
        if press_by_enter(self, event):
            return
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.entry.own:
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The cross in the corner removes."""
        if self._shows_cross() and self._cross().contains(event.position()):
            self.removed.emit()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show a tooltip for the cross."""
        over = self._shows_cross() and self._cross().contains(event.position())
        self.setToolTip(
            self.tr("Remove “{}”").format(self.entry.title) if over else self.entry.title
        )
        super().mouseMoveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Let the picker show the actions."""
        event.ignore()

    def _shows_cross(self) -> bool:
        return self.entry.own and self.underMouse()

    def _inner(self) -> QRectF:
        return QRectF(self.rect()).adjusted(RING_PX, RING_PX, -RING_PX, -RING_PX)

    def _cross(self) -> QRectF:
        inner = self._inner()
        return QRectF(inner.right() - _BADGE_PX - 6, inner.top() + 6, _BADGE_PX, _BADGE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw picture, label, ring and badges."""
        colors = theme.colors()
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        shape = QPainterPath()
        shape.addRoundedRect(self._inner(), theme.RADIUS, theme.RADIUS)
        painter.save()
        painter.setClipPath(shape)
        self._paint_picture(painter, colors)
        if self.underMouse() or self.isDown():
            painter.fillRect(self.rect(), QColor(255, 255, 255, 28 if colors.dark else 48))
        painter.restore()
        self._paint_ring(painter, colors)
        if self.isChecked():
            self._paint_badge(painter, colors)
        if self._shows_cross():
            self._paint_cross(painter)

    def _paint_picture(self, painter: QPainter, colors: theme.Colors) -> None:
        inner, kind = self._inner(), self.entry.kind
        if kind == "color":
            painter.fillRect(inner, QColor(self.entry.value.partition(":")[2]))
        elif kind in ("image", "video") and self._thumbnail is not None:
            painter.drawPixmap(inner, self._thumbnail, QRectF(self._thumbnail.rect()))
            if kind == "video":
                self._paint_film(painter, inner)
        elif kind == "blur":
            self._paint_blur(painter, inner, colors)
            self._paint_label(painter, inner, colors, "")
        else:
            painter.fillRect(inner, colors.surface)
            symbol = {"none": "none", "add": "plus", "video": "video"}.get(kind, "picture")
            self._paint_label(painter, inner, colors, symbol)
            if colors.strong:
                painter.setPen(QPen(colors.rim, 2))
                painter.drawRoundedRect(inner, theme.RADIUS, theme.RADIUS)

    def _paint_film(self, painter: QPainter, inner: QRectF) -> None:
        mark = icons.pixmap("video", QColor("#fff"), 16, self.devicePixelRatioF())
        painter.drawPixmap(QPoint(round(inner.left()) + 8, round(inner.bottom()) - 24), mark)

    def _paint_blur(self, painter: QPainter, inner: QRectF, colors: theme.Colors) -> None:
        """Soft lights: the stronger the blur, the larger and fainter."""
        strong = _strength(self.entry.value) >= 50
        back = QLinearGradient(inner.topLeft(), inner.bottomRight())
        back.setColorAt(0, theme.mixed(colors.surface, QColor("#5b8fd9"), 0.35))
        back.setColorAt(1, theme.mixed(colors.surface, QColor("#b58fd0"), 0.35))
        painter.fillRect(inner, back)
        painter.setPen(Qt.PenStyle.NoPen)
        grow, alpha = (1.9, 34) if strong else (1.0, 74)
        painter.setBrush(QColor(255, 255, 255, alpha))
        for x, y, size in _LIGHTS:
            radius = size * inner.height() * grow
            center = inner.topLeft() + QPointF(x * inner.width(), y * inner.height())
            painter.drawEllipse(center, radius, radius)

    def _paint_label(
        self, painter: QPainter, inner: QRectF, colors: theme.Colors, symbol: str
    ) -> None:
        box = inner.adjusted(theme.GRID, 0, -theme.GRID, 0)
        text, height = _fitted(self.entry.title, painter.fontMetrics(), int(box.width()))
        if symbol:
            mark = icons.pixmap(symbol, colors.text, 16, self.devicePixelRatioF())
            top = inner.center().y() - (16 + 6 + height) / 2
            painter.drawPixmap(QPoint(round(inner.center().x()) - 8, round(top)), mark)
            box.setTop(top + 22)
            box.setHeight(height)
        painter.setPen(colors.text)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    def _paint_ring(self, painter: QPainter, colors: theme.Colors) -> None:
        if self.isChecked() and not (self.hasFocus() and self.by_keys):
            color = colors.accent
        elif self.hasFocus():
            color = colors.text
        else:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, 2))
        ring = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(ring, theme.RADIUS + 2, theme.RADIUS + 2)

    def _paint_badge(self, painter: QPainter, colors: theme.Colors) -> None:
        inner = self._inner()
        box = QRectF(
            inner.right() - _BADGE_PX - 6, inner.bottom() - _BADGE_PX - 6, _BADGE_PX, _BADGE_PX
        )
        painter.setPen(QPen(colors.on_accent, 1.5))
        painter.setBrush(colors.accent)
        painter.drawEllipse(box)
        mark = icons.pixmap("check", colors.on_accent, 12, self.devicePixelRatioF())
        painter.drawPixmap(QPoint(round(box.x()) + 4, round(box.y()) + 4), mark)

    def _paint_cross(self, painter: QPainter) -> None:
        box = self._cross()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawEllipse(box)
        mark = icons.pixmap("close", QColor("#fff"), 12, self.devicePixelRatioF())
        painter.drawPixmap(QPoint(round(box.x()) + 4, round(box.y()) + 4), mark)


def _fitted(title: str, metrics: QFontMetrics, width: int) -> tuple[str, int]:
    """A title in at most two lines of that width, and its height; a longer one is cut off."""
    needed = metrics.boundingRect(QRect(0, 0, width, 0), Qt.TextFlag.TextWordWrap, title)
    if needed.width() <= width and needed.height() <= 2 * metrics.lineSpacing():
        return title, needed.height()
    return metrics.elidedText(title, Qt.TextElideMode.ElideRight, width), metrics.height()


def _strength(value: str) -> int:
    digits = value.partition(":")[2]
    return int(digits) if digits.isdigit() else 60
