from fractions import Fraction

import av
import numpy as np
import pytest

from segcam.frame import Frame
from segcam.source.decode import CodecDecoder, PlaneReader

SIZE = (48, 64)
COLOR = (120, 90, 170)


def picture(form: str, full: bool = False, color: tuple[int, int, int] = COLOR) -> av.VideoFrame:
    """A plain picture of COLOR (limited range), as a decoder would hand it over."""
    flat = np.empty((SIZE[0] * 3 // 2, SIZE[1]), np.uint8)
    frame = Frame(flat)
    frame.fill(color)
    made = av.VideoFrame.from_ndarray(flat, "yuv420p")
    made.color_range, made.colorspace = 1, 5
    return made.reformat(format=form, dst_colorspace=5, dst_color_range=2 if full else 1)


@pytest.mark.parametrize(
    ("form", "full"),
    [
        ("yuv420p", False),
        ("yuvj420p", True),
        ("yuv422p", False),
        ("yuvj422p", True),
        ("yuvj444p", True),
        ("nv12", False),
        ("yuyv422", False),
        ("uyvy422", False),
        ("yuv420p10le", False),
        ("bgr24", True),
        ("rgb24", True),
    ],
)
def test_every_format_and_range_gives_the_same_color(form, full):
    out = Frame.filled(SIZE, (0, 0, 0))
    PlaneReader().copy(picture(form, full), out)
    for plane, value in zip(out.planes, COLOR, strict=True):
        assert np.abs(plane.astype(int) - value).max() <= 2


def test_limited_planes_are_copied_bit_for_bit():
    noise = np.random.default_rng(1).integers(0, 256, (SIZE[0] * 3 // 2, SIZE[1]), np.uint8)
    out = Frame.empty(SIZE)
    PlaneReader().copy(av.VideoFrame.from_ndarray(noise, "yuv420p"), out)
    assert np.array_equal(out.data, noise)


def test_padded_rows_are_left_out():
    size = (48, 50)  # decoders pad the rows of such a width
    noise = np.random.default_rng(2).integers(0, 256, (72, 50), np.uint8)
    padded = av.VideoFrame(50, 48, "yuv420p")
    for plane, values in zip(padded.planes, Frame(noise).planes, strict=True):
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        rows[:, : plane.width] = values
    out = Frame.empty(size)
    PlaneReader().copy(padded, out)
    assert np.array_equal(out.data, noise)


def test_other_sizes_are_scaled():
    out = Frame.filled((96, 100), (0, 0, 0))
    PlaneReader().copy(picture("yuvj420p", full=True), out)
    assert out.size == (96, 100)
    assert np.abs(out.y.astype(int) - COLOR[0]).max() <= 2


def test_hd_colors_become_bt601():
    red709 = av.VideoFrame.from_ndarray(np.full((48, 64, 3), (255, 0, 0), np.uint8), "rgb24")
    red709 = red709.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1)
    assert red709.colorspace == 1
    out = Frame.empty(SIZE)
    PlaneReader().copy(red709, out)
    assert abs(int(out.y[0, 0]) - 81) <= 2  # BT.601 red; BT.709's is 63


def h264(count: int) -> list[bytes]:
    """Pictures that get brighter, as a camera with an encoder of its own sends them."""
    encoder = av.VideoCodecContext.create("libx264", "w")
    encoder.height, encoder.width = SIZE
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 30)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "1000"}
    packets = []
    for index in range(count):
        made = picture("yuv420p", color=(40 + 10 * index, 90, 170))
        made.pts = index
        packets += map(bytes, encoder.encode(made))
    return packets


def test_h264_comes_out_at_once_and_each_picture_in_its_turn():
    decoder, levels = CodecDecoder("h264"), []
    for data in h264(8):
        out = Frame.empty(SIZE)
        assert decoder.decode(memoryview(data), out)
        levels.append(round(float(out.y.mean())))
    assert levels == pytest.approx([40 + 10 * index for index in range(8)], abs=2)


def test_h264_begins_with_the_first_whole_picture_and_outlives_a_torn_one():
    decoder, packets, out = CodecDecoder("h264"), h264(4), Frame.empty(SIZE)
    assert not decoder.decode(memoryview(b""), out)
    assert not decoder.decode(memoryview(packets[1]), out)
    assert decoder.decode(memoryview(packets[0]), out)
    decoder.decode(memoryview(packets[1][:5]), out)
    assert decoder.decode(memoryview(packets[2]), out)
