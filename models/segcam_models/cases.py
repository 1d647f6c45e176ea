"""Writes SegCam's evaluation pictures as folders. No model was trained on any of them.

Each case is a folder with ``images`` and ``masks`` of the same names; clips without masks serve to
measure flicker. Cases that the data folder does not contain are left out.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

import cv2
import numpy as np

from segcam_models.data.camera import darken
from segcam_models.data.composite import set_into
from segcam_models.data.crop import Scene
from segcam_models.data.framing import CLOSE_UP, UPPER_BODY, Box, Shot, Size
from segcam_models.data.pictures import Person, Pictures, Split, load_pictures, split_of
from segcam_models.data.props import hold
from segcam_models.data.scene import moving_scene, plain_scene

SIZE: Size = (288, 512)
"""Size of the cut pictures, which is about the originals' resolution."""
ROOM: Size = (720, 1280)
FAR_SHARE = 0.35
"""Height of a person far away, as a share of the picture's."""
VAL_CLIPS = 3
CLIP_FRAMES = 200
"""Frames of a webcam clip: 7 seconds show its flicker."""


@dataclass(frozen=True, slots=True)
class Case:
    """A row of the table.

    Attributes:
        name: The content of the pictures, or the clip; also the folder's name.
        row: Row of the table; cases of one row are averaged.
        images: A folder of pictures.
        masks: The folder of true mattes; None for the flicker, and for rooms without people.
        video: The pictures are consecutive frames.
    """

    name: str
    row: str
    images: Path
    masks: Path | None
    video: bool = False

    @property
    def pictures(self) -> int:
        """The number of pictures."""
        return sum(1 for _ in self.images.iterdir())


def write_cases(
    data: Path, out: Path, limit: int | None = None, split: Split = "test"
) -> list[Case]:
    """Write a split's pictures, and find its sequences and clips.

    Args:
        data: The data folder.
        out: The folder for the pictures.
        limit: Most pictures of a kind, for a trial.
        split: ``val`` is for choosing between models: other people and rooms, other pictures that
            are reserved for judging, and clips that no evaluation of ``test`` uses; no sequences.
    """
    pictures = load_pictures(data, split, limit)
    stills: dict[str, Callable[[], Iterable[tuple[str, Scene]]]] = {
        "upper bodies": lambda: _crops(pictures, UPPER_BODY),
        "close-ups": lambda: _crops(pictures, CLOSE_UP),
        "dark rooms": lambda: _dark(pictures),
        "held things": lambda: _holding(pictures),
        "far people": lambda: _far(pictures),
        "moving people": lambda: _moving(pictures),
    }
    cases = [_write(name, make(), out) for name, make in stills.items()]
    cases += [_rooms(pictures, out), *_taught(data / "taught", out, limit, split)]
    clips = sorted((data / "webcam").glob("*.mkv"))
    if split == "val":
        clips = [clip for clip in clips if not _is_held_out(clip)]
        return cases + [_clip(clip, out, limit or CLIP_FRAMES) for clip in clips[:VAL_CLIPS]]
    for folder in sorted((data / "video_masks").glob("*")):
        images, masks = folder / "images", folder / "masks"
        cases.append(Case(folder.name, folder.name, images, masks, video=True))
    clips = [clip for clip in clips if _is_held_out(clip)]
    return cases + [_clip(clip, out, limit or CLIP_FRAMES) for clip in clips]


def _is_held_out(clip: Path) -> bool:
    return split_of(clip.stem) != "train"


def _crops(pictures: Pictures, shot: Shot) -> Iterator[tuple[str, Scene]]:
    for number, person in enumerate(pictures.people):
        yield person.id, plain_scene(person, shot, SIZE, np.random.default_rng(number))


def _dark(pictures: Pictures) -> Iterator[tuple[str, Scene]]:
    for number, (name, scene) in enumerate(_crops(pictures, UPPER_BODY)):
        yield name, Scene(darken(scene.image, np.random.default_rng(number)), scene.matte)


def _holding(pictures: Pictures) -> Iterator[tuple[str, Scene]]:
    for number, (name, scene) in enumerate(_crops(pictures, UPPER_BODY)):
        surface = pictures.rooms[number % len(pictures.rooms)]
        yield name, hold(scene, surface, np.random.default_rng(number))


