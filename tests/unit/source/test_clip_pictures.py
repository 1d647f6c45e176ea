"""How the pictures of a clip look."""

import struct
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from support.clips import add_film, color_at, frames_of, plain, planes, write_clip

from segcam.frame import Frame
from segcam.media import create_media
from segcam.source.clip import Clip
from segcam.source.tonemap import HLG, PQ

ORANGE = (220, 120, 40)


def weights(matrix):
    """Of red and blue in luma."""
    return {"601": (0.299, 0.114), "709": (0.2126, 0.0722), "2020": (0.2627, 0.0593)}[matrix]


def encoded(rgb, matrix, full=False, bits=8):
    """(Y, U, V) of (R, G, B) in 0..255."""
    red_part, blue_part = weights(matrix)
    r, g, b = (value / 255 for value in rgb)
    y = red_part * r + (1 - red_part - blue_part) * g + blue_part * b
    u, v = (b - y) / 2 / (1 - blue_part), (r - y) / 2 / (1 - red_part)
    unit = 1 << (bits - 8)
    if full:
        return tuple(round(value * (256 * unit - 1)) for value in (y, u + 0.5, v + 0.5))
    return round(unit * (16 + 219 * y)), *(round(unit * (128 + 224 * c)) for c in (u, v))


def tagged(picture, matrix=2, color_range=0, transfer=2, primaries=2):
    picture.colorspace, picture.color_range = matrix, color_range
    picture.color_trc, picture.color_primaries = transfer, primaries
    return picture


def flat(size, yuv, form="yuv420p"):
    """A picture of one colour; its chroma at half the size."""
    kind = np.uint16 if "10" in form or "12" in form else np.uint8
    half = -(-size[0] // 2), -(-size[1] // 2)
    return planes(
        *(np.full(s, v, kind) for s, v in zip((size, half, half), yuv, strict=True)), form=form
    )


def first_frame(path, **options):
    return frames_of(Clip(path, **options))[0]


TAGS = {"601": 6, "709": 1, "2020": 9, None: 2}


@pytest.mark.parametrize(
    ("size", "matrix", "tag"),
    [
        ((480, 640), "601", None),
        ((720, 960), "709", None),
        ((360, 1280), "709", None),
        ((480, 640), "601", "601"),
        ((720, 960), "601", "601"),
        ((480, 640), "709", "709"),
        ((480, 640), "2020", "2020"),
    ],
)
@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
def test_colors_are_a_player_s(tmp_path, size, matrix, tag, full):
    picture = flat(size, encoded(ORANGE, matrix, full), "yuvj420p" if full else "yuv420p")
    tagged(picture, TAGS[tag], 2 if full else 0)
    frame = first_frame(write_clip(tmp_path / "color.mp4", [picture]))
    assert np.allclose(color_at(frame, 100, 100), ORANGE, atol=4)


@pytest.mark.parametrize(
    ("form", "codec"),
    [
        ("yuv422p", "ffv1"),
        ("yuv444p", "ffv1"),
        ("yuv411p", "ffv1"),
        ("yuv420p10le", "ffv1"),
        ("yuv422p10le", "ffv1"),
        ("yuv444p12le", "ffv1"),
        ("gbrp10le", "ffv1"),
        ("gbrp16le", "ffv1"),
        ("bgra", "ffv1"),
        ("nv12", "rawvideo"),
        ("yuyv422", "rawvideo"),
        ("bgr24", "rawvideo"),
        ("rgb565le", "rawvideo"),
    ],
)
@pytest.mark.parametrize("size", [(48, 64), (47, 63)], ids=["even", "odd"])
def test_formats_of_all_kinds_have_the_same_color(tmp_path, form, codec, size):
    if size == (47, 63) and codec == "rawvideo":
        pytest.skip("packed pairs have even sides")
    path = write_clip(tmp_path / "form.nut", [plain(size, ORANGE, form)], codec)
    frame = first_frame(path)
    assert frame.size == (48, 64)
    for place in ((0, 0), (20, 30), (47, 63)):
        assert np.allclose(color_at(frame, *place), ORANGE, atol=7)


@pytest.mark.parametrize("form", ["gray", "gray10le", "gray12le", "gray16le"])
def test_gray_has_no_color(tmp_path, form):
    path = write_clip(tmp_path / "gray.mkv", [plain((48, 64), (90, 90, 90), form)], "ffv1")
    assert np.allclose(color_at(first_frame(path), 20, 20), 90, atol=2)


def test_gray_of_limited_range_is_taken_as_it_says(tmp_path):
    picture = tagged(planes(np.full((48, 64), 235, np.uint8), form="gray"), color_range=1)
    path = write_clip(tmp_path / "gray.mkv", [picture], "ffv1")
    assert abs(int(first_frame(path).y[0, 0]) - 235) <= 1


def test_a_palette_keeps_its_colors(tmp_path):
    path = write_clip(tmp_path / "a.gif", [plain((48, 64), (255, 0, 0), "rgb8")], "gif", 10)
    assert np.allclose(color_at(first_frame(path), 20, 20), (255, 0, 0), atol=4)


@pytest.mark.parametrize(
    ("name", "codec", "form"),
    [
        ("a.apng", "apng", "rgba"),
        ("a.mov", "qtrle", "argb"),
        ("a.mov", "prores_ks", "yuva444p10le"),
        ("a.webm", "libvpx", "yuva420p"),
        ("a.webm", "libvpx-vp9", "yuva420p"),
        ("a.mkv", "ffv1", "yuva420p"),
        ("a.gif", "gif", "bgr8"),
    ],
)
def test_what_is_transparent_never_shows_the_color_under_it(tmp_path, name, codec, form):
    pixels = np.zeros((64, 128, 4), np.uint8)
    pixels[:, :64] = (*ORANGE, 255)
    pixels[:, 64:] = (255, 0, 255, 0)
    path = tmp_path / name
    if codec == "gif":
        colors = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels[..., :3]), "rgb24")
        write_clip(path, [colors.reformat(format=form)], codec, 10)
        make_transparent(path, (255, 0, 255))
    else:
        picture = av.VideoFrame.from_ndarray(pixels, "rgba").reformat(format=form)
        options = {"auto-alt-ref": "0"} if codec == "libvpx" else {}  # its only way with alpha
        write_clip(path, [picture, picture], codec, 10, options=options)
    frame = first_frame(path)
    assert np.allclose(color_at(frame, 30, 20), ORANGE, atol=45 if codec == "gif" else 8)
    for column in (66, 80, 120):  # where the two meet, codecs themselves mix
        assert np.allclose(color_at(frame, 30, column), 0, atol=8), column
    assert np.abs(frame.v[:, 33:].astype(int) - 128).max() <= 4


