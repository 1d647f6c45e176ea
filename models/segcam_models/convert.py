"""Converts an exported network to int8, OpenVINO and TFLite, with static shapes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from segcam_models.config import ModelConfig
from segcam_models.export import F32, Deployed, input_shape
from segcam_models.network import Network


def write_int8(source: Path, path: Path, inputs: Sequence[F32]) -> None:
    """Quantize an ONNX file to int8 for ONNX Runtime on processors.

    Activations are unsigned: with signed ones its x86 kernels take twice the time.

    Args:
        source: The fp32 file. fp16 weights would not be quantized.
        path: The file to write.
        inputs: Real inputs, each (1, C, H, W), which give the ranges of the activations.
    """
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):  # type: ignore[misc]  # untyped library
        def __init__(self) -> None:
            self._rest = iter(inputs)

        def get_next(self) -> dict[str, F32] | None:
            value = next(self._rest, None)
            return None if value is None else {name: value}

    with TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        name = _input_of(prepared)
        quantize_static(
            prepared,
            path,
            Reader(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )


def write_openvino(source: Path, path: Path) -> None:
    """Convert an ONNX file to OpenVINO IR, weights as fp16: ``path`` is the .xml file."""
    import openvino

    openvino.save_model(openvino.convert_model(source), path, compress_to_fp16=True)


def write_openvino_int8(source: Path, path: Path, inputs: Sequence[F32]) -> None:
    """Quantize an ONNX file to OpenVINO IR in int8 with NNCF.

    Args:
        source: The fp32 file.
        path: The .xml file to write.
        inputs: Real inputs, as for ``write_int8``.
    """
    import nncf
    import openvino

    # "Mixed" quantizes activations asymmetrically, which the matte needs.
    quantized = nncf.quantize(
        openvino.convert_model(source),
        nncf.Dataset(list(inputs)),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(inputs),
    )
    openvino.save_model(quantized, path)


def write_tflite(network: Network, config: ModelConfig, path: Path) -> None:
    """Convert a network to TFLite, fp32, with LiteRT's own converter.

    Input and output have the same layout and order as in the ONNX file.

    Args:
        network: In evaluation mode.
        config: The network's config.
        path: The file.
    """
    import litert_torch

    example = (torch.zeros(input_shape(config)),)
    litert_torch.convert(Deployed(network).eval(), example).export(str(path))


def _input_of(path: Path) -> str:
    import onnx

    return str(onnx.load(path).graph.input[0].name)
