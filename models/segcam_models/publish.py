"""Make the files of a trained model: ``python -m segcam_models.publish RUN/best.pt --out DIR ...``.

Writes NAME.onnx, its weights as fp16, with its card. On request: NAME-int8.onnx and
NAME-litert.tflite, each with its own card; NAME.xml and NAME-int8.xml for OpenVINO, whose parity is
in the first card. ``--tflite`` and ``--openvino-int8`` need the extra ``export``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from segcam_models.cards import Value, write_card
from segcam_models.checkpoint import Trained, load_trained
from segcam_models.convert import (
    write_int8,
    write_openvino,
    write_openvino_int8,
    write_tflite,
)
from segcam_models.data.dataset import PlainScenes
from segcam_models.data.pictures import load_pictures
from segcam_models.data.views import scene_size, view_of
from segcam_models.export import F32, write_onnx
from segcam_models.parity import parity_of

CALIBRATION = 64
"""Pictures that determine the ranges of an int8 model."""


def main() -> None:
    """Read the command line and write the files."""
    options = _parse()
    trained = load_trained(options.best)
    options.out.mkdir(parents=True, exist_ok=True)
    inputs = _inputs(trained, options.data, options.coarse)
    metrics = _provenance(trained)
    if options.metrics:
        metrics |= json.loads(options.metrics.read_text(encoding="utf-8"))
    name, model = options.out / trained.recipe.name, trained.recipe.model
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        write_onnx(trained.network, model, whole)
        for file in _openvino(whole, name, options, inputs[:CALIBRATION]):
            kind = "openvino_int8_" if "int8" in file.stem else "openvino_"
            metrics |= parity_of(file, trained.network, inputs).as_metrics(kind)
        if options.int8:
            quantized = name.with_name(f"{name.name}-int8.onnx")
            write_int8(whole, quantized, inputs[:CALIBRATION])
            _card(quantized, trained, options, inputs, metrics | {"weights": "int8"})
    if options.tflite:
        lite = name.with_name(f"{name.name}-litert.tflite")
        write_tflite(trained.network, model, lite)
        _card(lite, trained, options, inputs, metrics | {"weights": "fp32"})
    plain = name.with_name(f"{name.name}.onnx")
    write_onnx(trained.network, model, plain, half=True)
    _card(plain, trained, options, inputs, metrics | {"weights": "fp16"})


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="segcam_models.publish", description="Export a model.")
    parser.add_argument("best", type=Path, help="best.pt of a run")
    parser.add_argument("--out", type=Path, required=True, help="where the files go")
    parser.add_argument("--data", type=Path, required=True, help="pictures for parity and int8")
    parser.add_argument("--coarse", type=Path, help="the TFLite model a refiner sharpens")
    parser.add_argument("--title", required=True, help="for users")
    parser.add_argument("--origin", required=True, help="who trained it, on which pictures")
    parser.add_argument("--metrics", type=Path, help="JSON that segcam_models.evaluate wrote")
    parser.add_argument("--int8", action="store_true", help="an int8 model, too")
    parser.add_argument("--openvino", action="store_true", help="OpenVINO IR, too")
    parser.add_argument("--openvino-int8", action="store_true", help="OpenVINO IR in int8, too")
    parser.add_argument("--tflite", action="store_true", help="TFLite, too")
    return parser.parse_args()


def _inputs(trained: Trained, data: Path, coarse: Path | None) -> list[F32]:
    """Inputs of the validation split, (1, C, H, W) each."""
    model = trained.recipe.model
    scenes = PlainScenes(load_pictures(data, "val"), scene_size(model), view_of(model, coarse))
    return [np.ascontiguousarray(scenes[index][0][None]) for index in range(len(scenes))]


def _openvino(
    whole: Path, name: Path, options: argparse.Namespace, inputs: list[F32]
) -> Iterator[Path]:
    """Write the requested files from an fp32 ONNX file."""
    if options.openvino:
        write_openvino(whole, path := name.with_name(f"{name.name}.xml"))
        yield path
    if options.openvino_int8:
        write_openvino_int8(whole, path := name.with_name(f"{name.name}-int8.xml"), inputs)
        yield path


def _provenance(trained: Trained) -> dict[str, Value]:
    return {
        "command": f"python -m segcam_models.train models/configs/{trained.recipe.name}.toml",
        "seed": trained.recipe.train.seed,
        "steps": trained.step,
        "batch": trained.recipe.train.batch,
        "validation_pictures": trained.scores.pictures,
        "validation_miou": round(trained.scores.miou, 5),
        "validation_boundary_iou": round(trained.scores.boundary, 5),
        "validation_contour_f": round(trained.scores.contour, 5),
    }


def _card(
    file: Path,
    trained: Trained,
    options: argparse.Namespace,
    inputs: list[F32],
    metrics: dict[str, Value],
) -> None:
    parity = parity_of(file, trained.network, inputs)
    card = write_card(
        file, trained.recipe.model, options.title, options.origin, metrics | parity.as_metrics()
    )
    print(f"{file}: {file.stat().st_size / 1e6:.2f} MB, {parity}, card {card.name}")


if __name__ == "__main__":
    main()
