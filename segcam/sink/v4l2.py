"""SegCam's camera as a v4l2loopback device.

This design follows the behaviour of the driver, seen with 0.12.7, 0.13.2 and 0.15.0:

- If a program closes a device of 0.12.7 without having started the stream, the node can neither be
  read nor written afterwards. So the stream is started first. Newer versions start with the first
  write and answer EINVAL.
- While somebody watches, format and size cannot change: 0.12.7 and 0.15.0 answer with the old ones,
  0.13.2 refuses. So frames are scaled and packed to the device's format.
- A new reader first gets the last written frame, so the last frame is the placeholder.
- With ``timeout`` set, the driver sends its time-out image if no frame comes for that long: a hung
  or killed SegCam shows the placeholder, and no browser ends its track.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import numpy as np

from segcam.errors import SinkError, SinkLost
from segcam.fit import contain
from segcam.frame import BLACK, U8, Frame, Size
from segcam.sink.base import Sink
from segcam.sink.loopback import (
    check_loopback,
    find_loopback,
    refusal,
    refuse_second_writer,
)
from segcam.sink.packing import PACKINGS, packing_of
from segcam.v4l2 import abi
from segcam.v4l2.device import Device
from segcam.v4l2.nodes import OWN_LABEL, open_nodes
from segcam.v4l2.usage import Usage, usage_of

_OUTPUT = abi.BUF_TYPE_VIDEO_OUTPUT
_TIMEOUT_MS = 750
"""Delay of the driver's time-out image: longer than the pause between placeholders, shorter than
the second that Chromium waits for a frame. After that second Chromium restarts the stream, which
0.13.2 and 0.15.0 refuse while nobody writes, and the track ends."""
_CONTROL_BASE = 0x0098F900
_TIMEOUT = _CONTROL_BASE + 2
_TIMEOUT_IMAGE_IO = _CONTROL_BASE + 3
"""v4l2loopback's own controls. Source: v4l2loopback.c, V4L2LOOPBACK_CID_BASE."""

log = logging.getLogger(__name__)


