"""Writes a file under a temporary name and renames it when it is complete.

The temporary file, called the part, lies in the same folder. Its name cannot be guessed and it is
always a new file, so an attacker's link is never followed or opened.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path

from segcam.sink.part import Part

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
"""Bytes; the limit of almost all file systems."""
_STEM = 40
"""Characters of the target's name at the start of the part's name: at most 160 bytes."""


class Place:
    """A file's final name, and the part that will get it.

    Args:
        path: The final name. If it is a symbolic link, the file that it points to is replaced.

    Attributes:
        path: The file itself, never a link.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(os.path.realpath(path))
        self._folder: int | None = None
        self._part: Part | None = None
        self._name = ""

    def open(self) -> Part:
        """Make the part, with the owner and mode of the file it will replace.

        Raises:
            OSError: The folder is missing, permission is denied, or ``path`` is not a regular file.
        """
        folder = self.path.parent
        if os.open in os.supports_dir_fd:  # works even if the folder is moved
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
        """Give the part its final name, replacing an older file; it stays open.

        Raises:
            OSError: The folder or the part is gone, or the folder is no longer writable.
        """
        self._rename(self._name, self.path.name)

    def publish_apart(self) -> Path:
        """Give the part an unused name: its final one, or a similar one.

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
        """Whether somebody deleted the part, alone or with its folder."""
        part = self._part
        return part is not None and not part.closed and os.fstat(part.fileno()).st_nlink == 0

    def restore(self, *, apart: bool = False) -> Path:
        """Write the deleted content into a new file; the folder is made again.

        Args:
            apart: Choose a similar name if there is something at ``path`` by now.

        Returns:
            The new file: ``path``, or one with a similar name.

        Raises:
            OSError: That failed.
        """
        assert self._part is not None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        names = (self.path.with_name(_apart(self.path, number)) for number in count())
        place = Place(next(n for n in names if not (apart and os.path.lexists(n))))
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
        return place.path

    def discard(self) -> None:
        """Delete the part, if there is one."""
        if not self._name:
            return
        with suppress(OSError):
            os.unlink(self._at(self._name), dir_fd=self._folder)

    def close(self) -> None:
        """Close the part and the folder. May be called twice."""
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
            raise OSError(errno.EINVAL, "It is not a regular file", str(self.path))
        return old

    def _create(self, name: str, mode: int) -> int:
        return os.open(self._at(name), _NEW, mode, dir_fd=self._folder)

    def _rename(self, old: str, new: str) -> None:
        if os.name == "nt" and self._part is not None:  # Windows cannot rename an open file
            self._part.close()
        folder = self._folder
        os.replace(self._at(old), self._at(new), src_dir_fd=folder, dst_dir_fd=folder)
        self._name = new

    def _at(self, name: str) -> str:
        return name if self._folder is not None else str(self.path.with_name(name))


def write_file(path: Path, data: bytes) -> None:
    """Write a file atomically: others see either the old or the new content.

    Raises:
        OSError: It cannot be written; an old file is unchanged.
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
    """Copy owner and mode. If the group cannot be kept, its permissions are dropped."""
    if sys.platform == "win32":  # Windows has neither
        return
    mode = stat.S_IMODE(old.st_mode) & 0o777
    try:
        os.fchown(descriptor, old.st_uid, old.st_gid)
    except OSError:
        if os.fstat(descriptor).st_gid != old.st_gid:
            mode &= ~0o070
    os.fchmod(descriptor, mode)


def _apart(path: Path, number: int) -> str:
    """``path``'s name, then similar ones: a.mp4, a.incomplete.mp4, a.incomplete-2.mp4."""
    if number == 0:
        return path.name
    ending = f".incomplete{f'-{number}' if number > 1 else ''}{path.suffix}"
    stem = path.stem
    while len(os.fsencode(stem + ending)) > _LONGEST_NAME:
        stem = stem[:-1]
    return stem + ending
