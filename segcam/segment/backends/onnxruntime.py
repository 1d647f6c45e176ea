"""ONNX Runtime: CPU, CUDA, TensorRT, DirectML and CoreML through its execution providers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from segcam import extras
from segcam.errors import BackendFailed, BackendUnavailable
from segcam.home import user_cache_folder
from segcam.model_card import ModelCard
from segcam.segment.backends.contract import check_tensors
from segcam.segment.backends.host import cpu_name, quiet
from segcam.segment.base import Synchronous
from segcam.segment.memory import Tensors


@dataclass(frozen=True, slots=True)
class Provider:
    """One execution provider.

    Attributes:
        title: Its name in ONNX Runtime, without ``ExecutionProvider``.
        memory: Where its tensors live, in ONNX Runtime's words: "cpu" is used in place, "cuda" gets
            the input before each run; with "" ONNX Runtime itself copies, whenever one is bound.
        device: For people.
        hint: What to do when it does not load.
        fallback: Providers that may take the operators it leaves, besides the CPU.
    """

    title: str
    memory: str
    device: str
    hint: str
    fallback: tuple[str, ...] = ()


_CUDA_HINT = "Install CUDA and cuDNN with: pip install 'onnxruntime-gpu[cuda,cudnn]'"
PROVIDERS = {
    "cpu": Provider("CPU", "cpu", cpu_name(), extras.cure("gpu")),
    "cuda": Provider("CUDA", "cuda", "NVIDIA GPU", _CUDA_HINT),
    "tensorrt": Provider(
        "Tensorrt",
        "cuda",
        "NVIDIA GPU",
        f"Install TensorRT with: pip install tensorrt. {_CUDA_HINT}",
        ("CUDA",),
    ),
    "directml": Provider("Dml", "", "GPU", "Install it with: pip install onnxruntime-directml"),
    "coreml": Provider("CoreML", "cpu", "Apple GPU", extras.cure("gpu")),
    "webgpu": Provider("WebGpu", "", "GPU", extras.cure("webgpu")),
}


class OnnxRuntimeBackend(Synchronous):
    """An ONNX Runtime session with bound tensors. See ``segcam.segment.base.Backend``.

    Args:
        device: A key of ``PROVIDERS``.
    """

    def __init__(self, device: str) -> None:
        self._provider = PROVIDERS[device]
        self.name = f"onnxruntime-{device}"
        self.device = self._provider.device
        self._session: Any = None
        self._binding: Any = None
        self._feed: Callable[[], object] = ignore
        self._tensors: Tensors | None = None

    def load(self, card: ModelCard, path: Path, tensors: Tensors, threads: int = 1) -> None:
        """See ``Backend.load``; ``path`` is an .onnx file."""
        self.close()
        runtime = load_runtime()
        session = self._open(runtime, path, threads)
        check_placement(session, self._provider)
        check_tensors("input", _described(session.get_inputs()), card.input)
        check_tensors("output", _described(session.get_outputs()), card.output)
        try:
            self._bind(runtime, session, card, tensors)
        except Exception as error:  # as in _open
            raise failed("load", error) from error
        self._session, self._tensors = session, tensors
        self.run()

    def _open(self, runtime: Any, path: Path, threads: int) -> Any:
        """The session."""
        provider = self._provider
        titles = dict.fromkeys((provider.title, *provider.fallback, "CPU"))
        providers = [(f"{title}ExecutionProvider", _settings(title)) for title in titles]
        try:
            with quiet("ONNX Runtime") as said:
                if provider.memory == "cuda":
                    runtime.preload_dlls()  # finds CUDA in pip's packages
                session = runtime.InferenceSession(
                    str(path), session_options(runtime, threads), providers=providers
                )
        except Exception as error:  # its exceptions have no base of their own
            raise failed("load", error) from error
        if session.get_providers()[0] != providers[0][0]:
            raise BackendUnavailable(
                f"ONNX Runtime cannot use {provider.title} here", _reason(said), provider.hint
            )
        return session

    def _bind(self, runtime: Any, session: Any, card: ModelCard, tensors: Tensors) -> None:
        """Use the tensors where they lie; a device's own memory gets a copy of the input."""
        self._binding = session.io_binding()
        bind_input = partial(
            self._binding.bind_input,
            *(card.input.name, "cpu", 0, np.float32, card.input.shape, tensors.input.ctypes.data),
        )
        match self._provider.memory:
            case "cpu":
                bind_input()
                self._feed = ignore
            case "cuda":
                on_device = runtime.OrtValue.ortvalue_from_shape_and_type(
                    card.input.shape, np.float32, "cuda", 0
                )
                self._binding.bind_ortvalue_input(card.input.name, on_device)
                self._feed = partial(on_device.update_inplace, tensors.input)
            case _:
                self._feed = bind_input
        self._binding.bind_output(
            card.output.name, "cpu", 0, np.float32, card.output.shape, tensors.output.ctypes.data
        )

    def run(self) -> None:
        """See ``Backend.run``."""
        try:
            self._feed()
            self._session.run_with_iobinding(self._binding)
        except Exception as error:  # as in _open
            raise failed("run", error) from error

    def close(self) -> None:
        """See ``Backend.close``."""
        self._feed = ignore
        self._binding = self._session = self._tensors = None


