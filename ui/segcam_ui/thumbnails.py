"""Small pictures of backgrounds, read beside the window's thread and kept."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader, QPixmap

SIZE_PX = QSize(320, 180)
"""Twice a tile's: sharp on screens with two pixels for one."""
MAX_FILE_MB = 256
"""A picture that needs more memory is not shown small."""

Key = tuple[str, int]


def read_thumbnail(path: str) -> QImage:
    """The middle of a picture in a tile's shape; null where it cannot be read."""
    QImageReader.setAllocationLimit(MAX_FILE_MB)
    reader = QImageReader(path)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():
        reader.setScaledSize(
            size.scaled(SIZE_PX * 1.5, Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        )
    picture = reader.read()
    if picture.isNull():
        return picture
    picture = picture.scaled(
        SIZE_PX,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    left = (picture.width() - SIZE_PX.width()) // 2
    top = (picture.height() - SIZE_PX.height()) // 2
    return picture.copy(left, top, SIZE_PX.width(), SIZE_PX.height())


class _Job(QRunnable):
    def __init__(self, owner: Thumbnails, key: Key) -> None:
        super().__init__()
        self._owner, self._key = owner, key

    def run(self) -> None:
        picture = read_thumbnail(self._key[0])
        with suppress(RuntimeError):  # the window is gone
            self._owner.read.emit(self._key, picture)


class Thumbnails(QObject):
    """Thumbnails by path; `came` tells of each that was missing and is here now."""

    came = Signal(str)
    read = Signal(object, QImage)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._kept: dict[Key, QPixmap] = {}
        self._asked: set[Key] = set()
        self.read.connect(self._keep)

    def get(self, path: str) -> QPixmap | None:
        """The thumbnail, or None: then it is read, and `came` follows if that works."""
        try:
            key = path, Path(path).stat().st_mtime_ns
        except OSError:
            return None
        if key not in self._kept and key not in self._asked:
            self._asked.add(key)
            self._pool.start(_Job(self, key))
        return self._kept.get(key)

    def close(self) -> None:
        """Read nothing more, and wait for the one being read."""
        self._pool.clear()
        self._pool.waitForDone()

    def _keep(self, key: Key, picture: QImage) -> None:
        if not picture.isNull():
            self._kept[key] = QPixmap.fromImage(picture)
            self.came.emit(key[0])
