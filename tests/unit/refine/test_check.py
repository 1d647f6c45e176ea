import cv2
import numpy as np
import pytest

from segcam.refine.check import shows_more

COARSE, FULL = (144, 256), (720, 1280)


def person(size, shift=0.0, grown=0.0):
    """uint8 (H, W): an ellipse; both arguments as shares of the height."""
    height, width = size
    out = np.zeros(size, np.uint8)
    centre = (width // 2 + round(shift * height), height // 2)
    axes = (round((0.2 + grown) * height), round((0.3 + grown) * height))
    cv2.ellipse(out, centre, axes, 0, 0, 360, 255, cv2.FILLED)
    return out


def coarse(size=COARSE):
    return person(size).astype(np.float32) / 255


@pytest.mark.parametrize("size", [FULL, (480, 640), (1280, 720), (90, 160)])
def test_a_finer_outline_is_believed(size):
    assert not shows_more(person(COARSE) / np.float32(255), person(COARSE))
    fine = cv2.resize(person(FULL, grown=0.03), size[::-1])
    assert not shows_more(coarse(), fine)


def test_less_than_the_coarse_matte_is_no_danger():
    assert not shows_more(np.ones(COARSE, np.float32), np.zeros(FULL, np.uint8))


@pytest.mark.parametrize("value", [13, 128, 255])
def test_everything_is_too_much(value):
    assert shows_more(coarse(), np.full(FULL, value, np.uint8))


def test_another_frames_matte_is_too_much():
    assert shows_more(coarse(), person(FULL, shift=0.4))


@pytest.mark.parametrize("size", [(2, 2), (2, 640), (640, 2), (120, 162)])
@pytest.mark.parametrize("small", [(1, 1), (7, 3), COARSE])
def test_no_size_is_too_small(size, small):
    empty = np.zeros(small, np.float32)
    assert not shows_more(empty, np.zeros(size, np.uint8))
    assert shows_more(empty, np.full(size, 255, np.uint8))


def test_a_person_who_swells_is_too_much():
    assert shows_more(coarse(), person(FULL, grown=0.1))
