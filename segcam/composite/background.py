"""Backgrounds, which replace the room."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol

import cv2
import numpy as np

from segcam.composite.player import LEAST_PERIOD_NS, FrameReader, Player, Rewind
from segcam.errors import MediaError, SegCamError
from segcam.fit import cover
from segcam.frame import F32, U8, Frame, Size
from segcam.planes import Enlarger, Shrinker

WEAKEST, STRONGEST = 0.022, 0.06
"""Blur strengths 0 and 100: standard deviation over the frame's height. At 0.022, letters of 1/20
of the height are unreadable; beyond 0.06 there is no visible change."""

LEAST_SIGMA_PX = 2.0
"""A blur is computed on planes halved as often as its deviation stays at least this large, so that
enlarging shows no steps."""


class Background(Protocol):
    """Paints the picture around the person. Implementations inherit from it.

    Attributes:
        keeps_colors: Whether it has the colours of the real room, so that the person's edge needs
            no correction.
    """

    keeps_colors: bool = False

    def paint(self, frame: Frame, matte: U8, out: Frame) -> bool:
        """Paint the picture behind the person. Never waits for a file in a call.

        Args:
            frame: The camera's picture, (H, W).
            matte: uint8 (H/2, W/2), 0 background to 255 person.
            out: A frame of the same size; every pixel is written.

        Returns:
            False: there is no picture at present; nothing was painted.
        """

    @property
    def trouble(self) -> SegCamError | None:
        """Why it does not show what it should, or None. From any thread."""
        return None

    def close(self) -> None:
        """Release everything; `paint` must not follow. From any thread; may be called twice."""
        return


class Color(Background):
    """One colour, limited-range (Y, U, V)."""

    def __init__(self, yuv: tuple[int, int, int]) -> None:
        self._yuv = yuv

    def paint(self, frame: Frame, matte: U8, out: Frame) -> bool:  # noqa: ARG002
        """See `Background.paint`."""
        out.fill(self._yuv)
        return True


class Missing(Background):
    """A substitute for a background that is not available: the room is blurred instead.

    Args:
        trouble: Why it is not available.
    """

    def __init__(self, trouble: SegCamError) -> None:
        self._trouble = trouble

    def paint(self, frame: Frame, matte: U8, out: Frame) -> bool:  # noqa: ARG002
        """See `Background.paint`."""
        return False

    @property
    def trouble(self) -> SegCamError | None:
        """See `Background.trouble`."""
        return self._trouble


class Video(Background):
    """A picture, or a video that plays at its own rate in a loop.

    Another thread reads it, see `Player`.

    Args:
        rewind: Opens it at its first frame.
        size: (H, W) of the first frames.

    Raises:
        SegCamError: It cannot be read.
    """

    def __init__(self, rewind: Rewind, size: Size) -> None:
        self._player = Player(rewind)
        try:
            self._player.start(size)
        except BaseException:
            self._player.close()
            raise

    def paint(self, frame: Frame, matte: U8, out: Frame) -> bool:  # noqa: ARG002
        """See `Background.paint`."""
        picture = self._player.newest(frame.size)
        if picture is None:
            return False
        if picture.size == out.size:
            np.copyto(out.data, picture.data)
        else:
            cover(picture, out)  # for the few frames before there is one of this size
        return True

    @property
    def trouble(self) -> SegCamError | None:
        """See `Background.trouble`."""
        return self._player.trouble

    def close(self) -> None:
        """See `Background.close`."""
        self._player.close()


class VideoInStep(Background):
    """A video or picture in step with the frames' times: for files, at any speed.

    `paint` reads it. An error ends the run, since a file can be rendered again.

    Args:
        rewind: Opens it at its first frame.
    """

    def __init__(self, rewind: Rewind) -> None:
        self._rewind = rewind
        self._reader: FrameReader | None = None
        self._shown, self._coming = Frame.empty((2, 2)), Frame.empty((2, 2))
        self._size: Size = (0, 0)
        self._due_ns: float = 0.0
        self._zero_ns = 0
        self._count = 0

    def paint(self, frame: Frame, matte: U8, out: Frame) -> bool:  # noqa: ARG002
        """See `Background.paint`.

        Raises:
            SegCamError: It cannot be read.
        """
        if frame.size != self._size:
            self._size = frame.size
            self._start(frame.captured_ns)
            self._advance()
        while self._due_ns <= frame.captured_ns:
            self._advance()
        np.copyto(out.data, self._shown.data)
        return True

    def close(self) -> None:
        """See `Background.close`."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _start(self, due_ns: float) -> None:
        """Read the first frame, to be shown at ``due_ns``."""
        self.close()
        self._reader = self._rewind(self._size)
        if not self._reader.read(self._coming):
            raise MediaError(
                "The background video contains no picture", "", "Choose another background"
            )
        self._zero_ns = round(due_ns) - self._coming.captured_ns
        self._due_ns, self._count = due_ns, 1

    def _advance(self) -> None:
        """Show the frame that was read, and read the next one."""
        assert self._reader is not None
        last_ns = self._shown.captured_ns
        self._shown, self._coming = self._coming, self._shown
        if self._reader.read(self._coming):
            self._due_ns = self._zero_ns + self._coming.captured_ns
            self._count += 1
        elif self._count == 1:  # a picture
            self._due_ns = math.inf
        else:
            period_ns = max(self._shown.captured_ns - last_ns, LEAST_PERIOD_NS)
            self._start(self._due_ns + period_ns)


