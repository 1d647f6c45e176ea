"""The folder for sockets, locks and the preview, which only its user can open."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from segcam.errors import DaemonError

LONGEST_ADDRESS = 107 if sys.platform == "linux" else 103
"""Bytes of the path of a socket (sockaddr_un) that the system accepts."""
SOCKET = "control"
"""Name of the socket of the usual SegCam."""


def runtime_folder() -> Path:
    """The folder, created if it is missing.

    Raises:
        DaemonError: It cannot be created, or belongs to another user.
    """
    folder = _base()
    try:
        folder.mkdir(mode=0o700, exist_ok=True, parents=sys.platform == "win32")
        private = sys.platform == "win32" or _private(folder)
    except OSError as error:
        raise _no_folder(folder, error.strerror or str(error)) from error
    if not private:
        raise _no_folder(folder, "Other users can access it")
    return folder


def _base() -> Path:
    """Below $XDG_RUNTIME_DIR, if that can be used.

    After "su" it belongs to another user, and a socket's path must not be too long.
    """
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or _temporary(), "segcam", "run")
    base = os.environ.get("XDG_RUNTIME_DIR")
    try:
        if base and _owned(Path(base)) and fits(Path(base, "segcam", SOCKET)):
            return Path(base, "segcam")
    except OSError:  # missing, or not accessible
        pass
    return Path(_temporary(), f"segcam-{os.getuid()}")


def fits(socket: Path) -> bool:
    """Whether a socket can have this path."""
    return len(os.fsencode(socket)) <= LONGEST_ADDRESS


def _temporary() -> str:
    import tempfile  # rarely needed: a session has a runtime folder

    return tempfile.gettempdir()


def _owned(folder: Path) -> bool:
    """Whether it is a folder, not a link, and belongs to this user."""
    if sys.platform == "win32":
        return True  # Windows: it is in the user's profile
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def _private(folder: Path) -> bool:
    return _owned(folder) and not folder.lstat().st_mode & 0o077


def _no_folder(folder: Path, reason: str) -> DaemonError:
    return DaemonError(
        f"{folder} cannot be used", reason, f"Remove it and try again: rm -r {folder}"
    )
