"""The program's icons: line drawings in the colour of the text next to them."""

from __future__ import annotations

from functools import cache
from importlib import resources

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_INK = b"#000"
"""The colour in the files that is replaced by the text's."""
_SIZES_PX = (16, 22, 32, 64)


@cache
def _drawing(name: str) -> bytes:
    return resources.files("segcam_ui").joinpath("icons", f"{name}.svg").read_bytes()


def pixmap(name: str, color: QColor, side_px: int, ratio: float = 1.0) -> QPixmap:
    """One icon as pixels.

    Args:
        name: Name of the file in ``icons/``.
        color: Replaces the ink; coloured icons keep their colours.
        side_px: Width and height in device-independent pixels.
        ratio: Device pixels per device-independent pixel.
    """
    side = round(side_px * ratio)
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    drawing = _drawing(name).replace(_INK, color.name().encode())
    QSvgRenderer(QByteArray(drawing)).render(painter, QRectF(0, 0, side, side))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


@cache
def _icon(name: str, color: int, dimmed: int) -> QIcon:
    made = QIcon()
    for side in _SIZES_PX:
        made.addPixmap(pixmap(name, QColor(color), side))
        made.addPixmap(pixmap(name, QColor(dimmed), side), QIcon.Mode.Disabled)
    return made


def icon(name: str, color: QColor, dimmed: QColor | None = None) -> QIcon:
    """One icon in all sizes; ``dimmed`` is its disabled colour."""
    return _icon(name, color.rgb(), (dimmed or color).rgb())


def program_icon() -> QIcon:
    """The program's icon, in its own colours."""
    made = icon("segcam", QColor(0, 0, 0))
    made.addPixmap(pixmap("segcam", QColor(0, 0, 0), 256))
    return made


def tray_icon(state: str) -> QIcon:
    """The tray's icon: live, idle, paused or trouble. Readable on dark and light panels."""
    return icon(f"tray-{state}", QColor(0, 0, 0))


def empty() -> QIcon:
    """Nothing, as an icon."""
    nothing = QPixmap(1, 1)
    nothing.fill(Qt.GlobalColor.transparent)
    return QIcon(nothing)


ICON_SIZE = QSize(16, 16)