def make_transparent(gif, rgb):
    """Mark the palette's entry that is nearest to a colour as transparent."""
    data = bytearray(gif.read_bytes())
    palette = np.frombuffer(bytes(data[13 : 13 + 768]), np.uint8).reshape(-1, 3).astype(int)
    at = data.index(b"\x21\xf9\x04")
    data[at + 3] |= 1
    data[at + 6] = int(np.abs(palette - rgb).sum(axis=1).argmin())
    gif.write_bytes(data)


def test_half_transparent_is_half_as_bright(tmp_path):
    pixels = np.full((64, 128, 4), (200, 200, 200, 128), np.uint8)
    picture = av.VideoFrame.from_ndarray(pixels, "rgba")
    path = write_clip(tmp_path / "a.apng", [picture, picture], "apng", 10)
    assert np.allclose(color_at(first_frame(path), 30, 20), 100, atol=3)


def pq(nits):
    """Source: ITU-R BT.2100-2, table 4 (inverse EOTF)."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = (nits / 10_000) ** m1
    return 255 * ((c1 + c2 * power) / (1 + c3 * power)) ** m2


def hlg(nits):
    """Of a gray that a screen of 1,000 nits shows. Source: ITU-R BT.2100-2, table 5."""
    scene = (nits / 1000) ** (1 / 1.2)
    return 255 * (
        np.sqrt(3 * scene)
        if scene <= 1 / 12
        else 0.17883277 * np.log(12 * scene - 0.28466892) + 0.55991073
    )


@pytest.mark.parametrize(("transfer", "curve"), [(PQ, pq), (HLG, hlg)], ids=["PQ", "HLG"])
@pytest.mark.parametrize("form", ["yuv420p10le", "yuv420p", "yuv422p10le", "yuv420p12le"])
def test_hdr_becomes_what_an_ordinary_screen_shows(tmp_path, transfer, curve, form):
    """Grays keep their brightness up to near white; highlights stay apart from it."""
    nits = (0, 2, 20, 60, 120, 203, 400, 1000)
    bits = 12 if "12" in form else 10 if "10" in form else 8
    kind = np.uint8 if bits == 8 else np.uint16
    luma = np.zeros((64, 32 * len(nits)), kind)
    for index, value in enumerate(nits):
        luma[:, 32 * index : 32 * index + 32] = encoded((curve(value),) * 3, "2020", bits=bits)[0]
    chroma = np.full((64 if "422" in form else 32, 16 * len(nits)), 128 << (bits - 8), kind)
    picture = tagged(planes(luma, chroma, chroma, form=form), 9, 1, transfer, 9)
    frame = first_frame(write_clip(tmp_path / "hdr.mkv", [picture], "ffv1"))
    seen = [int(frame.y[30, 32 * index + 16]) for index in range(len(nits))]
    for value, level in zip(nits[:5], seen, strict=False):
        assert level == pytest.approx(16 + 219 * (value / 203) ** (1 / 2.4), abs=5), value
    assert 222 <= seen[5] <= 232, "white paper"
    assert seen[5] < seen[6] < seen[7] <= 236
    assert np.abs(frame.u.astype(int) - 128).max() <= 2


def test_colors_of_hdr_keep_their_hue(tmp_path):
    """BT.709's red at 100 nits, as BT.2020 has it."""
    linear = np.array(
        [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    )
    signal = [pq(100 * value) for value in linear @ (1, 0, 0)]
    picture = flat((64, 64), encoded(signal, "2020", bits=10), "yuv420p10le")
    tagged(picture, 9, 1, PQ, 9)
    r, g, b = color_at(first_frame(write_clip(tmp_path / "r.mkv", [picture], "ffv1")), 30, 30)
    assert r == pytest.approx(255 * (100 / 203) ** (1 / 2.4), abs=6)
    assert max(g, b) < 40


def test_pixels_that_are_not_square_are_stretched(tmp_path):
    luma = np.full((576, 720), 16, np.uint8)
    cv2.circle(luma, (360, 288), 0, 255)
    cv2.ellipse(luma, (360, 288), (90, 128), 0, 0, 360, 235, -1)  # round as 16:9
    half = np.full((288, 360), 128, np.uint8)
    path = write_clip(
        tmp_path / "wide.mp4",
        [planes(luma, half, half)],
        change=lambda s: setattr(s.codec_context, "sample_aspect_ratio", Fraction(64, 45)),
    )
    source = Clip(path)
    assert source.open().size == (576, 1024)
    source.close()
    frame = first_frame(path)
    rows, columns = (np.ptp(np.flatnonzero(frame.y.max(axis=axis) > 128)) for axis in (1, 0))
    assert columns / rows == pytest.approx(1, abs=0.02)
    fitted = first_frame(path, size=(360, 640))
    rows, columns = (np.ptp(np.flatnonzero(fitted.y.max(axis=axis) > 128)) for axis in (1, 0))
    assert columns / rows == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("aspect", [Fraction(8, 9), Fraction(12, 11), Fraction(4, 3)])
def test_every_pixel_aspect_keeps_all_pixels(tmp_path, aspect):
    path = write_clip(
        tmp_path / "clip.mkv",
        [plain((480, 720))],
        change=lambda s: setattr(s.codec_context, "sample_aspect_ratio", aspect),
    )
    height, width = first_frame(path).size
    assert min(height / 480, width / 720) == 1
    assert width / height == pytest.approx(720 * aspect / 480, rel=0.01)


def corners(size=(64, 96)):
    """Each corner a gray of its own."""
    luma = np.zeros(size, np.uint8)
    height, width = size[0] // 2, size[1] // 2
    luma[:height, :width], luma[:height, width:] = 40, 90
    luma[height:, :width], luma[height:, width:] = 140, 200
    half = np.full((height, width), 128, np.uint8)
    return planes(luma, half, half)


def seen_corners(frame):
    top, bottom, left, right = 4, frame.size[0] - 5, 4, frame.size[1] - 5
    places = (top, left), (top, right), (bottom, left), (bottom, right)
    return [round(int(frame.y[place]), -1) for place in places]


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ((1, 0, 0, 1), [40, 90, 140, 200]),
        ((0, 1, -1, 0), [140, 40, 200, 90]),
        ((-1, 0, 0, -1), [200, 140, 90, 40]),
        ((0, -1, 1, 0), [90, 200, 40, 140]),
        ((-1, 0, 0, 1), [90, 40, 200, 140]),
        ((1, 0, 0, -1), [140, 200, 40, 90]),
        ((0, 1, 1, 0), [40, 140, 90, 200]),
    ],
    ids=["as it is", "right", "upside down", "left", "mirrored", "flipped", "transposed"],
)
def test_a_clip_filmed_in_any_position_is_upright(tmp_path, matrix, expected):
    path = write_clip(tmp_path / "turned.mp4", [corners()] * 1)
    a, b, c, d = (value << 16 for value in matrix)
    data = path.read_bytes()
    upright = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    at = data.rindex(upright)
    turned = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data[:at] + turned + data[at + 36 :])
    frame = first_frame(path)
    assert frame.size == ((96, 64) if a == 0 else (64, 96))
    assert seen_corners(frame) == expected


