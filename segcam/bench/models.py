"""The paper's Tables 1 and 3 on this machine: the published models on every backend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from segcam.errors import SegCamError
from segcam.model_card import Format, ModelCard
from segcam.segment.choose import probe_all
from segcam.segment.registry import SPECS
from segcam.zoo.library import cards, find, path_for, require_segmenter

BACKBONES = {
    "selfie-landscape": "MobileNetV3",
    "selfie-general": "MobileNetV3",
    "small-wide": "EfficientNet-Lite",
}
NPUS = (3720, 4000, 5010)
"""Generations of Intel's NPUs for which ``make npu-check`` compiles the published models."""


def models() -> Iterator[dict[str, Any]]:
    """Each installed segmenter: size, accuracy, and milliseconds on each backend."""
    for name in cards():
        try:
            card, path = find(name)
            require_segmenter(card)
        except SegCamError:  # not downloaded, or not a segmenter
            continue
        if path.exists():
            yield _row(card, path)


def by_processor(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The paper's Table 3: for each model, the fastest backend of each kind of processor.

    Args:
        rows: From `models`.
    """
    found = []
    for row in rows:
        best: dict[str, float] = {}
        for backend, ms in row["backends_ms"].items():
            kind = SPECS[backend].kind
            best[kind] = min(ms, best.get(kind, ms))
        found.append({"model": row["model"], "backbone": row["backbone"], **best})
    return found


def _row(card: ModelCard, path: Path) -> dict[str, Any]:
    def path_of(wanted: Format) -> Path:
        return path_for(card, path, wanted)

    results = list(probe_all(card, path_of))
    metrics = dict(card.metrics)
    return {
        "model": card.name,
        "backbone": BACKBONES.get(card.name, ""),
        "input": f"{card.input.size[1]}x{card.input.size[0]}",
        "file_mb": path.stat().st_size / 1e6,
        "iou": metrics.get("validation_miou"),
        "npu_estimate_us": {str(npu): metrics.get(f"npu_{npu}_us") for npu in NPUS},
        "backends_ms": {r.name: r.median_ms for r in results if r.usable and r.median_ms},
        "missing": {r.name: r.reason for r in results if not r.usable},
    }
