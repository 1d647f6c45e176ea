"""A runtime that makes a session for a GPU and computes on the CPU; a machine with two GPUs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.tiny_tflite import tiny_segmenter

from segcam.errors import BackendFailed
from segcam.segment.backends import litert_gpu, onnxruntime_webgpu
from segcam.segment.backends.onnxruntime import (
    PROVIDERS,
    check_placement,
    failed,
    load_runtime,
    session_options,
)
from segcam.segment.memory import Tensors
from segcam.segment.registry import create
from segcam.zoo.library import path_for

pytest.importorskip("onnxruntime")


def test_a_session_that_computes_on_the_cpu_is_no_gpus(tmp_path: Path) -> None:
    card = tiny_segmenter(tmp_path / "tiny.tflite")
    runtime = load_runtime()
    path = path_for(card, tmp_path / card.file, "onnx")
    session = runtime.InferenceSession(
        str(path), session_options(runtime, 1), providers=["CPUExecutionProvider"]
    )
    check_placement(session, PROVIDERS["cpu"])
    with pytest.raises(BackendFailed, match=r"takes 0 of \d+ operators"):
        check_placement(session, replace(PROVIDERS["cuda"], title="Fancy"))


@pytest.mark.parametrize(("on_gpu", "refused"), [(99, False), (51, False), (50, True), (1, True)])
def test_half_of_the_model_on_the_cpu_is_no_gpus(on_gpu: int, refused: bool) -> None:
    parts = [
        SimpleNamespace(ep_name=name, get_nodes=lambda count=count: range(count))
        for name, count in (
            ("CUDAExecutionProvider", on_gpu - 1),
            ("CPUExecutionProvider", 100 - on_gpu),
            ("CUDAExecutionProvider", 1),
        )
    ]
    session = SimpleNamespace(get_provider_graph_assignment_info=lambda: parts)
    if refused:
        with pytest.raises(BackendFailed, match=f"takes {on_gpu} of 100 operators"):
            check_placement(session, PROVIDERS["cuda"])
    else:
        check_placement(session, PROVIDERS["cuda"])


def test_litert_must_not_leave_a_part_to_the_cpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tiny_segmenter(tmp_path / "tiny.tflite")
    said = ["Selected adapter: Radeon 780M, backendType=Vulkan, adapterType=integrated GPU"]
    model = SimpleNamespace(is_fully_accelerated=lambda: False)
    monkeypatch.setattr(litert_gpu.vulkan, "require_gpu", lambda: "Radeon 780M")
    monkeypatch.setattr(litert_gpu, "_compile", lambda _: (model, ({}, {}), said))
    with pytest.raises(BackendFailed, match="part of the model on the CPU"):
        create("litert-gpu").load(card, tmp_path / card.file, Tensors(card))


def test_of_two_gpus_the_plugin_gets_the_card() -> None:
    plugin = pytest.importorskip("onnxruntime_ep_webgpu")

    def device(**metadata: str) -> Any:
        found = SimpleNamespace(metadata=metadata)
        return SimpleNamespace(ep_name=plugin.get_ep_name(), device=found)

    built_in, card = device(Discrete="0"), device(Discrete="1")
    cpu = SimpleNamespace(ep_name="CPUExecutionProvider", device=SimpleNamespace(metadata={}))
    for order in ([cpu, built_in, card], [card, built_in, cpu]):
        runtime = SimpleNamespace(get_ep_devices=lambda order=order: order)
        assert onnxruntime_webgpu._device(runtime) is card


def test_an_error_is_told_without_source_positions() -> None:
    said = (
        "/src/core/plugin.cc:71 virtual std::unique_ptr<onnxruntime::IExecutionProvider> "
        "Factory::Create(const OrtLogger&) [ONNXRuntimeError] : 11 : EP_FAIL : /src/context.cc:136 "
        "Initialize()::<lambda()> result.status == Status::Success was false. "
        "Failed to get a WebGPU adapter: No supported adapters\n\n"
    )
    assert failed("load", RuntimeError(said)).message == (
        "Failed to get a WebGPU adapter: No supported adapters"
    )
    assert failed("run", RuntimeError("CUDA failure 2: out of memory")).message == (
        "CUDA failure 2: out of memory"
    )
