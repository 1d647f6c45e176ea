"""How long a segmenter lets a recurrent model build on earlier pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.tiny_onnx import tiny_recurrent

from segcam.box import Box
from segcam.errors import BackendFailed, MatteRejected
from segcam.frame import F32, Frame
from segcam.model_card import ModelCard
from segcam.segment.base import Backend
from segcam.segment.isolated import IsolatedBackend
from segcam.segment.memory import Tensors
from segcam.segment.recurrent import LONGEST_NS
from segcam.segment.registry import create
from segcam.segment.segmenter import ModelSegmenter

MS = 1_000_000
SIZE = (72, 128)


def frame(at_ms: int, luma: int, *, cut: bool = False, size: tuple[int, int] = SIZE) -> Frame:
    made = Frame.filled(size, (16, 128, 128))
    made.y[:, size[1] // 4 : -size[1] // 4] = luma
    made.stamp(0, at_ms * MS, cut)
    return made


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return tiny_recurrent(tmp_path / "tiny.onnx")


@pytest.fixture
def backend() -> Backend:
    return create("onnxruntime-cpu")


@pytest.fixture
def segmenter(card: ModelCard, backend: Backend, tmp_path: Path) -> Iterator[ModelSegmenter]:
    made = ModelSegmenter(card, tmp_path / card.file, backend)
    made.open()
    yield made
    made.close()


def matte(segmenter: ModelSegmenter, picture: Frame) -> F32:
    out = np.full(segmenter.matte_size, np.nan, np.float32)
    segmenter.segment(picture, out)
    return out


def test_a_matte_builds_on_earlier_pictures(segmenter: ModelSegmenter) -> None:
    first = matte(segmenter, frame(0, 90, cut=True))
    matte(segmenter, frame(100, 200))
    assert matte(segmenter, frame(200, 90)).mean() > first.mean() + 0.1


@pytest.mark.parametrize(
    "after",
    [
        frame(200, 90, cut=True),
        frame(101 + LONGEST_NS // MS, 90),
        frame(50, 90),
        frame(200, 90, size=(96, 128)),
    ],
    ids=["a cut", "a gap", "a clock that went back", "another size"],
)
def test_it_begins_anew_after(segmenter: ModelSegmenter, after: Frame) -> None:
    first = matte(segmenter, frame(0, 90, cut=True))
    matte(segmenter, frame(100, 200))
    assert np.allclose(matte(segmenter, after), first, atol=1e-3)


def test_a_still_has_no_past(segmenter: ModelSegmenter) -> None:
    one, other, again = (
        matte(segmenter, frame(at, luma, cut=True)) for at, luma in ((0, 90), (33, 200), (66, 90))
    )
    assert np.allclose(one, again, atol=1e-6)
    assert not np.allclose(one, other, atol=0.1)


def test_a_rejected_answer_ends_its_memory(
    segmenter: ModelSegmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Tensors] = []
    load = segmenter.backend.load

    def keep(*arguments: Any) -> Tensors:
        loaded.append(load(*arguments))
        return loaded[-1]

    monkeypatch.setattr(segmenter.backend, "load", keep)
    segmenter.open()
    first = matte(segmenter, frame(0, 90, cut=True))
    with monkeypatch.context() as patch:
        run = segmenter.backend.run

        def nonsense() -> None:
            run()
            loaded[-1].output.fill(np.nan)

        patch.setattr(segmenter.backend, "run", nonsense)
        with pytest.raises(MatteRejected):
            matte(segmenter, frame(100, 200))
    assert np.allclose(matte(segmenter, frame(200, 90)), first, atol=1e-3)


def test_a_failed_run_ends_its_memory(
    segmenter: ModelSegmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = matte(segmenter, frame(0, 90, cut=True))
    matte(segmenter, frame(100, 200))

    def fail() -> None:
        raise BackendFailed("lost", "", "")

    with monkeypatch.context() as patch:
        patch.setattr(segmenter.backend, "run", fail)
        with pytest.raises(BackendFailed):
            matte(segmenter, frame(200, 120))
    assert np.allclose(matte(segmenter, frame(300, 90)), first, atol=1e-3)


def test_loading_again_begins_anew(segmenter: ModelSegmenter) -> None:
    first = matte(segmenter, frame(0, 90, cut=True))
    matte(segmenter, frame(100, 200))
    segmenter.close()
    segmenter.open()
    assert np.allclose(matte(segmenter, frame(200, 90)), first, atol=1e-3)


def test_a_reused_matte_does_not_end_its_memory(segmenter: ModelSegmenter) -> None:
    first = matte(segmenter, frame(0, 90, cut=True))
    out = np.empty(segmenter.matte_size, np.float32)
    segmenter.segment(frame(1000, 200), out)
    assert not segmenter.segment(frame(1033, 200), out)
    assert segmenter.segment(frame(1100, 90), out)
    assert out.mean() > first.mean() + 0.1


def test_it_always_sees_the_whole_picture(segmenter: ModelSegmenter) -> None:
    for number in range(40):
        picture = frame(100 * number, 60 + 3 * number, cut=number == 0, size=(360, 640))
        matte(segmenter, picture)
        segmenter.look_around()
        assert picture.box == Box.whole(picture.size)


def test_the_state_stays_in_the_models_own_process(card: ModelCard, tmp_path: Path) -> None:
    path = tmp_path / card.file
    here = ModelSegmenter(card, path, create("onnxruntime-cpu"))
    apart = ModelSegmenter(card, path, IsolatedBackend("onnxruntime-cpu"))
    pictures = [frame(0, 90, cut=True), frame(100, 200), frame(200, 60), frame(300, 90, cut=True)]
    for each in (here, apart):
        each.open()
    for picture in pictures:
        assert np.array_equal(matte(here, picture), matte(apart, picture))
    for each in (here, apart):
        each.close()
