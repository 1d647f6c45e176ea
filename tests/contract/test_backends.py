"""The contract of every backend, on a model of two layers."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.software_gpu import use_software_gpu
from support.tiny_tflite import tiny_segmenter
from support.waiting import wait_until

from segcam.errors import BackendFailed, BackendUnavailable, ModelMismatch
from segcam.frame import F32
from segcam.model_card import ModelCard
from segcam.segment.base import Backend
from segcam.segment.hardware import obstacle
from segcam.segment.isolated import IsolatedBackend
from segcam.segment.memory import Tensors
from segcam.segment.registry import SPECS, create
from segcam.zoo.library import path_for

MARKS = {"npu": [pytest.mark.npu], "gpu": [pytest.mark.gpu]}
EVERY = [pytest.param(name, marks=MARKS.get(spec.kind, [])) for name, spec in SPECS.items()]
REAL = [parameter for parameter in EVERY if parameter.values[0] != "null"]


@pytest.fixture(scope="module", autouse=True)
def software_gpu() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        use_software_gpu(patch)
        yield


def make(name: str) -> Backend:
    """As in the product: two backends on a GPU may crash one process."""
    return IsolatedBackend(name) if SPECS[name].kind == "gpu" else create(name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def card(folder: Path) -> ModelCard:
    return tiny_segmenter(folder / "tiny.tflite")


def model_path(name: str, card: ModelCard, folder: Path) -> Path:
    found = obstacle(SPECS[name])
    if found:
        pytest.skip(found.reason)
    return path_for(card, folder / card.file, SPECS[name].format)


def load(name: str, card: ModelCard, folder: Path) -> tuple[Backend, Tensors]:
    path = model_path(name, card, folder)
    backend = make(name)
    try:
        return backend, backend.load(card, path, Tensors(card))
    except BackendUnavailable as error:
        pytest.skip(str(error))


def answer(backend: Backend, tensors: Tensors, picture: F32) -> F32:
    tensors.input[:] = picture
    tensors.output.fill(np.nan)
    backend.run()
    return tensors.output.copy()


def pictures(card: ModelCard) -> tuple[F32, F32]:
    rng = np.random.default_rng(1)
    return rng.random(card.input.shape, np.float32), rng.random(card.input.shape, np.float32)


@pytest.mark.parametrize("name", EVERY)
def test_same_picture_same_matte_and_the_input_is_unchanged(
    name: str, card: ModelCard, folder: Path
) -> None:
    backend, tensors = load(name, card, folder)
    picture, other = pictures(card)

    first, second, third = (answer(backend, tensors, p) for p in (picture, other, picture))
    backend.close()
    backend.close()

    assert np.isfinite(first).all()
    assert np.array_equal(first, third)
    assert np.array_equal(tensors.input, picture)
    assert backend.name == name
    assert backend.device
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("name", EVERY)
def test_what_is_submitted_and_waited_for_is_what_run_gives(
    name: str, card: ModelCard, folder: Path
) -> None:
    backend, tensors = load(name, card, folder)
    picture, other = pictures(card)
    expected = answer(backend, tensors, picture)
    answer(backend, tensors, other)

    tensors.input[:] = picture
    tensors.output.fill(np.nan)
    backend.submit()
    backend.wait()
    backend.close()

    assert np.array_equal(tensors.output, expected)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the means")
def test_a_backend_in_its_own_process_works_while_the_caller_does(folder: Path) -> None:
    card = tiny_segmenter(folder / "large.tflite", (192, 256))
    backend = IsolatedBackend("litert-cpu")
    tensors = backend.load(card, folder / card.file, Tensors(card))
    tensors.output.fill(np.nan)
    backend.submit()
    wait_until(lambda: np.isfinite(tensors.output).all(), "the answer, without waiting")
    backend.wait()
    backend.close()


@pytest.mark.parametrize("name", REAL)
def test_all_agree_with_litert(name: str, card: ModelCard, folder: Path) -> None:
    picture, _ = pictures(card)
    mattes = []
    for each in ("litert-cpu", name):
        backend, tensors = load(each, card, folder)
        mattes.append(answer(backend, tensors, picture))
        backend.close()
    expected, found = mattes

    assert expected.std() > 0.05
    assert np.abs(found - expected).max() < (1e-4 if SPECS[name].kind == "cpu" else 0.02)


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("role", ["input", "output"])
@pytest.mark.parametrize("field", ["name", "shape"])
def test_a_card_that_does_not_fit_is_told(
    name: str, role: str, field: str, card: ModelCard, folder: Path
) -> None:
    path = model_path(name, card, folder)
    tensor = getattr(card, role)
    change = {"name": "other", "shape": (1, 8, 8, tensor.shape[-1])}[field]
    wrong = replace(card, **{role: replace(tensor, **{field: change})})
    backend = make(name)
    with pytest.raises((ModelMismatch, BackendUnavailable)) as caught:
        backend.load(wrong, path, Tensors(wrong))
    backend.close()
    if isinstance(caught.value, BackendUnavailable):
        pytest.skip(str(caught.value))
    assert role in caught.value.title
    assert caught.value.hint


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("content", [b"", b"no model at all" * 40, None])
def test_a_file_that_is_no_model(
    name: str, content: bytes | None, card: ModelCard, folder: Path, tmp_path: Path
) -> None:
    suffix = model_path(name, card, folder).suffix
    path = tmp_path / f"broken{suffix}"
    if content is not None:
        path.write_bytes(content)
    backend = make(name)
    with pytest.raises((BackendFailed, BackendUnavailable)):
        backend.load(card, path, Tensors(card))
    backend.close()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' names are Unicode")
@pytest.mark.parametrize("name", REAL)
def test_a_file_whose_name_is_not_utf_8_is_read(
    name: str, card: ModelCard, folder: Path, tmp_path: Path
) -> None:
    path = model_path(name, card, folder)
    odd = tmp_path / os.fsdecode(b"caf\xe9 %s\n" + path.suffix.encode())
    shutil.copy(path, odd)
    backend = make(name)
    try:
        tensors = backend.load(card, odd, Tensors(card))
        assert np.isfinite(answer(backend, tensors, pictures(card)[0])).all()
    except BackendUnavailable as error:
        pytest.skip(str(error))
    finally:
        backend.close()


@pytest.mark.parametrize("name", ["onnxruntime-cpu", "openvino-cpu"])
@pytest.mark.parametrize("rank_is_known", [True, False])
def test_a_model_whose_sizes_are_open_is_told(
    name: str, rank_is_known: bool, card: ModelCard, folder: Path, tmp_path: Path
) -> None:
    """Most models on the web are like that."""
    import onnx

    model = onnx.load(model_path(name, card, folder))
    for value in (*model.graph.input, *model.graph.output):
        if rank_is_known:
            value.type.tensor_type.shape.dim[1].dim_param = "height"
        else:
            value.type.tensor_type.ClearField("shape")
    onnx.save(model, tmp_path / "open.onnx")
    with pytest.raises((ModelMismatch, BackendFailed)) as caught:
        create(name).load(card, tmp_path / "open.onnx", Tensors(card))
    assert "x-1x" in caught.value.message or not rank_is_known


@pytest.mark.parametrize("name", REAL)
def test_loads_again_after_close(name: str, card: ModelCard, folder: Path) -> None:
    backend, _ = load(name, card, folder)
    backend.close()
    path = model_path(name, card, folder)
    tensors = backend.load(card, path, Tensors(card), threads=2)
    assert np.isfinite(answer(backend, tensors, pictures(card)[0])).all()
    backend.close()


@pytest.mark.parametrize("name", ["litert-cpu", "onnxruntime-cpu", "openvino-cpu"])
def test_other_threads_run_during_inference(name: str, folder: Path) -> None:
    """With an endless switch interval, nobody gets the interpreter unless ``run`` lets it go."""
    backend, _ = load(name, tiny_segmenter(folder / "large.tflite", (192, 256)), folder)
    ticks_ns: list[int] = []
    done = threading.Event()

    def tick() -> None:
        while not done.is_set():
            time.sleep(1e-4)
            ticks_ns.append(time.perf_counter_ns())

    ticker = threading.Thread(target=tick)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(60)
    try:
        ticker.start()
        start_ns = time.perf_counter_ns()
        for _ in range(100):
            backend.run()
        end_ns = time.perf_counter_ns()
    finally:
        sys.setswitchinterval(interval)
        done.set()
        ticker.join()
        backend.close()

    assert sum(start_ns < ns < end_ns for ns in ticks_ns) > 50


@pytest.mark.parametrize("name", REAL)
def test_nothing_is_printed(
    name: str, card: ModelCard, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    load(name, card, folder)[0].close()
    said = capfd.readouterr()
    assert said.out == said.err == ""
