"""Finds SegCam's v4l2loopback device, or says what is missing.

The device is recognised by its driver and label, never guessed: writing to another program's device
would break that program's camera.
"""

from __future__ import annotations

import errno
import platform
import shlex
from pathlib import Path

from segcam.errors import DeviceBusy, DeviceMissing, SinkError, SinkLost
from segcam.v4l2.device import Device, Identity
from segcam.v4l2.nodes import LOOPBACK_DRIVER, OWN_LABEL, holders, kernel_name, video_nodes

_SETUP = "segcam setup"
_LOAD = "sudo modprobe v4l2loopback video_nr=10 {} exclusive_caps=1"
_JOIN_VIDEO = "Join the group video: sudo usermod -aG video $USER, then log in again"
_MODULE = Path("/sys/module/v4l2loopback")


def find_loopback(label: str = OWN_LABEL) -> str:
    """The path of the v4l2loopback device with this label.

    Raises:
        DeviceMissing: There is none, or this user may not open it. The hint says whether to
            install, load or reload the module, or to join a group.
        DeviceBusy: It exists, but has the maximum number of users.
    """
    others = []
    for path in video_nodes():
        try:
            who = _identity(path)
        except OSError as error:
            if kernel_name(path) == label:
                raise refusal(path, error, label) from error
            continue  # another user's, or just unplugged
        if who.driver == LOOPBACK_DRIVER:
            if who.label == label:
                return path
            others.append(f"{path} {who.label!r}")
    raise _missing(label, others)


def check_loopback(path: str) -> str:
    """``path``, if it is a v4l2loopback device.

    Raises:
        DeviceMissing: There is no such node, or it belongs to another driver.
    """
    try:
        who = _identity(path)
    except OSError as error:
        raise refusal(path, error) from error
    if who.driver != LOOPBACK_DRIVER:
        raise DeviceMissing(
            f"{path} is not a virtual camera",
            f"It is {who.label!r}, driver {who.driver}",
            "Choose a v4l2loopback device, or use --output auto",
        )
    return path


def refusal(path: str, error: OSError, label: str = OWN_LABEL) -> SinkError:
    """The SegCam error for a system error when opening or setting up a virtual camera."""
    reason = error.strerror or str(error)
    if error.errno in (errno.EACCES, errno.EPERM):
        return DeviceMissing(f"{path} cannot be opened", reason, _JOIN_VIDEO)
    if error.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTTY):
        return DeviceMissing(
            f"There is no virtual camera at {path}", reason, f"Run: {_load(label)}"
        )
    if error.errno in (errno.EBUSY, errno.EINVAL):  # the answer if there is another writer
        return _busy(path)
    return SinkLost(f"The virtual camera {path} failed", reason, f"Reload it: {_load(label)}")


def refuse_second_writer(device: Device) -> None:
    """Check that no other program writes to the device: 0.12.7 and 0.13.2 would allow it.

    With ``exclusive_caps`` a device offers output until it has a writer, then capture.

    Raises:
        DeviceBusy: Another program writes to it.
    """
    who = device.identity()
    if who.captures and not who.outputs:
        raise _busy(device.path)


def _busy(path: str) -> DeviceBusy:
    by = ", ".join(holders(path)) or "Another program"
    return DeviceBusy(
        f"The virtual camera {path} is in use", f"{by} is using it", "Close that program"
    )


def _identity(path: str) -> Identity:
    with Device(path) as device:
        return device.identity()


def _missing(label: str, others: list[str]) -> DeviceMissing:
    title = f"There is no virtual camera named {label}"
    # Setup makes SegCam's own camera alone.
    cure = f"Run: {_SETUP if label == OWN_LABEL else _load(label)}"
    if others:
        reason = f"v4l2loopback has other devices: {', '.join(others)}"
        return DeviceMissing(title, reason, f"{cure}. Or choose one of them with --output")
    if _MODULE.is_dir():
        return DeviceMissing(title, "v4l2loopback is loaded, but has no device", cure)
    if _is_installed():
        return DeviceMissing(title, "v4l2loopback is installed, but not loaded", cure)
    return DeviceMissing(title, "v4l2loopback is not installed for this kernel", f"Run: {_SETUP}")


def _load(label: str) -> str:
    return _LOAD.format(shlex.quote(f"card_label={label}"))


def _is_installed() -> bool:
    listing = Path("/lib/modules") / platform.release() / "modules.dep"
    try:
        return "/v4l2loopback.ko" in listing.read_text()
    except OSError:
        return False
