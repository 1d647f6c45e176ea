"""OpenVINO: CPU, and the GPUs and NPUs of Intel."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from segcam import distribution, extras
from segcam.errors import BackendFailed, BackendUnavailable
from segcam.home import user_cache_folder
from segcam.model_card import ModelCard, State
from segcam.segment import npu
from segcam.segment.backends.contract import check_tensors
from segcam.segment.backends.host import quiet
from segcam.segment.base import Asynchronous
from segcam.segment.memory import Tensors

log = logging.getLogger(__name__)


class OpenVinoBackend(Asynchronous):
    """A compiled model with one infer request. See ``segcam.segment.base.Backend``.

    Args:
        device: ``cpu``, ``gpu`` or ``npu``.
    """

    def __init__(self, device: str) -> None:
        self.name = f"openvino-{device}"
        self.device = self._target = device.upper()
        self._request: Any = None
        self._state: Sequence[_StateTensors] = ()
        self._tensors: Tensors | None = None  # the request does not own their memory

    def load(self, card: ModelCard, path: Path, tensors: Tensors, threads: int = 1) -> Tensors:
        """See ``Backend.load``; ``path`` is an .onnx file. A GPU has its own tensors."""
        self.close()
        openvino, core = _core(self._target)
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
        check_tensors("input", _described(model.inputs), card)
        check_tensors("output", _described(model.outputs), card)
        # Used in place by a CPU, by an NPU (its plugin imports whole pages), and by a GPU that has
        # allocated them. The plugins copy other memory.
        bound = _of_device(openvino, core, card) if self._target == "GPU" else None
        if bound is None:
            bound = [
                openvino.Tensor(t, shared_memory=True) for t in (tensors.input, tensors.output)
            ]
        else:
            tensors = Tensors.pinned(*(tensor.data for tensor in bound))
        request.set_tensor(card.input.name, bound[0])
        request.set_tensor(card.output.name, bound[1])
        self._request, self._tensors = request, tensors
        self._state = [_StateTensors(openvino, each) for each in card.state]
        self.run()
        self.forget()
        return tensors

    def submit(self) -> None:
        """See ``Backend.submit``."""
        try:
            for state in self._state:
                state.set(self._request)
            self._request.start_async()
        except RuntimeError as error:
            raise _failed("run", error) from error

    def wait(self) -> None:
        """See ``Backend.wait``."""
        try:
            self._request.wait()
        except RuntimeError as error:
            raise _failed("run", error) from error
        for state in self._state:
            state.turn()

    def forget(self) -> None:
        """See ``Backend.forget``."""
        for state in self._state:
            state.clear()

    def close(self) -> None:
        """See ``Backend.close``."""
        self._request = self._tensors = None
        self._state = ()


class _StateTensors:
    """One tensor of a recurrent model's state, twice: a run reads the one and writes the other."""

    def __init__(self, openvino: Any, state: State) -> None:
        self._names = state.input, state.output
        self._read, self._written = (
            openvino.Tensor(openvino.Type.f32, openvino.Shape(state.shape)) for _ in range(2)
        )
        self.clear()

    def set(self, request: Any) -> None:
        """Before a run. A CPU works in place, the plugins of other devices copy."""
        request.set_tensor(self._names[0], self._read)
        request.set_tensor(self._names[1], self._written)

    def turn(self) -> None:
        """After a run."""
        self._read, self._written = self._written, self._read

    def clear(self) -> None:
        """Let the next run read zeros."""
        self._read.data.fill(0)


def _of_device(openvino: Any, core: Any, card: ModelCard) -> list[Any] | None:
    """Input and output in memory shared with the GPU; None if its driver has none."""
    try:
        context = core.get_default_context("GPU")
        made = [
            context.create_host_tensor(openvino.Type.f32, openvino.Shape(tensor.shape))
            for tensor in (card.input, card.output)
        ]
    except RuntimeError as error:
        log.debug("no memory is shared with the GPU: %s", error)
        return None
    for tensor in made:
        tensor.data.fill(0)
    return made


def _core(target: str) -> tuple[Any, Any]:
    """OpenVINO's module, and its core."""
    # OpenVINO reports its use to its maker if this package can be imported. Block that.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        with quiet("OpenVINO"):
            import openvino

            core = _only_core(openvino)
            # Only for this plugin: listing the devices of others may crash.
            devices = core.get_property(target, "AVAILABLE_DEVICES")
    except (ImportError, RuntimeError) as error:
        raise BackendUnavailable(
            "OpenVINO cannot be loaded", str(error), extras.cure("npu")
        ) from error
    if not devices:
        reason, hint = npu.lacks_of_libraries() if target == "NPU" else ("", "")
        raise BackendUnavailable(f"OpenVINO finds no {target}", reason, hint or _cure(target))
    return openvino, core


@cache
def _only_core(openvino: Any) -> Any:
    """The core of this process, which is never deleted.

    It holds the plugins. The CPU's gives the thread that loads it a stack for signals, and unmaps
    it when it is deleted, on whatever thread: the next signal would then end the process.
    """
    return openvino.Core()


def _cure(target: str) -> str:
    """How to get a device that OpenVINO does not find."""
    if target == "GPU":
        return distribution.install("intel-opencl-icd")
    return "Try --backend litert-cpu" if target == "CPU" else npu.PACKAGES


def _refuse_other_makers(target: str, device: str) -> None:
    """The plugin opens every GPU with OpenCL, but gives wrong answers on GPUs not made by Intel."""
    if target == "GPU" and "Intel" not in device:
        raise BackendUnavailable(
            "OpenVINO only runs on Intel GPUs", f"it found {device}", "Use --backend litert-gpu"
        )


def _settings(target: str, threads: int) -> dict[str, Any]:
    if target != "CPU":
        # A GPU or NPU compiles for seconds, so the result is cached.
        cache = user_cache_folder() / "openvino"
        return {"PERFORMANCE_HINT": "LATENCY", "CACHE_DIR": str(cache)}
    # By default a CPU with bfloat16 uses it, and the matte is off by up to 0.3.
    return {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": threads,
    }


def _described(ports: Sequence[Any]) -> list[tuple[str, Sequence[int], str]]:
    return [(port.any_name, _sides(port), port.element_type.to_dtype().name) for port in ports]


def _sides(port: Any) -> list[int]:
    """The sides of a port's tensor, -1 for those that the file leaves open."""
    shape = port.partial_shape
    if shape.rank.is_dynamic:
        return []
    return [side.get_length() if side.is_static else -1 for side in shape]


def _failed(verb: str, error: Exception) -> BackendFailed:
    return BackendFailed(
        f"OpenVINO could not {verb} the model",
        str(error).strip().rpartition("\n")[2],
        "Try another --backend or --model",
    )
