"""Records composites to a video file, live."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import count
from pathlib import Path

import av

from segcam.errors import OutputUnwritable
from segcam.frame import Frame, Size
from segcam.sink.base import Sink
from segcam.sink.formats import format_of
from segcam.sink.part import Shortened
from segcam.sink.writing import Writing

_HINTS = {
    errno.ENOSPC: "Free some space on its disk, or choose another disk",
    errno.EDQUOT: "Free some space: your quota on this disk is used up",
    errno.EFBIG: "Choose a disk that allows larger files, or check: ulimit -f",
}
_HINT = "Choose a writable folder on a disk with free space"


class FileSink(Sink):
    """A video file that grows while it is recorded, and is kept up to its last complete part.

    Once the first second is written, the file gets its name, replacing an older file, and can be
    played. A full disk or the end of the process loses little more than the last second. If the
    sink is opened again, it continues in another file next to the first.

    Args:
        path: Its extension selects the format: one of `formats.FORMATS`.

    Raises:
        OutputUnwritable: It has another extension.
    """

    is_camera = False
    keeps = True

    def __init__(self, path: Path) -> None:
        format_of(path)
        self.name = str(path)
        self._path = path
        self._writing: Writing | None = None
        self._named = self._failed = self._abandoned = False

    @property
    def unfinished(self) -> str:
        """See `Sink.unfinished`."""
        writing = self._writing
        return "" if writing is None or writing.empty or self._abandoned else self.name

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """See `Sink.open`.

        Raises:
            OutputUnwritable: The folder is missing, permission is denied, or it is not a regular
                file.
        """
        path = _free_name(self._path) if self._named else self._path
        self.name = str(path)
        self._failed = self._named = False
        with self._told():
            self._writing = self._start(path, size, rate_hz)

    def send(self, frame: Frame) -> None:
        """See `Sink.send`. A frame that is not later than the last one is skipped."""
        writing = self._writing
        assert writing is not None
        with self._told(writing):
            writing.add(frame)
            self._show(writing)

    def abandon(self) -> None:
        """See `Sink.abandon`: a recording is kept up to its last complete part."""
        self._abandoned = True
        writing = self._writing
        if writing is not None and not self._named:
            writing.place.discard()

    def close(self) -> None:
        """See `Sink.close`. An empty file is deleted."""
        writing = self._writing
        if writing is None:
            return
        try:
            with self._told(writing):
                self._end(writing)
        finally:
            self._writing = None

    def _start(self, path: Path, size: Size, rate_hz: Fraction) -> Writing:
        return Writing(path, size, rate_hz, live=True)

    def _show(self, writing: Writing) -> None:
        """Give the file its name as soon as it can be played."""
        if writing.playable and not self._named and os.name != "nt":
            writing.place.publish()
            self._named = True

    def _end(self, writing: Writing) -> None:
        try:
            if self._failed or writing.empty:
                writing.cut()
            else:
                writing.finish(self._end_ns())
        finally:
            self._settle(writing)

    def _end_ns(self) -> int | None:
        """End of the last frame on the frames' clock; None: after a frame period."""
        return None

    def _settle(self, writing: Writing) -> None:
        """Give a playable file its name, delete an unplayable one."""
        place = writing.place
        try:
            if not writing.playable or (self._abandoned and not self._named):
                place.discard()
            elif place.lost:
                raise deleted(self.name, place.restore(apart=self._named))
            elif not self._named:
                place.publish()
                self._named = True
        finally:
            place.close()

    @contextmanager
    def _told(self, writing: Writing | None = None) -> Iterator[None]:
        try:
            yield
        except (av.FFmpegError, OSError, ValueError) as error:
            self._failed = True
            hint = _HINTS.get(getattr(error, "errno", None) or 0, _HINT)
            if isinstance(error, Shortened):
                hint = "What was recorded is lost. Leave a file alone while SegCam writes it"
            elif writing is not None and writing.playable:
                hint += f". {self._kept()}"
            reason = getattr(error, "strerror", None) or str(error)
            raise OutputUnwritable(f"{self.name} cannot be written", reason, hint) from error

    def _kept(self) -> str:
        return "The recording up to that point is kept"


def deleted(name: str, again: Path) -> OutputUnwritable:
    """The message if a deleted file was written again at the end, as ``again``."""
    return OutputUnwritable(
        f"{name} was deleted or replaced while SegCam was writing it",
        f"SegCam has written the whole file again: {again}",
        "Check that it is complete",
    )


def _free_name(path: Path) -> Path:
    """An unused name similar to ``path``."""
    names = (path.with_name(f"{path.stem[:200]}-{number}{path.suffix}") for number in count(2))
    return next(name for name in names if not os.path.lexists(name))
