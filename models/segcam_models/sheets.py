"""Sheets of the worst pictures: picture, truth, matte before and after, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import cv2
import numpy as np

from segcam_models.cases import Case
from segcam_models.data.pictures import U8
from segcam_models.metrics import mean_iou, to_mask

WORST = 24
ACROSS = 2
TALL = 150
"""Pixels of each picture on a sheet."""
ROOM = (60, 160, 60)
"""Background colour for mattes, BGR."""


@dataclass(frozen=True, slots=True)
class Row:
    """One picture of a sheet.

    Attributes:
        image, truth: Files.
        mattes: Files; the earlier run's comes first, if there is one.
        score: mIoU of the last matte.
    """

    image: Path
    truth: Path
    mattes: tuple[Path, ...]
    score: float


def write_sheets(cases: list[Case], edges: str, out: Path, before: Path | None = None) -> None:
    """Write OUT/sheets/EDGES-ROW.png for each row, and EDGES-worst.png of all rows in turn.

    Args:
        cases: Their mattes are in OUT/EDGES/NAME.
        edges: The folder of the mattes.
        out: See above.
        before: The same folder of an earlier run.
    """
    rows: dict[str, list[Row]] = {}
    for case in cases:
        if case.masks is not None:
            folders = [folder / edges / case.name for folder in (before, out) if folder]
            rows.setdefault(case.row, []).extend(_rows(case, case.masks, folders))
    sorted_rows = {name: sorted(each, key=lambda row: row.score) for name, each in rows.items()}
    ranks = zip_longest(*sorted_rows.values())
    sorted_rows["worst"] = [row for rank in ranks for row in rank if row]
    (out / "sheets").mkdir(exist_ok=True)
    for name, each in sorted_rows.items():
        cv2.imwrite(str(out / f"sheets/{edges}-{name}.png"), _sheet(each[:WORST]))


def _rows(case: Case, masks: Path, folders: list[Path]) -> list[Row]:
    """One row per picture; for a sequence, its middle frame."""
    images = sorted(case.images.iterdir())
    if case.video:
        images = images[len(images) // 2 :][:1]
    found = []
    for image in images:
        name = f"{image.stem}.png"
        truth, mattes = masks / name, tuple(folder / name for folder in folders)
        score = mean_iou(to_mask(_gray(mattes[-1])), to_mask(_gray(truth)))
        found.append(Row(image, truth, mattes, score))
    return found


def _sheet(rows: list[Row]) -> U8:
    strips = [_strip(row) for row in rows]
    width = max(strip.shape[1] for strip in strips)
    strips = [cv2.copyMakeBorder(s, 0, 4, 0, width - s.shape[1] + 8, 0) for s in strips]
    strips += [np.zeros_like(strips[0])] * (-len(strips) % ACROSS)
    lines = [np.hstack(strips[at : at + ACROSS]) for at in range(0, len(strips), ACROSS)]
    return np.asarray(np.vstack(lines), np.uint8)


def _strip(row: Row) -> U8:
    image = cv2.imread(str(row.image))
    height, width = image.shape[:2]
    size = (max(1, round(width * TALL / height)), TALL)
    shown = [image, *(_before_room(image, _gray(path)) for path in (row.truth, *row.mattes))]
    strip = np.hstack([cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in shown])
    text = f"{row.image.parents[1].name} {row.image.stem} {row.score:.3f}"
    for color, thick in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(strip, text, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, color, thick, cv2.LINE_AA)
    return np.asarray(strip, np.uint8)


def _before_room(image: U8, matte: U8) -> U8:
    weight = matte.astype(np.float32) / 255
    room = np.full_like(image, ROOM)
    return np.asarray(cv2.blendLinear(image, room, weight, 1 - weight), np.uint8)


def _gray(path: Path) -> U8:
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ValueError(f"{path} cannot be read as a picture")
    return np.asarray(picture, np.uint8)
