"""Compares our family with Table 1 of the paper: ``python -m segcam_models.ablation``."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from rich.console import Console
from rich.table import Table

from segcam_models.checkpoint import BEST, load_trained
from segcam_models.config import SegmenterConfig
from segcam_models.costs import Costs, costs_of
from segcam_models.export import write_onnx
from segcam_models.network import build
from segcam_models.npu import GENERATIONS, remembered_us
from segcam_models.segmenter import Segmenter
from segcam_models.timing import BACKENDS, time_ms

FINAL = SegmenterConfig()
"""The paper's choice in each category, marked with an asterisk in its table."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of Table 1.

    Attributes:
        category: The parameter.
        name: Its value.
        config: Ours: the final choice with this parameter changed. The paper's lines do not share
            one baseline (their asterisks have 7.2, 9.4 and 8.7 MB), so only ratios inside a
            category, and the final choice itself, can be compared.
        megabytes, giga_ops, time_ms: The paper's values; the time is on a phone's processor.
        segment_iou, pose_iou: The paper's values, in percent, on its own pictures.
    """

    category: str
    name: str
    config: SegmenterConfig
    megabytes: float
    giga_ops: float
    time_ms: float
    segment_iou: float
    pose_iou: float


_DEPTHWISE = replace(FINAL, convolution="depthwise")
_WIDER, _WIDEST = replace(FINAL, width=1.5), replace(FINAL, width=2.0)
_BILINEAR, _ATTENTION = replace(FINAL, decoder="bilinear"), replace(FINAL, decoder="attention")
_256, _384, _640 = (replace(FINAL, size=(side, side)) for side in (256, 384, 640))

TABLE_1 = (
    Row("Convolution", "depthwise", _DEPTHWISE, 1.7, 1.5, 4.7, 97.19, 89.60),
    Row("Convolution", "group *", FINAL, 7.2, 4.8, 4.7, 97.41, 90.20),
    Row("Width", "1.0 *", FINAL, 9.4, 5.3, 5.7, 97.50, 91.40),
    Row("Width", "1.5", _WIDER, 21.0, 12.1, 8.2, 97.89, 92.37),
    Row("Width", "2.0", _WIDEST, 37.0, 20.6, 11.4, 97.96, 92.63),
    Row("Decoder", "bilinear", _BILINEAR, 8.7, 7.4, 6.5, 97.65, 90.65),
    Row("Decoder", "attention", _ATTENTION, 8.7, 7.5, 8.2, 97.75, 91.81),
    Row("Decoder", "mlp *", FINAL, 8.7, 7.6, 6.9, 97.81, 91.80),
    Row("Input", "256x256", _256, 8.7, 1.9, 1.6, 96.94, 87.23),
    Row("Input", "384x384", _384, 8.7, 4.3, 3.1, 97.51, 90.10),
    Row("Input", "512x512 *", FINAL, 8.7, 7.6, 6.9, 97.79, 91.80),
    Row("Input", "640x640", _640, 8.7, 12.0, 9.5, 97.98, 92.94),
)


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(prog="segcam_models.ablation", description="Print Table 1.")
    parser.add_argument("--runs", type=Path, help="a folder of training runs: fills in our mIoU")
    parser.add_argument("--no-time", action="store_true", help="leave out the time measurements")
    parser.add_argument(
        "--npu", type=Path, help="the compiler of make npu-check: adds its estimates for NPUs"
    )
    options = parser.parse_args()
    accuracy = trained_accuracy(options.runs) if options.runs else {}
    backends = () if options.no_time else tuple(BACKENDS)
    Console(width=160).print(table_of(accuracy, backends, options.npu))


def costs(config: SegmenterConfig) -> Costs:
    """The cost of a member of the family."""
    with torch.device("meta"):
        network = Segmenter(config)
    return costs_of(network, (3, *config.size))


def trained_accuracy(runs: Path) -> dict[SegmenterConfig, float]:
    """Validation mIoU in percent of every segmenter trained below a folder."""
    trained = [load_trained(path) for path in sorted(runs.glob(f"*/{BEST}"))]
    return {
        one.recipe.model: 100 * one.scores.miou
        for one in trained
        if isinstance(one.recipe.model, SegmenterConfig)
    }


def table_of(
    accuracy: dict[SegmenterConfig, float], backends: tuple[str, ...], npu: Path | None = None
) -> Table:
    """Table 1, our values next to the paper's.

    Args:
        accuracy: Validation mIoU of trained models, in percent. Models without a line in the
            paper's table get one below.
        backends: Backends for the time measurement, keys of ``timing.BACKENDS``.
        npu: Compiler of `npu.estimate_us`; None leaves the estimates for NPUs out.
    """
    table = Table("", "", title="Table 1: ours, then the paper's (its own pictures and phone)")
    npus = (f"NPU {' / '.join(map(str, GENERATIONS))} ms",) if npu else ()
    for heading in ("MB", "paper", "GOPs", "paper", *(f"{name} ms" for name in backends), *npus):
        table.add_column(heading, justify="right")
    for heading in ("paper ms", "mIoU %", "paper segment / pose IoU %"):
        table.add_column(heading, justify="right")
    columns = {row.config: _columns(row.config, backends, npu) for row in TABLE_1}
    for row, before in zip(TABLE_1, (None, *TABLE_1), strict=False):
        megabytes, giga_ops, *times = columns[row.config]
        table.add_row(
            row.category if before is None or before.category != row.category else "",
            row.name,
            *(megabytes, f"{row.megabytes}", giga_ops, f"{row.giga_ops}", *times, f"{row.time_ms}"),
            f"{accuracy[row.config]:.2f}" if row.config in accuracy else "not trained",
            f"{row.segment_iou:.2f} / {row.pose_iou:.2f}",
        )
    for config in sorted(accuracy.keys() - columns.keys(), key=str):
        megabytes, giga_ops, *times = _columns(config, backends, npu)
        name = f"{config.convolution} {config.size[0]}x{config.size[1]}"
        ours = f"{accuracy[config]:.2f}"
        table.add_row("Not the paper's", name, megabytes, "", giga_ops, "", *times, "", ours, "")
    return table


@cache
def _columns(config: SegmenterConfig, backends: tuple[str, ...], npu: Path | None) -> list[str]:
    ours = costs(config)
    times = (f"{time_ms(config, name):.0f}" for name in backends)
    estimates = [_on_npus(config, npu)] if npu else []
    return [f"{ours.megabytes:.2f}", f"{ours.giga_ops:.2f}", *times, *estimates]


def _on_npus(config: SegmenterConfig, compiler: Path) -> str:
    """Estimated milliseconds on each generation."""
    name = f"{config.convolution} {config.decoder} x{config.width} {config.size}"
    torch.manual_seed(0)  # the same file in every run, so that its estimates are remembered
    shown = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        write_onnx(build(config).eval(), config, path)
        for generation in GENERATIONS:
            us = remembered_us(compiler, path, generation)
            shown.append(us if isinstance(us, str) else f"{us / 1e3:.1f}")
            # The table comes hours later, after all are compiled.
            print(f"{name}, NPU {generation}: {shown[-1]}", file=sys.stderr, flush=True)
    return " / ".join(shown)


if __name__ == "__main__":
    main()
