"""OpenVINO: CPU, and the GPUs and NPUs of Intel."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from segcam import extras
from segcam.errors import BackendFailed, BackendUnavailable
from segcam.home import user_cache_folder
from segcam.model_card import ModelCard
from segcam.segment.backends.contract import check_tensors
from segcam.segment.backends.host import quiet
from segcam.segment.base import Asynchronous
from segcam.segment.memory import Tensors

_DRIVERS = {
    "CPU": "Try --backend litert-cpu",
    "GPU": "Install Intel's compute runtime: apt-get install intel-opencl-icd",
    "NPU": "Install Intel's NPU driver: https://github.com/intel/linux-npu-driver/releases",
}


class OpenVinoBackend(Asynchronous):
    """A compiled model with one infer request. See ``segcam.segment.base.Backend``.

    Args:
        device: ``cpu``, ``gpu`` or ``npu``.
    """

    def __init__(self, device: str) -> None:
        self.name = f"openvino-{device}"
        self.device = self._target = device.upper()
        self._request: Any = None
        self._tensors: Tensors | None = None  # the request does not keep their memory

    def load(self, card: ModelCard, path: Path, tensors: Tensors, threads: int = 1) -> None:
        """See ``Backend.load``; ``path`` is an .onnx file."""
        self.close()
        core, tensor_type = _core(self._target)
        try:
            with quiet("OpenVINO"):
                self.device = core.get_property(self._target, "FULL_DEVICE_NAME")
                _refuse_other_makers(self._target, self.device)
                model = core.compile_model(
                    str(path), self._target, _settings(self._target, threads)
                )
                request = model.create_infer_request()
        except RuntimeError as error:
            raise _failed("load", error) from error
        check_tensors("input", _described(model.inputs), card.input)
        check_tensors("output", _described(model.outputs), card.output)
        # Processors use them where they lie, accelerators bring over what they must.
        request.set_input_tensor(tensor_type(tensors.input, shared_memory=True))
        request.set_output_tensor(tensor_type(tensors.output, shared_memory=True))
        self._request, self._tensors = request, tensors
        self.run()

    def submit(self) -> None:
        """See ``Backend.submit``."""
        try:
            self._request.start_async()
        except RuntimeError as error:
            raise _failed("run", error) from error

    def wait(self) -> None:
        """See ``Backend.wait``."""
        try:
            self._request.wait()
        except RuntimeError as error:
            raise _failed("run", error) from error

    def close(self) -> None:
        """See ``Backend.close``."""
        self._request = self._tensors = None


def _core(target: str) -> tuple[Any, Any]:
    """OpenVINO's core, and its type of tensors."""
    # OpenVINO reports its use to the vendor where this package can be imported. Ours does not.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        with quiet("OpenVINO"):
            import openvino

            core = openvino.Core()
            # Of this plugin alone: looking for the devices of the others may crash.
            devices = core.get_property(target, "AVAILABLE_DEVICES")
    except (ImportError, RuntimeError) as error:
        raise BackendUnavailable(
            "OpenVINO cannot be loaded", str(error), extras.cure("npu")
        ) from error
    if not devices:
        raise BackendUnavailable(f"OpenVINO finds no {target}", "", _DRIVERS[target])
    return core, openvino.Tensor


def _refuse_other_makers(target: str, device: str) -> None:
    """The plugin opens every GPU that has OpenCL, and answers wrongly on others than Intel's."""
    if target == "GPU" and "Intel" not in device:
        raise BackendUnavailable(
            "OpenVINO runs on no GPU but Intel's", f"it finds {device}", "Use --backend litert-gpu"
        )


def _settings(target: str, threads: int) -> dict[str, Any]:
    if target != "CPU":
        # A GPU or NPU compiles for seconds: the result is kept.
        cache = user_cache_folder() / "openvino"
        return {"PERFORMANCE_HINT": "LATENCY", "CACHE_DIR": str(cache)}
    # Left alone, a CPU with bfloat16 uses it, and the matte is off by up to 0.3.
    return {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
    }


def _described(ports: Sequence[Any]) -> list[tuple[str, Sequence[int], str]]:
    return [(port.any_name, tuple(port.shape), port.element_type.to_dtype().name) for port in ports]


def _failed(verb: str, error: Exception) -> BackendFailed:
    return BackendFailed(
        f"OpenVINO could not {verb} the model",
        str(error).strip().rpartition("\n")[2],
        "Try another --backend or --model",
    )
