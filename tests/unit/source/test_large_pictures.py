"""Large pictures take less time than at their own size, and look the same."""

import cv2
import numpy as np
import pytest

from segcam.color import bgr_to_frame
from segcam.fit import cover
from segcam.frame import Frame
from segcam.source import avif
from segcam.source.avif import decode_avif
from segcam.source.picture import read_frame, read_picture
from segcam.source.scans import without_last_bits

LEAST = (90, 160)
rng = np.random.default_rng(1)


def photo(size=(400, 600)):
    """Shapes with noise, as a photograph has: BGR uint8."""
    height, width = size
    y, x = np.mgrid[:height, :width]
    shapes = np.dstack([x * 200 / width, y * 200 / height, 120 + 60 * np.sin(x / 17 + y / 23)])
    return np.clip(shapes + rng.normal(20, 6, shapes.shape), 0, 255).astype(np.uint8)


def saved(path, pixels, *options):
    assert cv2.imwrite(str(path), pixels, options)
    return path


def shown(frame):
    out = Frame.empty(LEAST)
    cover(frame, out)
    return out.data.astype(int)


def look_alike(path, mean=2.0):
    """Whether a picture looks as if decoded at its own size."""
    quick, slow = read_frame(path, LEAST), bgr_to_frame(read_picture(path))
    return np.abs(shown(quick) - shown(slow)).mean() < mean


@pytest.mark.parametrize("quality", [50, 95])
def test_the_last_bits_of_a_progressive_jpeg_are_not_decoded(tmp_path, quality):
    options = cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_PROGRESSIVE, 1
    path = saved(tmp_path / "a.jpg", photo(), *options)
    data = path.read_bytes()
    less = without_last_bits(data)
    assert len(less) < 0.7 * len(data)
    assert less == without_last_bits(less)
    assert look_alike(path)


@pytest.mark.parametrize("spoil", [lambda d: d[: len(d) // 2], lambda d: d[:100], lambda d: d[:2]])
def test_a_damaged_jpeg_is_left_to_the_decoder(spoil):
    data = spoil(cv2.imencode(".jpg", photo(), [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes())
    assert without_last_bits(data) is data


def test_an_ordinary_jpeg_stays_as_it_is():
    data = cv2.imencode(".jpg", photo(), [cv2.IMWRITE_JPEG_RST_INTERVAL, 4])[1].tobytes()
    assert without_last_bits(data) == data


def test_a_progressive_jpeg_at_its_own_size_has_all_its_bits(tmp_path):
    path = saved(tmp_path / "a.jpg", photo(), cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    assert np.array_equal(read_picture(path), cv2.imread(str(path)))


@pytest.mark.parametrize(
    ("size", "half"), [((180, 320), False), ((320, 320), True), ((400, 600), True)]
)
def test_a_jpeg_is_halved_only_if_either_orientation_stays_large_enough(tmp_path, size, half):
    path = saved(tmp_path / "a.jpg", photo(size))
    expected = tuple(side // 2 for side in size) if half else size
    assert read_frame(path, LEAST).size == expected


@pytest.mark.parametrize("depth", [8, 10, 12])
def test_an_avif_picture_is_decoded_by_ffmpeg_and_looks_the_same(tmp_path, depth):
    pixels = photo((301, 401))
    if depth > 8:
        pixels = pixels.astype(np.uint16) << (depth - 8)
    path = saved(tmp_path / "a.avif", pixels, cv2.IMWRITE_AVIF_DEPTH, depth)
    frame = decode_avif(path)
    assert frame is not None
    assert frame.size == (302, 402)
    assert look_alike(path)


def test_gray_avif_pictures_are_gray(tmp_path):
    path = saved(tmp_path / "a.avif", np.full((64, 64), 90, np.uint8))
    frame = read_frame(path, LEAST)
    assert set(np.unique(frame.u)) == {128}
    assert look_alike(path)


def test_transparent_avif_pictures_are_left_to_opencv(tmp_path):
    pixels = np.dstack([np.full((64, 64, 3), 200, np.uint8), np.zeros((64, 64), np.uint8)])
    path = saved(tmp_path / "a.avif", pixels)
    assert decode_avif(path) is None
    assert read_frame(path, LEAST).y.max() <= 17, "the hidden colour does not show"


def test_hdr_avif_pictures_are_left_to_opencv(tmp_path, monkeypatch):
    path = saved(tmp_path / "a.avif", photo((64, 64)))
    monkeypatch.setattr(avif, "_SDR", frozenset({16, 18}))
    assert decode_avif(path) is None


def test_what_ffmpeg_cannot_decode_is_left_to_opencv(tmp_path, monkeypatch):
    path = saved(tmp_path / "a.avif", photo((64, 64)))
    monkeypatch.setattr("segcam.media._LIMITS", {"max_pixels": "100"})
    assert decode_avif(path) is None
    assert read_frame(path, LEAST).size == (64, 64)
