import numpy as np
import pytest

from segcam.box import Box
from segcam.frame import Frame

BOX = Box(top=40, left=100, height=200, width=300)
RNG = np.random.default_rng(1)


def noisy(size=(480, 640)):
    frame = Frame.empty(size)
    frame.data[:] = RNG.integers(0, 256, frame.data.shape, np.uint8)
    frame.stamp(0, 0)
    return frame


def test_a_box_cuts_the_same_part_out_of_luma_and_chroma():
    frame = noisy()
    frame.look_at(BOX)
    y, u, v = frame.box_planes
    assert np.array_equal(y, frame.y[40:240, 100:400])
    assert np.array_equal(u, frame.u[20:120, 50:200])
    assert np.array_equal(v, frame.v[20:120, 50:200])


def test_small_boxes_have_more_detail_than_the_whole_picture():
    frame = noisy((720, 1280))
    frame.look_at(Box(0, 0, 180, 320))
    assert np.array_equal(frame.box_small[0], frame.box_planes[0])
    assert frame.small[0].shape == frame.box_small[0].shape


def test_a_new_picture_is_looked_at_as_a_whole():
    frame = noisy()
    frame.look_at(BOX)
    frame.stamp(1, 1)
    assert frame.box == Box.whole((480, 640))
    assert frame.box_small is frame.small


def test_the_small_picture_follows_the_box():
    frame = noisy()
    frame.look_at(BOX)
    before = frame.box_small[0].copy()
    frame.look_at(Box(BOX.top + 40, BOX.left, BOX.height, BOX.width))
    assert not np.array_equal(before, frame.box_small[0])


@pytest.mark.parametrize("top", [0, 16, 18, 82])
@pytest.mark.parametrize("size", [(720, 1280), (1080, 1920), (480, 640), (480, 854), (200, 300)])
def test_a_box_has_the_same_detail_wherever_it_lies(size, top):
    frame = noisy(size)
    frame.look_at(Box(top, 32, 96, 192))
    alone = Frame.empty((96, 192))
    for plane, part in zip(alone.planes, frame.box_planes, strict=True):
        plane[:] = part
    for small in (frame.box_small, frame.box_for((40, 90))):
        y, u, v = (plane.astype(float) for plane in small)
        step = 96 // y.shape[0]
        wanted = alone.y.reshape(96 // step, step, 192 // step, step).mean(axis=(1, 3))
        assert y.shape == u.shape == v.shape
        assert np.abs(y - wanted).max() <= 1
        if step == 2:
            assert np.array_equal(u, alone.u)
            assert np.array_equal(v, alone.v)


def test_halving_a_box_leaves_the_picture_unchanged():
    frame = noisy((720, 1280))
    before = frame.data.copy()
    for box in (Box(16, 32, 640, 720), Box(18, 34, 640, 720), Box(0, 0, 96, 96)):
        frame.look_at(box)
        assert frame.box_small
    assert np.array_equal(frame.data, before)


@pytest.mark.parametrize(
    ("other", "inside"),
    [(Box(40, 100, 200, 300), True), (Box(38, 100, 50, 50), False), (Box(100, 350, 50, 52), False)],
)
def test_a_box_holds_what_lies_inside_of_it(other, inside):
    assert BOX.holds(other) == inside
    assert BOX.joined(other).holds(other)
    assert BOX.joined(other).holds(BOX)
