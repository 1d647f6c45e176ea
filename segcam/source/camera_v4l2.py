"""A webcam through V4L2: decodes the newest picture directly from the driver's memory."""

from __future__ import annotations

import logging
import os
import time
import weakref
from contextlib import suppress
from fractions import Fraction

import av

from segcam.errors import CameraLost, SourceError
from segcam.frame import Frame, Size, even
from segcam.source.base import SourceInfo
from segcam.source.cameras import CameraInfo
from segcam.source.cameras_v4l2 import find, refusal
from segcam.source.decode import CodecDecoder, Decoder
from segcam.source.jpeg import JpegDecoder
from segcam.source.modes import COMPRESSED, INTER, SMALL, advice, choose_mode
from segcam.source.pixels import AV_FORMATS
from segcam.source.raw import RawDecoder
from segcam.source.stream import Stream
from segcam.v4l2 import abi
from segcam.v4l2.device import Device

_CAPTURE = abi.BUF_TYPE_VIDEO_CAPTURE
_FIRST_FRAME_NS = 5_000_000_000
"""Time limit for the first frame: cameras switch on, focus and set their exposure first."""
_FRAME_NS = 1_000_000_000
"""Least time limit for the others: in the dark, cameras halve their rate repeatedly."""

log = logging.getLogger(__name__)


class Camera:
    """A webcam. See the Source protocol.

    Args:
        spec: Index, path, permanent path or part of the name; None for the first.
        size: Wanted (H, W); the nearest that the camera offers is used.
        rate_hz: Wanted frames per second.
    """

    def __init__(
        self, spec: str | None = None, size: Size = (720, 1280), rate_hz: Fraction = Fraction(30)
    ) -> None:
        self._spec, self._size, self._rate_hz = spec, size, rate_hz
        self._wake_fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        weakref.finalize(self, os.close, self._wake_fd)
        self._stream: Stream | None = None
        self._decoder: Decoder = JpegDecoder()
        self._name = self._advised = ""
        self._frames = 0
        self._patience_ns = _FIRST_FRAME_NS

    @property
    def skipped(self) -> int:
        """Frames skipped since ``open``: replaced by newer ones, or incomplete."""
        return self._stream.skipped if self._stream else 0

    def open(self) -> SourceInfo:
        """Acquire the camera and start it.

        Raises:
            CameraNotFound: No camera has that name, or this user may not open it.
            CameraBusy: Another program holds it.
            UsageError: More than one camera matches.
            SourceError: It offers no format that SegCam can read.
        """
        self.close()
        with suppress(BlockingIOError):
            os.eventfd_read(self._wake_fd)
        camera = find(self._spec)
        if self._spec is None:  # the next `open` must use the same camera
            self._spec = camera.by_id or camera.path or str(camera.index)
        try:
            return self._start(camera)
        except OSError as error:
            self.close()
            raise refusal(camera, error) from error
        except BaseException:
            self.close()
            raise

    def _start(self, camera: CameraInfo) -> SourceInfo:
        device = Device(camera.path)
        self._stream = Stream(device, self._wake_fd, self._overtaken)
        modes = list(device.modes(self._size, SMALL))
        mode = choose_mode(modes, self._size, self._rate_hz)
        height, width = mode.size
        pixels = abi.fourcc(mode.fourcc)
        wanted = abi.PixFormat(width=width, height=height, pixelformat=pixels, field=abi.FIELD_NONE)
        given = device.set_format(_CAPTURE, wanted)
        self._decoder = _decoder(given)
        rate_hz = self._rate_hz
        with suppress(OSError):  # a camera with a single rate may not support this
            rate_hz = device.set_rate(_CAPTURE, rate_hz)
        self._stream.start()
        self._name, self._frames = camera.name, 0
        self._patience_ns = max(int(5_000_000_000 / rate_hz), _FRAME_NS)
        log.info("camera %s: %s %dx%d", camera, mode.fourcc, given.width, given.height)
        self._advise(advice(modes, mode, self._size, self._rate_hz), given, rate_hz)
        size = even((given.height, given.width))
        return SourceInfo(camera.name, size, rate_hz, live=True, newest=True)

    def _advise(self, advice: str, given: abi.PixFormat, rate_hz: Fraction) -> None:
        """Log which mode would be larger or faster; once, though each viewer opens the camera."""
        if advice != self._advised:
            self._advised = advice
            size, rate = f"{given.width}x{given.height}", float(rate_hz)
            log.warning("The camera delivers %s at %.3g frames per second: %s", size, rate, advice)

    def _overtaken(self, data: memoryview) -> None:
        if isinstance(self._decoder, CodecDecoder):
            self._decoder.advance(data)

    def read(self, out: Frame) -> bool:
        """Wait for the newest frame; see the Source protocol.

        Raises:
            CameraLost: It was unplugged, or sent nothing readable for 5 frame periods.
        """
        if self._stream is None:
            raise CameraLost("The camera is not open")
        patience_ns = self._patience_ns if self._frames else _FIRST_FRAME_NS
        deadline_ns = time.monotonic_ns() + patience_ns
        try:
            return self._read_until(deadline_ns, self._stream, out)
        except TimeoutError as error:
            raise self._lost(f"No readable picture for {patience_ns / 1e9:.1f} s") from error
        except OSError as error:
            raise self._lost(error.strerror or str(error)) from error

    def _read_until(self, deadline_ns: int, stream: Stream, out: Frame) -> bool:
        while (buffer := stream.newest(deadline_ns)) is not None:
            with buffer:
                if self._decode(buffer.data, out):
                    out.stamp(self._frames, buffer.captured_ns, cut=self._frames == 0)
                    self._frames += 1
                    return True
            stream.skipped += 1
        return False

    def _decode(self, data: memoryview, out: Frame) -> bool:
        try:
            return self._decoder.decode(data, out)
        except av.FFmpegError as error:
            raise SourceError(
                "The camera's pictures cannot be converted", str(error), "Try another --size"
            ) from error

    def _lost(self, reason: str) -> CameraLost:
        return CameraLost(
            f"The camera {self._name} stopped answering",
            reason,
            "Check its cable; SegCam continues when it is back",
        )

    def interrupt(self) -> None:
        """Make a waiting ``read`` return False. From any thread."""
        os.eventfd_write(self._wake_fd, 1)

    def close(self) -> None:
        """Stop and release the camera. Never fails; may be called twice."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None


def _decoder(given: abi.PixFormat) -> Decoder:
    """The decoder for the format that the driver set, which may differ from the request."""
    fourcc = abi.fourcc_name(given.pixelformat)
    if fourcc in COMPRESSED:
        return JpegDecoder()
    if fourcc in INTER:
        return CodecDecoder(INTER[fourcc])
    if fourcc not in AV_FORMATS:
        raise SourceError(
            f"The camera only delivers the pixel format {fourcc}", hint="Try another --size"
        )
    return RawDecoder(
        fourcc,
        (given.height, given.width),
        given.bytesperline,
        full_range=given.quantization == abi.QUANTIZATION_FULL_RANGE,
        bt709=given.ycbcr_enc == abi.YCBCR_ENC_709,
    )
