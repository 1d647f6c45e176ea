"""Measures how much of the old room's colour the person's edge keeps over a new background.

``python tests/bench/spill.py DATA``: cut-out figures (``DATA/mattes``, RGBA) are placed in rooms
(``DATA/backgrounds``) and then blended over other rooms, with their true mattes and with SegCam's.
Prints the mean error of Y, U and V, in levels, where a figure is half transparent, and the
processor time of blending, with and without the foreground's estimated colour.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from segcam.color import bgr_to_frame
from segcam.composite.blend import Blender
from segcam.frame import F32, U8, Frame, Size
from segcam.pipeline.networks import make_networks
from segcam.planes import shrink
from segcam.zoo.library import DEFAULT, find

SIZE: Size = (720, 1280)
EVERY = 3
"""Figures are similar frames of clips, so only every third is used."""


@dataclass(frozen=True, slots=True)
class Case:
    """A figure in its room, the other room, the expected picture, and the true matte."""

    frame: Frame
    behind: Frame
    truth: Frame
    matte: U8


def cases(data: Path) -> Iterator[Case]:
    """Figures at the picture's height, in the middle, each with two random rooms."""
    rng = np.random.default_rng(1)
    rooms = sorted((data / "backgrounds").glob("*.jpg"))
    for path in sorted((data / "mattes").glob("*.png"))[::EVERY]:
        figure = _centred(np.asarray(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), np.uint8))
        color, opacity = figure[..., :3].astype(np.float32), figure[..., 3:] / np.float32(255)
        room, other = (_room(rooms[rng.integers(len(rooms))]) for _ in range(2))
        shown, truth = (opacity * color + (1 - opacity) * behind for behind in (room, other))
        yield Case(*map(_frame, (shown, other, truth)), np.ascontiguousarray(figure[..., 3]))


def _centred(figure: U8) -> U8:
    height, width = SIZE
    wide = round(figure.shape[1] * height / figure.shape[0])
    figure = np.asarray(cv2.resize(figure, (wide, height), interpolation=cv2.INTER_AREA), np.uint8)
    figure = figure[:, max(0, (wide - width) // 2) :][:, :width]
    left = (width - figure.shape[1]) // 2
    out = np.zeros((*SIZE, 4), np.uint8)
    out[:, left : left + figure.shape[1]] = figure
    return out


def _room(path: Path) -> F32:
    return np.asarray(cv2.resize(cv2.imread(str(path)), SIZE[::-1]), np.float32)


def _frame(bgr: F32) -> Frame:
    return bgr_to_frame(bgr.round().astype(np.uint8))


def found_mattes(all_cases: list[Case]) -> list[U8]:
    """SegCam's matte of each single frame, with sharp edges."""
    networks = make_networks(*find(DEFAULT), "cpu", "sharp", isolate="never")
    segmenter, mattes = networks.segmenters[0], []
    segmenter.open()
    for case in all_cases:
        coarse, matte = np.empty(segmenter.matte_size, np.float32), np.zeros(SIZE, np.uint8)
        case.frame.stamp(0, 0, cut=True)
        segmenter.segment(case.frame, coarse)
        networks.refiner.refine(coarse, case.frame, matte)
        mattes.append(matte)
    networks.refiner.close()
    segmenter.close()
    return mattes


def measure(
    case: Case, matte: U8, blend: Callable[..., None], clean: bool
) -> tuple[list[float], float]:
    """Errors of the planes, and milliseconds."""
    out = Frame.empty(SIZE)
    out.copy_from(case.behind)
    mattes = matte, shrink(matte, (SIZE[0] // 2, SIZE[1] // 2)).copy()
    start = time.thread_time()
    blend(case.frame, mattes, out, clean_edge=clean)
    spent_ms = 1e3 * (time.thread_time() - start)
    half_covered = ((case.matte > 8) & (case.matte < 247)).astype(np.uint8)
    band = cv2.dilate(half_covered, np.ones((5, 5))) > 0
    errors = [
        float(np.abs(made.astype(int) - true)[where].mean())
        for made, true, where in zip(
            out.planes, case.truth.planes, (band, band[::2, ::2], band[::2, ::2]), strict=True
        )
    ]
    return errors, spent_ms


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    cv2.setNumThreads(1)
    all_cases = list(cases(parser.parse_args().data))
    blend = Blender().blend
    ways = {"true": [case.matte for case in all_cases], "found": found_mattes(all_cases)}
    for name, mattes in ways.items():
        for clean in (False, True):
            results = [
                measure(case, matte, blend, clean)
                for case, matte in zip(all_cases, mattes, strict=True)
            ]
            errors = np.mean([errors for errors, _ in results], axis=0)
            print(
                f"{name:5} mattes, {'own colour' if clean else 'as it is':10}"
                f" Y {errors[0]:6.2f}  U {errors[1]:5.2f}  V {errors[2]:5.2f}"
                f"  {statistics.median(ms for _, ms in results):.2f} ms"
            )


if __name__ == "__main__":
    main()
