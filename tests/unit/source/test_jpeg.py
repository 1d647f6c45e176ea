import cv2
import numpy as np
import pytest

from segcam.frame import Frame
from segcam.source import jpeg, turbojpeg
from segcam.source.decode import CodecDecoder
from segcam.source.jpeg import JpegDecoder

SIZE = (48, 64)
SAMPLING = {
    "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "4:2:2": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    "4:4:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440,
    "4:1:1": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411,
}
CLOSE = 2
"""Levels: two decoders round the transform and the range each in their own way."""


def encoded(
    sampling: str = "4:2:2",
    size: tuple[int, int] = SIZE,
    quality: int = 90,
    progressive: int = 0,
    seed: int = 0,
) -> bytes:
    """A picture with every kind of content: a slope, an edge, noise."""
    height, width = size
    slope = np.add.outer(np.arange(height) * 2.0, np.arange(width)) % 256
    noise = np.random.default_rng(seed).normal(0, 20, (height, width, 3))
    bgr = np.clip(slope[:, :, None] + noise, 0, 255)
    bgr[: height // 2, : width // 2] = (200, 30, 90)
    options = {
        cv2.IMWRITE_JPEG_QUALITY: quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR: SAMPLING[sampling],
        cv2.IMWRITE_JPEG_PROGRESSIVE: progressive,
    }
    return cv2.imencode(".jpg", bgr.astype(np.uint8), [n for kv in options.items() for n in kv])[
        1
    ].tobytes()


def grey() -> bytes:
    picture = np.arange(SIZE[0] * SIZE[1], dtype=np.uint8).reshape(SIZE)
    return cv2.imencode(".jpg", picture)[1].tobytes()


def by(decoder: JpegDecoder | CodecDecoder, data: bytes, size: tuple[int, int] = SIZE) -> Frame:
    out = Frame.filled(size, (1, 2, 3))
    assert decoder.decode(memoryview(data), out)
    return out


def furthest(one: Frame, other: Frame) -> int:
    assert one.size == other.size
    return int(np.abs(one.data.astype(int) - other.data).max())


@pytest.fixture(params=["libjpeg-turbo", "FFmpeg"])
def decoder(request, monkeypatch):
    """A decoder with libjpeg-turbo, and one as where that is missing."""
    if request.param == "FFmpeg":
        monkeypatch.setattr(jpeg, "find_turbojpeg", lambda: None)
    elif turbojpeg.find_turbojpeg() is None:
        pytest.skip("libturbojpeg.so.0 is not installed")
    return JpegDecoder()


@pytest.fixture
def no_codec(monkeypatch):
    """FFmpeg takes nothing: what is decoded is libjpeg-turbo's."""
    if turbojpeg.find_turbojpeg() is None:
        pytest.skip("libturbojpeg.so.0 is not installed")
    monkeypatch.setattr(CodecDecoder, "decode", lambda *_: False)


@pytest.mark.parametrize("size", [SIZE, (1080 // 4, 480), (50, 70), (2, 2)])
@pytest.mark.parametrize("quality", [20, 75, 95, 100])
@pytest.mark.parametrize("sampling", SAMPLING)
def test_both_decoders_agree(decoder, sampling, quality, size):
    data = encoded(sampling, size, quality)
    codec = CodecDecoder("mjpeg", strict=True)
    assert furthest(by(decoder, data, size), by(codec, data, size)) <= CLOSE


@pytest.mark.parametrize("sampling", ["4:2:2", "4:2:0"])
def test_usual_pictures_do_not_need_ffmpeg(sampling, no_codec):
    by(JpegDecoder(), encoded(sampling))


@pytest.mark.parametrize("data", [encoded(progressive=1), grey(), encoded(size=(46, 62))])
def test_unusual_pictures_are_right_as_well(decoder, data):
    assert furthest(by(decoder, data), by(CodecDecoder("mjpeg", strict=True), data)) <= CLOSE


@pytest.mark.parametrize("size", [(47, 63), (90, 160)])
def test_a_picture_of_another_size_gives_the_frame_its_own(decoder, size):
    out = by(decoder, encoded(size=size), SIZE)
    assert out.size == (size[0] + size[0] % 2, size[1] + size[1] % 2)


def test_limited_range_is_kept_where_the_camera_says_so(decoder):
    comment = b"\xff\xfe" + (2 + len(b"CS=ITU601")).to_bytes(2, "big") + b"CS=ITU601"
    data = encoded()
    plain = by(decoder, data)
    marked = by(decoder, data[:2] + comment + data[2:])
    assert np.abs(plain.y - (16 + marked.y * (219 / 255))).max() <= CLOSE


@pytest.mark.parametrize("torn", [b"", b"no picture", encoded()[:900], encoded()[:-300]])
def test_torn_pictures_are_refused_and_the_next_is_whole(decoder, torn):
    out = Frame.empty(SIZE)
    assert not decoder.decode(memoryview(torn), out)
    assert decoder.decode(memoryview(encoded(seed=1)), out)


@pytest.mark.parametrize("sampling", ["4:2:2", "4:2:0"])
def test_a_picture_with_a_piece_lost_on_the_wire_is_refused(decoder, sampling):
    data, out = encoded(sampling, (360, 640)), Frame.empty((360, 640))
    for place in range(700, len(data) - 600, len(data) // 40):
        assert not decoder.decode(memoryview(data[:place] + data[place + 512 :]), out)


def test_frames_of_a_camera_that_only_ffmpeg_understands_are_not_tried_twice(monkeypatch):
    if turbojpeg.find_turbojpeg() is None:
        pytest.skip("libturbojpeg.so.0 is not installed")
    tried = []
    header = turbojpeg.TurboJpeg.header
    monkeypatch.setattr(
        turbojpeg.TurboJpeg, "header", lambda self, data: (tried.append(1), header(self, data))[1]
    )
    decoder, data = JpegDecoder(), encoded("4:4:4")
    for _ in range(40):
        by(decoder, data)
    assert len(tried) < 20


def test_planes_that_do_not_fit_are_never_written_to():
    turbo = turbojpeg.find_turbojpeg()
    if turbo is None:
        pytest.skip("libturbojpeg.so.0 is not installed")
    data = memoryview(encoded())
    header = turbo.header(data)
    y, chroma = np.empty(SIZE, np.uint8), np.empty((48, 32), np.uint8)
    assert turbo.decode(data, header, (y, chroma, chroma.copy()))
    with pytest.raises(ValueError, match="fit"):
        turbo.decode(data, header, (y, chroma[:24], chroma[24:]))
    with pytest.raises(ValueError, match="contiguous"):
        turbo.decode(data, header, (y, chroma, np.empty((48, 64), np.uint8)[:, ::2]))


@pytest.mark.parametrize("name", ["libturbojpeg-of-another-name.so", "libc.so.6"])
def test_a_library_that_is_not_as_expected_is_left_alone(name, monkeypatch):
    monkeypatch.setattr(turbojpeg, "_NAME", name)
    assert turbojpeg.find_turbojpeg() is None
    by(JpegDecoder(), encoded())
