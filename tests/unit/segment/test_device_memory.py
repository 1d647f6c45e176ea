"""Backends whose device has memory of its own. Runtimes are real, on the CPU; devices are not."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from support.tiny_tflite import tiny_segmenter

from segcam.errors import BackendFailed
from segcam.frame import F32
from segcam.model_card import ModelCard
from segcam.segment.backends import onnxruntime as ort_backend
from segcam.segment.backends import openvino as openvino_backend
from segcam.segment.memory import Tensors
from segcam.segment.registry import create
from segcam.zoo.library import cards, path_for

PUBLISHED = ("selfie-landscape", "selfie-general", "small-wide")


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelCard:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tiny_segmenter(tmp_path / "tiny.tflite")


@pytest.fixture
def path(card: ModelCard, tmp_path: Path) -> Path:
    return path_for(card, tmp_path / card.file, "onnx")


def matte(name: str, card: ModelCard, path: Path) -> tuple[Tensors, F32]:
    """The tensors that a backend wants, and its second answer in them."""
    backend = create(name)
    tensors = backend.load(card, path, Tensors(card))
    tensors.input[:] = np.random.default_rng(1).random(card.input.shape, np.float32)
    backend.run()
    tensors.input[:] = np.random.default_rng(2).random(card.input.shape, np.float32)
    tensors.output.fill(np.nan)
    backend.run()
    found = tensors.output.copy()
    backend.close()
    return tensors, found


class IntelGpu:
    """OpenVINO's core on a machine with an Intel GPU, which the CPU plays."""

    def __init__(self, openvino: Any, shares: bool) -> None:
        self._openvino, self._core = openvino, openvino.Core()
        self._shares = shares
        self.allocated: list[Any] = []
        self.bound: list[Any] = []

    def get_property(self, target: str, name: str) -> str:
        assert (target, name) == ("GPU", "FULL_DEVICE_NAME")
        return "Intel(R) Arc(TM) Graphics (iGPU)"

    def get_default_context(self, target: str) -> Any:
        assert target == "GPU"
        if not self._shares:
            raise RuntimeError("[GPU] Cannot allocate USM host memory")
        return SimpleNamespace(create_host_tensor=self._allocate)

    def _allocate(self, kind: Any, shape: Any) -> Any:
        self.allocated.append(self._openvino.Tensor(kind, shape))
        return self.allocated[-1]

    def compile_model(self, path: str, target: str, settings: dict[str, Any]) -> Any:
        assert target == "GPU"
        assert settings["PERFORMANCE_HINT"] == "LATENCY"
        model = self._core.compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        return SimpleNamespace(
            inputs=model.inputs,
            outputs=model.outputs,
            create_infer_request=lambda: Request(model.create_infer_request(), self.bound),
        )


class Request:
    """An infer request that tells what is bound to it."""

    def __init__(self, request: Any, bound: list[Any]) -> None:
        self._request, self._bound = request, bound

    def set_tensor(self, name: str, tensor: Any) -> None:
        self._bound.append(tensor)
        self._request.set_tensor(name, tensor)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


@pytest.mark.parametrize("shares", [True, False])
def test_an_intel_gpu_is_fed_in_memory_that_it_has_allocated(
    card: ModelCard, path: Path, monkeypatch: pytest.MonkeyPatch, shares: bool
) -> None:
    openvino = pytest.importorskip("openvino")
    _, expected = matte("openvino-cpu", card, path)
    gpu = IntelGpu(openvino, shares)
    monkeypatch.setattr(openvino_backend, "_core", lambda _: (openvino, gpu))

    tensors, found = matte("openvino-gpu", card, path)

    assert np.array_equal(found, expected)
    assert tensors.place == ("pinned" if shares else Tensors(card).place)
    if shares:
        assert [id(each) for each in gpu.bound] == [id(each) for each in gpu.allocated]
        for mine, theirs in zip((tensors.input, tensors.output), gpu.allocated, strict=True):
            assert mine.ctypes.data == theirs.data.ctypes.data


