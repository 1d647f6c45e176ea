"""The published models themselves, in all three runtimes."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from segcam.errors import ModelError
from segcam.frame import F32, Frame
from segcam.segment.probe import sample_picture
from segcam.segment.registry import SPECS, create
from segcam.segment.segmenter import Segmenter
from segcam.zoo.library import cards, find, path_for, verify

pytestmark = pytest.mark.models


@pytest.fixture(params=sorted(cards()))
def model(request: pytest.FixtureRequest) -> str:
    try:
        verify(*find(request.param))
    except ModelError as error:
        pytest.skip(f"{error.title}: {error.hint}")
    return str(request.param)


def frame_of(rgb: np.ndarray) -> Frame:
    data = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2YUV_I420)
    return Frame(data)


def photographs() -> Iterator[Frame]:
    """An astronaut's portrait: whole, close, mirrored, at dusk, in glaring light."""
    portrait = pytest.importorskip("skimage.data").astronaut()
    yield frame_of(portrait)
    yield frame_of(portrait[0:288, 64:448])
    yield frame_of(portrait[:, ::-1])
    yield frame_of(portrait // 3)
    yield frame_of(np.minimum(portrait.astype(np.uint16) * 2, 255).astype(np.uint8))


def mattes(model: str, backend: str) -> list[F32]:
    card, path = find(model)
    segmenter = Segmenter(card, path_for(card, path, SPECS[backend].format), create(backend))
    segmenter.open()
    found = []
    for frame in photographs():
        matte = np.empty(segmenter.matte_size, np.float32)
        segmenter.segment(frame, matte)
        found.append(matte)
    segmenter.close()
    return found


def test_runtimes_agree_on_photographs(model: str) -> None:
    expected = mattes(model, "litert-cpu")
    for backend in ("onnxruntime-cpu", "openvino-cpu"):
        for left, right in zip(expected, mattes(model, backend), strict=True):
            assert np.abs(left - right).max() < 1e-3


def test_the_person_is_found(model: str) -> None:
    whole, *_ = mattes(model, "litert-cpu")
    height, width = whole.shape
    assert whole[height // 4, int(width * 0.45)] > 0.9  # her face
    assert whole[height // 8, width // 20] < 0.1  # the flag beside her


def test_the_probe_shows_every_model_something_to_answer(model: str) -> None:
    card, path = find(model)
    segmenter = Segmenter(card, path, create("litert-cpu"))
    segmenter.open()
    matte = np.empty(segmenter.matte_size, np.float32)
    segmenter.segment(sample_picture(), matte)
    segmenter.close()
    assert matte.max() > 0.9
    assert matte.min() < 0.1