def join(path, *parts):
    """Raw H.264 streams, one after the other: the size changes midway."""
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def test_a_size_that_changes_midway_is_fitted_not_squeezed(tmp_path):
    wide = write_clip(tmp_path / "wide.h264", [plain((90, 160), (200, 200, 200))] * 3)
    tall = write_clip(tmp_path / "tall.h264", [plain((160, 90), (200, 200, 200))] * 3)
    small = write_clip(tmp_path / "small.h264", [plain((36, 64), (200, 200, 200))] * 3)
    frames = frames_of(Clip(join(tmp_path / "joined.h264", wide, tall, small)))
    assert [frame.size for frame in frames] == [(90, 160)] * 9
    assert frames[0].y.min() > 150
    lit = np.flatnonzero(frames[4].y[45] > 100)
    assert np.ptp(lit) + 1 == pytest.approx(90 * 90 / 160, abs=3), (
        "as tall as the frame, in the middle"
    )
    assert lit.mean() == pytest.approx(79.5, abs=2)
    assert frames[7].y.min() > 150, "the same shape fills the frame"
    assert [frame.cut for frame in frames] == [True, False, False] * 3


def jpegs(size, count):
    codec = av.VideoCodecContext.create("mjpeg", "w")
    codec.height, codec.width = size
    codec.pix_fmt, codec.time_base = "yuvj420p", Fraction(1, 25)
    for _ in range(count):
        yield from codec.encode(plain(size, (200, 200, 200), "yuvj420p"))