class Blurred(Background):
    """The real room, blurred, without any trace of the person.

    Computed at a small size. Each pixel is weighted by its share of room, so that the person's
    colours do not bleed into the room: ``blur(room * w) / blur(w)`` with ``w = 1 - matte``. Source:
    Knutsson and Westin, "Normalized and Differential Convolution" (1993), section 3.

    Args:
        strength: 0..100, see `segcam.settings.Blur`.
    """

    keeps_colors = True

    def __init__(self, strength: int) -> None:
        self._sigma = WEAKEST + (STRONGEST - WEAKEST) * strength / 100
        self._size: Size = (0, 0)
        self._enlarge = Enlarger()

    def paint(self, frame: Frame, matte: U8, out: Frame) -> bool:
        """See `Background.paint`."""
        if frame.size != self._size:
            self._prepare(frame, matte)
        planes = [shrink(p) for shrink, p in zip(self._shrinkers, frame.small, strict=True)]
        room = 1 - self._matte_shrinker(matte) * np.float32(1 / 255)
        for plane, blurred in zip(out.planes, weighted_blur(planes, room, self._px), strict=True):
            self._enlarge(blurred, plane)
        return True

    def _prepare(self, frame: Frame, matte: U8) -> None:
        height, width = frame.small[0].shape
        self._px = self._sigma * height
        while self._px >= 2 * LEAST_SIGMA_PX and min(height, width) > 1:
            height, width, self._px = height // 2, width // 2, self._px / 2
        self._size, size = frame.size, (height, width)
        self._shrinkers = [Shrinker((p.shape[0], p.shape[1]), size) for p in frame.small]
        self._matte_shrinker = Shrinker((matte.shape[0], matte.shape[1]), size)


def weighted_blur(planes: Iterable[U8], weight: F32, sigma_px: float) -> list[U8]:
    """Gaussian blur with a weight for each pixel.

    Args:
        planes: uint8 (h, w) each.
        weight: float32 (h, w), 0..1.
        sigma_px: Standard deviation.

    Returns:
        uint8 (h, w) per plane. The weighted mean of the whole plane where no weight is near.
    """
    faint = np.float32(1e-3)
    reach = np.asarray(cv2.GaussianBlur(weight, (0, 0), sigma_px), np.float32) + faint
    total = cv2.sumElems(weight)[0] + 1e-3
    blurred = []
    for plane in planes:
        weighted = np.multiply(plane, weight, dtype=np.float32)
        mean = np.float32(cv2.sumElems(weighted)[0] / total)
        spread = cv2.GaussianBlur(weighted, (0, 0), sigma_px) + mean * faint
        blurred.append(np.asarray(cv2.divide(spread, reach, dtype=cv2.CV_8U), np.uint8))
    return blurred
