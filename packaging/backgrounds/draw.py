"""Draws the backgrounds that come with SegCam (make backgrounds).

Everything is drawn in units of the picture's height, with fixed random numbers, so the pictures are
the same at every size and in every run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from canvas import F32, WIDE, Canvas, Point, rgb
from numpy.typing import NDArray

OUT = Path(__file__).parents[2] / "segcam" / "backgrounds" / "pictures"
HEIGHT = 1080
QUALITY = 88


def studio(canvas: Canvas, dark: str, bright: str) -> None:
    """A paper roll lit from above and behind."""
    canvas.gradient([(0.0, dark), (1.0, dark)])
    canvas.glow((WIDE / 2, 0.42), (0.62, 0.46), bright, 0.85)
    canvas.glow((WIDE * 0.72, 0.15), (0.5, 0.4), bright, 0.12)
    canvas.texture(0.004, 0.006)
    canvas.vignette(0.55)


def studio_graphite(canvas: Canvas) -> None:
    """Grey, neutral."""
    studio(canvas, "#24272b", "#8b929b")


def studio_sand(canvas: Canvas) -> None:
    """Warm and light."""
    studio(canvas, "#9c8468", "#d8c2a3")


def studio_lagoon(canvas: Canvas) -> None:
    """Blue-green."""
    studio(canvas, "#0f2f3d", "#3f8f99")


def plain_wall(canvas: Canvas) -> None:
    """A white wall with the light of a window on it, and the shadow of a plant."""
    canvas.gradient([(0.0, "#e6dfd4"), (0.6, "#d9d0c2"), (1.0, "#c3b8a8")], 60)
    canvas.texture(0.3, 0.008)
    canvas.texture(0.004, 0.010)
    sun = np.zeros_like(canvas.x)
    for column in range(3):
        for row in range(3):
            x, y = 1.13 + column * 0.2, 0.02 + row * 0.235
            lean, drop = 0.22, 0.06
            left, right = x - lean * (y + 0.2), x + 0.17 - lean * (y + 0.2)
            low = y + 0.205
            sun += canvas.shape(
                [
                    (left, y),
                    (right, y - drop),
                    (right - lean * 0.205, low - drop),
                    (left - lean * 0.205, low),
                ],
                0.008 + 0.005 * row,
            )
    leaves = _leaves(canvas, (1.64, 0.98))
    canvas.add(sun * (1 - 0.75 * leaves) * np.float32(0.22), "#ffd9a0")
    canvas.shade(leaves * np.float32(0.10))
    canvas.vignette(0.25)


def _leaves(canvas: Canvas, root: Point) -> F32:
    mask = np.zeros_like(canvas.x)
    for angle in np.linspace(-158, -52, 11) + canvas.random.uniform(-5, 5, 11):
        turn, long = np.deg2rad(angle), canvas.random.uniform(0.34, 0.62)
        way = np.linspace(0, 1, 24)
        bend = turn + way * np.deg2rad(canvas.random.uniform(-34, 34))
        steps = np.stack([np.cos(bend), np.sin(bend)], 1) * long / 24
        spine = np.cumsum(steps, 0) + root
        side = np.stack([-np.sin(bend), np.cos(bend)], 1) * (np.sin(way * np.pi) * 0.026)[:, None]
        outline = [tuple(point) for point in np.concatenate([spine + side, (spine - side)[::-1]])]
        mask = np.maximum(mask, canvas.shape(outline, 0.009))
    return mask


def evening_window(canvas: Canvas) -> None:
    """A dark room with a lamp; behind the window, the town at dusk."""
    canvas.gradient([(0.0, "#2a2530"), (1.0, "#1b181f")])
    canvas.texture(0.25, 0.03)
    canvas.texture(0.012, 0.015)
    town = _dusk(canvas)
    x, y, width, height = 1.02, 0.08, 0.60, 0.66
    canvas.cover(canvas.box(x - 0.022, y - 0.022, width + 0.044, height + 0.05, 0.003), "#16141a")
    canvas.cover(canvas.box(x, y, width, height, 0.002), town)
    canvas.cover(canvas.box(x + width / 2 - 0.007, y, 0.014, height, 0.002), "#16141a")
    canvas.cover(canvas.box(x - 0.05, y + height + 0.02, width + 0.1, 0.024, 0.003), "#3a3138")
    _curtain(canvas, x - 0.13, 0.15)
    _curtain(canvas, x + width - 0.02, 0.17)
    canvas.glow((0.30, 0.36), (0.34, 0.38), "#ffb566", 0.34)
    canvas.glow((0.30, 0.36), (0.11, 0.12), "#ffd9a0", 0.30)
    shade = canvas.shape([(0.235, 0.30), (0.365, 0.30), (0.405, 0.46), (0.195, 0.46)], 0.006)
    canvas.cover(shade, "#ffdfae")
    canvas.cover(canvas.box(0.294, 0.46, 0.012, 0.5, 0.003), "#120f12")
    canvas.blur(0.006)
    canvas.vignette(0.5)


def _dusk(canvas: Canvas) -> F32:
    """The town behind the window, out of focus."""
    town = Canvas(canvas.height, 5)
    town.gradient(
        [
            (0.0, "#23355c"),
            (0.35, "#5b5f8c"),
            (0.58, "#d98a6a"),
            (0.70, "#f0b27a"),
            (1.0, "#3a3145"),
        ]
    )
    for place in np.arange(0.98, 1.7, 0.052):
        top = 0.47 + town.random.uniform(-0.07, 0.05)
        town.cover(town.box(place, top, town.random.uniform(0.03, 0.06), 0.5, 0.006), "#241f33")
    for _ in range(46):
        center = town.random.uniform(1.0, 1.66), town.random.uniform(0.52, 0.74)
        color = ("#ffc773", "#ffe2b0", "#ff9f6b", "#9fc7ff")[town.random.integers(4)]
        town.add(town.disc(center, town.random.uniform(0.008, 0.016)) * np.float32(0.5), color)
    return town.light


def _curtain(canvas: Canvas, left: float, width: float) -> None:
    mask = canvas.box(left, 0.0, width, 0.96, 0.008)
    folds = 0.55 + 0.45 * np.sin((canvas.x - left) / width * np.pi * 9 + np.sin(canvas.y * 3) * 0.6)
    canvas.cover(mask, (folds[..., None] * np.float32(rgb("#6d5563"))).astype(np.float32) * 0.6)


def _bokeh(canvas: Canvas, colors: list[str], number: int, size: Point, low: float) -> None:
    for _ in range(number):
        center = canvas.random.uniform(0, WIDE), canvas.random.uniform(0, 1) ** low
        color = colors[canvas.random.integers(len(colors))]
        strength = np.float32(canvas.random.uniform(0.04, 0.32))
        canvas.add(canvas.disc(center, canvas.random.uniform(*size)) * strength, color)


def night_lights(canvas: Canvas) -> None:
    """A street at night, out of focus."""
    canvas.gradient([(0.0, "#0b1020"), (0.55, "#1b2038"), (1.0, "#0d0d16")])
    canvas.glow((WIDE * 0.35, 0.62), (0.7, 0.16), "#c46a3a", 0.16)
    canvas.glow((WIDE * 0.8, 0.5), (0.4, 0.2), "#3a5fa8", 0.22)
    _bokeh(canvas, ["#ffb45e", "#ff8a4c", "#ffd79a", "#7fb0ff", "#ff6a6a"], 70, (0.018, 0.07), 0.75)
    canvas.blur(0.004)
    canvas.vignette(0.5)


def garden(canvas: Canvas) -> None:
    """Leaves in the morning sun, out of focus."""
    canvas.gradient([(0.0, "#b9cf9a"), (0.45, "#6f9a5c"), (1.0, "#2f4f33")])
    for _ in range(150):
        x, y = canvas.random.uniform(-0.1, WIDE + 0.1), canvas.random.uniform(0, 1.1)
        color = ("#26472c", "#3f6d3d", "#5d8f4c", "#86b062", "#1d3a26")[canvas.random.integers(5)]
        turn, long = canvas.random.uniform(0, np.pi), canvas.random.uniform(0.05, 0.16)
        way = np.linspace(0, 2 * np.pi, 20)
        leaf = np.stack([np.cos(way) * long, np.sin(way) * long * 0.38], 1)
        spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        outline = [tuple(point) for point in leaf @ spin.T + (x, y)]
        canvas.cover(canvas.shape(outline, 0.02) * np.float32(0.55 * min(1.0, 0.25 + y)), color)
    canvas.blur(0.028)
    canvas.glow((WIDE * 0.24, 0.1), (0.5, 0.34), "#fff2c0", 0.5)
    _bokeh(canvas, ["#fff4c8", "#e3f2b4", "#cfe8a0"], 38, (0.02, 0.06), 1.6)
    canvas.blur(0.003)
    canvas.vignette(0.35)


def bookshelf(canvas: Canvas) -> None:
    """A shelf with books and a lamp, far behind."""
    canvas.gradient([(0.0, "#7a6a5c"), (1.0, "#5a4c42")])
    colors = [
        "#8a3b2f",
        "#c08a4e",
        "#2f4a5f",
        "#d9cdb8",
        "#4f6b58",
        "#a35d3f",
        "#33302f",
        "#6a7f92",
    ]
    for shelf in range(4):
        floor = 0.25 + shelf * 0.27
        canvas.cover(canvas.box(0.0, floor - 0.25, WIDE, 0.25, 0.004), "#33291f")
        x = 0.02
        while x < WIDE:
            wide, high = canvas.random.uniform(0.016, 0.042), canvas.random.uniform(0.13, 0.2)
            if canvas.random.uniform() < 0.13:
                x += canvas.random.uniform(0.05, 0.16)
                continue
            color = colors[canvas.random.integers(len(colors))]
            canvas.cover(canvas.box(x, floor - high, wide, high, 0.002), color)
            x += wide + 0.003
        canvas.cover(canvas.box(0.0, floor, WIDE, 0.02, 0.002), "#9a7a58")
    for board in (0.44, 0.9, 1.36):
        canvas.cover(canvas.box(board, 0.0, 0.018, 1.0, 0.002), "#8c6d4e")
    canvas.shade(np.clip((canvas.y - 0.3) * np.float32(0.5), 0, 1))
    canvas.glow((1.45, 0.2), (0.4, 0.36), "#ffc98a", 0.32)
    canvas.glow((0.25, 0.0), (0.5, 0.4), "#ffe6c4", 0.12)
    canvas.blur(0.016)
    canvas.texture(0.006, 0.006)
    canvas.vignette(0.45)


PICTURES: dict[str, Callable[[Canvas], None]] = {
    "studio-graphite": studio_graphite,
    "studio-sand": studio_sand,
    "studio-lagoon": studio_lagoon,
    "plain-wall": plain_wall,
    "evening-window": evening_window,
    "night-lights": night_lights,
    "garden": garden,
    "bookshelf": bookshelf,
}


def draw(name: str, height: int = HEIGHT) -> NDArray[np.uint8]:
    """One of `PICTURES` as BGR, uint8 (height, height * 16 / 9, 3)."""
    canvas = Canvas(height, seed=sum(name.encode()))
    PICTURES[name](canvas)
    return canvas.picture()


def main() -> None:
    """Draw all pictures, or the named ones."""
    OUT.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or PICTURES:
        file = OUT / f"{name}.jpg"
        options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
        if not cv2.imwrite(str(file), draw(name), options):
            sys.exit(f"{file} cannot be written")
        print(f"{file} {file.stat().st_size >> 10} KB")


if __name__ == "__main__":
    main()
