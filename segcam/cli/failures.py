"""The error message for a command that fails for any reason."""

from __future__ import annotations

import errno
from pathlib import Path

from segcam.errors import InternalError, MissingDependency, SegCamError, UsageError, refused
from segcam.home import homeless
from segcam.process import memory_limit

_SHORTAGES = (
    "allocate memory",
    "can't start new thread",
    "failed to map segment",
    "memoryerror",
    "out of memory",
)
"""Messages of the system and of libraries that have no error class for it."""
INSTALL_AGAIN = "Install SegCam again; segcam doctor shows what is missing"
_MAYBE_SHORTAGES = {"backend.lost", "backend.failed", "backend.unavailable", "dependency.missing"}
"""Errors that may also come from a limit of memory."""


def as_told(error: Exception) -> SegCamError:
    """The error with its cure; also names a limit of memory that may be the cause."""
    if is_shortage(error):
        seen = error.message if isinstance(error, InternalError) else str(error)
        lines = seen.strip().splitlines() or [""]
        limit = "ulimit -u or -v" if "new thread" in seen else "ulimit -v unlimited"
        return SegCamError(
            "There is not enough memory",
            _joined(lines[-1].strip(), memory_limit()),
            f"Close other programs, raise the limit ({limit}) or use a smaller --size",
        )
    if isinstance(error, SegCamError):
        if error.code in _MAYBE_SHORTAGES:
            error.message = _joined(error.message, memory_limit())
        return error
    if isinstance(error, ImportError):
        return MissingDependency(
            "The installation of SegCam is incomplete", str(error), INSTALL_AGAIN
        )
    if nowhere := homeless(error) or _without_folder(error):
        return nowhere
    if isinstance(error, OSError):
        return refused(error) if error.filename else _unwritten(error)
    return SegCamError(
        f"SegCam has a bug: {error!r}",
        "",
        "Please report it with the output of the same command and --verbose",
    )


def is_shortage(error: BaseException) -> bool:
    """Whether it means that memory has run out."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    said = str(error).casefold()
    return any(words in said for words in _SHORTAGES)


def _without_folder(error: Exception) -> SegCamError | None:
    """The message if the working folder no longer exists."""
    if isinstance(error, FileNotFoundError):
        try:
            Path.cwd()
        except OSError:
            return UsageError(
                "The folder from which SegCam was started is gone",
                "",
                "Change to another folder: cd",
            )
    return None


def _joined(*sentences: str) -> str:
    return ". ".join(sentence.rstrip(".") for sentence in sentences if sentence)


def _unwritten(error: OSError) -> SegCamError:
    """An error without a file's name: printing failed, or the system ran out of something."""
    if error.errno in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
        return SegCamError(
            "The result cannot be printed",
            error.strerror or "",
            "Free some space where stdout goes",
        )
    return SegCamError(
        "The system refused what SegCam needs", error.strerror or str(error), "See: ulimit -a"
    )
