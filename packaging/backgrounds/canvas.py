"""A canvas in linear light, with soft tools."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Point = tuple[float, float]
Rgb = tuple[float, float, float]

WIDE = 16 / 9


class Canvas:
    """A picture, (H, W, 3) in linear RGB; x runs from 0 to 16/9, y from 0 to 1, downwards."""

    def __init__(self, height: int, seed: int) -> None:
        self.height, self.width = height, round(height * WIDE)
        self.light: F32 = np.zeros((height, self.width, 3), np.float32)
        ys, xs = np.mgrid[0:height, 0 : self.width].astype(np.float32)
        self.x, self.y = (xs + 0.5) / height, (ys + 0.5) / height
        self.random = np.random.default_rng(seed)

    def gradient(self, stops: list[tuple[float, str]], angle: float = 90.0) -> None:
        """Fill with colours along a line; 90 degrees is from top to bottom."""
        radians = np.deg2rad(angle)
        along = (self.x - WIDE / 2) * np.cos(radians) + (self.y - 0.5) * np.sin(radians)
        reach = (abs(np.cos(radians)) * WIDE + abs(np.sin(radians))) / 2
        place = along / (2 * reach) + 0.5
        at = [stop for stop, _ in stops]
        for channel in range(3):
            values = [rgb(color)[channel] for _, color in stops]
            self.light[..., channel] = np.interp(place, at, values)

    def glow(self, center: Point, radius: Point, color: str, strength: float) -> None:
        """Add light that falls off softly."""
        x, y = (self.x - center[0]) / radius[0], (self.y - center[1]) / radius[1]
        self.add(np.exp(-(x * x + y * y) / 2) * np.float32(strength), color)

    def add(self, amount: F32, color: str) -> None:
        """Add light of a colour."""
        self.light += amount[..., None] * np.float32(rgb(color))

    def cover(self, mask: F32, color: str | F32) -> None:
        """Paint a colour over the canvas, weighted by the mask."""
        paint = np.float32(rgb(color)) if isinstance(color, str) else color
        self.light += mask[..., None] * (paint - self.light)

    def shade(self, amount: F32) -> None:
        """Remove light: 0 none, 1 all."""
        self.light *= 1 - amount[..., None]

    def vignette(self, strength: float) -> None:
        """Darken towards the corners."""
        x, y = (self.x - WIDE / 2) / WIDE, self.y - 0.5
        self.shade(np.clip((x * x + y * y) * np.float32(2 * strength), 0, 1))

    def shape(self, points: list[Point], blur: float) -> F32:
        """A polygon's mask with soft edges, (H, W) of 0..1."""
        mask = np.zeros((self.height, self.width), np.float32)
        corners = np.round(np.float32(points) * self.height * 16).astype(np.int32)
        cv2.fillPoly(mask, [corners], 1.0, cv2.LINE_8, 4)
        return self.soft(mask, blur)

    def box(self, x: float, y: float, width: float, height: float, blur: float) -> F32:
        """An upright rectangle's mask."""
        points = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        return self.shape(points, blur)

    def disc(self, center: Point, radius: float, rim: float = 0.35) -> F32:
        """An out-of-focus point of light: even, with a brighter rim."""
        far = np.hypot(self.x - center[0], self.y - center[1]) / radius
        edge = np.clip((1 - far) * 14 + 0.5, 0, 1)
        return (edge * (1 - rim + rim * np.clip(far, 0, 1) ** 6)).astype(np.float32)

    def soft(self, mask: F32, blur: float) -> F32:
        """The mask, blurred."""
        sigma = blur * self.height
        return (
            np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), np.float32) if sigma > 0.3 else mask
        )

    def texture(self, grain: float, strength: float, stretch: float = 1.0) -> None:
        """Make brightness uneven, like plaster or cloth."""
        rows = max(2, round(1 / grain))
        columns = max(2, round(WIDE / (grain * stretch)))
        small = self.random.standard_normal((rows, columns)).astype(np.float32)
        size = (self.width, self.height)
        uneven = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
        self.light *= 1 + np.float32(strength) * np.asarray(uneven)[..., None]

    def blur(self, amount: float) -> None:
        """Put the whole picture out of focus."""
        wide = cv2.copyMakeBorder(self.light, *[self.height // 4] * 4, cv2.BORDER_REFLECT)
        soft = cv2.GaussianBlur(wide, (0, 0), amount * self.height)
        rim = self.height // 4
        self.light = np.asarray(soft[rim:-rim, rim:-rim], np.float32)

    def picture(self) -> NDArray[np.uint8]:
        """As BGR, uint8 (H, W, 3), with a little noise, so that soft gradients show no steps."""
        light = np.clip(self.light, 0, 1)
        curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
        noise = np.random.default_rng(1).uniform(-0.5, 0.5, (*light.shape[:2], 1))
        return np.clip(np.round(curve * 255 + noise), 0, 255).astype(np.uint8)[..., ::-1]


def rgb(color: str) -> Rgb:
    """An sRGB colour like #204060 in linear light."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return linear[0], linear[1], linear[2]
