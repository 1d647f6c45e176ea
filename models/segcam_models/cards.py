"""Writes the model card for an exported file, which the daemon reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from segcam.model_card import sha256_of
from segcam_models.config import ModelConfig, RefinerConfig
from segcam_models.export import OUTPUT, input_name, input_shape, output_shape

Value = str | int | float
Metrics = Mapping[str, Value]


def write_card(file: Path, config: ModelConfig, title: str, origin: str, metrics: Metrics) -> Path:
    """Write the card next to an exported file, same name, extension .toml.

    Args:
        file: The weights; the card's name is the file's.
        config: The network's config.
        title: Name for the user.
        origin: By whom and on which data it was trained.
        metrics: Measured figures and their conditions.
    """
    shapes = {"input": input_shape(config), "output": output_shape(config)}
    names = {"input": input_name(config), "output": OUTPUT}
    head: dict[str, Value] = {
        "name": file.stem,
        "title": title,
        "licence": "Apache-2.0",
        "origin": origin,
        "file": file.name,
        "sha256": sha256_of(file),
        "role": "refiner" if isinstance(config, RefinerConfig) else "segmenter",
    }
    parts = [_lines(head)]
    for side, shape in shapes.items():
        parts.append(
            f'[{side}]\n{_lines({"name": names[side]})}shape = {list(shape)}\nlayout = "nchw"\n'
        )
    parts.append(f"[metrics]\n{_lines(metrics)}")
    card = file.with_suffix(".toml")
    card.write_text("\n".join(parts), encoding="utf-8")
    return card


def _lines(fields: Metrics) -> str:
    """TOML; JSON strings and numbers are valid TOML."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in fields.items())
