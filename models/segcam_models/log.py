"""Writes a run's figures as a table and as curves."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np

FIELDS = ("step", "seconds", "loss", "miou", "boundary", "contour")
_SIZE = (480, 800)
_MARGIN = 50
_COLORS = {
    "loss": (60, 60, 60),
    "miou": (200, 120, 0),
    "boundary": (0, 140, 0),
    "contour": (0, 0, 200),
}
Row = dict[str, float]


class Log:
    """Rows of ``FIELDS`` in ``log.csv``, drawn in ``curves.png``.

    Args:
        folder: The run's folder. Rows of an earlier part are kept.
        step: The step at which the run continues: later rows belong to a lost part.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self._table, self._picture = folder / "log.csv", folder / "curves.png"
        self._rows = [row for row in _read(self._table) if row["step"] <= step]

    @property
    def seconds(self) -> float:
        """Time of the earlier parts."""
        return self._rows[-1]["seconds"] if self._rows else 0.0

    def add(self, row: Row) -> None:
        """Write one more row and redraw the curves."""
        self._rows.append(row)
        with self._table.open("w", newline="") as file:
            writer = csv.DictWriter(file, FIELDS)
            writer.writeheader()
            writer.writerows(self._rows)
        cv2.imwrite(str(self._picture), draw(self._rows))


def draw(rows: list[Row]) -> np.ndarray:
    """The curves over the steps, every quantity 0..1 from bottom to top; uint8 (H, W, 3), BGR."""
    height, width = _SIZE
    canvas = np.full((height, width, 3), 255, np.uint8)
    last = max(row["step"] for row in rows) or 1
    for tenth in range(0, 11, 2):
        y = round(height - _MARGIN - tenth / 10 * (height - 2 * _MARGIN))
        cv2.line(canvas, (_MARGIN, y), (width - _MARGIN, y), (225, 225, 225))
        _write(canvas, f"{tenth / 10:.1f}", (12, y + 4), (90, 90, 90))
    for index, (field, color) in enumerate(_COLORS.items()):
        x = [_MARGIN + row["step"] / last * (width - 2 * _MARGIN) for row in rows]
        up = [height - _MARGIN - min(row[field], 1) * (height - 2 * _MARGIN) for row in rows]
        line = np.array([x, up]).T.round().astype(np.int32)
        cv2.polylines(canvas, [line], False, color, 2, cv2.LINE_AA)
        _write(canvas, f"{field} {rows[-1][field]:.3f}", (_MARGIN + index * 170, 25), color)
    _write(canvas, f"{last:.0f} steps", (width - 130, height - 18), (90, 90, 90))
    return canvas


def _write(canvas: np.ndarray, text: str, at: tuple[int, int], color: tuple[int, ...]) -> None:
    cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, color, 1, cv2.LINE_AA)


def _read(path: Path) -> list[Row]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
