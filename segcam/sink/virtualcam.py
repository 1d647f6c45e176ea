"""The virtual camera of Windows and macOS, through pyvirtualcam; optional on Linux."""

from __future__ import annotations

import sys
from contextlib import suppress
from fractions import Fraction
from typing import Any

from segcam import extras
from segcam.errors import DeviceMissing, MissingDependency, SinkLost
from segcam.fit import contain
from segcam.frame import BLACK, Frame, Size
from segcam.sink.base import Sink
from segcam.v4l2.nodes import OWN_LABEL

_CURES = {
    "win32": "Install OBS Studio and start its virtual camera once, then try again",
    "darwin": "Install OBS Studio 30 or newer and start its virtual camera once, then try again",
}


class VirtualCamSink(Sink):
    """A camera of pyvirtualcam. See the Sink protocol.

    Args:
        path: Linux only: the v4l2loopback device; None for the one labelled ``camera_name``.
        placeholder: Sent as the last frame, any size; None: black. Borrowed.
        camera_name: Linux only: the device's label.
    """

    is_camera = True

    def __init__(
        self,
        path: str | None = None,
        placeholder: Frame | None = None,
        camera_name: str = OWN_LABEL,
    ) -> None:
        self.name = path or "pyvirtualcam"
        self._path, self._camera_name = path, camera_name
        self._placeholder = placeholder or Frame.filled((2, 2), BLACK)
        self._camera: Any = None
        self._scaled = Frame.empty((2, 2))

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """Acquire the camera.

        Raises:
            MissingDependency: pyvirtualcam is not installed.
            DeviceMissing: There is no virtual camera, or another program feeds it.
        """
        self.close()
        device = self._device()
        _release_writer(device)
        try:
            import pyvirtualcam

            self._camera = pyvirtualcam.Camera(
                width=size[1],
                height=size[0],
                fps=float(rate_hz),
                fmt=pyvirtualcam.PixelFormat.I420,
                device=device,
            )
        except ImportError as error:
            hint = extras.cure("virtualcam")
            raise MissingDependency("pyvirtualcam is not installed", str(error), hint) from error
        except (RuntimeError, ValueError, OSError) as error:
            hint = _CURES.get(sys.platform, "Use --output auto")
            raise DeviceMissing(
                "There is no virtual camera to write to", str(error), hint
            ) from error
        self.name = str(self._camera.device)
        self._scaled.resize(size)
        self.send(self._placeholder)

    def _device(self) -> str | None:
        if sys.platform != "linux":
            return None
        from segcam.sink.loopback import check_loopback, find_loopback

        return check_loopback(self._path) if self._path else find_loopback(self._camera_name)

    def send(self, frame: Frame) -> None:
        """Hand over one frame, scaled if the camera has another size.

        Raises:
            SinkLost: pyvirtualcam reports that the camera is gone.
        """
        if self._camera is None:
            raise SinkLost("The virtual camera is not open")
        if frame.size != self._scaled.size:
            contain(frame, self._scaled)
            frame = self._scaled
        try:
            self._camera.send(frame.data)
        except (RuntimeError, ValueError, OSError) as error:
            raise SinkLost(f"The virtual camera {self.name} was lost", str(error)) from error

    def in_use(self) -> bool:
        """See `Sink.in_use`: unknown with pyvirtualcam."""
        return True

    def viewers(self) -> list[str]:
        """See `Sink.viewers`."""
        return []

    def close(self) -> None:
        """Leave the placeholder as the last frame and release the camera."""
        if self._camera is None:
            return
        with suppress(SinkLost):
            self.send(self._placeholder)
        device = str(self._camera.device)
        self._camera.close()
        self._camera = None
        _release_writer(device)


def _release_writer(device: str | None) -> None:
    """Make v4l2loopback 0.12.7 believe that its last writer left.

    pyvirtualcam never starts the stream, so that version does not count it as a writer. When it is
    gone, the node would offer neither capture nor output.
    """
    if device is None or sys.platform != "linux":
        return
    from segcam.v4l2 import abi
    from segcam.v4l2.device import Device

    with suppress(OSError), Device(device) as node:
        node.stream_on(abi.BUF_TYPE_VIDEO_OUTPUT)
