"""The place of a file that is being written: its name is taken only by what deserves it.

What is written grows in a part beside it, which then takes the name. Names that others plant are
never followed or opened: the part's cannot be guessed, and it is always a new file.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
import shutil
import stat
from contextlib import suppress
from itertools import count
from pathlib import Path

_NEW = (
    os.O_RDWR
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)  # Windows
)
_FOLDER = getattr(os, "O_PATH", 0) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_LONGEST_NAME = 255
"""Bytes that file systems allow, as good as all of them."""
_STEM = 40
"""Letters of the target's name in the part's, to tell people what it is: 160 bytes at most."""


class Part(io.RawIOBase):
    """An open file that keeps whole what it had when it could take no more.

    Every write is complete or fails, and after the first failure all fail: `roll_back` then leaves
    what lay there at the last `mark`.

    Args:
        descriptor: Owned.
    """

    def __init__(self, descriptor: int) -> None:
        self._file = io.FileIO(descriptor, "r+")
        self._marked = 0
        self.error: OSError | None = None
        """Why it takes no more."""

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write all of ``data``.

        Raises:
            OSError: The disk is full, or the file as large as it may be.
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
        """Read; muxers look at what they wrote."""
        return self._file.readinto(buffer)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place in the file."""
        return self._file.seek(offset, whence)

    def readable(self) -> bool:
        """It is."""
        return True

    def writable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def fileno(self) -> int:
        """The descriptor."""
        return self._file.fileno()

    def mark(self) -> int:
        """Remember the file's present end: what it holds can be used as it is.

        Returns:
            Bytes up to there.
        """
        self._marked = os.fstat(self.fileno()).st_size
        return self._marked

    def seal(self) -> None:
        """Let every later write fail."""
        self.error = self.error or OSError(errno.EBADF, "It is closed")

    def roll_back(self) -> None:
        """Cut off what was written after the last `mark`; later writes fail."""
        self._file.truncate(self._marked)

    def sync(self) -> None:
        """Wait until all of it lies on the disk.

        Raises:
            OSError: It cannot be kept there.
        """
        os.fsync(self.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class Place:
    """Where a file is to lie, and the part that will take its name.

    Args:
        path: Its name. A link is followed: the file that it leads to is the one that is written.

    Attributes:
        path: The file itself, never a link.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.realpath(path))
        self._folder: int | None = None
        self._part: Part | None = None
        self._name = ""

    def open(self) -> Part:
        """Make the part, with the rights of the file whose name it will take.

        Raises:
            OSError: There is no such folder, no permission, or ``path`` is no regular file.
        """
        folder = self.path.parent
        if os.open in os.supports_dir_fd:  # a folder that is moved meanwhile stays the right one
            self._folder = os.open(folder, _FOLDER)
        try:
            old = self._old()
            self._name = f"{self.path.stem[:_STEM]}.part-{secrets.token_hex(8)}{self.path.suffix}"
            descriptor = self._create(self._name, 0o666 if old is None else 0o600)
        except BaseException:
            self.close()
            raise
        if old is not None:
            _take_rights(descriptor, old)
        self._part = Part(descriptor)
        return self._part

    def publish(self) -> None:
        """Give the part its name, in place of a file that had it, while it stays open.

        Raises:
            OSError: The folder or the part is gone, or the folder may not be changed any more.
        """
        self._rename(self._name, self.path.name)

    def publish_apart(self) -> Path:
        """Give the part a name that no other file has: its own, or one like it.

        Returns:
            The name.

        Raises:
            OSError: As `publish`.
        """
        for number in count():
            name = _apart(self.path, number)
            with suppress(FileExistsError):
                os.close(self._create(name, 0o600))
                break
        self._rename(self._name, name)
        return self.path.with_name(name)

    @property
    def lost(self) -> bool:
        """Whether the part was deleted by somebody, alone or with its folder."""
        part = self._part
        return part is not None and not part.closed and os.fstat(part.fileno()).st_nlink == 0

    def restore(self) -> None:
        """Write what was deleted into a new file at ``path``, its folder made again.

        Raises:
            OSError: That cannot be done.
        """
        assert self._part is not None
        place = Place(self.path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        copy = place.open()
        try:
            self._part.seek(0)
            shutil.copyfileobj(self._part, copy, 1 << 20)
            place.publish()
        except OSError:
            place.discard()
            raise
        finally:
            place.close()

    def discard(self) -> None:
        """Delete the part, if there is one."""
        if not self._name:
            return
        with suppress(OSError):
            os.unlink(self._at(self._name), dir_fd=self._folder)

    def close(self) -> None:
        """Release the part and the folder; may be called twice."""
        if self._part is not None:
            with suppress(OSError):
                self._part.close()
        if self._folder is not None:
            os.close(self._folder)
        self._folder = self._part = None

    def _old(self) -> os.stat_result | None:
        try:
            old = os.stat(self._at(self.path.name), dir_fd=self._folder, follow_symlinks=False)
        except FileNotFoundError:
            return None
        if stat.S_ISDIR(old.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self.path))
        if not stat.S_ISREG(old.st_mode):
            raise OSError(errno.EINVAL, "It is no regular file", str(self.path))
        return old

    def _create(self, name: str, mode: int) -> int:
        return os.open(self._at(name), _NEW, mode, dir_fd=self._folder)

    def _rename(self, old: str, new: str) -> None:
        if os.name == "nt" and self._part is not None:  # no open file is renamed there
            self._part.close()
        folder = self._folder
        os.replace(self._at(old), self._at(new), src_dir_fd=folder, dst_dir_fd=folder)
        self._name = new

    def _at(self, name: str) -> str:
        return name if self._folder is not None else str(self.path.with_name(name))


def write_file(path: Path, data: bytes) -> None:
    """Write a file as a whole: others see the old one or the new one, and nothing in between.

    Raises:
        OSError: It cannot be written; an old one is as it was.
    """
    place = Place(path)
    try:
        place.open().write(data)
        place.publish()
    except OSError:
        place.discard()
        raise
    finally:
        place.close()


def _take_rights(descriptor: int, old: os.stat_result) -> None:
    """What a group may do with a file is given away only where the group stays the same."""
    if not hasattr(os, "fchown"):  # Windows
        return
    mode = stat.S_IMODE(old.st_mode) & 0o777
    try:
        os.fchown(descriptor, old.st_uid, old.st_gid)
    except OSError:
        if os.fstat(descriptor).st_gid != old.st_gid:
            mode &= ~0o070
    os.fchmod(descriptor, mode)


def _apart(path: Path, number: int) -> str:
    """``path``'s name, then ones like it: a.mp4, a.incomplete.mp4, a.incomplete-2.mp4."""
    if number == 0:
        return path.name
    ending = f".incomplete{f'-{number}' if number > 1 else ''}{path.suffix}"
    stem = path.stem
    while len(os.fsencode(stem + ending)) > _LONGEST_NAME:
        stem = stem[:-1]
    return stem + ending