class V4l2Sink(Sink):
    """A v4l2loopback device. See the Sink protocol.

    Args:
        path: The device; None for the one labelled ``camera_name``.
        placeholder: Shown while nothing is sent, any size; None: black. Borrowed.
        pixel_format: A key of PACKINGS: the format that programs see.
        camera_name: The device's label, its name in programs.
    """

    is_camera = True

    def __init__(
        self,
        path: str | None = None,
        placeholder: Frame | None = None,
        pixel_format: str = "YUYV",
        camera_name: str = OWN_LABEL,
    ) -> None:
        self.name = path or "the virtual camera"
        self._path, self._camera_name = path, camera_name
        self._placeholder = placeholder or Frame.filled((2, 2), BLACK)
        self._packing = PACKINGS[pixel_format]
        self._device: Device | None = None
        self._usage: Usage | None = None
        self._scaled = Frame.empty((2, 2))
        self._packed: U8 = np.empty(0, np.uint8)
        self._pack = self._packing.pack

    def open(self, size: Size, rate_hz: Fraction) -> None:
        """Acquire the device; from then on programs see the placeholder.

        Raises:
            DeviceMissing: There is none, or this user may not write to it.
            DeviceBusy: Another program writes to it.
            SinkError: It insists on a format that SegCam cannot write.
        """
        self.close()
        path = check_loopback(self._path) if self._path else find_loopback(self._camera_name)
        self.name = path
        try:
            self._device = Device(path)
            refuse_second_writer(self._device)
            self._agree(self._device, size)
            self._start(self._device, rate_hz)
            self._usage = usage_of(self._device)
        except OSError as error:
            self._release()
            raise refusal(path, error) from error
        except SinkError:
            self._release()
            raise

    def _agree(self, device: Device, size: Size) -> None:
        """Negotiate format and size with the device, and prepare for the result."""
        given = _set_format(device, self._packing.format(size))
        packing = packing_of(given.pixelformat)
        if packing is None or given.width % 2 or given.height % 2:
            raise SinkError(
                f"{self.name} is set to {abi.fourcc_name(given.pixelformat)} "
                f"{given.width}x{given.height}",
                "SegCam cannot write that format, and a program that is watching prevents a change",
                "Close the programs that use the camera, then restart SegCam",
            )
        self._pack = packing.pack
        self._scaled.resize((given.height, given.width))
        self._packed = np.empty(packing.shape(self._scaled.size), np.uint8)

    def _start(self, device: Device, rate_hz: Fraction) -> None:
        with suppress(OSError):  # only affects the rate that programs see
            device.set_rate(_OUTPUT, rate_hz)
        try:
            device.stream_on(_OUTPUT)
        except OSError as error:
            if error.errno != errno.EINVAL:  # newer versions start with the first write
                raise
        self._write(self._placeholder)
        try:
            self._set_timeout_image(device)
        except OSError as error:
            log.warning(
                "after a crash, %s will show green instead of the placeholder: %s", self.name, error
            )

    def _set_timeout_image(self, device: Device) -> None:
        """Give the driver the packed placeholder to show on its own.

        After ``timeout_image_io`` was set, the next open of the node gets the image's memory
        instead of the stream's, so this opens it at once. 0.12.7 leaves the control at 1, and the
        kernel passes on only changes.
        """
        device.set_control(_TIMEOUT, _TIMEOUT_MS)
        for value in (0, 1):
            device.set_control(_TIMEOUT_IMAGE_IO, value)
        with Device(device.path) as image:
            image.request_buffers(_OUTPUT, 1)
            with image.map_buffer(_OUTPUT, 0) as memory:
                memory[: self._packed.nbytes] = self._packed.tobytes()

    def send(self, frame: Frame) -> None:
        """Write one frame, scaled if the device has another size.

        Raises:
            SinkLost: The device is gone or accepted only a part.
        """
        try:
            self._write(frame)
        except OSError as error:
            raise self._lost(error) from error

    def _lost(self, error: OSError) -> SinkLost:
        reason = error.strerror or str(error)
        return SinkLost(f"The virtual camera {self.name} was lost", reason)

    def _write(self, frame: Frame) -> None:
        if self._device is None:
            raise SinkLost("The virtual camera is not open")
        self._pack(self._fitted(frame), self._packed)
        written = os.write(self._device.fd, self._packed.data)
        if written != self._packed.nbytes:
            raise SinkLost(
                f"The virtual camera {self.name} was lost",
                f"It accepted {written} of {self._packed.nbytes} bytes",
            )

    def _fitted(self, frame: Frame) -> Frame:
        if frame.size == self._scaled.size:
            return frame
        contain(frame, self._scaled)
        return self._scaled

    def in_use(self) -> bool:
        """Whether a program reads the device; see `Sink.in_use`.

        Raises:
            SinkLost: The device is gone.
        """
        if self._usage is None:
            raise SinkLost("The virtual camera is not open")
        try:
            return self._usage.in_use()
        except OSError as error:
            raise self._lost(error) from error

    def notify(self, wake: Callable[[], object]) -> bool:
        """From 0.13 on the driver notifies; see `Sink.notify`."""
        return self._usage is not None and self._usage.notify(wake)

    def viewers(self) -> list[str]:
        """Names of the programs that have the device open; see `Sink.viewers`."""
        path, own = str(Path(self.name).resolve()), os.getpid()
        return sorted({holder.name for holder in open_nodes([path]) if holder.pid != own})

    def close(self) -> None:
        """Leave the placeholder as the last frame and release the device."""
        if self._device is not None:
            with suppress(OSError, SinkLost):
                self._write(self._placeholder)
        self._release()

    def _release(self) -> None:
        if self._usage is not None:
            self._usage.close()
        if self._device is not None:
            self._device.close()
            self._device = self._usage = None


def _set_format(device: Device, wanted: abi.PixFormat) -> abi.PixFormat:
    """The device's format after requesting ``wanted``: a reader may keep the old one."""
    try:
        return device.set_format(_OUTPUT, wanted)
    except OSError as error:
        if error.errno not in (errno.EBUSY, errno.EINVAL):
            raise
        return device.set_format(_OUTPUT, device.get_format(_OUTPUT))
