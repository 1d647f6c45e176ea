"""Reads a preview of the running SegCam from shared memory, while it is needed."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from segcam.api import client
from segcam.api.preview import Preview
from segcam.errors import SegCamError
from segcam_ui.connection import Connection

RETRY_MS = 1000


class Source:
    """The shared memory, and the connection that keeps it updated.

    Args:
        raw: Read the camera's picture with nothing hidden, instead of what others see.
    """

    def __init__(self, raw: bool = False) -> None:
        self._watch = client.watch(raw=raw)
        try:
            self._preview = Preview(self._watch.path)
        except SegCamError:
            self._watch.close()
            raise
        self._serial = 0

    def newer(self) -> QImage | None:
        """The newest picture, if it has not been returned yet."""
        if self._preview.serial == self._serial:
            return None
        picture = self._preview.read()
        if picture is None:
            return None
        self._serial, width, height, rows = picture
        seen = QImage(rows, width, height, 3 * width, QImage.Format.Format_RGB888)
        return seen.convertToFormat(QImage.Format.Format_RGB32)  # a copy; scaled twice as fast

    @property
    def ended(self) -> bool:
        """Whether the writer has ended."""
        return self._watch.ended

    def close(self) -> None:
        """Stop watching, so that the camera may go off."""
        self._watch.close()
        self._preview.close()


class Looking(QObject):
    """Reads pictures while they are wanted; opens on another thread, and again if lost.

    Args:
        connection: Provides threads that may wait.
        raw: See `Source`.
        parent: Owns this.
    """

    def __init__(self, connection: Connection, raw: bool, parent: QObject) -> None:
        super().__init__(parent)
        self._connection, self._raw = connection, raw
        self._source: Source | None = None
        self._fresh: Source | None = None
        self._wanted = self._opening = self._was_open = False

    @property
    def wanted(self) -> bool:
        """Whether pictures are wanted."""
        return self._wanted

    @property
    def has_ended(self) -> bool:
        """Whether it was open after `start` and has ended."""
        return self._was_open and self._source is None

    def start(self) -> None:
        """Start reading."""
        self._wanted, self._was_open = True, False
        self._open()

    def stop(self) -> None:
        """Stop reading until `start`."""
        self._wanted = False
        self._close()

    def newer(self) -> QImage | None:
        """The newest picture, if it has not been returned yet."""
        if self._source is None:
            self._open()
            return None
        if self._source.ended:
            self._close()
            return None
        return self._source.newer()

    def _open(self) -> None:
        if self._wanted and not self._opening and self._source is None:
            self._opening = True
            lane = f"preview {self._raw}"
            self._connection.ask(self._make, self._take, self._wait, lane=lane)

    def _make(self) -> None:
        """Open it on another thread, for `_take`; closed at once if nobody wants it any more."""
        self._fresh = Source(self._raw)
        if not self._wanted:
            self._close_fresh()

    def _close_fresh(self) -> None:
        fresh, self._fresh = self._fresh, None
        if fresh is not None:
            fresh.close()

    def _close(self) -> None:
        self._close_fresh()
        if self._source is not None:
            self._source.close()
            self._source = None

    def _take(self, _: object) -> None:
        self._opening = False
        if self._wanted and self._fresh is not None:
            self._source, self._fresh = self._fresh, None
            self._was_open = True
        else:
            self._close_fresh()

    def _wait(self, _: SegCamError) -> None:
        QTimer.singleShot(RETRY_MS, self, self._try_again)

    def _try_again(self) -> None:
        self._opening = False
