"""Make the files of a trained model: ``python -m segcam_models.publish RUN/best.pt --out DIR ...``.

Writes NAME.onnx, its weights as fp16, with its card; on request NAME-int8.onnx with its own card,
and NAME.xml for OpenVINO.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from segcam_models.cards import Value, write_card
from segcam_models.checkpoint import Trained, load_trained
from segcam_models.data.dataset import PlainScenes
from segcam_models.data.pictures import load_pictures
from segcam_models.data.views import view_of
from segcam_models.export import F32, Parity, parity_of, write_int8, write_onnx, write_openvino

CALIBRATION = 64
"""Pictures that set the ranges of an int8 model."""


def main() -> None:
    """Read the command line and write the files."""
    options = _parse()
    trained = load_trained(options.best)
    options.out.mkdir(parents=True, exist_ok=True)
    inputs = _inputs(trained, options.data, options.coarse)
    metrics = _provenance(trained)
    if options.metrics:
        metrics |= json.loads(options.metrics.read_text(encoding="utf-8"))
    plain = options.out / f"{trained.recipe.name}.onnx"
    write_onnx(trained.network, trained.recipe.model, plain, half=True)
    _card(plain, trained, options, inputs, metrics | {"weights": "fp16"})
    if options.int8:
        quantized = options.out / f"{trained.recipe.name}-int8.onnx"
        write_int8(plain, quantized, inputs[:CALIBRATION])
        _card(quantized, trained, options, inputs, metrics | {"weights": "int8"})
    if options.openvino:
        write_openvino(plain, plain.with_suffix(".xml"))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="segcam_models.publish", description="Export a model.")
    parser.add_argument("best", type=Path, help="best.pt of a run")
    parser.add_argument("--out", type=Path, required=True, help="where the files go")
    parser.add_argument("--data", type=Path, required=True, help="pictures for parity and int8")
    parser.add_argument("--coarse", type=Path, help="the TFLite model a refiner sharpens")
    parser.add_argument("--title", required=True, help="for people")
    parser.add_argument("--origin", required=True, help="who trained it, on which pictures")
    parser.add_argument("--metrics", type=Path, help="JSON that segcam_models.evaluate wrote")
    parser.add_argument("--int8", action="store_true", help="an int8 model, too")
    parser.add_argument("--openvino", action="store_true", help="OpenVINO IR, too")
    return parser.parse_args()


def _inputs(trained: Trained, data: Path, coarse: Path | None) -> list[F32]:
    """Inputs of the validation split, (1, C, H, W) each."""
    model = trained.recipe.model
    scenes = PlainScenes(load_pictures(data, "val"), model.size, view_of(model, coarse))
    return [np.ascontiguousarray(scenes[index][0][None]) for index in range(len(scenes))]


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
        file, trained.recipe.model, options.title, options.origin, metrics | _parity(parity)
    )
    print(f"{file}: {file.stat().st_size / 1e6:.2f} MB, {parity}, card {card.name}")


def _parity(parity: Parity) -> dict[str, Value]:
    return {
        "parity_pictures": parity.pictures,
        "parity_largest_difference": round(parity.largest, 6),
        "parity_mean_difference": round(parity.mean, 7),
    }


if __name__ == "__main__":
    main()
