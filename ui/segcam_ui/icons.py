"""The program's icons: line drawings in the colour of the text next to them."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_INK = b"#000"
"""The colour in the files that is replaced by the text's."""
_SIZES_PX = (16, 32)
"""Sizes in buttons and menus, also on screens with twice the pixels."""
_PANEL_SIZES_PX = (16, 22, 32, 64)
"""Sizes in panels and lists of windows."""
_FOLDER = Path(__file__).with_name("icons")


@cache
def _drawing(name: str) -> bytes:
    return (_FOLDER / f"{name}.svg").read_bytes()


def pixmap(name: str, color: QColor, side_px: int, ratio: float = 1.0) -> QPixmap:
    """One icon as pixels.

    Args:
        name: Name of the file in ``icons/``.
        color: Replaces the ink; coloured icons keep their colours.
        side_px: Width and height in device-independent pixels.
        ratio: Device pixels per device-independent pixel.
    """
    return _pixmap(name, color.rgb(), side_px, ratio)


@lru_cache(maxsize=256)
def _pixmap(name: str, rgb: int, side_px: int, ratio: float) -> QPixmap:
    """Kept: Qt's own cache would keep a copy of each new one that a label shows, up to 10 MB."""
    side = round(side_px * ratio)
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    drawing = _drawing(name).replace(_INK, QColor(rgb).name().encode())
    QSvgRenderer(QByteArray(drawing)).render(painter, QRectF(0, 0, side, side))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


@cache
def _icon(name: str, color: int, dimmed: int, sizes_px: tuple[int, ...]) -> QIcon:
    made = QIcon()
    for side in sizes_px:
        drawn = pixmap(name, QColor(color), side)
        made.addPixmap(drawn)
        off = drawn if dimmed == color else pixmap(name, QColor(dimmed), side)
        made.addPixmap(off, QIcon.Mode.Disabled)
    return made


def icon(name: str, color: QColor, dimmed: QColor | None = None) -> QIcon:
    """One icon in all sizes; ``dimmed`` is its disabled colour."""
    return _icon(name, color.rgb(), (dimmed or color).rgb(), _SIZES_PX)


def program_icon() -> QIcon:
    """The program's icon, in its own colours."""
    return _icon("segcam", 0, 0, (*_PANEL_SIZES_PX, 256))


def tray_icon(state: str) -> QIcon:
    """The tray's icon: live, idle, paused or trouble. Readable on dark and light panels."""
    return _icon(f"tray-{state}", 0, 0, _PANEL_SIZES_PX)


def empty() -> QIcon:
    """Nothing, as an icon."""
    nothing = QPixmap(1, 1)
    nothing.fill(Qt.GlobalColor.transparent)
    return QIcon(nothing)


ICON_SIZE = QSize(16, 16)
