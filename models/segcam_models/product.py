"""Measure all of SegCam on pictures that no model was trained on.

    python -m segcam_models.product --data DIR --out DIR [--before DIR]

Writes test pictures to OUT/cases, runs ``segcam matte`` with fast and with sharp edges into
OUT/fast and OUT/sharp, and prints a table of scores, also written to OUT/figures.json. OUT/sheets
shows the worst pictures. ``--before`` is the folder of an earlier run, whose figures are shown in
the table and whose mattes on the sheets.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from segcam_models.cases import Case, write_cases
from segcam_models.score import read_gray, score_flicker, score_masks, score_video
from segcam_models.sheets import write_sheets

EDGES = ("fast", "sharp")
PIECE = 0.0005
"""From this share of the picture on, something of an empty room is shown."""
Figures = dict[str, float]


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="segcam_models.product", description="Measure SegCam.")
    parser.add_argument("--data", type=Path, required=True, help="the data folder")
    parser.add_argument("--out", type=Path, required=True, help="where everything goes")
    parser.add_argument("--before", type=Path, help="OUT of an earlier run, to compare with")
    parser.add_argument("--model", default="auto", help="as segcam matte --model (auto)")
    parser.add_argument(
        "--edges", nargs="+", choices=EDGES, default=EDGES, help="edges to measure (both)"
    )
    parser.add_argument(
        "--split", choices=("test", "val"), default="test", help="group of people (test)"
    )
    parser.add_argument("--limit", type=int, help="number of pictures of each kind, for a trial")
    options = parser.parse_args()
    cases = write_cases(options.data, options.out / "cases", options.limit, options.split)
    columns = {edges: measure(cases, edges, options.model, options.out) for edges in options.edges}
    (options.out / "figures.json").write_text(json.dumps(columns, indent=1), encoding="utf-8")
    if options.before:
        earlier = json.loads((options.before / "figures.json").read_text(encoding="utf-8"))
        columns = {f"{edges}, before": earlier[edges] for edges in options.edges} | columns
    Console(width=120).print(_table(columns, cases))
    for edges in options.edges:
        write_sheets(cases, edges, options.out, options.before)


def measure(cases: list[Case], edges: str, model: str, out: Path) -> Figures:
    """Make the mattes of all cases, and score them.

    Args:
        cases: From ``write_cases``.
        edges: For ``segcam matte --edges``.
        model: For ``segcam matte --model``.
        out: The mattes of a case go to OUT/EDGES/NAME.

    Returns:
        Scores by row and measure, each the mean over the row's cases.
    """
    rows: dict[str, list[float]] = defaultdict(list)
    look = ("--edges", edges, "--model", model)
    for case in cases:
        mattes = out / edges / case.name
        make_mattes(case, look, mattes)
        for measure_name, value in _scores(case, mattes).items():
            rows[f"{case.row}: {measure_name}"].append(value)
    figures = {name: round(float(np.mean(values)), 5) for name, values in rows.items()}
    clips = [case.images for case in cases if case.masks is None and case.video]
    return figures | (_times(clips[0], look, out) if clips else {})


def make_mattes(case: Case, look: Sequence[str], mattes: Path) -> None:
    """Run ``segcam matte``, with these options, to write a case's mattes into a folder."""
    still = [] if case.video else ["--still"]
    _segcam("matte", str(case.images), str(mattes), *look, *still)


def _scores(case: Case, mattes: Path) -> Figures:
    if case.masks is None and not case.video:
        return {"shown": _shown(mattes)}
    if case.masks is None:
        return {"flicker, thousandths": 1e3 * score_flicker(mattes, case.images)}
    scores = score_masks(mattes, case.masks)
    chosen = {"mIoU": scores["mIoU"], "bIoU": scores["boundary IoU"], "F": scores["contour F"]}
    return chosen | ({"dtSSD": score_video(mattes, case.masks)} if case.video else {})


def _shown(mattes: Path) -> float:
    """Share of the mattes that show a piece, with more than .05 % of the picture."""
    shares = [(read_gray(path) > 127).mean() for path in sorted(mattes.glob("*.png"))]
    return float(np.mean([share > PIECE for share in shares]))


def _times(clip: Path, look: Sequence[str], out: Path) -> Figures:
    """Median wall time of the stages of the matte, each on one thread."""
    film = out / "times.mp4"
    background = ("--background", "color:#336699")
    answer = _segcam("render", str(clip), str(film), *look, *background, "--verbose")
    film.unlink()
    found = re.search(r"^\{.*^\}", answer, re.DOTALL | re.MULTILINE)
    assert found, answer
    stages = json.loads(found[0])["stages_ms"]
    return {f"ms, {stage}": stages[stage]["p50"] for stage in ("segment", "refine")}


def _segcam(*arguments: str) -> str:
    command = [sys.executable, "-P", "-m", "segcam", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def _table(columns: dict[str, Figures], cases: list[Case]) -> Table:
    counts: dict[str, int] = defaultdict(int)
    for case in cases:
        counts[case.row] += case.pictures
    table = Table("", "pictures", *columns)
    for name in next(iter(columns.values())):
        row = name.partition(":")[0]
        values = (f"{figures[name]:.5f}" for figures in columns.values())
        table.add_row(name, str(counts.get(row, "")), *values)
    return table


if __name__ == "__main__":
    main()
