"""The folder for sockets, locks and the preview, which only its user may enter."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from segcam.errors import DaemonError


def runtime_folder() -> Path:
    """The folder, made where it is missing.

    Raises:
        DaemonError: It cannot be had, or belongs to somebody else.
    """
    folder = _base()
    try:
        folder.mkdir(mode=0o700, exist_ok=True, parents=sys.platform == "win32")
        private = sys.platform == "win32" or _private(folder)
    except OSError as error:
        raise _no_folder(folder, error.strerror or str(error)) from error
    if not private:
        raise _no_folder(folder, "It is not this user's alone")
    return folder


def _base() -> Path:
    """Below $XDG_RUNTIME_DIR, where that is this user's: with "su" it is somebody else's."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or _temporary(), "segcam", "run")
    base = os.environ.get("XDG_RUNTIME_DIR")
    try:
        if base and _owned(Path(base)):
            return Path(base, "segcam")
    except OSError:  # not there, or not to be looked at
        pass
    return Path(_temporary(), f"segcam-{os.getuid()}")


def _temporary() -> str:
    import tempfile  # a session has a folder of its own

    return tempfile.gettempdir()


def _owned(folder: Path) -> bool:
    """Whether it is a folder, not a link to one, and this user's."""
    if sys.platform == "win32":
        return True  # below the user's own profile
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()


def _private(folder: Path) -> bool:
    return _owned(folder) and not folder.lstat().st_mode & 0o077


def _no_folder(folder: Path, reason: str) -> DaemonError:
    return DaemonError(
        f"{folder} cannot be used", reason, f"Remove it and try again: rm -r {folder}"
    )
