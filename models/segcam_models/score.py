"""Scores a folder of mattes.

    python -m segcam_models.score PRED_DIR [TRUTH_DIR] [--video] [--frames INPUT] [--json]

PRED_DIR is the output of ``segcam matte``, TRUTH_DIR contains hand-made masks of the same names,
and INPUT is the mattes' source: a folder of consecutive pictures or a clip. ``--video`` means that
the masks are of consecutive frames, and adds the temporal error (dtSSD), which flicker and lag both
increase.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from segcam_models.metrics import (
    U8,
    Flicker,
    Mask,
    TemporalError,
    boundary_iou,
    contour_f,
    jaccard,
    mean_iou,
    to_mask,
)

SCORES: dict[str, Callable[[Mask, Mask], float]] = {
    "person IoU (J)": jaccard,
    "mIoU": mean_iou,
    "boundary IoU": boundary_iou,
    "contour F": contour_f,
}
PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")


def score_masks(pred_dir: Path, truth_dir: Path) -> dict[str, float]:
    """All scores, averaged over the pictures of ``truth_dir``.

    Raises:
        ValueError: A truth has no matte or one of another size, or there is no truth.
    """
    rows = [_score_pair(matte, truth) for matte, truth in _pairs(pred_dir, truth_dir)]
    return dict(zip(SCORES, np.mean(rows, axis=0).tolist(), strict=True))


def score_video(pred_dir: Path, truth_dir: Path) -> float:
    """The temporal error of the mattes, in the order of their names.

    Raises:
        ValueError: As ``score_masks``.
    """
    error = TemporalError()
    for matte, truth in _pairs(pred_dir, truth_dir):
        error.add(matte, truth)
    return error.value


def score_flicker(pred_dir: Path, frames: Path) -> float:
    """Flicker of the mattes over their frames, 0..1.

    Raises:
        ValueError: The numbers of frames and mattes differ, or their sizes.
    """
    flicker = Flicker()
    mattes = (read_gray(path) for path in _pictures(pred_dir).values())
    for number, (matte, luma) in enumerate(zip(mattes, _read_frames(frames), strict=True)):
        if matte.shape != luma.shape:
            raise ValueError(f"Matte {number} is {matte.shape}, its frame {luma.shape}")
        flicker.add(matte, luma)
    return flicker.value


def _score_pair(matte: U8, truth: U8) -> list[float]:
    return [score(to_mask(matte), to_mask(truth)) for score in SCORES.values()]


def _pairs(pred_dir: Path, truth_dir: Path) -> Iterator[tuple[U8, U8]]:
    """Mattes with their truths, ordered by name."""
    preds, truths = _pictures(pred_dir), _pictures(truth_dir)
    if missing := sorted(truths.keys() - preds.keys()):
        raise ValueError(f"{pred_dir} has no matte for {len(missing)} masks, first: {missing[0]}")
    for stem, path in truths.items():
        matte, truth = read_gray(preds[stem]), read_gray(path)
        if matte.shape != truth.shape:
            raise ValueError(f"{preds[stem]} is {matte.shape}, its truth {truth.shape}")
        yield matte, truth


def _pictures(folder: Path) -> dict[str, Path]:
    found = {path.stem: path for path in sorted(folder.glob("*")) if path.suffix in PICTURES}
    if not found:
        raise ValueError(f"{folder} holds no pictures")
    return found


def read_gray(path: Path) -> U8:
    """A matte or mask, uint8 (H, W).

    Raises:
        ValueError: The file is not a picture.
    """
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ValueError(f"{path} cannot be read as a picture")
    return picture.astype(np.uint8, copy=False)


def _read_frames(path: Path) -> Iterator[U8]:
    if path.is_dir():
        yield from (read_gray(picture) for picture in _pictures(path).values())
        return
    clip = cv2.VideoCapture(str(path))
    try:
        while (answer := clip.read())[0]:
            yield cv2.cvtColor(answer[1], cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
    finally:
        clip.release()


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m segcam_models.score",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("pred_dir", type=Path, help="mattes, 0..255")
    parser.add_argument("truth_dir", type=Path, nargs="?", help="masks of the same names")
    parser.add_argument("--video", action="store_true", help="masks of consecutive frames: dtSSD")
    parser.add_argument("--frames", type=Path, help="folder or clip: adds the flicker")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    if not (options.truth_dir or options.frames):
        parser.error("give TRUTH_DIR, --frames or both")
    if options.video and not options.truth_dir:
        parser.error("--video needs TRUTH_DIR")
    return options


def main(arguments: list[str]) -> int:
    """Print the scores; returns 0 if there are any, else 1."""
    options = _parse(arguments)
    scores = {}
    try:
        if options.truth_dir:
            scores = score_masks(options.pred_dir, options.truth_dir)
        if options.video:
            scores["dtSSD"] = score_video(options.pred_dir, options.truth_dir)
        if options.frames:
            scores["flicker"] = score_flicker(options.pred_dir, options.frames)
    except ValueError as error:
        print(f"Cannot score: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(scores))
    else:
        print("\n".join(f"{name:<16}{value:9.5f}" for name, value in scores.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
