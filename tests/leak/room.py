"""A camera in front of a wall with a pattern, which is detected if it is not hidden."""

from __future__ import annotations

import math
import threading
import time
from fractions import Fraction

import cv2
import numpy as np

from segcam.errors import CameraLost
from segcam.frame import F32, U8, Frame, Size
from segcam.source.base import SourceInfo
from segcam.source.jpeg import JpegDecoder

SIZE: Size = (180, 320)
RATE_HZ = Fraction(30)
CODE_SEED = 20260724
BLOCK_PX = 2
"""A ninetieth of the height: the weakest blur removes it, halving the picture keeps most of it."""
WALL_Y, CODE_Y = 120, 50
FIGURE_YUV = (150, 90, 170)
AXES = (36, 50)
RADIUS_PX, TURN_S = 35, 3.0
"""The figure walks in a circle, so that it has moved after any pause."""
STEP_S = 0.3
"""It moves half of this time and stands the other half, in which frames share a matte."""


def code(size: Size = SIZE) -> F32:
    """float32 (H, W), -1 or 1: the pattern on the wall."""
    rng = np.random.default_rng(CODE_SEED)
    cells = (-(-size[0] // BLOCK_PX), -(-size[1] // BLOCK_PX))
    blocks = rng.choice(np.array([-1, 1], np.float32), cells)
    large = np.kron(blocks, np.ones((BLOCK_PX, BLOCK_PX), np.float32))
    return np.ascontiguousarray(large[: size[0], : size[1]])


def wall(size: Size = SIZE) -> Frame:
    """The empty room: grey, so that colour means a person."""
    frame = Frame.filled(size, (WALL_Y, 128, 128))
    frame.y[:] = (WALL_Y + CODE_Y * code(size)).astype(np.uint8)
    return frame


def figure(seconds: float, size: Size = SIZE) -> U8:
    """uint8 (H, W), 0 or 255: where the person is at that time."""
    steps, part = divmod(seconds, STEP_S)
    walked_s = steps * STEP_S + min(2 * part, STEP_S)
    angle = 2 * math.pi * walked_s / TURN_S
    scale = size[0] / SIZE[0]
    centre = (
        round(size[1] / 2 + scale * RADIUS_PX * math.cos(angle)),
        round(size[0] / 2 + scale * RADIUS_PX * math.sin(angle)),
    )
    axes = (round(AXES[0] * scale), round(AXES[1] * scale))
    out = np.zeros(size, np.uint8)
    cv2.ellipse(out, centre, axes, 0, 0, 360, 255, cv2.FILLED)
    return out


def draw(seconds: float, room: Frame, out: Frame) -> None:
    """Paint the person in front of ``room`` into ``out``."""
    out.resize(room.size)
    np.copyto(out.data, room.data)
    person = figure(seconds, room.size)
    out.y[person > 0] = FIGURE_YUV[0]
    small = person[::2, ::2] > 0
    out.u[small], out.v[small] = FIGURE_YUV[1:]


class Camera:
    """Films the wall and the walker in real time."""

    def __init__(self, rate_hz: Fraction = RATE_HZ) -> None:
        self._rate_hz = rate_hz
        self._room = wall()
        self._born_s = time.monotonic()
        self._frames = 0
        self._woken = threading.Event()

    def open(self) -> SourceInfo:
        """See `Source.open`."""
        self._frames = 0
        return SourceInfo("walker", SIZE, self._rate_hz, live=True)

    def read(self, out: Frame) -> bool:
        """See `Source.read`."""
        late_s = (time.monotonic() - self._born_s) % float(1 / self._rate_hz)
        self._woken.wait(float(1 / self._rate_hz) - late_s)
        self.shoot(out)
        out.stamp(self._frames, time.monotonic_ns(), cut=self._frames == 0)
        self._frames += 1
        return not self._woken.is_set()

    def shoot(self, out: Frame) -> None:
        """Write the current scene into ``out``."""
        draw(time.monotonic() - self._born_s, self._room, out)

    def interrupt(self) -> None:
        """See `Source.interrupt`."""
        self._woken.set()

    def close(self) -> None:
        """See `Source.close`."""


class JpegCamera(Camera):
    """The same, sent as JPEG like most webcams, through the product's decoder."""

    def __init__(self) -> None:
        super().__init__()
        self._decoder = JpegDecoder()
        self._shot = Frame.empty(SIZE)

    def read(self, out: Frame) -> bool:
        """See `Source.read`. Skips incomplete pictures, like the webcam's reader."""
        for _ in range(5):
            more = super().read(self._shot)
            if self._decoder.decode(memoryview(self.wire(jpeg(self._shot))), out):
                out.stamp(self._shot.id, self._shot.captured_ns, self._shot.cut)
                return more
        raise CameraLost("Nothing readable for 5 frames")

    def wire(self, data: bytes) -> bytes:
        """The part of ``data`` that arrives."""
        return data


def jpeg(frame: Frame) -> bytes:
    """The frame, compressed like in a camera."""
    bgr = cv2.cvtColor(frame.data, cv2.COLOR_YUV2BGR_I420)
    return bytes(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 90])[1])
