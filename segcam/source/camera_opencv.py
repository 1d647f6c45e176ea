"""A webcam through OpenCV, for Windows and macOS, which have no V4L2."""

from __future__ import annotations

import sys
import time
from fractions import Fraction

import cv2
import numpy as np

from segcam.color import bgr_to_frame
from segcam.errors import CameraLost, CameraNotFound
from segcam.frame import U8, Frame, Size, even
from segcam.source.base import SourceInfo
from segcam.source.cameras import CameraInfo, find_camera

_API = {"win32": cv2.CAP_DSHOW, "darwin": cv2.CAP_AVFOUNDATION}.get(sys.platform, cv2.CAP_ANY)
_MOST_CAMERAS = 8
"""OpenCV has no list of cameras: try indices until one fails, at most this many."""


def list_cameras() -> list[CameraInfo]:
    """Every camera that opens, by index; OpenCV gives no names."""
    found = []
    for index in range(_MOST_CAMERAS):
        capture = cv2.VideoCapture(index, _API)
        opened = capture.isOpened()
        capture.release()
        if not opened:
            break
        found.append(CameraInfo(index, "", "", f"Camera {index}"))
    return found


def find(spec: str | None) -> CameraInfo:
    """The camera of this machine that ``spec`` names; see ``find_camera``.

    Raises:
        CameraNotFound: None matches.
        UsageError: More than one matches.
    """
    return find_camera(spec, list_cameras())


class Camera:
    """A webcam. See the Source protocol.

    OpenCV cannot be woken while it waits: ``interrupt`` takes effect with the next frame.

    Args:
        spec: Index or part of the name; None for the first.
        size: Wanted (H, W).
        rate_hz: Wanted frames per second.
    """

    skipped = 0

    def __init__(
        self, spec: str | None = None, size: Size = (720, 1280), rate_hz: Fraction = Fraction(30)
    ) -> None:
        self._spec, self._size, self._rate_hz = spec, size, rate_hz
        self._capture: cv2.VideoCapture | None = None
        self._interrupted = False
        self._frames = 0

    def open(self) -> SourceInfo:
        """Acquire the camera.

        Raises:
            CameraNotFound: No camera has that name.
            UsageError: More than one camera matches.
        """
        self.close()
        self._interrupted, self._frames = False, 0
        camera = find(self._spec)
        if self._spec is None:  # the next `open` must use the same camera
            self._spec = camera.by_id or camera.path or str(camera.index)
        capture = cv2.VideoCapture(camera.index, _API)
        height, width = self._size
        for key, value in (
            (cv2.CAP_PROP_FRAME_WIDTH, width),
            (cv2.CAP_PROP_FRAME_HEIGHT, height),
            (cv2.CAP_PROP_FPS, float(self._rate_hz)),
        ):
            capture.set(key, value)
        read, first = capture.read()
        if not read:
            capture.release()
            raise CameraNotFound(
                f"The camera {camera} delivers no picture",
                "It may be in use, or this program may not be allowed to use it",
                "Close other programs and allow camera access in the system's settings",
            )
        self._capture = capture
        size = even((first.shape[0], first.shape[1]))
        return SourceInfo(camera.name, size, self._rate_hz, live=True)

    def read(self, out: Frame) -> bool:
        """Wait for the next frame; see the Source protocol.

        Raises:
            CameraLost: It no longer answers.
        """
        if self._interrupted:
            return False
        if self._capture is None:
            raise CameraLost("The camera is not open")
        read, picture = self._capture.read()
        if not read:
            raise CameraLost("The camera stopped answering", hint="Check its cable")
        bgr: U8 = np.asarray(picture, np.uint8)
        bgr_to_frame(bgr, out)
        out.stamp(self._frames, time.monotonic_ns(), cut=self._frames == 0)
        self._frames += 1
        return not self._interrupted

    def interrupt(self) -> None:
        """Make ``read`` return False with the next frame. From any thread."""
        self._interrupted = True

    def close(self) -> None:
        """Release the camera. Never fails; may be called twice."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None
