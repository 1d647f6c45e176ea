"""A moving test picture: its matte is known exactly, and its time can be read back."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from segcam.frame import U8, Frame, Size, even
from segcam.source.base import SourceInfo
from segcam.source.pacer import Pacer, period_ns

ROOM_SEED = 20220824
FIGURE_YUV = (150, 90, 170)
CODE_BITS = 16
DARK, BRIGHT = 60, 210
"""Luma of the code's blocks; both stay far from the threshold after any compression."""


class Pattern:
    """A head and shoulders swaying in front of a wall of noise.

    The wall has a pattern that every blur destroys, so that a leak can be found. The chest shows
    the frame's id as 16 dark or bright blocks.

    Args:
        size: (H, W), even.
        rate_hz: Frames per second.
        live: Deliver in real time; otherwise as fast as the reader.
        frames: Stop after that many; None: never.
    """

    def __init__(
        self,
        size: Size = (720, 1280),
        rate_hz: Fraction = Fraction(30),
        live: bool = True,
        frames: int | None = None,
    ) -> None:
        self._size = even(size)
        self._rate_hz = rate_hz
        self._live = live
        self._frames = frames
        self._pacer = Pacer()
        self._room = room(self._size)
        self._count = 0

    def open(self) -> SourceInfo:
        """See `Source.open`."""
        return SourceInfo("pattern", self._size, self._rate_hz, self._live, self._frames)

    def read(self, out: Frame) -> bool:
        """See `Source.read`."""
        if self._pacer.interrupted or self._count == self._frames:
            return False
        period = period_ns(self._rate_hz)
        due_ns = self._pacer.wait(period) if self._live else self._count * period
        draw(self._count, self._room, out)
        out.stamp(self._count, due_ns, cut=self._count == 0)
        self._count += 1
        return not self._pacer.interrupted

    def interrupt(self) -> None:
        """See `Source.interrupt`."""
        self._pacer.interrupt()

    def close(self) -> None:
        """See `Source.close`."""


def room(size: Size) -> Frame:
    """The wall: blocks of random luma about 1/90 of the height wide, always the same."""
    rng = np.random.default_rng(ROOM_SEED)
    frame = Frame.empty(size)
    for plane, low, high in zip(frame.planes, (30, 100, 100), (220, 156, 156), strict=True):
        height, width = plane.shape
        block = max(1, size[0] // 90)
        cells = (-(-height // block), -(-width // block))
        noise = rng.integers(low, high, cells, dtype=np.uint8)
        plane[:] = np.kron(noise, np.ones((block, block), np.uint8))[:height, :width]
    return frame


def matte(index: int, size: Size) -> U8:
    """The true matte of frame ``index``: uint8 (H, W), 0 or 255."""
    height, width = size
    out = np.zeros(size, np.uint8)
    x, y = _centre(index, size)
    cv2.ellipse(out, (x, y), (height // 7, height // 5), 0, 0, 360, 255, -1)
    cv2.ellipse(out, (x, height), (width // 5, height * 2 // 5), 0, 180, 360, 255, -1)
    return out


def draw(index: int, wall: Frame, out: Frame) -> None:
    """Paint frame ``index`` over ``wall`` into ``out``."""
    out.resize(wall.size)
    np.copyto(out.data, wall.data)
    figure = matte(index, wall.size)
    out.y[figure > 0] = FIGURE_YUV[0]
    small = figure[::2, ::2] > 0
    out.u[small], out.v[small] = FIGURE_YUV[1:]
    for bit, block in enumerate(_code_blocks(index, out)):
        block[:] = BRIGHT if index >> bit & 1 else DARK


def read_code(index_guess: int, frame: Frame) -> int:
    """The id (modulo 2**16) on the figure's chest, read where frame ``index_guess`` shows it.

    The figure moves little between frames, so the guess may be off by a few frames.
    """
    blocks = _code_blocks(index_guess, frame)
    return sum(1 << bit for bit, block in enumerate(blocks) if block.mean() > (DARK + BRIGHT) / 2)


def _centre(index: int, size: Size) -> tuple[int, int]:
    height, width = size
    sway = np.sin(2 * np.pi * index / 120)
    return round(width * (0.5 + 0.08 * sway)), round(height * 0.42)


def _code_blocks(index: int, frame: Frame) -> list[U8]:
    height, width = frame.size
    side = max(1, width // 64)
    left = _centre(index, frame.size)[0] - side * CODE_BITS // 2
    top = round(height * 0.82)
    return [
        frame.y[top : top + side, left + i * side : left + (i + 1) * side] for i in range(CODE_BITS)
    ]
