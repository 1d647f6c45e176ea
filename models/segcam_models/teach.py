"""Other models label pictures: ``python -m segcam_models.teach TEACHER... --data DIR --out DIR``.

Reads the data folder's ``people_unlabeled`` and ``webcam`` and writes OUT/images/NAME_PART.jpg with
OUT/masks/NAME_PART.png for ``segcam_models.train --taught OUT``. The teachers see webcam-like
pictures: crops of a picture, frames of a clip. People and clips that the hash of their name assigns
to validation or test are left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from segcam import model_card
from segcam.model_card import load_card, sha256_of
from segcam_models.data.coarse import CoarseModel
from segcam_models.data.framing import CLOSE_UP, FIGURE, UPPER_BODY
from segcam_models.data.pictures import U8, Person, split_of
from segcam_models.data.scene import plain_scene
from segcam_models.matting import Matting, coarse_matting, recurrent_matting
from segcam_models.metrics import jaccard, to_mask
from segcam_models.saliency import saliency_matting

SIZE = (288, 512)
"""Size of the crops; more would not help, since the teachers' mattes have 144x256 and 256x256."""
SHOTS = {"close": CLOSE_UP, "upper": UPPER_BODY, "figure": FIGURE}
EVERY = 15
"""Frames between two pictures of a clip: half a second."""
RVM = Path(model_card.__file__).parent / "zoo" / "cards" / "optional" / "rvm.toml"
"""The card of Robust Video Matting; `segcam models get rvm` fetches its file."""
AGREEMENT = 0.9
"""Least IoU of the masks of any two teachers: if they disagree, one of them is wrong."""


def main() -> None:
    """Read the command line and write the pictures."""
    parser = argparse.ArgumentParser(prog="segcam_models.teach", description="Label pictures.")
    parser.add_argument(
        "teachers", nargs="+", type=Path, help="TFLite segmenters, u2netp.onnx, rvm-288x512.onnx"
    )
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--out", type=Path, required=True, help="where pictures and mattes go")
    options = parser.parse_args()
    teachers = [teacher(path) for path in options.teachers]
    kept, seen = teach(teachers, options.data, options.out)
    print(f"{options.out}: {kept} pictures of {seen}, on which the teachers agree")


def teacher(path: Path) -> Matting:
    """A teacher from its file: Robust Video Matting or U2-Net as ONNX, or a TFLite segmenter.

    Raises:
        ValueError: An ONNX file of another network.
    """
    if path.suffix != ".onnx":
        return coarse_matting(CoarseModel(path))
    contract = load_card(RVM)
    if sha256_of(path) == contract.sha256:
        return recurrent_matting(contract, path)
    return saliency_matting(path)


def teach(teachers: Sequence[Matting], data: Path, out: Path) -> tuple[int, int]:
    """Write the pictures on which all teachers agree, with the mean of their mattes.

    Args:
        teachers: The last one finds the people in the pictures.
        data: The data folder.
        out: Created if it is missing.

    Returns:
        The number of written pictures, and of all pictures.
    """
    for name in ("images", "masks"):
        (out / name).mkdir(parents=True, exist_ok=True)
    kept = seen = 0
    for name, image in _views(data, teachers[-1]):
        seen += 1
        matte = agreed([teacher(image) for teacher in teachers])
        if matte is not None:
            cv2.imwrite(str(out / f"images/{name}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 95])
            cv2.imwrite(str(out / f"masks/{name}.png"), matte)
            kept += 1
    return kept, seen


def agreed(mattes: Sequence[NDArray[np.uint8]]) -> U8 | None:
    """The mean of mattes (H, W), or None if the masks of two of them differ too much."""
    masks = [to_mask(matte) for matte in mattes]
    if any(jaccard(one, other) < AGREEMENT for one in masks for other in masks):
        return None
    return np.asarray(np.mean(mattes, axis=0).round(), np.uint8)


def _views(data: Path, find: Matting) -> Iterator[tuple[str, U8]]:
    """Names and pictures, uint8 (H, W, 3), BGR, of the training split."""
    for path in _of_training(data / "people_unlabeled", "*.jpg"):
        image = np.asarray(cv2.imread(str(path)), np.uint8)
        person = Person(path.stem, image, find(image), real=True)
        for number, (shot, frame) in enumerate(SHOTS.items()):
            rng = np.random.default_rng((crc32(path.stem.encode()), number))
            yield f"{path.stem}_{shot}", plain_scene(person, frame, SIZE, rng).image
    for path in _of_training(data / "webcam", "*.mkv"):
        for number, image in _frames(path):
            yield f"{path.stem}_{number}", image


def _of_training(folder: Path, pattern: str) -> list[Path]:
    return [path for path in sorted(folder.glob(pattern)) if split_of(path.stem) == "train"]


def _frames(clip: Path) -> Iterator[tuple[int, U8]]:
    video = cv2.VideoCapture(str(clip))
    try:
        for number in count():
            more, frame = video.read()
            if not more:
                return
            if number % EVERY == 0:
                yield number, np.asarray(frame, np.uint8)
    finally:
        video.release()


if __name__ == "__main__":
    main()
