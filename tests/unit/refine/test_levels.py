import cv2
import numpy as np
import pytest

from segcam.planes import Enlarger
from segcam.refine.levels import Levels

pytestmark = pytest.mark.usefixtures("either_library")


def disc(size, centre, radius, blur=2.0):
    matte = np.zeros(size, np.uint8)
    cv2.circle(matte, centre, radius, 255, -1)
    return cv2.GaussianBlur(matte, (0, 0), blur).astype(np.float32) / 255


def whole(matte, size):
    """The same curve without taking shortcuts."""
    full = np.empty(size, np.uint8)
    Enlarger()(np.rint(np.clip(matte, 0, 1) * 255).astype(np.uint8), full)
    return np.clip((full.astype(int) - 64) * 2, 0, 255)


@pytest.mark.parametrize("size", [(720, 1280), (1080, 1920), (1440, 2560), (540, 960), (767, 1366)])
@pytest.mark.parametrize(
    ("centre", "radius"),
    [
        ((160, 90), 40),
        ((0, 0), 60),
        ((160, 180), 90),
        ((319, 90), 30),
        ((160, 90), 400),
        ((5, 5), 1),
        ((0, 2), 2),
    ],
)
def test_the_box_changes_nothing(size, centre, radius):
    matte = disc((180, 320), centre, radius)
    out = np.full(size, 99, np.uint8)
    Levels().write(matte.copy(), out)
    np.testing.assert_array_equal(out, whole(matte, size))


def test_half_opacity_stays_and_the_rest_moves_away_from_it():
    ramp = np.repeat(np.linspace(0, 1, 256, dtype=np.float32)[None], 4, axis=0)
    out = np.empty((4, 256), np.uint8)
    Levels().write(ramp.copy(), out)
    assert out[0, 128] == 128
    assert (out[:, :65] == 0).all()
    assert (out[:, 192:] == 255).all()
    assert (np.diff(out[0].astype(int)) >= 0).all()
