"""The pictures of one split, decoded in memory.

A data folder holds ``people/images/ID.jpg`` with ``people/masks/ID.png`` (0 room, 255 person),
``backgrounds/*.jpg`` without anybody, and, where there are any, ``mattes/NAME_FRAME.png``: RGBA
frames of NAME with soft alpha. ``segcam_models.teach`` makes another folder, whose mattes are those
of other models: ``images/NAME_PART.jpg`` with ``masks/NAME_PART.png``.
"""

from __future__ import annotations

import csv
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
UNFREE = ("BY-SA", "LICENSE-IMAGE")
"""Marks a licence whose terms would also apply to weights that learn from the picture."""
Split = Literal["train", "val", "test"]


@dataclass(frozen=True, slots=True)
class Person:
    """One picture of somebody.

    Attributes:
        id: The person's; all pictures of one person are in one split.
        image: uint8 (H, W, 3), BGR.
        matte: uint8 (H, W), 0 room to 255 person.
        real: Whether the picture shows a real room; otherwise it is blank.
    """

    id: str
    image: U8
    matte: U8
    real: bool


@dataclass(frozen=True, slots=True)
class Pictures:
    """The source of all samples.

    Attributes:
        people: People in real rooms.
        cutouts: People without a room, with soft edges.
        rooms: uint8 (H, W, 3), BGR, without people.
        taught: Framed as by a webcam, with other models' mattes.
    """

    people: tuple[Person, ...]
    cutouts: tuple[Person, ...]
    rooms: tuple[U8, ...]
    taught: tuple[Person, ...] = ()


def split_of(name: str) -> Split:
    """Which split a person or room belongs to: 8 of 10 train, 1 val, 1 test, by a hash of its name.

    A hash instead of a shuffled list, so that more data moves nobody to another split.
    """
    share = zlib.crc32(name.encode()) % 10
    return "test" if share == 0 else "val" if share == 1 else "train"


def load_pictures(
    folder: Path, split: Split, limit: int | None = None, taught: Path | None = None
) -> Pictures:
    """Read the pictures of a split.

    Args:
        folder: The data folder.
        split: The split. Cut-outs are few and are only used for training.
        limit: Most people and most rooms, for quick trials.
        taught: Other models' mattes, only for training; people of other splits are left out.

    Raises:
        FileNotFoundError: The folder has no people or no rooms for this split.
    """
    images = _chosen(folder / "people/images", "*.jpg", split, limit)
    rooms = _chosen(folder / "backgrounds", "*.jpg", split, limit)
    cutouts = sorted((folder / "mattes").glob("*.png"))[:limit] if split == "train" else []
    return Pictures(
        people=tuple(_person(path, path.stem) for path in images),
        cutouts=tuple(_cutout(path) for path in cutouts),
        rooms=tuple(_read(path, cv2.IMREAD_COLOR) for path in rooms),
        taught=_taught(taught) if taught and split == "train" else (),
    )


def load_unlabeled(folder: Path) -> tuple[U8, ...]:
    """Pictures of people without masks, and frames of clips, all of the training split.

    From each clip of ``webcam`` up to 24 frames are taken, evenly.
    """
    images = sorted((folder / "people_unlabeled").glob("*.jpg"))
    clips = sorted((folder / "webcam").glob("*.*"))
    found = [_read(path, cv2.IMREAD_COLOR) for path in images if split_of(path.stem) == "train"]
    frames = (_frames(clip, 24) for clip in clips if split_of(clip.stem) == "train")
    return (*found, *(frame for each in frames for frame in each))


def _frames(clip: Path, count: int) -> list[U8]:
    """That many frames of a clip, evenly, at most 640 wide."""
    video, found = cv2.VideoCapture(str(clip)), []
    step, number = max(1, int(video.get(cv2.CAP_PROP_FRAME_COUNT)) // count), 0
    while len(found) < count and video.grab():
        if number % step == 0:
            frame = video.retrieve()[1]
            small = min(1.0, 640 / frame.shape[1])
            size = (round(frame.shape[1] * small), round(frame.shape[0] * small))
            frame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
            found.append(np.asarray(frame, np.uint8))
        number += 1
    video.release()
    return found


def _chosen(folder: Path, pattern: str, split: Split, limit: int | None) -> list[Path]:
    found = [path for path in sorted(folder.glob(pattern)) if split_of(path.stem) == split]
    if not found:
        raise FileNotFoundError(f"{folder} holds no {pattern} of the split {split}")
    return found[:limit]


def _person(path: Path, name: str) -> Person:
    mask = path.parents[1] / "masks" / f"{path.stem}.png"
    image, matte = _read(path, cv2.IMREAD_COLOR), _read(mask, cv2.IMREAD_GRAYSCALE)
    return Person(name, image, matte, real=True)


def _taught(folder: Path) -> tuple[Person, ...]:
    """Pictures, and each frame of the runs."""
    index = folder / "index.csv"
    if not index.exists():
        names = (path.stem for path in (folder / "images").glob("*.jpg"))
        chosen = {name for name in names if split_of(name.rpartition("_")[0]) == "train"}
    else:
        with index.open(encoding="utf-8", newline="") as file:
            chosen = {row["id"] for row in csv.DictReader(file) if _is_to_train(row)}
    images = [path for path in (folder / "images").glob("*.jpg") if path.stem in chosen]
    frames = [
        path for path in (folder / "runs").glob("*/*.jpg") if f"runs/{path.parent.name}" in chosen
    ]
    people = [_person(path, path.stem.rpartition("_")[0]) for path in sorted(images)]
    return (*people, *map(_frame, sorted(frames)))


def _is_to_train(row: dict[str, str]) -> bool:
    """Whether weights that learn from a picture may be published under any terms."""
    return row["use"] == "train" and not any(part in row.get("licence", "") for part in UNFREE)


def _frame(path: Path) -> Person:
    mask = path.with_suffix(".png")
    image, matte = _read(path, cv2.IMREAD_COLOR), _read(mask, cv2.IMREAD_GRAYSCALE)
    return Person(path.parent.name, image, matte, real=True)


def _cutout(path: Path) -> Person:
    rgba = _read(path, cv2.IMREAD_UNCHANGED)
    image, matte = np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3])
    return Person(path.stem.rpartition("_")[0], image, matte, real=False)


def _read(path: Path, mode: int) -> U8:
    picture = cv2.imread(str(path), mode)
    if picture is None:
        raise FileNotFoundError(f"{path} cannot be read as a picture")
    return np.asarray(picture, np.uint8)
