import numpy as np
import pytest

from segcam.frame import Frame, even


@pytest.mark.parametrize("size", [(2, 2), (4, 6), (6, 4), (90, 160), (2, 50)])
def test_planes_share_the_memory_and_tile_it(size):
    frame = Frame.empty(size)
    for value, plane in enumerate(frame.planes):
        plane.fill(value)
    flat = frame.data.reshape(-1)
    luma = size[0] * size[1]
    assert flat.tolist() == [0] * luma + [1] * (luma // 4) + [2] * (luma // 4)
    assert frame.size == size


@pytest.mark.parametrize("size", [(0, 2), (3, 2), (2, 5), (1, 1)])
def test_odd_sizes_are_refused(size):
    with pytest.raises(ValueError, match="even"):
        Frame.empty(size)


def test_even_rounds_up():
    assert even((1, 1)) == (2, 2)
    assert even((720, 1281)) == (720, 1282)


def test_resize_keeps_the_memory_at_the_same_size():
    frame = Frame.empty((4, 4))
    before = frame.data
    frame.resize((4, 4))
    assert frame.data is before
    frame.resize((6, 8))
    assert frame.y.shape == (6, 8)
    assert frame.u.shape == (3, 4)


def test_mirror_swaps_left_and_right_of_all_planes():
    frame = Frame.empty((4, 8))
    rng = np.random.default_rng(1)
    frame.data[:] = rng.integers(0, 255, frame.data.shape)
    before = [plane.copy() for plane in frame.planes]
    frame.mirror()
    for plane, old in zip(frame.planes, before, strict=True):
        assert np.array_equal(plane, old[:, ::-1])


def test_copy_takes_everything_over():
    frame = Frame.filled((4, 4), (10, 20, 30))
    frame.id, frame.captured_ns, frame.cut = 7, 99, False
    copy = Frame.empty((2, 2))
    copy.copy_from(frame)
    frame.fill((0, 0, 0))
    assert (copy.id, copy.captured_ns, copy.cut) == (7, 99, False)
    assert [int(p[0, 0]) for p in copy.planes] == [10, 20, 30]


def test_the_small_picture_is_the_mean_and_kept_until_stamped():
    frame = Frame.filled((720, 1280), (100, 110, 120))
    assert [plane.shape for plane in frame.small] == [(180, 320)] * 3
    assert [int(plane[0, 0]) for plane in frame.small] == [100, 110, 120]
    frame.y[:] = 200
    assert frame.small[0][0, 0] == 100
    frame.stamp(1, 0)
    assert frame.small[0][0, 0] == 200
    frame.fill((50, 60, 70))
    assert frame.small[2][0, 0] == 70


@pytest.mark.parametrize("size", [(2, 2), (2, 7680), (4320, 2), (10, 14), (854, 480), (1080, 1918)])
def test_every_frame_has_a_small_picture(size):
    frame = Frame.filled(size, (90, 100, 110))
    shapes = {plane.shape for plane in frame.small}
    assert len(shapes) == 1
    height, width = shapes.pop()
    assert height <= size[0]
    assert width <= size[1]
    assert [int(plane.mean()) for plane in frame.small] == [90, 100, 110]
