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


@pytest.mark.parametrize(
    ("other", "inside"),
    [(Box(40, 100, 200, 300), True), (Box(38, 100, 50, 50), False), (Box(100, 350, 50, 52), False)],
)
def test_a_box_holds_what_lies_inside_of_it(other, inside):
    assert BOX.holds(other) == inside
    assert BOX.joined(other).holds(other)
    assert BOX.joined(other).holds(BOX)
