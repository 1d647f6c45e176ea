"""The published models themselves, in every runtime that reads them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
from support.software_gpu import use_software_gpu

from segcam.color import bgr_to_frame, frame_to_bgr
from segcam.errors import ModelError
from segcam.frame import F32, Frame
from segcam.model_card import sha256_of
from segcam.segment.hardware import obstacle
from segcam.segment.isolated import IsolatedBackend
from segcam.segment.probe import sample_picture
from segcam.segment.registry import SPECS, create
from segcam.segment.segmenter import ModelSegmenter
from segcam.source.demo import Demo
from segcam.zoo.library import cards, find, path_for, verify

pytestmark = pytest.mark.models


@pytest.fixture(params=sorted(name for name, c in cards().items() if c.role == "segmenter"))
def model(request: pytest.FixtureRequest) -> str:
    try:
        verify(*find(request.param))
    except ModelError as error:
        pytest.skip(f"{error.title}: {error.hint}")
    return str(request.param)


def photographs() -> Iterator[Frame]:
    """An astronaut before a room: whole, close, mirrored, at dusk, in glaring light."""
    frame = Frame.empty((512, 512))
    demo = Demo((512, 512), live=False)
    demo.open()
    demo.read(frame)
    whole = frame_to_bgr(frame)
    yield bgr_to_frame(whole)
    yield bgr_to_frame(whole[0:288, 64:448])
    yield bgr_to_frame(np.ascontiguousarray(whole[:, ::-1]))
    yield bgr_to_frame(whole // 3)
    yield bgr_to_frame(np.minimum(whole.astype(np.uint16) * 2, 255).astype(np.uint8))


def mattes(model: str, backend: str, count: int = 5) -> list[F32]:
    card, path = find(model)
    accelerated = SPECS[backend].kind == "gpu"  # two at once may crash one process
    runs = IsolatedBackend(backend) if accelerated else create(backend)
    segmenter = ModelSegmenter(card, path_for(card, path, SPECS[backend].format), runs)
    segmenter.open()
    found = []
    for frame in islice(photographs(), count):
        matte = np.empty(segmenter.matte_size, np.float32)
        segmenter.segment(frame, matte)
        found.append(matte)
    segmenter.close()
    return found


def test_the_card_names_the_hash_of_what_converting_gives(model: str) -> None:
    """Else it is converted again each time. After a change of the converter: correct the cards."""
    card, path = find(model)
    if path.suffix == ".tflite":
        assert sha256_of(path_for(card, path, "onnx")) == card.onnx_sha256


def backends(model: str) -> list[str]:
    """The first one reads the file as it is published."""
    others = ["onnxruntime-cpu", "openvino-cpu"]
    return others if find(model)[1].suffix == ".onnx" else ["litert-cpu", *others]


def test_runtimes_agree_on_photographs(model: str) -> None:
    first, *others = backends(model)
    expected = mattes(model, first)
    for backend in others:
        for left, right in zip(expected, mattes(model, backend), strict=True):
            assert np.abs(left - right).max() < 1e-3


@pytest.mark.parametrize("backend", ["litert-gpu", "onnxruntime-webgpu"])
def test_a_gpu_sees_the_same_people(
    model: str, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a software driver, which takes a second for an inference: one photograph."""
    use_software_gpu(monkeypatch)
    if found := obstacle(SPECS[backend]):
        pytest.skip(found.reason)
    if SPECS[backend].format == "tflite" and find(model)[1].suffix == ".onnx":
        pytest.skip("published as .onnx")
    (expected,) = mattes(model, backends(model)[0], 1)
    (found_matte,) = mattes(model, backend, 1)
    assert np.abs(expected - found_matte).max() < 1e-3
    assert np.array_equal(expected > 0.5, found_matte > 0.5)


def test_the_person_is_found(model: str) -> None:
    whole, *_ = mattes(model, backends(model)[0])
    height, width = whole.shape
    assert whole[height // 3, width // 2] > 0.9  # her face
    assert whole[height // 8, width // 20] < 0.1  # the window beside her


def test_the_probe_shows_every_model_something_to_answer(model: str) -> None:
    card, path = find(model)
    segmenter = ModelSegmenter(card, path, create(backends(model)[0]), follow=False)
    segmenter.open()
    matte = np.empty(segmenter.matte_size, np.float32)
    segmenter.segment(sample_picture(), matte)
    segmenter.close()
    assert matte.max() > 0.9
    assert matte.min() < 0.1
