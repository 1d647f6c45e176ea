"""ONNX Runtime: CPU, CUDA, TensorRT, DirectML and CoreML through its execution providers."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segcam import extras
from segcam.errors import BackendFailed, BackendUnavailable
from segcam.home import user_cache_folder
from segcam.model_card import ModelCard
from segcam.regular import readable
from segcam.segment.backends.binding import DeviceBinding, HostBinding
from segcam.segment.backends.contract import check_tensors
from segcam.segment.backends.host import cpu_name, quiet
from segcam.segment.base import Synchronous
from segcam.segment.memory import Tensors

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Provider:
    """One execution provider.

    Attributes:
        title: Its name in ONNX Runtime, without ``ExecutionProvider``.
        memory: Where its tensors lie, as ONNX Runtime calls it. "cpu" uses ours in place. "cuda"
            has its own, which we write before each run and read after it; their addresses never
            change, so that a run can be recorded as a CUDA graph and replayed. With "" ONNX Runtime
            itself copies each time a tensor is bound.
        device: Name for the user.
        hint: What to do if it does not load.
        fallback: Providers, besides the CPU, that may run operators that it does not support.
    """

    title: str
    memory: str
    device: str
    hint: str
    fallback: tuple[str, ...] = ()


_RECORD = {"CUDA": "enable_cuda_graph", "Tensorrt": "trt_cuda_graph_enable"}
"""Name of the option that records a run as a CUDA graph and replays it."""
_RUNS_RECORDED = 3
"""One run to set up, one to record, one to replay."""
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
        self._bound: HostBinding | DeviceBinding | None = None

    def load(self, card: ModelCard, path: Path, tensors: Tensors, threads: int = 1) -> Tensors:
        """See ``Backend.load``; ``path`` is an .onnx file."""
        if self._provider.memory == "cuda" and not card.state:  # a record has fixed addresses
            try:
                self._load(card, path, tensors, threads, recorded=True)
            except BackendFailed as error:  # for example, not every operator runs on the GPU
                log.debug("no CUDA graph: %s", error)
            else:
                return tensors
        self._load(card, path, tensors, threads)
        return tensors

    def _load(
        self, card: ModelCard, path: Path, tensors: Tensors, threads: int, *, recorded: bool = False
    ) -> None:
        """Load and run once; with a CUDA graph, also record a run and replay it."""
        self.close()
        runtime = load_runtime()
        session = self._open(runtime, path, threads, recorded)
        check_placement(session, self._provider)
        check_tensors("input", _described(session.get_inputs()), card)
        check_tensors("output", _described(session.get_outputs()), card)
        memory = self._provider.memory
        try:
            if memory == "cuda":
                self._bound = DeviceBinding(runtime, session, card, tensors)
            else:
                self._bound = HostBinding(session, card, tensors, in_place=memory == "cpu")
        except Exception as error:  # as in _open
            raise failed("load", error) from error
        for _ in range(_RUNS_RECORDED if recorded else 1):
            self.run()
        self.forget()

    def _open(self, runtime: Any, path: Path, threads: int, recorded: bool) -> Any:
        """The session."""
        provider = self._provider
        providers = _providers(provider, recorded)
        try:
            with quiet("ONNX Runtime") as said, readable(path) as name:
                if provider.memory == "cuda":
                    runtime.preload_dlls()  # finds CUDA in pip's packages
                session = runtime.InferenceSession(
                    name,
                    session_options(runtime, threads),
                    providers=providers,
                    enable_fallback=0,  # a fallback would hide why this device fails
                )
        except Exception as error:  # its exceptions have no common base class
            raise failed("load", error) from error
        if session.get_providers()[0] != providers[0][0]:
            raise BackendUnavailable(
                f"ONNX Runtime cannot use {provider.title} here", _reason(said), provider.hint
            )
        return session

    def run(self) -> None:
        """See ``Backend.run``."""
        assert self._bound is not None
        try:
            self._bound.run()
        except Exception as error:  # as in _open
            raise failed("run", error) from error

    def forget(self) -> None:
        """See ``Backend.forget``."""
        assert self._bound is not None
        self._bound.forget()

    def close(self) -> None:
        """See ``Backend.close``."""
        self._bound = None


def load_runtime() -> Any:
    """ONNX Runtime's module, with telemetry switched off.

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
    """The options of every session, on any device."""
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # A spinning thread takes processor time from the other stages.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
    return options


def check_placement(session: Any, provider: Provider) -> None:
    """Refuse a session that runs on the CPU instead of the device.

    Raises:
        BackendFailed: Half of the model's operators or more run on the CPU.
    """
    on_cpu = [
        len(part.get_nodes())
        for part in session.get_provider_graph_assignment_info()
        if part.ep_name == "CPUExecutionProvider"
    ]
    total = sum(len(part.get_nodes()) for part in session.get_provider_graph_assignment_info())
    if provider.title != "CPU" and 2 * sum(on_cpu) >= total:
        raise BackendFailed(
            f"{provider.title} leaves part of the model to the CPU",
            f"it takes {total - sum(on_cpu)} of {total} operators",
            "Try another --backend or --model",
        )


def _providers(provider: Provider, recorded: bool) -> list[tuple[str, dict[str, str]]]:
    """Execution providers and their options, in the order of preference.

    Compiled engines are cached; exhaustive tuning is off.

    Args:
        provider: The first choice.
        recorded: Whether runs are recorded as a CUDA graph and replayed.
    """
    titles = dict.fromkeys((provider.title, *provider.fallback, "CPU"))
    options: dict[str, dict[str, str]] = {"CUDA": {"cudnn_conv_algo_search": "HEURISTIC"}}
    if provider.title == "Tensorrt":
        cache = str(user_cache_folder())
        options["Tensorrt"] = {
            "trt_engine_cache_enable": "1",
            "trt_engine_cache_path": cache,
            "trt_timing_cache_enable": "1",
            "trt_timing_cache_path": cache,
        }
    if recorded:
        options[provider.title][_RECORD[provider.title]] = "1"
    return [(f"{title}ExecutionProvider", options.get(title, {})) for title in titles]


def _reason(said: Sequence[str]) -> str:
    """ONNX Runtime's message about its fallback, without source positions."""
    found = re.search(r"with error: (.*)", "\n".join(said))
    return found[1] if found else "it is not part of this build or found no device"


def _described(tensors: Sequence[Any]) -> list[tuple[str, Sequence[int], str]]:
    return [
        (tensor.name, tensor.shape, "float32" if tensor.type == "tensor(float)" else tensor.type)
        for tensor in tensors
    ]


def failed(verb: str, error: Exception) -> BackendFailed:
    """A SegCam error for an error of ONNX Runtime."""
    # Before this come source positions and C++ signatures.
    reason = str(error).rpartition("was false. ")[2].strip()
    return BackendFailed(
        f"ONNX Runtime could not {verb} the model", reason, "Try another --backend or --model"
    )