def ignore() -> None:
    """Do nothing."""


def load_runtime() -> Any:
    """ONNX Runtime's module, which reports nothing to its maker.

    Raises:
        BackendUnavailable: It cannot be imported.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise BackendUnavailable(
            "ONNX Runtime cannot be loaded",
            str(error),
            extras.cure("gpu"),
        ) from error
    onnxruntime.disable_telemetry_events()
    return onnxruntime


def session_options(runtime: Any, threads: int) -> Any:
    """What every session gets, whatever it runs on."""
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # A waiting thread that spins burns the power that the other stages need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    return options


def check_placement(session: Any, provider: Provider) -> None:
    """Refuse a session that computes on the CPU in place of the device.

    Raises:
        BackendFailed: It does so for half of the model's operators or more.
    """
    on_cpu = [
        len(part.get_nodes())
        for part in session.get_provider_graph_assignment_info()
        if part.ep_name == "CPUExecutionProvider"
    ]
    total = sum(len(part.get_nodes()) for part in session.get_provider_graph_assignment_info())
    if provider.title != "CPU" and 2 * sum(on_cpu) >= total:
        raise BackendFailed(
            f"{provider.title} leaves the model to the CPU",
            f"it takes {total - sum(on_cpu)} of {total} operators",
            "Try another --backend or --model",
        )


def _settings(title: str) -> dict[str, str]:
    """Provider options: compiled engines are kept, and no time is spent on exhaustive tuning."""
    if title == "Tensorrt":
        cache = str(user_cache_folder())
        return {"trt_engine_cache_enable": "1", "trt_engine_cache_path": cache}
    return {"cudnn_conv_algo_search": "HEURISTIC"} if title == "CUDA" else {}


def _reason(said: Sequence[str]) -> str:
    """What ONNX Runtime printed on falling back, without its own source positions."""
    found = re.search(r"with error: (.*)", "\n".join(said))
    return found[1] if found else "it is not part of this build, or found no device"


def _described(tensors: Sequence[Any]) -> list[tuple[str, Sequence[int], str]]:
    return [
        (tensor.name, tensor.shape, "float32" if tensor.type == "tensor(float)" else tensor.type)
        for tensor in tensors
    ]


def failed(verb: str, error: Exception) -> BackendFailed:
    """What ONNX Runtime could not do, in SegCam's words."""
    return BackendFailed(
        f"ONNX Runtime could not {verb} the model", str(error), "Try another --backend or --model"
    )
