"""People who are too small for the whole picture are found; an empty room has nobody."""

from pathlib import Path

import numpy as np
import pytest

from segcam.box import Box
from segcam.frame import Frame
from segcam.model_card import load_card
from segcam.segment.backends.null import NullBackend
from segcam.segment.search import Search
from segcam.segment.segmenter import ModelSegmenter

CARD = load_card(Path(__file__).parents[3] / "segcam" / "zoo" / "cards" / "selfie-landscape.toml")
SIZE = (720, 1280)
FAR = Box(400, 700, 200, 60)
FRAME_NS = 33_333_333
TALL_PX = 60


class SeesBright(NullBackend):
    """Takes what is bright for a person, from ``TALL_PX`` rows of its input on."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = 0

    def run(self):
        self.runs += 1
        bright = self._tensors.input[0].mean(axis=2) > 0.6
        if np.count_nonzero(bright.any(axis=1)) < TALL_PX:
            bright[:] = False
        noise = np.random.default_rng(self.runs).uniform(0, 0.01, bright.shape)
        self._tensors.output[0, ..., 0] = bright * 0.99 + noise


def room(number, person=None, cut=False):
    frame = Frame.filled(SIZE, (60, 128, 128))
    if person is not None:
        frame.y[person.slices] = 220
    frame.stamp(number, number * FRAME_NS, cut)
    return frame


def segment(backend, frames):
    segmenter = ModelSegmenter(CARD, Path(), backend)
    segmenter.open()
    out = np.empty(segmenter.matte_size, np.float32)
    for frame in frames:
        segmenter.segment(frame, out)
    return frame.box, out


def walking(frames):
    for number in range(frames):
        person = Box(FAR.top, FAR.left - 4 * number, FAR.height, FAR.width)
        yield room(number, person, cut=number == 0)


def test_a_person_far_away_is_found_once_they_move():
    box, matte = segment(SeesBright(), walking(30))
    assert box.area < 0.3 * SIZE[0] * SIZE[1]
    assert matte.max() > 0.9
    assert box.holds(Box(FAR.top, FAR.left - 4 * 29, FAR.height, FAR.width))


def test_a_person_far_away_is_found_in_a_single_picture():
    box, matte = segment(SeesBright(), [room(0, FAR, cut=True)])
    assert box.holds(FAR)
    assert matte.max() > 0.9


@pytest.mark.parametrize("cut", [True, False])
def test_figures_that_each_look_sees_elsewhere_are_nobody(cut):
    search, rng, moving = Search(), np.random.default_rng(4), np.zeros((18, 32), np.bool_)
    moving[8:10, 12:15] = True
    for number in range(1, 21):
        frame = room(4 * number, cut=cut)
        assert search.is_due(frame)
        for place in search.places(frame, moving):
            matte = np.zeros((144, 256), np.float32)
            top, left = rng.integers(4, 90), rng.integers(4, 220)
            matte[top : top + 40, left : left + 20] = 1
            assert search.saw(matte, place, frame) is None


@pytest.mark.parametrize("part", [Box(0, 0, 144, 256), Box(40, 0, 60, 40), Box(60, 60, 6, 6)])
def test_a_whole_part_of_the_room_what_is_cut_off_and_specks_are_nobody(part):
    search = Search()
    matte = np.zeros((144, 256), np.float32)
    matte[part.slices] = 1
    place = Box(180, 320, 360, 640)
    for number in range(10):
        assert search.saw(matte, place, room(4 * number)) is None


def test_where_nothing_moves_an_empty_room_costs_no_further_looks():
    backend = SeesBright()
    segment(backend, [room(0, cut=True)])
    at_start = backend.runs
    backend = SeesBright()
    segment(backend, [room(number, cut=number == 0) for number in range(60)])
    assert backend.runs - at_start <= 60


def test_the_light_going_on_is_not_searched():
    backend = SeesBright()
    frames = [room(number, cut=number == 0) for number in range(10)]
    frames += [Frame.filled(SIZE, (100 + 3 * number, 128, 128)) for number in range(10)]
    for number, frame in enumerate(frames):
        frame.stamp(number, number * FRAME_NS, cut=number == 0)
    segment(backend, frames[:1])
    at_start = backend.runs
    backend = SeesBright()
    segment(backend, frames)
    assert backend.runs - at_start <= len(frames)


@pytest.mark.parametrize("size", [(2, 2), (2, 500), (500, 2), (62, 1280), (64, 64)])
def test_tiny_pictures_are_looked_at_once_or_searched_without_a_fault(size):
    frame = Frame.filled(size, (60, 128, 128))
    for number in range(8):
        frame.y[:] = 60 + 20 * (number % 2)
        frame.stamp(number, 4 * number * FRAME_NS, cut=number == 0)
        box, _ = segment(SeesBright(), [frame])
        assert box == Box.whole(size)