class Nvidia:
    """ONNX Runtime on a machine with an NVIDIA GPU, which the CPU plays.

    Args:
        runtime: The real one.
        graph: At which run of a recorded session CUDA refuses; 0: when it is made, None: never.
        room: Whether the GPU has memory left.
    """

    def __init__(self, runtime: Any, graph: int | None = None, room: bool = True) -> None:
        self._runtime, self._refuses, self._room = runtime, graph, room
        self.OrtValue = SimpleNamespace(ortvalue_from_shape_and_type=self._allocate)
        self.SessionOptions = runtime.SessionOptions
        self.asked: list[dict[str, str]] = []

    def preload_dlls(self) -> None:
        """CUDA is there."""

    def _allocate(self, shape: Any, kind: Any, device: str, number: int) -> Any:
        assert (device, number) == ("cuda", 0)
        return self._runtime.OrtValue.ortvalue_from_shape_and_type(shape, kind, "cpu", 0)

    def InferenceSession(  # noqa: N802
        self, path: str, options: Any, *, providers: list[Any], enable_fallback: int
    ) -> Any:
        assert not enable_fallback, "it would pass on to another device and hide why"
        names, settings = zip(*providers, strict=True)
        self.asked.append(settings[0])
        recorded = "1" in (
            settings[0].get("enable_cuda_graph"),
            settings[0].get("trt_cuda_graph_enable"),
        )
        if not self._room:
            raise RuntimeError("CUDA failure 2: out of memory ; GPU=0")
        if recorded and self._refuses == 0:
            raise RuntimeError("This session cannot use the graph capture feature")
        real = self._runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return Session(real, names, self._refuses if recorded else None)


class Session:
    """A session that says it is a GPU's."""

    def __init__(self, real: Any, names: Any, refuses: int | None) -> None:
        self._real, self._names, self._refuses = real, names, refuses
        self._runs = 0

    def get_providers(self) -> list[str]:
        return list(self._names)

    def get_provider_graph_assignment_info(self) -> list[Any]:
        return [SimpleNamespace(ep_name=self._names[0], get_nodes=lambda: [1, 2])]

    def run_with_iobinding(self, binding: Any) -> None:
        self._runs += 1
        if self._runs == self._refuses:
            raise RuntimeError("CUDA failure 900: operation not permitted when stream is capturing")
        self._real.run_with_iobinding(binding)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def use(monkeypatch: pytest.MonkeyPatch, **faults: Any) -> Nvidia:
    gpu = Nvidia(pytest.importorskip("onnxruntime"), **faults)
    monkeypatch.setattr(ort_backend, "load_runtime", lambda: gpu)
    return gpu


@pytest.mark.parametrize(
    ("name", "option"),
    [("cuda", "enable_cuda_graph"), ("tensorrt", "trt_cuda_graph_enable")],
)
@pytest.mark.parametrize("refuses", [None, 0, 1, 2, 3])
def test_an_nvidia_gpu_records_what_it_does_where_the_model_allows_it(
    card: ModelCard,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    option: str,
    refuses: int | None,
) -> None:
    _, expected = matte("onnxruntime-cpu", card, path)
    gpu = use(monkeypatch, graph=refuses)

    _, found = matte(f"onnxruntime-{name}", card, path)

    assert np.array_equal(found, expected)
    assert [settings.get(option) for settings in gpu.asked] == ["1", None][
        : 1 + (refuses is not None)
    ]


def test_tensorrt_keeps_what_it_has_compiled(
    card: ModelCard, path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gpu = use(monkeypatch)
    create("onnxruntime-tensorrt").load(card, path, Tensors(card))
    (settings,) = gpu.asked
    for kind in ("engine", "timing"):
        assert settings[f"trt_{kind}_cache_enable"] == "1"
        assert settings[f"trt_{kind}_cache_path"].startswith(str(tmp_path))


def test_a_gpu_without_memory_says_so(
    card: ModelCard, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, room=False)
    with pytest.raises(BackendFailed, match="could not load the model") as caught:
        create("onnxruntime-cuda").load(card, path, Tensors(card))
    assert "out of memory" in caught.value.message


def test_a_gpu_that_runs_out_of_memory_later_says_so_too(
    card: ModelCard, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch)
    backend = create("onnxruntime-cuda")
    backend.load(card, path, Tensors(card))

    def exhausted(_: object) -> None:
        raise RuntimeError("CUDA failure 2: out of memory ; GPU=0")

    monkeypatch.setattr(Session, "run_with_iobinding", lambda _, binding: exhausted(binding))
    with pytest.raises(BackendFailed, match="could not run the model") as caught:
        backend.run()
    assert "out of memory" in caught.value.message


@pytest.mark.parametrize("name", PUBLISHED)
def test_an_npu_can_import_the_tensors_of_the_published_models(name: str) -> None:
    """Its plugin imports pages that a tensor fills to the end; others are copied."""
    tensors = Tensors(cards()[name])
    for tensor in (tensors.input, tensors.output):
        assert tensor.ctypes.data % 4096 == tensor.nbytes % 4096 == 0
