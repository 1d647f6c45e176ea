"""The cameras of this machine, and finding the one that the user means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from segcam.errors import CameraNotFound, UsageError
from segcam.v4l2.nodes import LOOPBACK_DRIVER


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera as ``segcam cameras`` lists it.

    Attributes:
        index: The N of /dev/videoN; on other systems their own index.
        path: Its node, or "" if the system has none.
        by_id: The node's permanent name, also after it is plugged in again, or "".
        name: The camera's name.
        driver, bus: The kernel driver, and where it is plugged in.
        formats: One entry per pixel format: ``MJPG up to 1920x1080``.
    """

    index: int
    path: str
    by_id: str
    name: str
    driver: str = ""
    bus: str = ""
    formats: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The entry as plain JSON values."""
        return {**asdict(self), "formats": list(self.formats)}

    def __str__(self) -> str:
        return f"{self.index} {self.name}" + (f" ({self.path})" if self.path else "")


def find_camera(spec: str | None, cameras: Sequence[CameraInfo]) -> CameraInfo:
    """The camera that ``spec`` names.

    Args:
        spec: Index, path, permanent path or part of the name, in any case. None: the first that is
            not another program's virtual camera, else the first.
        cameras: To choose from.

    Raises:
        CameraNotFound: None matches; the error lists the cameras.
        UsageError: More than one matches.
    """
    if spec is None:
        real = [camera for camera in cameras if camera.driver != LOOPBACK_DRIVER]
        found = (real or list(cameras))[:1]
    else:
        found = _by_place(spec, cameras) or _by_name(spec, cameras)
    if not found:
        raise _not_found(spec, cameras)
    if len(found) > 1:
        names = ", ".join(map(str, found))
        raise UsageError(f"{spec} matches more than one camera", names, "Use its number or path")
    return found[0]


def _by_place(spec: str, cameras: Sequence[CameraInfo]) -> list[CameraInfo]:
    if spec.isdecimal():
        return [camera for camera in cameras if camera.index == int(spec)]
    if not spec.startswith("/"):
        return []
    target = str(Path(spec).resolve())
    return [c for c in cameras if spec in (c.path, c.by_id) or target == c.path]


def _by_name(spec: str, cameras: Sequence[CameraInfo]) -> list[CameraInfo]:
    same = [c for c in cameras if c.name.casefold() == spec.casefold()]
    return same or [c for c in cameras if spec.casefold() in c.name.casefold()]


def _not_found(spec: str | None, cameras: Sequence[CameraInfo]) -> CameraNotFound:
    if not cameras:
        return CameraNotFound(
            "No camera was found" if spec is None else f"There is no camera {spec}",
            "No camera is connected, or you may not open it",
            "Plug one in, or use --camera demo or a clip; segcam cameras lists the webcams",
        )
    present = ", ".join(map(str, cameras))
    return CameraNotFound(
        f"There is no camera {spec}", f"Available: {present}", "Choose one of these with --camera"
    )
