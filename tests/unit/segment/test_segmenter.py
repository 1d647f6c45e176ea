from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from segcam.errors import MatteRejected
from segcam.frame import F32, Frame
from segcam.model_card import ModelCard, load_card
from segcam.segment.backends.null import NullBackend
from segcam.segment.memory import Tensors
from segcam.segment.segmenter import ModelSegmenter

CARD = load_card(Path(__file__).parents[3] / "segcam" / "zoo" / "cards" / "selfie-landscape.toml")
SIGMOID = replace(CARD, activation="sigmoid")
FRAME = Frame.filled((720, 1280), (126, 128, 128))


class Answer(NullBackend):
    """Answers what the test says."""

    def __init__(self, raw: F32 | float) -> None:
        super().__init__()
        self.raw = raw

    def load(self, card: ModelCard, path: Path, tensors: Tensors, threads: int = 1) -> Tensors:
        self.out = tensors.output
        return tensors

    def run(self) -> None:
        out = self.out
        out[:] = np.reshape(self.raw, out.shape) if isinstance(self.raw, np.ndarray) else self.raw


def segment(backend: NullBackend, card: ModelCard = CARD) -> F32:
    segmenter = ModelSegmenter(card, Path(), backend, follow=False)
    segmenter.open()
    out = np.full(segmenter.matte_size, np.nan, np.float32)
    segmenter.segment(FRAME, out)
    segmenter.close()
    segmenter.close()
    return out


def ramp(low: float, high: float) -> F32:
    return np.linspace(low, high, 144 * 256, dtype=np.float32).reshape(144, 256)


def test_null_backend_gives_a_plausible_person_with_either_activation() -> None:
    plain, through_sigmoid = segment(NullBackend()), segment(NullBackend(), SIGMOID)

    assert plain.shape == CARD.output.size
    assert 0.2 < plain.mean() < 0.6
    assert plain[60, 128] > 0.99
    assert plain[:20, :20].max() < 0.01
    assert np.allclose(plain, through_sigmoid, atol=2e-3)


def test_rounding_beyond_the_range_is_clipped() -> None:
    matte = segment(Answer(ramp(-0.005, 1.004)))
    assert matte.min() == 0
    assert matte.max() == 1


def test_sigmoid_is_the_sigmoid() -> None:
    logits = ramp(-90, 90)
    expected = 1 / (1 + np.exp(-logits.astype(np.float64)))
    assert np.allclose(segment(Answer(logits), SIGMOID), expected, atol=1e-6)


