import numpy as np
import pytest

from segcam.composite.blend import Blender
from segcam.frame import Frame
from segcam.planes import shrink

pytestmark = pytest.mark.usefixtures("either_library")

SIZE = (48, 64)


def blend(frame, matte, out, clean_edge):
    halved = shrink(matte, (matte.shape[0] // 2, matte.shape[1] // 2))
    Blender().blend(frame, (matte, halved), out, clean_edge)


@pytest.fixture
def person():
    rng = np.random.default_rng(2)
    frame = Frame.empty(SIZE)
    frame.data[:] = rng.integers(16, 235, frame.data.shape, dtype=np.uint8)
    return frame


@pytest.fixture
def ramp():
    """0 on the left quarter, 255 on the right, a ramp between."""
    columns = np.clip((np.arange(SIZE[1]) - 16) / 32, 0, 1)
    return np.ascontiguousarray(np.broadcast_to(np.uint8(columns * 255), SIZE))


def expected(person, background, matte):
    half = matte.reshape(SIZE[0] // 2, 2, SIZE[1] // 2, 2).mean(axis=(1, 3))
    for index in range(3):
        weight = (half if index else matte.astype(float)) / 255
        p, b = person.planes[index].astype(float), background.planes[index].astype(float)
        yield weight * p + (1 - weight) * b


def test_every_pixel_is_the_weighted_sum(person, ramp):
    out = Frame.filled(SIZE, (145, 54, 34))
    truth = list(expected(person, out, ramp))
    blend(person, ramp, out, clean_edge=False)
    for plane, wanted in zip(out.planes, truth, strict=True):
        assert np.abs(plane - wanted).max() <= 1


def test_clean_areas_are_exact(person, ramp):
    out = Frame.filled(SIZE, (145, 54, 34))
    blend(person, ramp, out, clean_edge=True)
    assert (out.y[:, :16] == 145).all()
    assert np.array_equal(out.y[:, 49:], person.y[:, 49:])
    assert (out.u[:, :8] == 54).all()
    assert np.array_equal(out.v[:, 25:], person.v[:, 25:])


@pytest.mark.parametrize("value", [0, 255])
def test_nobody_and_everybody(person, value):
    out = Frame.filled(SIZE, (145, 54, 34))
    blend(person, np.full(SIZE, value, np.uint8), out, clean_edge=True)
    if value:
        assert np.array_equal(out.data, person.data)
    else:
        assert (out.y == 145).all()


def test_a_green_wall_leaves_no_green_edge():
    """A grey person half-covering a green wall, put before grey: the edge must be grey."""
    wall, grey = (145, 54, 34), (128, 128, 128)
    matte = np.zeros(SIZE, np.uint8)
    matte[:, 32:] = 255
    matte[:, 28:32] = [51, 102, 153, 204]
    frame = Frame.filled(SIZE, wall)
    background = Frame.filled(SIZE, wall)
    person = Frame.filled(SIZE, grey)
    for plane, wanted in zip(frame.planes, expected(person, background, matte), strict=True):
        plane[:] = wanted.round()
    spilled, clean = Frame.filled(SIZE, grey), Frame.filled(SIZE, grey)
    blend(frame, matte, spilled, clean_edge=False)
    blend(frame, matte, clean, clean_edge=True)
    assert np.abs(spilled.v.astype(int) - 128).max() > 15
    assert np.abs(clean.v.astype(int) - 128).max() <= 4
    assert np.abs(clean.u.astype(int) - 128).max() <= 4


@pytest.mark.parametrize("size", [(2, 2), (2, 64), (64, 2), (6, 10)])
def test_smallest_frames(size):
    frame, out = Frame.filled(size, (100, 90, 80)), Frame.filled(size, (16, 128, 128))
    matte = np.full(size, 128, np.uint8)
    matte[0, 0], matte[-1, -1] = 0, 255
    blend(frame, matte, out, clean_edge=True)
    assert out.y[-1, -1] == 100
    assert out.y[0, 0] == 16


def test_beside_the_person_nothing_is_touched(person):
    matte = np.zeros(SIZE, np.uint8)
    matte[11:30, 21:40] = 255
    out = Frame.filled(SIZE, (145, 54, 34))
    blend(person, matte, out, clean_edge=False)
    assert np.array_equal(out.y[11:30, 21:40], person.y[11:30, 21:40])
    assert np.array_equal(out.u[6:15, 11:20], person.u[6:15, 11:20])
    assert (out.y[matte == 0] == 145).all()
    beside = shrink(matte, (SIZE[0] // 2, SIZE[1] // 2)) == 0
    assert (out.v[beside] == 34).all()
