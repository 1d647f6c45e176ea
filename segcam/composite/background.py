"""What replaces the room."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Protocol

import cv2
import numpy as np

from segcam.fit import cover
from segcam.frame import F32, U8, Frame, Size
from segcam.planes import Enlarger, Shrinker

WEAKEST, STRONGEST = 0.022, 0.06
"""Blur strengths 0 and 100: standard deviation over the frame's height. At 0.022 letters of 1/20 of
the height can no longer be read; beyond 0.06 nothing changes that anyone would notice."""

LEAST_SIGMA_PX = 2.0
"""A blur is computed as small as this leaves it: bilinear enlarging shows no steps then."""

MOST_SKIPPED = 2
"""So many frames of a film are decoded for one of the camera's: what skipping more would cost, the
call would have to wait for."""
LEAST_PERIOD_NS = 10_000_000
"""A film's last frame stays at least so long before it starts over."""


class Background(Protocol):
    """Paints what is seen where the person is not."""

    def paint(self, frame: Frame, matte: U8, out: Frame) -> None:
        """Paint the picture behind the person.

        Args:
            frame: What the camera sees, (H, W).
            matte: uint8 (H/2, W/2), 0 background to 255 person.
            out: A frame of the same size; every pixel is written.
        """


class FrameReader(Protocol):
    """What a video background needs of a source."""

    def read(self, out: Frame) -> bool:
        """Write the next frame and its time into ``out``; False at the end."""

    def close(self) -> None:
        """Release the film."""


class Color:
    """One colour, limited-range (Y, U, V)."""

    def __init__(self, yuv: tuple[int, int, int]) -> None:
        self._yuv = yuv

    def paint(self, frame: Frame, matte: U8, out: Frame) -> None:  # noqa: ARG002
        """See `Background.paint`."""
        out.fill(self._yuv)


class Picture:
    """A picture that fills the frame; what does not fit is cut off evenly. Keeps ``picture``."""

    def __init__(self, picture: Frame) -> None:
        self._picture = picture
        self._fitted: Frame | None = None

    def paint(self, frame: Frame, matte: U8, out: Frame) -> None:  # noqa: ARG002
        """See `Background.paint`."""
        if self._fitted is None or self._fitted.size != frame.size:
            self._fitted = Frame.empty(frame.size)
            cover(self._picture, self._fitted)
        np.copyto(out.data, self._fitted.data)


class Video:
    """A video that plays at its own rate behind the person, over and over.

    One that cannot be decoded as fast as it plays, plays slower: the call comes first.

    Args:
        rewind: Opens the film at its first frame; called at the start and at each end.
        clock_ns: Monotonic time.
    """

    def __init__(
        self, rewind: Callable[[], FrameReader], clock_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._rewind = rewind
        self._clock_ns = clock_ns
        self._shown, self._coming = Frame.empty((2, 2)), Frame.empty((2, 2))
        self._fitted: Frame | None = None
        self._reader = rewind()
        self._reader.read(self._coming)
        self._zero_ns = clock_ns() - self._coming.captured_ns

    def paint(self, frame: Frame, matte: U8, out: Frame) -> None:  # noqa: ARG002
        """See `Background.paint`."""
        now_ns = self._clock_ns()
        changed = self._fitted is None or self._fitted.size != frame.size
        for _ in range(MOST_SKIPPED):
            if self._is_due(now_ns):
                self._advance()
                changed = True
        if self._is_due(now_ns):
            self._zero_ns = now_ns - self._shown.captured_ns
        if self._fitted is None or changed:
            self._fitted = self._fitted or Frame.empty(frame.size)
            self._fitted.resize(frame.size)
            cover(self._shown, self._fitted)
        np.copyto(out.data, self._fitted.data)

    def _is_due(self, now_ns: int) -> bool:
        return self._zero_ns + self._coming.captured_ns <= now_ns

    def _advance(self) -> None:
        last_ns, due_ns = self._shown.captured_ns, self._zero_ns + self._coming.captured_ns
        self._shown, self._coming = self._coming, self._shown
        if self._reader.read(self._coming):
            return
        self._reader.close()
        self._reader = self._rewind()
        self._reader.read(self._coming)
        period_ns = max(self._shown.captured_ns - last_ns, LEAST_PERIOD_NS)
        self._zero_ns = due_ns + period_ns - self._coming.captured_ns


class Blurred:
    """The room itself, blurred, without a trace of the person.

    Computed at a small size. Each pixel counts by how much room it shows, so that the person's
    colours do not glow into the room: ``blur(room * w) / blur(w)`` with ``w = 1 - matte``.
    Source: Knutsson and Westin, "Normalized and Differential Convolution" (1993), section 3.

    Args:
        strength: 0..100, see `segcam.settings.Blur`.
    """

    def __init__(self, strength: int) -> None:
        self._sigma = WEAKEST + (STRONGEST - WEAKEST) * strength / 100
        self._size: Size = (0, 0)
        self._enlarge = Enlarger()

    def paint(self, frame: Frame, matte: U8, out: Frame) -> None:
        """See `Background.paint`."""
        if frame.size != self._size:
            self._prepare(frame, matte)
        planes = [shrink(p) for shrink, p in zip(self._shrinkers, frame.small, strict=True)]
        room = 1 - self._matte_shrinker(matte) * np.float32(1 / 255)
        for plane, blurred in zip(out.planes, weighted_blur(planes, room, self._px), strict=True):
            self._enlarge(blurred, plane)

    def _prepare(self, frame: Frame, matte: U8) -> None:
        height, width = frame.small[0].shape
        self._px = self._sigma * height
        while self._px >= 2 * LEAST_SIGMA_PX and min(height, width) > 1:
            height, width, self._px = height // 2, width // 2, self._px / 2
        self._size, size = frame.size, (height, width)
        self._shrinkers = [Shrinker((p.shape[0], p.shape[1]), size) for p in frame.small]
        self._matte_shrinker = Shrinker((matte.shape[0], matte.shape[1]), size)


def weighted_blur(planes: Iterable[U8], weight: F32, sigma_px: float) -> list[U8]:
    """Gaussian blur in which each pixel counts by its weight.

    Args:
        planes: uint8 (h, w) each.
        weight: float32 (h, w), 0..1.
        sigma_px: Standard deviation.

    Returns:
        uint8 (h, w) per plane. Where no weight is near: the weighted mean of the whole plane.
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
