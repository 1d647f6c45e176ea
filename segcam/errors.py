"""All errors that SegCam reports to the user.

The same error object becomes a log line, a JSON reply, a CLI text or a tray message:

    SegCamError
    ├── UsageError            the request itself is wrong (exit code 2)
    ├── ConfigError           the settings file cannot be read or written
    ├── BackgroundError       the library of backgrounds cannot be changed
    ├── MissingDependency     a package or system library is not installed
    ├── SourceError
    │   ├── CameraNotFound
    │   ├── CameraBusy        transient
    │   ├── CameraLost        transient
    │   └── MediaError        a clip or picture that cannot be read
    ├── ModelError
    │   ├── ModelMissing      not downloaded, or no such model
    │   ├── ModelCorrupt      the file differs from its model card
    │   └── ModelMismatch     the tensors differ from the model card
    ├── BackendError
    │   ├── BackendUnavailable  this machine or installation cannot run it
    │   ├── BackendFailed       it failed after it was loaded
    │   │   └── BackendLost     its process crashed or hung
    │   └── MatteRejected     transient; its answer is not a matte
    ├── SinkError
    │   ├── DeviceMissing     no virtual camera
    │   ├── DeviceBusy        transient
    │   ├── SinkLost          transient
    │   └── OutputUnwritable
    ├── OutOfResources        transient; no free file descriptor, memory or process
    ├── InternalError         a fault in SegCam itself
    └── DaemonError           no answer from the running SegCam
        ├── DaemonNotRunning  there is none (exit code 3)
        ├── DaemonRunning     there is one already
        ├── DaemonOther       it has another version
        └── DaemonBusy        transient; it does something else
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from typing import ClassVar

_TOLD = ("code", "title", "message", "hint", "transient")


class SegCamError(Exception):
    """A failure with its cure.

    Args:
        title: What went wrong, one short sentence without a full stop.
        message: Details: the cause, a path, a library's message.
        hint: The cure, as an instruction to the user.

    Attributes:
        code: Stable identifier for programs.
        transient: True if a later retry may succeed without the user.
        exit_code: Exit status of a command that ends with this error.
    """

    code: ClassVar[str] = "error"
    transient: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1

    def __init__(self, title: str, message: str = "", hint: str = "") -> None:
        super().__init__(title)
        self.title = title
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        parts = (self.title + ":" * self.message[:1].islower(), self.message, self.hint)
        return " ".join(part if part[-1] in ".?:" else f"{part}." for part in parts if part)

    def as_dict(self) -> dict[str, str | bool]:
        """The error as plain JSON values."""
        return {name: getattr(self, name) for name in _TOLD}


class UsageError(SegCamError):
    """An option or argument that cannot be used."""

    code = "usage"
    exit_code = 2


class ConfigError(SegCamError):
    """The settings file cannot be read or written, or something in it is invalid."""

    code = "config"


class BackgroundError(SegCamError):
    """The library of backgrounds cannot be changed."""

    code = "background"


class MissingDependency(SegCamError):
    """A package or system library is not installed."""

    code = "dependency.missing"


class SourceError(SegCamError):
    """A source cannot deliver frames."""

    code = "source"


class CameraNotFound(SourceError):
    """No camera has the given name."""

    code = "camera.not_found"


class CameraBusy(SourceError):
    """Another program uses the camera."""

    code = "camera.busy"
    transient = True


class CameraLost(SourceError):
    """The camera went away or stopped answering while it was open."""

    code = "camera.lost"
    transient = True


class MediaError(SourceError):
    """A clip or picture that cannot be read."""

    code = "media.unreadable"


class ModelError(SegCamError):
    """A model cannot be used."""

    code = "model"


class ModelMissing(ModelError):
    """The model is unknown or has not been downloaded."""

    code = "model.missing"


class ModelCorrupt(ModelError):
    """The file differs from the one in its model card."""

    code = "model.corrupt"


class ModelMismatch(ModelError):
    """The file's tensors differ from its model card."""

    code = "model.mismatch"


class BackendError(SegCamError):
    """An inference runtime cannot be used."""

    code = "backend"


class BackendUnavailable(BackendError):
    """This machine or installation cannot run the backend."""

    code = "backend.unavailable"


class BackendFailed(BackendError):
    """The backend was loaded and then failed."""

    code = "backend.failed"


class BackendLost(BackendFailed):
    """The backend's process crashed or hung; after a reload it may work."""

    code = "backend.lost"


class MatteRejected(BackendError):
    """The backend's answer cannot be the matte of a person."""

    code = "matte.rejected"
    transient = True


class SinkError(SegCamError):
    """An output cannot take frames."""

    code = "sink"


class DeviceMissing(SinkError):
    """There is no virtual camera to write to."""

    code = "device.missing"


class DeviceBusy(SinkError):
    """Another program uses the virtual camera."""

    code = "device.busy"
    transient = True


class SinkLost(SinkError):
    """The output went away while it was open."""

    code = "sink.lost"
    transient = True


class OutputUnwritable(SinkError):
    """The output file or folder cannot be written."""

    code = "output.unwritable"


class OutOfResources(SegCamError):
    """The system has no free file descriptor, memory or process for opening something."""

    code = "resources"
    transient = True


class InternalError(SegCamError):
    """A fault in SegCam itself."""

    code = "internal"


class DaemonError(SegCamError):
    """The running SegCam cannot be asked, or does not answer."""

    code = "daemon"


class DaemonNotRunning(DaemonError):
    """No SegCam is running."""

    code = "daemon.not_running"
    exit_code = 3


class DaemonRunning(DaemonError):
    """Another SegCam of this user has the same name."""

    code = "daemon.running"


class DaemonOther(DaemonError):
    """The running SegCam has another version with a different protocol."""

    code = "daemon.other_version"


class DaemonBusy(DaemonError):
    """The running SegCam is busy with something that it does one at a time."""

    code = "daemon.busy"
    transient = True


def from_dict(values: Mapping[str, object]) -> SegCamError:
    """The error from ``as_dict``; a plain one if its kind is unknown here."""
    kind = {k.code: k for k in _kinds_of(SegCamError)}.get(str(values.get("code")), SegCamError)
    return kind(*(str(values.get(part, "")) for part in ("title", "message", "hint")))


def refused(error: OSError) -> UsageError:
    """The error for a system error at a given path: any access to it can fail."""
    hint = "Check the path and its permissions"
    return UsageError(f"{error.filename} cannot be used", error.strerror or str(error), hint)


def foreign(error: Exception) -> SegCamError:
    """The SegCam error for an unexpected exception."""
    if isinstance(error, OSError) and error.errno in _SHORTAGES:
        title, hint = _SHORTAGES[error.errno]
        return OutOfResources(title, error.strerror or str(error), hint)
    if isinstance(error, MemoryError):
        return OutOfResources("There is no memory left", str(error), "Close other programs")
    return InternalError("SegCam has a bug", repr(error), "Please report this")


_OPENS = "The system cannot open more files", "Close other programs, or raise ulimit -n and -u"
_SHORTAGES = dict.fromkeys((errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN), _OPENS)
_SHORTAGES[errno.ENOSPC] = "The disk is full", "Free some disk space"
_SHORTAGES[errno.EFBIG] = "The file gets too large", "Raise the limit: ulimit -f unlimited"


def _kinds_of(kind: type[SegCamError]) -> Iterator[type[SegCamError]]:
    yield kind
    for each in (own for own in kind.__subclasses__() if own.__module__ == __name__):
        yield from _kinds_of(each)