@pytest.mark.parametrize("card", [CARD, SIGMOID], ids=["none", "sigmoid"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_no_number_rejects_the_matte(card: ModelCard, value: float) -> None:
    raw = ramp(0, 1)
    raw[70, 30] = value
    with pytest.raises(MatteRejected):
        segment(Answer(raw), card)


@pytest.mark.parametrize("raw", [ramp(0, 1.5), ramp(-0.5, 1), ramp(0, 255)])
def test_values_out_of_range_reject_the_matte(raw: F32) -> None:
    with pytest.raises(MatteRejected, match="values run from"):
        segment(Answer(raw))


def test_a_person_everywhere_is_nobody() -> None:
    with pytest.raises(MatteRejected, match="including its corners") as caught:
        segment(Answer(1.0))
    assert caught.value.transient
    assert caught.value.hint


def test_a_close_person_with_one_free_corner_is_believed() -> None:
    raw = np.ones((144, 256), np.float32)
    raw[:8, :8] = 0
    assert np.array_equal(segment(Answer(raw)), raw)


def test_an_empty_room_is_believed() -> None:
    assert segment(Answer(0.0)).max() == 0


@pytest.mark.parametrize("value", [0.3, 0.45, 0.6])
def test_somebody_half_there_everywhere_is_nobody(value: float) -> None:
    with pytest.raises(MatteRejected, match="including its corners"):
        segment(Answer(value))


def test_what_a_backend_leaves_unwritten_is_no_matte() -> None:
    class Silent(NullBackend):
        def run(self) -> None:
            """Says it is done."""

    with pytest.raises(MatteRejected):
        segment(Silent())


def segment_two(frames: list[Frame], answer: F32) -> F32:
    segmenter = ModelSegmenter(CARD, Path(), Answer(answer))
    segmenter.open()
    out = np.empty(segmenter.matte_size, np.float32)
    for frame in frames:
        segmenter.segment(frame, out)
    return out


OTHER = Frame.filled((720, 1280), (130, 128, 128))


def test_an_answer_that_is_another_pictures_is_old() -> None:
    with pytest.raises(MatteRejected, match="earlier picture"):
        segment_two([FRAME, OTHER], ramp(0, 1))


def test_the_same_picture_may_have_the_same_answer() -> None:
    segment_two([FRAME, FRAME, FRAME], ramp(0, 1))


def test_what_is_written_after_the_answer_does_not_reach_the_matte() -> None:
    backend = Answer(ramp(0, 1))
    matte = segment(backend)
    backend.out.fill(1)
    assert np.array_equal(matte, ramp(0, 1))


def test_an_empty_room_may_stay_empty() -> None:
    assert segment_two([FRAME, OTHER, FRAME], ramp(0, 0)).max() == 0


def test_the_null_backend_is_not_taken_for_stuck() -> None:
    segmenter = ModelSegmenter(CARD, Path(), NullBackend())
    segmenter.open()
    out = np.empty(segmenter.matte_size, np.float32)
    for frame in (FRAME, OTHER, FRAME, FRAME, OTHER):
        segmenter.segment(frame, out)


class Counting(Answer):
    """Counts its inferences; no two answers are alike."""

    def __init__(self) -> None:
        super().__init__(0.0)
        self.runs = 0

    def run(self) -> None:
        self.runs += 1
        self.raw = ramp(0, 1 - self.runs / 100)
        super().run()


def at(time_ms: int, luma: int = 126, cut: bool = False) -> Frame:
    frame = Frame.filled((720, 1280), (luma, 128, 128))
    frame.stamp(0, time_ms * 1_000_000, cut)
    return frame


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def segmenter(counting: Counting) -> ModelSegmenter:
    segmenter = ModelSegmenter(CARD, Path(), counting)
    segmenter.open()
    return segmenter


@pytest.fixture
def out(segmenter: ModelSegmenter) -> F32:
    return np.empty(segmenter.matte_size, np.float32)


def test_where_nothing_moves_a_matte_serves_the_next_frames(segmenter, counting, out) -> None:
    assert segmenter.segment(at(0, cut=True), out)
    first = out.copy()
    for time_ms in (33, 67):
        out.fill(-1)
        assert not segmenter.segment(at(time_ms), out)
        assert np.array_equal(out, first)
    runs = counting.runs
    assert segmenter.segment(at(100), out)
    assert counting.runs == runs + 1
    assert not np.array_equal(out, first)


def test_what_moves_is_inferred(segmenter, counting, out) -> None:
    segmenter.segment(at(0, luma=90), out)
    for index in range(1, 5):
        runs = counting.runs
        assert segmenter.segment(at(33 * index, luma=100 + 10 * index), out)
        assert counting.runs > runs


def test_a_cut_is_inferred_whatever_it_shows(segmenter, counting, out) -> None:
    for index in range(3):
        runs = counting.runs
        assert segmenter.segment(at(33 * index, cut=True), out)
        assert counting.runs > runs


def test_a_matte_that_was_kept_is_the_stage_s_own(segmenter, counting, out) -> None:
    segmenter.segment(at(0), out)
    first = out.copy()
    out.fill(1)
    counting.out.fill(1)
    segmenter.segment(at(33), out)
    assert np.array_equal(out, first)


def test_after_nonsense_no_earlier_matte_is_taken(segmenter, counting, out) -> None:
    segmenter.segment(at(0), out)
    counting.run = lambda: counting.out.fill(np.nan)
    for time_ms, luma in ((33, 200), (50, 126), (60, 126)):
        with pytest.raises(MatteRejected):
            segmenter.segment(at(time_ms, luma), out)


def test_a_model_loaded_anew_has_no_earlier_matte(segmenter, counting, out) -> None:
    segmenter.segment(at(0), out)
    segmenter.close()
    segmenter.open()
    assert segmenter.segment(at(33), out)


class Corner(Counting):
    """Finds somebody in the middle of whatever it looks at, so that there is a box around."""

    def run(self) -> None:
        self.runs += 1
        self.raw = np.zeros(CARD.output.size, np.float32)
        height, width = self.raw.shape
        middle = np.s_[2 * height // 5 : 3 * height // 5, 2 * width // 5 : 3 * width // 5]
        self.raw[middle] = 1 - self.runs / 1000
        Answer.run(self)


@pytest.fixture
def following() -> tuple[ModelSegmenter, Corner]:
    backend = Corner()
    segmenter = ModelSegmenter(CARD, Path(), backend)
    segmenter.open()
    return segmenter, backend


def inferences(segmenter: ModelSegmenter, backend: Corner, frame: Frame) -> int:
    before = backend.runs
    segmenter.segment(frame, np.empty(segmenter.matte_size, np.float32))
    return backend.runs - before


def test_no_frame_waits_for_a_look_for_which_it_is_merely_time(following) -> None:
    segmenter, backend = following
    assert inferences(segmenter, backend, at(0, cut=True)) == 2
    looks = 0
    for index in range(1, 61):
        frame = at(round(index * 100 / 3), luma=126 + 5 * (index % 2))
        assert inferences(segmenter, backend, frame) == 1
        assert frame.box.size != frame.size
        before = backend.runs
        segmenter.look_around()
        looks += backend.runs - before
    assert looks in (3, 4)


def test_a_look_that_nobody_has_done_is_done_with_the_next_frame(following) -> None:
    segmenter, backend = following
    inferences(segmenter, backend, at(0, cut=True))
    taken = [
        inferences(segmenter, backend, at(50 * index, luma=126 + 5 * (index % 2)))
        for index in range(1, 13)
    ]
    assert taken == [1] * 10 + [2, 1]


def test_after_a_pause_the_whole_is_looked_at_first(following) -> None:
    segmenter, backend = following
    inferences(segmenter, backend, at(0, cut=True))
    assert inferences(segmenter, backend, at(1100)) == 2


def test_a_look_that_was_put_off_is_forgotten_with_the_next_cut(following) -> None:
    segmenter, backend = following
    inferences(segmenter, backend, at(0, cut=True))
    inferences(segmenter, backend, at(520))
    inferences(segmenter, backend, at(530, cut=True))
    before = backend.runs
    segmenter.look_around()
    assert backend.runs == before