def test_a_turned_clip_may_change_its_size(tmp_path):
    path = tmp_path / "turned.mov"
    with create_media(path) as output:
        stream = add_film(output, plain((90, 160), form="yuvj420p"), "mjpeg")
        stream.set_display_rotation(90)
        for index, packet in enumerate((*jpegs((90, 160), 2), *jpegs((48, 64), 2))):
            packet.pts = packet.dts = index
            packet.time_base, packet.stream = Fraction(1, 25), stream
            output.mux(packet)
    frames = frames_of(Clip(path))
    assert [frame.size for frame in frames] == [(160, 90)] * 4
    lit = frames[3].y.max(axis=1) > 100
    assert lit.sum() == pytest.approx(90 * 64 / 48, abs=3), "as wide as the frame"


def moving_bar(count, interlaced):
    """A bar that moves between the lines of a picture, when those are filmed one after another."""
    for index in range(count):
        luma = np.full((96, 192), 30, np.uint8)
        for field in (0, 1):
            left = 20 + 12 * index + (6 * field if interlaced else 0)
            luma[field::2, left : left + 40] = 200
        half = np.full((48, 96), 128, np.uint8)
        yield planes(luma, half, half)


def comb(frame):
    """How much each line differs from the mean of its neighbours."""
    y = frame.y[10:-10].astype(int)
    return np.abs(y[1:-1] - (y[:-2] + y[2:]) / 2).mean()


@pytest.mark.parametrize("live", [False, True], ids=["file", "live"])
def test_interlaced_clips_have_no_combs(tmp_path, live):
    options = {"qp": "1", "x264-params": "tff=1:interlaced=1"}
    path = write_clip(tmp_path / "tv.mp4", moving_bar(8, interlaced=True), options=options)
    if live:
        source, frame = Clip(path, live=True), Frame.empty((2, 2))
        source.open()
        for _ in range(3):
            assert source.read(frame)
        source.close()
        assert comb(frame) < 2
        return
    frames = frames_of(Clip(path))
    assert [frame.captured_ns for frame in frames] == [index * 40_000_000 for index in range(8)]
    assert max(map(comb, frames)) < 2
    for index, frame in enumerate(frames):
        assert np.flatnonzero(frame.y[48] > 128).mean() == pytest.approx(39.5 + 12 * index, abs=8)


def test_what_is_not_interlaced_stays_as_sharp_as_it_is(tmp_path):
    pictures = list(moving_bar(5, interlaced=False))
    path = write_clip(tmp_path / "clip.mp4", pictures)
    frames = frames_of(Clip(path))
    assert all(
        np.array_equal(f.data, p.to_ndarray()) for f, p in zip(frames, pictures, strict=True)
    )
