"""Small pictures of backgrounds, read on other threads and cached."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QImageReader, QPixmap

from segcam.api import client
from segcam.errors import SegCamError
from segcam_ui.connection import Connection
from segcam_ui.entries import MENU_PICTURE_PX, Entry, Film

SIZE_PX = QSize(320, 180)
"""Twice a tile's size: sharp on high-resolution screens."""
MAX_FILE_MB = 256
"""A picture that needs more memory gets no small picture."""

Key = tuple[str, int]
Read = tuple[list[QImage], int]
"""Pictures, and the interval in ms."""


def read_film(identifier: str) -> Read:
    """The first pictures of a video, made by the running SegCam; none if it cannot."""
    found = client.background_film(identifier)
    strip, height = QImage(str(found["path"])), int(found["height"])
    count = strip.height() // height
    pictures = [strip.copy(0, at * height, strip.width(), height) for at in range(count)]
    return pictures, round(1000 / float(found["rate_hz"]))


def read_thumbnail(path: str) -> QImage:
    """The middle of a picture in a tile's shape; null if it cannot be read."""
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


class Thumbnails(QObject):
    """Small pictures of backgrounds; `came` reports each one that has become available.

    Args:
        connection: Provides the threads that read pictures and request those of videos.
    """

    came = Signal(str)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._connection = connection
        self._kept: dict[Key, Film] = {}
        self._asked: set[Key] = set()

    def get(self, entry: Entry) -> Film | None:
        """The small picture, or None: then it is read, and `came` follows if that works."""
        try:
            key = entry.path, Path(entry.path).stat().st_mtime_ns
        except OSError:
            return None
        if key not in self._kept and key not in self._asked:
            self._asked.add(key)
            read = partial(_read, entry)
            keep, give_up = partial(self._keep, key), partial(self._give_up, key)
            self._connection.ask(read, keep, give_up, lane=f"thumbnails {entry.kind}")
        return self._kept.get(key)

    def _keep(self, key: Key, read: Read) -> None:
        pictures, period_ms = read
        if pictures:
            film = [QPixmap.fromImage(each) for each in pictures]
            self._kept[key] = Film(film, period_ms, QIcon(film[0].scaled(*MENU_PICTURE_PX)))
            self.came.emit(key[0])

    def _give_up(self, key: Key, error: SegCamError) -> None:
        """Allow a retry of requests that failed because nobody answered."""
        if error.code in ("daemon.not_running", "daemon.busy"):
            self._asked.discard(key)


def _read(entry: Entry) -> Read:
    if entry.kind == "video":
        return read_film(entry.id)
    picture = read_thumbnail(entry.path)
    return [] if picture.isNull() else [picture], 0
