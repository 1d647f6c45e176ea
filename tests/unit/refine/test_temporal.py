import numpy as np
import pytest

from segcam.box import Box
from segcam.refine.temporal import CALM_RATE, Smoother

RNG = np.random.default_rng(0)


def still(value=100.0):
    return np.full((3, 45, 80), value, np.float32)


def trembling():
    return np.clip(0.5 + RNG.normal(0, 0.1, (90, 160)), 0, 1).astype(np.float32)


def test_a_trembling_matte_calms_where_the_picture_stands_still():
    smoother, given, calm = Smoother(trembling(), still()), [], []
    for _ in range(60):
        given.append(trembling())
        picture = still() + RNG.normal(0, 0.5, (3, 45, 80)).astype(np.float32)
        calm.append(smoother.smooth(given[-1], picture).copy())
    assert np.abs(np.diff(calm[20:], axis=0)).mean() < np.abs(np.diff(given, axis=0)).mean() / 4


def test_where_the_picture_moves_the_newest_matte_counts_alone():
    smoother = Smoother(np.zeros((90, 160), np.float32), still())
    picture = still()
    picture[0, :, 40:] += 30
    new = smoother.smooth(np.ones((90, 160), np.float32), picture)
    assert (new[:, 84:] == 1).all()
    assert (new[:, :70] < 0.5).all()


@pytest.mark.parametrize("plane", [0, 1, 2])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_change_of_any_colour_is_movement(plane, sign):
    smoother = Smoother(np.zeros((90, 160), np.float32), still())
    picture = still()
    picture[plane] += sign * 20
    assert (smoother.smooth(np.ones((90, 160), np.float32), picture) == 1).all()


def test_slow_movement_is_not_missed():
    """Each step is below the noise, but the average still knows where it began."""
    smoother = Smoother(np.zeros((90, 160), np.float32), still())
    for step in range(1, 21):
        new = smoother.smooth(np.full((90, 160), step / 20, np.float32), still(100 + 1.5 * step))
    assert new.min() > 0.85


def test_the_average_reaches_a_matte_that_stays():
    smoother = Smoother(np.zeros((90, 160), np.float32), still())
    for _ in range(60):
        new = smoother.smooth(np.ones((90, 160), np.float32), still())
    assert new.min() > 0.98


def test_a_large_change_of_the_matte_needs_less_movement_to_be_believed():
    smoother = Smoother(np.zeros((90, 160), np.float32), still())
    matte = np.full((90, 160), 0.05, np.float32)
    matte[:, 80:] = 1
    new = smoother.smooth(matte, still(102))
    assert (new[:, 82:] == 1).all()
    assert new[:, :78].max() < 0.01


def test_the_average_holds_where_an_old_and_a_new_box_overlap():
    old, new = Box(0, 0, 360, 640), Box(0, 160, 360, 640)
    smoother = Smoother(np.zeros((90, 160), np.float32), still())
    for _ in range(3):
        smoother.smooth(np.zeros((90, 160), np.float32), still())
    ones = np.ones((90, 160), np.float32)
    moved = smoother.moved(old, new, ones, still())
    matte = moved.smooth(ones, still())
    assert (matte[:, :115] < 0.5).all()
    assert (matte[:, 125:] == 1).all()


def test_a_box_of_another_size_keeps_the_average_in_its_place():
    ramp = np.tile(np.linspace(0, 1, 160, dtype=np.float32), (90, 1))
    old, new = Box(0, 0, 360, 640), Box(0, 320, 180, 320)
    moved = Smoother(ramp, still()).moved(old, new, np.zeros((180, 320), np.float32), still())
    matte = moved.smooth(np.zeros((180, 320), np.float32), still())
    # Only the first step towards zero is taken: the average of the right half, twice as large.
    right = np.linspace(0.5, 1, 320)
    assert np.abs(matte[90, 8:-8] - right[8:-8] * (1 - CALM_RATE)).max() < 0.2
    assert (np.diff(matte[90, 8:-8]) > -1e-3).all()
