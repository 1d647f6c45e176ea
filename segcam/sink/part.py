"""A file that is being written and can be cut back to its last good state."""

from __future__ import annotations

import errno
import io
import os


class Shortened(OSError):
    """Another program has cut the file."""


class Part(io.RawIOBase):
    """An open file that can be cut back to its last good state.

    A write is complete or fails, and after the first failure all writes fail. `roll_back` then
    restores the file's content at the last `mark`.

    Args:
        descriptor: Owned.
    """

    def __init__(self, descriptor: int) -> None:
        self._file = io.FileIO(descriptor, "r+")
        self._marked = 0
        self.error: OSError | None = None
        """Why it accepts no more writes."""

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write all of ``data``.

        Raises:
            OSError: The disk is full, or the file has reached its size limit.
        """
        if self.error is not None:
            raise self.error
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self.error = error
            raise
        return len(data)

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Read; muxers read back what they wrote."""
        return self._file.readinto(buffer)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to an offset, like `io.IOBase.seek`."""
        return self._file.seek(offset, whence)

    def readable(self) -> bool:
        """Always."""
        return True

    def writable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return self._file.fileno()

    def mark(self) -> int:
        """Remember the current end of the file; the content so far is usable.

        Returns:
            The number of bytes up to there.

        Raises:
            Shortened: It is shorter than at the last mark.
        """
        before, self._marked = self._marked, os.fstat(self.fileno()).st_size
        if self._marked < before:
            self.error = Shortened(errno.EIO, "Another program has cut it")
            raise self.error
        return self._marked

    def seal(self) -> None:
        """Make all later writes fail."""
        self.error = self.error or OSError(errno.EBADF, "It is closed")

    def roll_back(self) -> None:
        """Remove everything after the last `mark`; later writes fail."""
        self._file.truncate(self._marked)

    def sync(self) -> None:
        """Wait until everything is on the disk.

        Raises:
            OSError: The disk cannot store it.
        """
        os.fsync(self.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
