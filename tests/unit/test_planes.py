import ctypes.util

import cv2
import numpy as np
import pytest

from segcam import libyuv
from segcam.libyuv import Libyuv
from segcam.planes import Enlarger, Shrinker, shrink

pytestmark = pytest.mark.usefixtures("either_library")

SIZES = [(720, 1280), (1080, 1920), (480, 640), (360, 640), (90, 160), (46, 82), (45, 81), (7, 5)]


def ramps(size):
    """Brightness that grows evenly to the right, and one that grows evenly downwards."""
    down, across = ((np.arange(side) + 0.5) / side for side in size)
    for ramp in (np.broadcast_to(across, size), np.broadcast_to(down[:, None], size)):
        yield np.ascontiguousarray((16 + 220 * ramp).round().astype(np.uint8))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("source", [(45, 80), (5, 5), (1, 1), (44, 80), (15, 20)])
def test_nothing_moves_when_it_is_enlarged(source, size):
    """What lies at a share of the width or height lies there afterwards, up to the outer pixels."""
    enlarge = Enlarger()
    for small, wanted in zip(ramps(source), ramps(size), strict=True):
        large = np.empty(size, np.uint8)
        enlarge(small, large)
        edge = [-(-big // tiny) for big, tiny in zip(size, source, strict=True)]
        inner = np.s_[edge[0] : size[0] - edge[0], edge[1] : size[1] - edge[1]]
        assert np.abs(large[inner].astype(int) - wanted[inner]).max(initial=0) <= 2


@pytest.mark.parametrize("size", SIZES)
def test_enlarged_it_is_as_smooth_as_opencvs(size):
    rng = np.random.default_rng(0)
    small = cv2.GaussianBlur(rng.integers(0, 256, (45, 80), np.uint8), (0, 0), 2)
    large = np.empty(size, np.uint8)
    Enlarger()(small, large)
    difference = np.abs(cv2.resize(small, size[::-1]).astype(int) - large)
    assert difference.max() <= 6
    assert difference.mean() <= 1


def test_a_part_of_a_picture_is_enlarged_within_its_bounds():
    small = np.full((10, 14), 200, np.uint8)
    large = np.full((40, 56), 7, np.uint8)
    Enlarger()(small[2:5, 3:8], large[8:20, 12:32])
    assert (large[8:20, 12:32] == 200).all()
    large[8:20, 12:32] = 7
    assert (large == 7).all()


def test_an_enlarger_takes_any_sizes_in_turn():
    enlarge = Enlarger()
    for size in SIZES + SIZES[::-1]:
        large = np.empty(size, np.uint8)
        enlarge(np.full((5, 5), 99, np.uint8), large)
        assert (large == 99).all()


@pytest.mark.parametrize("source", SIZES)
@pytest.mark.parametrize("target", [(180, 320), (144, 256), (45, 80)])
def test_nothing_moves_when_it_is_shrunk(source, target):
    if source[0] < target[0]:
        pytest.skip("not smaller")
    for large, wanted in zip(ramps(source), ramps(target), strict=True):
        small = Shrinker(source, target)(large)
        assert np.abs(small.astype(int) - wanted).max() <= 2 + 220 // (2 * min(source))


def test_a_quarter_is_made_of_means():
    rng = np.random.default_rng(1)
    plane = rng.integers(0, 256, (720, 1280), np.uint8)
    means = plane.reshape(180, 4, 320, 4).mean(axis=(1, 3))
    assert np.abs(shrink(plane, (180, 320)) - means).max() <= 1


def test_a_plane_of_the_wanted_size_is_itself():
    plane = np.zeros((45, 80), np.uint8)
    assert shrink(plane, (45, 80)) is plane


@pytest.mark.parametrize("missing", ["the library", "a function", "the way it doubles"])
def test_a_libyuv_that_is_not_as_expected_is_left_alone(missing, monkeypatch):
    if libyuv.LIBYUV is None:
        pytest.skip("libyuv.so.0 is not installed")
    if missing == "the library":
        monkeypatch.setattr(libyuv, "_NAME", "libyuv-of-another-name.so")
    elif missing == "a function":
        monkeypatch.setattr(libyuv, "_NAME", ctypes.util.find_library("c"))
    else:
        monkeypatch.setattr(libyuv, "_FILTER_BOX", 0)  # pixels repeated
    with pytest.raises(OSError, match=r"libyuv|as expected|older"):
        Libyuv()
    assert libyuv._find() is None
