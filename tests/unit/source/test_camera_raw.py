import numpy as np
import pytest

from segcam import libyuv
from segcam.frame import Frame
from segcam.source import raw
from segcam.source.pixels import AV_FORMATS
from segcam.source.raw import RawDecoder

SIZE = (8, 16)
Y, U, V = 120, 90, 170
PADDING = 6

# One sample of each format's planes: bytes of a repeating unit, and how many columns and rows of
# the picture it covers.
LAYOUTS = {
    "YUYV": [([Y, U, Y, V], 2, 1)],
    "UYVY": [([U, Y, V, Y], 2, 1)],
    "YVYU": [([Y, V, Y, U], 2, 1)],
    "YU12": [([Y], 1, 1), ([U], 2, 2), ([V], 2, 2)],
    "YV12": [([Y], 1, 1), ([V], 2, 2), ([U], 2, 2)],
    "422P": [([Y], 1, 1), ([U], 2, 1), ([V], 2, 1)],
    "NV12": [([Y], 1, 1), ([U, V], 2, 2)],
    "NV21": [([Y], 1, 1), ([V, U], 2, 2)],
    "NV16": [([Y], 1, 1), ([U, V], 2, 1)],
    "RGB3": [([255, 0, 0], 1, 1)],
    "BGR3": [([0, 0, 255], 1, 1)],
    "RGBP": [([0x00, 0xF8], 1, 1)],
    "GREY": [([Y], 1, 1)],
}


def picture(fourcc: str, padding: int) -> tuple[bytes, int]:
    """A plain picture in a camera's layout, and its first plane's bytes per line."""
    data, lines = b"", []
    for unit, columns, rows in LAYOUTS[fourcc]:
        row = bytes(unit) * (SIZE[1] // columns)
        lines.append(len(row))
        pad = padding * len(row) // lines[0]  # smaller planes are padded in proportion
        data += (row + b"\xff" * pad) * (SIZE[0] // rows)
    return data, lines[0] + padding


def test_every_format_has_a_layout_here():
    assert LAYOUTS.keys() == AV_FORMATS.keys()


@pytest.mark.usefixtures("either_library")
@pytest.mark.parametrize("padding", [0, PADDING])
@pytest.mark.parametrize("fourcc", LAYOUTS)
def test_every_format_keeps_its_colors(fourcc, padding):
    data, line = picture(fourcc, padding)
    decoder = RawDecoder(fourcc, SIZE, line, full_range=False, bt709=False)
    out = Frame.filled(SIZE, (0, 0, 0))
    assert decoder.decode(memoryview(data), out)
    red = dict.fromkeys(["RGB3", "BGR3", "RGBP"], (81, 90, 240))
    wanted = {**red, "GREY": (Y, 128, 128)}.get(fourcc, (Y, U, V))
    tolerance = 4 if fourcc == "RGBP" else 2  # 5 bits of red
    for plane, value in zip(out.planes, wanted, strict=True):
        assert np.abs(plane.astype(int) - value).max() <= tolerance


@pytest.mark.parametrize("padding", [0, PADDING])
@pytest.mark.parametrize("size", [(8, 16), (90, 162)])
@pytest.mark.parametrize("fourcc", libyuv.UNPACKED)
def test_libyuv_gives_what_swscale_gives(fourcc, size, padding, monkeypatch):
    if raw.LIBYUV is None:
        pytest.skip("libyuv.so.0 is not installed")
    height, width = size
    line = padding + (2 * width if LAYOUTS[fourcc][0][1] == 2 else width)
    noise = np.random.default_rng(3).integers(0, 256, 2 * line * (height + 1), np.uint8)
    found = []
    for library in (raw.LIBYUV, None):
        monkeypatch.setattr(raw, "LIBYUV", library)
        out = Frame.filled(SIZE, (0, 0, 0))
        decoder = RawDecoder(fourcc, size, line, full_range=False, bt709=False)
        assert decoder.decode(memoryview(noise), out)
        found.append(out.data)
    assert np.abs(found[0].astype(int) - found[1]).max() <= 1


def test_planes_that_do_not_fit_are_never_written_to():
    if raw.LIBYUV is None:
        pytest.skip("libyuv.so.0 is not installed")
    out, y, chroma = Frame.empty((8, 16)), np.zeros((8, 16), np.uint8), np.zeros((4, 16), np.uint8)
    raw.LIBYUV.unpack("NV12", [y, chroma], out.planes)
    for planes in ([y, chroma[:3]], [y], [y[:, :14], chroma], [y, chroma, chroma]):
        with pytest.raises(ValueError, match="does not fit"):
            raw.LIBYUV.unpack("NV12", planes, out.planes)


def test_full_range_is_converted():
    data, line = picture("YUYV", 0)
    out = Frame.empty(SIZE)
    decoder = RawDecoder("YUYV", SIZE, line, full_range=True, bt709=False)
    assert decoder.decode(memoryview(data), out)
    assert abs(int(out.y[0, 0]) - (16 + Y * 219 / 255)) <= 1


def test_grey_is_full_range_whatever_the_driver_tells():
    out = Frame.empty(SIZE)
    decoder = RawDecoder("GREY", SIZE, SIZE[1], full_range=False, bt709=False)
    assert decoder.decode(memoryview(b"\xff" * (SIZE[0] * SIZE[1])), out)
    assert int(out.y[0, 0]) == 235


def test_a_short_buffer_is_torn():
    data, line = picture("NV12", 0)
    decoder = RawDecoder("NV12", SIZE, line, full_range=False, bt709=False)
    out = Frame.empty(SIZE)
    assert not decoder.decode(memoryview(data[:-1]), out)
    assert decoder.decode(memoryview(data), out)
