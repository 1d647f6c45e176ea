"""A substitute for a webcam: a real person moving in front of a room.

The photograph is NASA's portrait of the astronaut Eileen Collins (public domain), cut out for this
purpose. The room is drawn.
"""

from __future__ import annotations

from fractions import Fraction
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam.color import bgr_to_frame
from segcam.frame import U8, Frame, Size, even
from segcam.planes import shrink
from segcam.source.base import SourceInfo
from segcam.source.pacer import Pacer, period_ns

SWAY_S, LEAN_S = 7.0, 11.0
"""Periods of the figure's sideways and forward movement; never in step, so that no loop shows."""
NOISE_LEVELS = 2.0
"""Standard deviation of the noise of a good webcam."""


class Demo:
    """Delivers the demo in real time.

    Args:
        size: (H, W).
        rate_hz: Frames per second.
        live: Deliver in real time; otherwise as fast as the reader.
    """

    def __init__(
        self, size: Size = (720, 1280), rate_hz: Fraction = Fraction(30), live: bool = True
    ) -> None:
        self._size = even(size)
        self._rate_hz = rate_hz
        self._live = live
        self._pacer = Pacer()
        self._count = 0

    def open(self) -> SourceInfo:
        """See `Source.open`."""
        rng = np.random.default_rng(1969)
        self._person = bgr_to_frame(_load("astronaut.jpg"))
        self._opacity = _load("astronaut_matte.png")[..., 0]
        self._room = bgr_to_frame(draw_room(self._size))
        noise = rng.normal(0, NOISE_LEVELS, (4, *self._size))
        self._noise = noise.round().astype(np.int16)
        return SourceInfo("demo", self._size, self._rate_hz, self._live)

    def read(self, out: Frame) -> bool:
        """See `Source.read`."""
        if self._pacer.interrupted:
            return False
        period = period_ns(self._rate_hz)
        out.resize(self._size)
        self._draw(self._count * period / 1e9, out)
        noise = self._noise[self._count % len(self._noise)]
        cv2.add(out.y, noise, dst=out.y, dtype=cv2.CV_8U)
        due_ns = self._pacer.wait(period) if self._live else self._count * period
        out.stamp(self._count, due_ns, cut=self._count == 0)
        self._count += 1
        return not self._pacer.interrupted

    def interrupt(self) -> None:
        """See `Source.interrupt`."""
        self._pacer.interrupt()

    def close(self) -> None:
        """See `Source.close`."""

    def _draw(self, time_s: float, out: Frame) -> None:
        move = self._movement(time_s)
        whole = _warp(self._opacity, move, out.y)
        halved = shrink(whole, (out.u.shape[0], out.u.shape[1]))
        for index, target in enumerate(out.planes):
            opacity = halved if index else whole
            person, room = self._person.planes[index], self._room.planes[index]
            if index == 1:
                move[:, 2] /= 2  # half, as for the chroma planes' size
            figure = cv2.multiply(_warp(person, move, target), opacity, scale=1 / 255)
            behind = cv2.multiply(room, cv2.bitwise_not(opacity), scale=1 / 255)
            cv2.add(figure, behind, dst=target)

    def _movement(self, time_s: float) -> NDArray[np.float64]:
        """The affine map (2, 3) from the photograph's luma to the frame's."""
        height, width = self._size
        side = self._opacity.shape[0]
        sway = np.sin(2 * np.pi * time_s / SWAY_S)
        lean = np.sin(2 * np.pi * time_s / LEAN_S)
        scale = height / side * (0.94 + 0.05 * lean)
        turn = np.deg2rad(2.0 * sway)
        cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
        right = width * (0.5 + 0.06 * sway) - side / 2 * scale
        down = height * 1.01 - side * scale
        return np.array([[cosine, -sine, right], [sine, cosine, down]])


def _warp(plane: U8, move: NDArray[np.float64], like: U8) -> U8:
    return np.asarray(cv2.warpAffine(plane, move, like.shape[::-1]), np.uint8)


def draw_room(size: Size) -> U8:
    """A study: a wall in evening light, a window, a bookshelf, a lamp and a desk.

    Returns:
        BGR uint8 (H, W, 3).
    """
    height, width = size
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    light = 0.72 + 0.28 * np.exp(-(((across - 0.2) / 0.4) ** 2) - ((down - 0.3) / 0.6) ** 2)
    picture = np.asarray(np.array([176, 190, 200]) * light[..., None], np.uint8)
    _draw_window(picture)
    _draw_shelf(picture, np.random.default_rng(7))
    _draw_lamp(picture)
    cv2.rectangle(picture, (0, round(height * 0.9)), (width, height), (52, 78, 112), -1)
    softened = cv2.GaussianBlur(picture, (0, 0), max(0.5, height / 720))
    return np.asarray(softened, np.uint8)


def _draw_window(picture: U8) -> None:
    height, width = picture.shape[:2]
    top, bottom, left, right = (
        round(v) for v in (height * 0.1, height * 0.62, width * 0.06, width * 0.3)
    )
    sky = np.linspace(0, 1, bottom - top)[:, None, None]
    picture[top:bottom, left:right] = (1 - sky) * [214, 168, 120] + sky * [188, 208, 236]
    frame_px = max(2, height // 60)
    for x in (left, (left + right) // 2, right):
        cv2.line(picture, (x, top), (x, bottom), (236, 240, 242), frame_px)
    for y in (top, (top * 2 + bottom) // 3, bottom):
        cv2.line(picture, (left, y), (right, y), (236, 240, 242), frame_px)


def _draw_shelf(picture: U8, rng: np.random.Generator) -> None:
    height, width = picture.shape[:2]
    left, right = round(width * 0.68), round(width * 0.96)
    cv2.rectangle(picture, (left, round(height * 0.08)), (right, height), (48, 66, 92), -1)
    for row in range(4):
        floor = round(height * (0.26 + 0.2 * row))
        x = left + width // 100
        while x < right - width // 40:
            thickness = round(width * rng.uniform(0.007, 0.018))
            top = floor - round(height * rng.uniform(0.1, 0.155))
            colour = tuple(int(c) for c in rng.integers(40, 150, 3))
            cv2.rectangle(picture, (x, top), (x + thickness, floor), colour, -1)
            cv2.line(picture, (x, top), (x, floor), (20, 20, 24), max(1, width // 640))
            x += thickness + 1
        cv2.rectangle(picture, (left, floor), (right, floor + height // 70), (74, 98, 130), -1)


def _draw_lamp(picture: U8) -> None:
    height, width = picture.shape[:2]
    x, foot, shade = round(width * 0.6), round(height * 0.9), round(height * 0.42)
    cv2.line(picture, (x, foot), (x, shade), (40, 44, 50), max(2, width // 200))
    half = width // 28
    corners = [(x - half // 2, shade - height // 8), (x + half // 2, shade - height // 8)]
    corners += [(x + half, shade), (x - half, shade)]
    cv2.fillPoly(picture, [np.array(corners, np.int32)], (150, 214, 250), cv2.LINE_AA)


def _load(name: str) -> U8:
    data = np.frombuffer(files("segcam.source").joinpath("assets", name).read_bytes(), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
