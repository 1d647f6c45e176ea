"""The cameras of a Linux machine, and their errors."""

from __future__ import annotations

import errno
import logging
import os
from fractions import Fraction

from segcam.errors import CameraBusy, CameraLost, CameraNotFound, SourceError
from segcam.frame import Size, even
from segcam.source.base import SourceInfo
from segcam.source.cameras import CameraInfo, find_camera
from segcam.source.modes import SMALL, choose_mode, summary
from segcam.v4l2.device import Device, Identity
from segcam.v4l2.nodes import (
    LOOPBACK_DRIVER,
    OWN_LABEL,
    holders,
    names_by_id,
    node_number,
    video_nodes,
)

_LISTED_SIZE = (1080, 1920)
_JOIN_VIDEO = "Join the group video: sudo usermod -aG video $USER, then log in again"

log = logging.getLogger(__name__)


def list_cameras() -> list[CameraInfo]:
    """Every camera that can be opened, by index. SegCam's own output is not included."""
    lasting = names_by_id()
    return [info for path in video_nodes() if (info := _describe(path, lasting.get(path, "")))]


def find(spec: str | None) -> CameraInfo:
    """The camera of this machine that ``spec`` names; see ``find_camera``.

    Raises:
        CameraNotFound: None matches, or this user may not open it.
        UsageError: More than one matches.
    """
    try:
        return find_camera(spec, list_cameras())
    except CameraNotFound as error:
        if spec is not None and _is_own_output(spec):
            raise CameraNotFound(
                f"{spec} is SegCam's own output",
                hint="Choose a webcam; segcam cameras lists them",
            ) from None
        closed = [path for path in video_nodes() if not os.access(path, os.R_OK | os.W_OK)]
        if not closed:
            raise
        may_not = f"You may not open {', '.join(closed)}"
        raise CameraNotFound(error.title, may_not, _JOIN_VIDEO) from None


def look(spec: str | None, size: Size, rate_hz: Fraction) -> SourceInfo:
    """What `Camera` will deliver. Does not start the camera, so its light stays off.

    Arguments as for `Camera`.

    Raises:
        SourceError: There is no such camera, or it offers no format that SegCam can read.
        UsageError: ``spec`` matches more than one.
    """
    camera = find(spec)
    try:
        with Device(camera.path) as device:
            mode = choose_mode(device.modes(size, SMALL), size, rate_hz)
    except OSError as error:
        raise refusal(camera, error) from error
    rate_hz = min(mode.rates_hz, key=lambda each: abs(each - rate_hz), default=rate_hz)
    return SourceInfo(camera.name, even(mode.size), rate_hz, live=True, newest=True)


def refusal(camera: CameraInfo, error: OSError) -> SourceError:
    """The SegCam error for a system error when opening or starting a camera."""
    reason = error.strerror or str(error)
    if error.errno == errno.EBUSY:
        by = ", ".join(holders(camera.path)) or "Another program"
        return CameraBusy(
            f"The camera {camera} is in use", f"{by} is using it", "Close that program"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return CameraNotFound(f"You may not open the camera {camera}", reason, _JOIN_VIDEO)
    if error.errno == errno.ENOSPC:
        hint = "Plug it into another port, away from other cameras, or use a smaller --size"
        title = f"The camera {camera} does not get enough bandwidth on its USB bus"
        return CameraBusy(title, reason, hint)
    if error.errno in (errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOENT):
        return CameraLost(f"The camera {camera} was disconnected", reason, "Check its cable")
    return SourceError(f"The camera {camera} cannot be started", reason, "Try another --size")


def _describe(path: str, by_id: str) -> CameraInfo | None:
    try:
        with Device(path) as device:
            who = device.identity()
            if _is_own(who) or not who.captures:
                return None
            formats = summary(device.modes(_LISTED_SIZE))
    except OSError as error:
        log.debug("%s is skipped: %s", path, error)
        return None
    number = node_number(path)
    return CameraInfo(number or 0, path, by_id, who.label, who.driver, who.bus, formats)


def _is_own_output(path: str) -> bool:
    try:
        with Device(path) as device:
            return _is_own(device.identity())
    except OSError:
        return False


def _is_own(who: Identity) -> bool:
    return who.driver == LOOPBACK_DRIVER and who.label == OWN_LABEL
