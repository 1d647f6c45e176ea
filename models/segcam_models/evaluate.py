"""Measure a published model on pictures and clips that were not used for training.

    python -m segcam_models.evaluate --card MODEL.toml --coarse MODEL.tflite --data DIR

Pictures: upper bodies and close-ups of the test split's people, 288x512. Sequences: hand-made masks
of every frame. Flicker: the clips of a fixed webcam that ``teach`` leaves out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from segcam_models.data.coarse import CoarseModel
from segcam_models.data.framing import CLOSE_UP, UPPER_BODY, Shot
from segcam_models.data.pictures import U8, Pictures, load_pictures, split_of
from segcam_models.data.scene import plain_scene
from segcam_models.matting import Matting, coarse_matting, published_matting
from segcam_models.metrics import Flicker, contour_f, jaccard, to_mask
from segcam_models.timing import median_ms
from segcam_models.validate import Scores, score

SIZE = (288, 512)
"""Size of the test pictures, which is about the originals' resolution."""
CLIP_FRAMES = 200


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="segcam_models.evaluate", description="Measure a model.")
    parser.add_argument("--card", type=Path, required=True, help="the model's card")
    parser.add_argument("--coarse", type=Path, help="TFLite model to compare, and to sharpen")
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    options = parser.parse_args()
    coarse = CoarseModel(options.coarse) if options.coarse else None
    models = {"coarse": coarse_matting(coarse)} if coarse else {}
    models[options.card.stem] = published_matting(options.card, coarse)
    figures = {name: measure(matting, options.data) for name, matting in models.items()}
    Console(width=120).print(_table(figures))
    if options.json:
        flat = {
            f"{name}_{key}".replace(" ", "_").lower(): value
            for name, part in figures.items()
            for key, value in part.items()
        }
        options.json.write_text(json.dumps(flat, indent=1), encoding="utf-8")


def measure(matting: Matting, data: Path) -> dict[str, float]:
    """All figures of one model; cases that the data folder does not contain are left out."""
    pictures = load_pictures(data, "test")
    figures: dict[str, float] = {"people": len(pictures.people)}
    for name, shot in {"upper bodies": UPPER_BODY, "close-ups": CLOSE_UP}.items():
        scores = _pictures(matting, pictures, shot)
        figures[f"{name} mIoU"] = scores.miou
        figures[f"{name} boundary IoU"] = scores.boundary
        figures[f"{name} F"] = scores.contour
    for folder in sorted((data / "video_masks").glob("*")):
        region, contour = _sequence(matting, folder)
        figures[f"{folder.name} J"], figures[f"{folder.name} F"] = region, contour
    clips = sorted((data / "webcam").glob("*.mkv"))
    clips = [clip for clip in clips if split_of(clip.stem) != "train"]
    if clips:
        figures["flicker"] = float(np.mean([_flicker(matting, clip) for clip in clips]))
    room = pictures.rooms[0]
    figures["ms"] = median_ms(lambda: matting(room), 1.0)
    return {name: round(value, 5) for name, value in figures.items()}


def _pictures(matting: Matting, pictures: Pictures, shot: Shot) -> Scores:
    def pairs() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for number, person in enumerate(pictures.people):
            scene = plain_scene(person, shot, SIZE, np.random.default_rng(number))
            yield to_mask(matting(scene.image)), to_mask(scene.matte)

    return score(pairs())


def _sequence(matting: Matting, folder: Path) -> tuple[float, float]:
    """J mean and F mean over the frames of a sequence."""
    rows = []
    for path in sorted((folder / "images").glob("*")):
        truth = _read(folder / "masks" / f"{path.stem}.png", cv2.IMREAD_GRAYSCALE)
        mask = to_mask(matting(_read(path, cv2.IMREAD_COLOR)))
        rows.append((jaccard(mask, truth > 0), contour_f(mask, truth > 0)))
    region, contour = np.mean(rows, axis=0)
    return float(region), float(contour)


def _flicker(matting: Matting, clip: Path) -> float:
    flicker = Flicker()
    for frame in islice(_frames(clip), CLIP_FRAMES):
        luma = np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)
        flicker.add(matting(frame), luma)
    return flicker.value


def _frames(clip: Path) -> Iterator[U8]:
    video = cv2.VideoCapture(str(clip))
    try:
        while True:
            more, frame = video.read()
            if not more:
                return
            yield np.asarray(frame, np.uint8)
    finally:
        video.release()


def _read(path: Path, mode: int) -> U8:
    picture = cv2.imread(str(path), mode)
    if picture is None:
        raise FileNotFoundError(f"{path} cannot be read as a picture")
    return np.asarray(picture, np.uint8)


def _table(figures: dict[str, dict[str, float]]) -> Table:
    table = Table("", *figures)
    for name in next(iter(figures.values())):
        table.add_row(name, *(f"{part[name]:.4f}" for part in figures.values()))
    return table


if __name__ == "__main__":
    main()
