"""The contract of every refiner, for any input."""

import numpy as np
import pytest

from segcam.box import Box
from segcam.frame import Frame
from segcam.pipeline.networks import make_refiner
from segcam.refine.learned import LearnedRefiner
from segcam.refine.refiner import MatteRefiner
from segcam.zoo.library import DEFAULT

REFINERS = [
    MatteRefiner,
    lambda: MatteRefiner(smooth=False),
    lambda: make_refiner("sharp", DEFAULT, "null"),
]
SIZES = [(2, 2), (2, 640), (640, 2), (120, 162), (480, 640), (720, 1280), (1280, 720), (768, 1366)]
COARSE = [(1, 1), (144, 256), (256, 256), (7, 3)]


def noise(size, seed=0, cut=True):
    rows = (size[0] * 3 // 2, size[1])
    return Frame(np.random.default_rng(seed).integers(0, 256, rows, np.uint8), cut=cut)


@pytest.fixture(params=REFINERS, ids=["smooth", "still", "sharp"])
def refiner(request):
    made = request.param()
    yield made
    made.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("value", [0, 1])
def test_what_is_sure_stays_exactly_so(refiner, size, value):
    for number, coarse in enumerate(COARSE):
        out = np.full(size, 77, np.uint8)
        matte = np.full(coarse, value, np.float32)
        refiner.refine(matte, noise(size, seed=number, cut=number == 2), out)
        # A network may see an outline in noise: part of a person may disappear, but no room may
        # appear.
        if value and isinstance(refiner, LearnedRefiner):
            assert (out >= 250).mean() >= 0.9
        else:
            assert np.all(out == value * 255)


@pytest.mark.parametrize("size", SIZES)
def test_every_size_of_frame_and_matte_is_written_whole(refiner, size):
    for coarse in COARSE:
        matte = np.random.default_rng(1).random(coarse, np.float32)
        low, high = np.zeros(size, np.uint8), np.full(size, 255, np.uint8)
        refiner.refine(matte, noise(size), low)
        refiner.refine(matte, noise(size), high)
        np.testing.assert_array_equal(low, high)


def test_the_matte_and_the_frame_are_only_borrowed(refiner):
    frame, matte = noise((480, 640)), np.random.default_rng(2).random((144, 256), np.float32)
    picture, given = frame.data.copy(), matte.copy()
    out = np.empty((480, 640), np.uint8)
    for _ in range(2):
        refiner.refine(matte, frame, out)
        frame.cut = False
    np.testing.assert_array_equal(frame.data, picture)
    np.testing.assert_array_equal(matte, given)


def test_a_cut_forgets_the_past(refiner):
    matte = np.random.default_rng(3).random((144, 256), np.float32)
    fresh, later = np.empty((480, 640), np.uint8), np.empty((480, 640), np.uint8)
    refiner.refine(matte, noise((480, 640)), fresh)
    for number in range(3):
        refiner.refine(1 - matte, noise((480, 640), cut=number == 0), later)
    refiner.refine(matte, noise((480, 640)), later)
    np.testing.assert_array_equal(fresh, later)


def test_another_size_forgets_the_past(refiner):
    matte = np.random.default_rng(4).random((144, 256), np.float32)
    fresh, later = np.empty((480, 640), np.uint8), np.empty((480, 640), np.uint8)
    refiner.refine(matte, noise((480, 640)), fresh)
    refiner.refine(1 - matte, noise((720, 1280), cut=False), np.empty((720, 1280), np.uint8))
    refiner.refine(matte, noise((480, 640), cut=False), later)
    np.testing.assert_array_equal(fresh, later)


def test_it_may_be_closed_twice_and_used_again(refiner):
    matte = np.random.default_rng(5).random((144, 256), np.float32)
    before, after = np.empty((480, 640), np.uint8), np.empty((480, 640), np.uint8)
    refiner.refine(matte, noise((480, 640)), before)
    refiner.close()
    refiner.close()
    refiner.refine(matte, noise((480, 640)), after)
    np.testing.assert_array_equal(before, after)
    assert refiner.edges in ("fast", "sharp")


BOXES = [Box(0, 0, 480, 640), Box(2, 2, 2, 2), Box(32, 64, 352, 416), Box(256, 0, 224, 320)]


@pytest.mark.parametrize("box", BOXES)
def test_what_lies_outside_of_the_box_is_room(refiner, box):
    frame, out = noise((480, 640)), np.full((480, 640), 77, np.uint8)
    for each in (box, *BOXES):  # it moves from frame to frame, too
        frame.look_at(each)
        refiner.refine(np.full((144, 256), 1, np.float32), frame, out)
        expected = np.zeros((480, 640), np.bool_)
        expected[each.slices] = True
        assert not out[~expected].any()
        assert (out[expected] >= 250).mean() >= 0.9
        frame.cut = False