def _far(pictures: Pictures) -> Iterator[tuple[str, Scene]]:
    for number, person in enumerate(pictures.people):
        rng = np.random.default_rng(number)
        room = pictures.rooms[number % len(pictures.rooms)]
        large = np.asarray(cv2.resize(room, ROOM[::-1]), np.uint8)
        yield person.id, set_into(large, person, _far_box(person, rng))


def _moving(pictures: Pictures) -> Iterator[tuple[str, Scene]]:
    for number, person in enumerate(pictures.people):
        yield person.id, moving_scene(pictures, SIZE, np.random.default_rng(number))


def _rooms(pictures: Pictures, out: Path) -> Case:
    """The rooms as they are, without anybody."""
    case = Case("empty rooms", "empty rooms", out / "empty rooms/images", None)
    case.images.mkdir(parents=True, exist_ok=True)
    for number, room in enumerate(pictures.rooms):
        cv2.imwrite(str(case.images / f"{number:04}.png"), room)
    return case


def _far_box(person: Person, rng: np.random.Generator) -> Box:
    """The view of a camera with the person far away, standing on the picture's lower edge."""
    rows = np.flatnonzero((person.matte > 127).any(axis=1))
    columns = np.flatnonzero((person.matte > 127).any(axis=0))
    height = (rows[-1] - rows[0] + 1) / FAR_SHARE
    width = height * ROOM[1] / ROOM[0]
    left = rng.uniform(columns[-1] + 1 - width, columns[0])
    return Box(rows[-1] + 1 - height, left, height, width)


def _taught(folder: Path, out: Path, limit: int | None, split: Split) -> list[Case]:
    """Pictures and runs that the index reserves for judging, with the teachers' mattes.

    ``val`` has other pictures than ``test``, and no runs.
    """
    if not (folder / "index.csv").exists():
        return []
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["use"] == "judge"]
    names = [row["id"] for row in rows if row["kind"] == "still"]
    every = max(1, len(names) // (limit or 150))
    pairs = {n: (folder / f"images/{n}.jpg", folder / f"masks/{n}.png") for n in names}
    first = every // 2 if split == "val" else 0
    chosen = {name: pairs[name] for name in names[first::every]}
    cases = [_copy("diverse people", "diverse people", chosen, out)]
    if split == "val":
        return cases
    for run in (folder / row["id"] for row in rows if row["kind"] == "run12"):
        frames = {path.stem: (path, path.with_suffix(".png")) for path in run.glob("*.jpg")}
        cases.append(_copy(run.name, "runs", frames, out, video=True))
    return cases


def _clip(clip: Path, out: Path, frames: int) -> Case:
    """The first frames of a clip."""
    case = Case(clip.stem, "webcam", out / clip.stem / "images", None, video=True)
    case.images.mkdir(parents=True, exist_ok=True)
    video = cv2.VideoCapture(str(clip))
    try:
        for number in range(frames):
            more, frame = video.read()
            if not more:
                break
            cv2.imwrite(str(case.images / f"{number:05}.png"), frame)
    finally:
        video.release()
    return case


def _write(name: str, scenes: Iterable[tuple[str, Scene]], out: Path) -> Case:
    case = _folder(name, name, out)
    assert case.masks is not None
    for stem, scene in scenes:
        cv2.imwrite(str(case.images / f"{stem}.png"), scene.image)
        cv2.imwrite(str(case.masks / f"{stem}.png"), scene.matte)
    return case


def _copy(
    name: str, row: str, pairs: dict[str, tuple[Path, Path]], out: Path, video: bool = False
) -> Case:
    case = _folder(name, row, out, video)
    assert case.masks is not None
    for stem, (image, mask) in pairs.items():
        copyfile(image, case.images / f"{stem}{image.suffix}")
        copyfile(mask, case.masks / f"{stem}{mask.suffix}")
    return case


def _folder(name: str, row: str, out: Path, video: bool = False) -> Case:
    case = Case(name, row, out / name / "images", out / name / "masks", video)
    for folder in (case.images, case.masks):
        assert folder is not None
        folder.mkdir(parents=True, exist_ok=True)
    return case
