import ctypes.util

import cv2
import numpy as np
import pytest

from segcam import libyuv
from segcam.libyuv import Libyuv
from segcam.planes import Enlarger, Shrinker, shrink

pytestmark = pytest.mark.usefixtures("either_library")

SIZES = [(720, 1280), (1080, 1920), (480, 640), (360, 640), (90, 160), (46, 82), (45, 81)]


def ramps(size):
    """Brightness that grows evenly to the right, and one that grows evenly downwards."""
    down, across = ((np.arange(side) + 0.5) / side for side in size)
    for ramp in (np.broadcast_to(across, size), np.broadcast_to(down[:, None], size)):
        yield np.ascontiguousarray((16 + 220 * ramp).round().astype(np.uint8))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("source", [(45, 80), (5, 5), (44, 80), (15, 20)])
def test_nothing_moves_when_it_is_enlarged(source, size):
    """What lies at a share of the width or height lies there afterwards, up to the outer pixels."""
    enlarge = Enlarger()
    for small, wanted in zip(ramps(source), ramps(size), strict=True):
        large = np.empty(size, np.uint8)
        enlarge(small, large)
        edge = [-(-big // tiny) for big, tiny in zip(size, source, strict=True)]
        inner = np.s_[edge[0] : size[0] - edge[0], edge[1] : size[1] - edge[1]]
        assert large[inner].size
        assert np.abs(large[inner].astype(int) - wanted[inner]).max() <= 2


@pytest.mark.parametrize("size", [(720, 1280), (1080, 1920), (360, 640), (90, 160)])
def test_enlarged_twice_it_is_much_the_same_as_at_once(size):
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


@pytest.mark.parametrize("source", [(720, 1280), (1080, 1920), (480, 640), (360, 640)])
@pytest.mark.parametrize("target", [(180, 320), (144, 256), (90, 160), (45, 80)])
def test_nothing_moves_when_it_is_shrunk(source, target):
    """A half-white picture stays half-white, to a tenth of a pixel, both ways."""
    for axis in (0, 1):
        large = np.zeros(source, np.uint8)
        large[np.s_[source[0] // 2 :] if axis == 0 else np.s_[:, source[1] // 2 :]] = 255
        lines = Shrinker(source, target)(large).mean(axis=1 - axis) / 255
        assert abs(lines.sum() - target[axis] / 2) <= 0.1
        assert (np.diff(lines) >= 0).all()


@pytest.mark.parametrize("part", [2, 4, 8])
def test_a_part_is_made_of_means(part):
    rng = np.random.default_rng(1)
    plane = rng.integers(0, 256, (720, 1280), np.uint8)
    means = plane.reshape(720 // part, part, 1280 // part, part).mean(axis=(1, 3))
    assert np.abs(shrink(plane, means.shape) - means).max() <= 1.5


@pytest.mark.parametrize("axis", [0, 1])
def test_one_side_alone_is_halved_by_means(axis):
    plane = np.random.default_rng(2).integers(0, 256, (360, 392), np.uint8)
    size = (180, 392) if axis == 0 else (360, 196)
    halved = shrink(plane, size)
    pairs = plane.reshape(180, 2, 392) if axis == 0 else plane.reshape(360, 196, 2)
    assert np.abs(halved - pairs.mean(axis=1 if axis == 0 else 2)).max() <= 0.5


def test_a_side_too_long_for_libyuv_is_opencvs():
    plane = np.zeros((4, 2**15 + 4), np.uint8)
    plane[:, -4:] = 255
    assert shrink(plane, (1, 2**13 + 1))[0, -2:].tolist() == [0, 255]


@pytest.mark.parametrize("out", [(9, 16), (5, 8), (36, 64), (20, 33)])
def test_libyuv_refuses_what_it_would_do_otherwise(out):
    if libyuv.LIBYUV is None:
        pytest.skip("libyuv.so.0 is not installed")
    plane = np.zeros((9, 16), np.uint8)
    with pytest.raises(ValueError, match="does not become"):
        libyuv.LIBYUV.scale(plane, np.zeros(out, np.uint8))
    with pytest.raises(ValueError, match="differ"):
        libyuv.LIBYUV.blend(plane, plane, np.zeros((9, 15), np.uint8))
    with pytest.raises(ValueError, match="bytes"):
        libyuv.LIBYUV.blend(plane, plane.T.copy().T, plane)


def test_a_plane_of_the_wanted_size_is_itself():
    plane = np.zeros((45, 80), np.uint8)
    assert shrink(plane, (45, 80)) is plane


@pytest.mark.parametrize("missing", ["the library", "a function", "the way it doubles", "heights"])
def test_a_libyuv_that_is_not_as_expected_is_left_alone(missing, monkeypatch):
    if libyuv.LIBYUV is None:
        pytest.skip("libyuv.so.0 is not installed")
    if missing == "the library":
        monkeypatch.setattr(libyuv, "_NAME", "libyuv-of-another-name.so")
    elif missing == "a function":
        monkeypatch.setattr(libyuv, "_NAME", ctypes.util.find_library("c"))
    elif missing == "heights":
        scale = Libyuv.scale

        def repeat(self, plane, out):
            if out.shape[1] == plane.shape[1]:
                out[:] = plane[::2]
            else:
                scale(self, plane, out)

        monkeypatch.setattr(Libyuv, "scale", repeat)
    else:
        monkeypatch.setattr(libyuv, "_FILTER_BOX", 0)  # pixels repeated
    with pytest.raises(OSError, match=r"libyuv|as expected|older"):
        Libyuv()
    assert libyuv._find() is None
