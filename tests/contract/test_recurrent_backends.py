"""The contract of backends that run recurrent models, on a model that the test makes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.software_gpu import use_software_gpu
from support.tiny_onnx import expected, tiny_recurrent

from segcam.errors import BackendUnavailable, ModelMismatch
from segcam.frame import F32
from segcam.model_card import ModelCard, State
from segcam.segment.base import Backend
from segcam.segment.hardware import obstacle
from segcam.segment.isolated import IsolatedBackend
from segcam.segment.memory import Tensors
from segcam.segment.probe import probe
from segcam.segment.registry import SPECS, create

MARKS = {"npu": [pytest.mark.npu], "gpu": [pytest.mark.gpu]}
READERS = [spec for spec in SPECS.values() if spec.format == "onnx"]
Make = Callable[[str], Backend]
EVERY = [
    pytest.param(
        (spec.name, make), id=f"{spec.name}-{make.__name__}", marks=MARKS.get(spec.kind, [])
    )
    for spec in READERS
    for make in (create, IsolatedBackend)
    # As in the product: two backends on a GPU may crash one process.
    if spec.kind == "cpu" or (make is IsolatedBackend and sys.platform == "linux")
    if make is create or sys.platform == "linux"
]
Loaded = tuple[Backend, Tensors]


@pytest.fixture(scope="module", autouse=True)
def software_gpu() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        use_software_gpu(patch)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def card(folder: Path) -> ModelCard:
    return tiny_recurrent(folder / "tiny.onnx")


@pytest.fixture
def pictures(card: ModelCard) -> list[F32]:
    rng = np.random.default_rng(1)
    return [rng.random(card.input.shape, np.float32) for _ in range(4)]


@pytest.fixture(params=EVERY)
def loaded(request: pytest.FixtureRequest, card: ModelCard, folder: Path) -> Iterator[Loaded]:
    name, make = request.param
    if found := obstacle(SPECS[name]):
        pytest.skip(found.reason)
    backend = make(name)
    try:
        yield backend, backend.load(card, folder / card.file, Tensors(card))
    except BackendUnavailable as error:
        pytest.skip(str(error))
    finally:
        backend.close()


def answer(loaded: Loaded, picture: F32) -> F32:
    backend, tensors = loaded
    tensors.input[:] = picture
    tensors.output.fill(np.nan)
    backend.submit()
    backend.wait()
    return tensors.output.copy()


def test_each_matte_builds_on_the_last_one(loaded: Loaded, pictures: list[F32]) -> None:
    for picture, matte in zip(pictures, expected(pictures), strict=True):
        assert np.abs(answer(loaded, picture) - matte).max() < 0.01


def test_who_forgets_begins_anew(loaded: Loaded, pictures: list[F32]) -> None:
    for picture in pictures[:3]:  # an odd number: the state has moved to its other place
        answer(loaded, picture)
    loaded[0].forget()
    for picture, matte in zip(pictures, expected(pictures), strict=True):
        assert np.abs(answer(loaded, picture) - matte).max() < 0.01


@pytest.mark.parametrize("name", ["onnxruntime-cpu", "openvino-cpu"])
@pytest.mark.parametrize(
    "state",
    [
        (),
        (State("trail_in", "trail_out", (1, 1, 36, 64)),),
        (
            State("trail_in", "trail_out", (1, 1, 36, 63)),
            State("count_in", "count_out", (1, 1, 1, 1)),
        ),
        (
            State("count_in", "trail_out", (1, 1, 36, 64)),
            State("trail_in", "count_out", (1, 1, 1, 1)),
        ),
    ],
    ids=["none", "one missing", "another shape", "mixed up"],
)
def test_a_state_that_does_not_fit_is_told(
    name: str, state: tuple[State, ...], card: ModelCard, folder: Path
) -> None:
    wrong = replace(card, state=state)
    with pytest.raises(ModelMismatch, match="put differs from its model card"):
        create(name).load(wrong, folder / card.file, Tensors(wrong))


def test_a_probe_compares_the_first_mattes(card: ModelCard, folder: Path) -> None:
    """Backends are timed with different numbers of runs, so later mattes differ."""
    result = probe(
        SPECS["openvino-cpu"], SPECS["onnxruntime-cpu"], card, lambda _: folder / card.file
    )
    assert result.usable, result.reason
