"""Pictures of every format and kind, as a viewer shows them."""

import os
import struct
import subprocess
import sys
import zlib
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from support.clips import frames_of, plain, write_clip

from segcam.errors import MediaError
from segcam.settings import PICTURE_SUFFIXES
from segcam.source.clip import Clip
from segcam.source.picture import read_picture
from segcam.source.pictures import is_picture, picture_files

BLUE, GREEN, RED = 40, 120, 220
COLOR = BLUE, GREEN, RED


def saved(path, pixels):
    assert cv2.imwrite(str(path), pixels)
    return path


READ = sorted(PICTURE_SUFFIXES - {".pgm", ".pbm", ".jp2", ".jfif", ".jpe", ".dib"})


@pytest.mark.parametrize("suffix", READ)
def test_all_listed_formats_are_read(tmp_path, suffix):
    path = saved(tmp_path / f"a{suffix}", np.full((48, 64, 3), COLOR, np.uint8))
    assert np.allclose(read_picture(path), COLOR, atol=8)
    assert is_picture(path)
    assert picture_files(tmp_path) == [path]


@pytest.mark.parametrize("suffix", [".jfif", ".jpe", ".JPG", ".jpg_large", ""])
def test_a_jpeg_of_any_name_is_a_picture(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(cv2.imencode(".jpg", np.full((48, 64, 3), COLOR, np.uint8))[1].tobytes())
    assert is_picture(path)
    assert picture_files(tmp_path) == [path]
    assert np.allclose(read_picture(path), COLOR, atol=8)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_are_eight(tmp_path, suffix, channels):
    level = 120 * 257
    pixels = np.full((48, 64, channels), level, np.uint16)
    if channels == 4:
        pixels[..., 3] = 65535
    assert np.allclose(read_picture(saved(tmp_path / f"a{suffix}", pixels)), 120, atol=1)


@pytest.mark.parametrize("depth", [10, 12])
@pytest.mark.parametrize("channels", [3, 4])
def test_ten_and_twelve_bits_of_avif_are_eight(tmp_path, depth, channels):
    pixels = np.full((48, 64, channels), 120 << (depth - 8), np.uint16)
    if channels == 4:
        pixels[..., 3] = (1 << depth) - 1
    path = tmp_path / "a.avif"
    assert cv2.imwrite(str(path), pixels, [cv2.IMWRITE_AVIF_DEPTH, depth])
    assert np.allclose(read_picture(path), 120, atol=1)


@pytest.mark.parametrize("depth", [10, 12, 16])
def test_ten_to_sixteen_bits_of_jpeg_2000_are_eight(tmp_path, depth):
    picture = av.VideoFrame(64, 64, "gray16le" if depth == 16 else f"gray{depth}le")
    plane = picture.planes[0]
    plane.update(np.full(plane.buffer_size // 2, 120 << (depth - 8), np.uint16).tobytes())
    codec = av.CodecContext.create("jpeg2000", "w")
    codec.width, codec.height, codec.pix_fmt = 64, 64, picture.format.name
    codec.time_base, codec.options = Fraction(1, 25), {"format": "jp2"}
    path = tmp_path / "a.jp2"
    path.write_bytes(b"".join(bytes(packet) for packet in codec.encode(picture) + codec.encode()))
    assert np.allclose(read_picture(path), 120, atol=1)


@pytest.mark.parametrize(("most", "level"), [(100, 47), (1023, 480), (65535, 30840)])
def test_a_netpbm_picture_says_what_white_is(tmp_path, most, level):
    pixels = np.full(12, level, ">u2" if most > 255 else "u1").tobytes()
    path = tmp_path / "a.pgm"
    path.write_bytes(b"P5\n# by hand\n4 3\n%d\n" % most + pixels)
    assert np.allclose(read_picture(path), 120, atol=1)


@pytest.mark.parametrize("head", [b"P5 " + b" " * 10**6, b"P5" + b"#\n" * 10**5, b"P6 1 1 0\n"])
def test_an_endless_netpbm_header_is_refused(tmp_path, head):
    path = tmp_path / "a.pgm"
    path.write_bytes(head)
    with pytest.raises(MediaError):
        read_picture(path)


def test_a_jpeg_in_print_colors_is_read(tmp_path):
    """CMYK as Adobe writes it: inverted. FFmpeg and OpenCV write none, so this one is by hand."""
    path = tmp_path / "cmyk.jpg"
    path.write_bytes(cmyk_jpeg(cyan=0, magenta=255, yellow=255, black=0))
    blue, green, red = read_picture(path)[4, 4]
    assert red > 200
    assert max(blue, green) < 60


def cmyk_jpeg(cyan, magenta, yellow, black):
    """8x8 pixels of one colour: four components, whose blocks have nothing but a mean."""
    tables = b"\xff\xdb\x00\x43\x00" + bytes([8] * 64)
    frame = b"\xff\xc0\x00\x14\x08\x00\x08\x00\x08\x04" + b"".join(
        bytes([index, 0x11, 0]) for index in (1, 2, 3, 4)
    )
    lengths = bytes([0, 0, 0, 12] + [0] * 12)  # twelve codes of 4 bits
    dc = b"\xff\xc4\x00\x1f\x00" + lengths + bytes(range(12))
    ac = b"\xff\xc4\x00\x14\x10" + bytes([1] + [0] * 15) + b"\x00"  # "0": end of block
    scan = b"\xff\xda\x00\x0e\x04" + bytes([1, 0, 2, 0, 3, 0, 4, 0]) + b"\x00\x3f\x00"
    bits = ""
    for ink in (cyan, magenta, yellow, black):
        value = (255 - ink) - 128  # inverted; DC of a flat block is 8 times its level, over 8
        length = abs(value).bit_length()
        bits += f"{length:04b}"
        if length:
            bits += f"{value if value > 0 else value + (1 << length) - 1:0{length}b}"
        bits += "0"
    bits += "1" * (-len(bits) % 8)
    data = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
    data = data.replace(b"\xff", b"\xff\x00")
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
    return b"\xff\xd8" + adobe + tables + frame + dc + ac + scan + data + b"\xff\xd9"


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tiff", ".avif"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_what_is_transparent_never_shows_the_color_under_it(tmp_path, suffix, kind):
    if kind is np.uint16 and suffix in (".webp", ".avif"):
        pytest.skip("has 8 bits")
    most = np.iinfo(kind).max
    pixels = np.zeros((64, 128, 4), kind)
    pixels[:, :64] = np.array((*COLOR, 255)) * (most // 255)
    pixels[:, 64:] = (most, 0, most, 0)
    picture = read_picture(saved(tmp_path / f"a{suffix}", pixels))
    assert np.allclose(picture[:, :56], COLOR, atol=8)
    assert picture[:, 66:].max() <= 8


def test_a_transparent_entry_of_a_palette_is_black(tmp_path):
    path = write_clip(tmp_path / "a.gif", [plain((48, 64), (255, 0, 255), "bgr8")], "gif", 10)
    data = bytearray(path.read_bytes())
    palette = np.frombuffer(bytes(data[13 : 13 + 768]), np.uint8).reshape(-1, 3).astype(int)
    at = data.index(b"\x21\xf9\x04")
    data[at + 3] |= 1
    data[at + 6] = int(np.abs(palette - (255, 0, 255)).sum(axis=1).argmin())
    path.write_bytes(data)
    assert read_picture(path).max() == 0


def exif(orientation):
    entry = struct.pack("<HHII", 0x0112, 3, 1, orientation)
    return b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0)


def with_exif(pixels, suffix, orientation):
    data = cv2.imencode(suffix, pixels)[1].tobytes()
    if suffix == ".jpg":
        block = b"Exif\0\0" + exif(orientation)
        return data[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + data[2:]
    return data[:33] + chunk(b"eXIf", exif(orientation)) + data[33:]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("suffix", "channels"), [(".jpg", 3), (".png", 3), (".png", 4)])
def test_pictures_taken_in_any_position_are_upright(tmp_path, orientation, suffix, channels):
    """The file holds what the camera saw; turned as the orientation says, it is this."""
    upright = np.zeros((48, 96, channels), np.uint8)
    upright[:24, :48], upright[:24, 48:] = 40, 90
    upright[24:, :48], upright[24:, 48:] = 140, 200
    if channels == 4:
        upright[..., 3] = 255
    in_file = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.swapaxes(0, 1),
        6: np.rot90(upright),
        7: upright[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(upright, -1),
    }[orientation]
    path = tmp_path / f"a{suffix}"
    path.write_bytes(with_exif(np.ascontiguousarray(in_file), suffix, orientation))
    assert np.allclose(read_picture(path)[::4, ::4], upright[::4, ::4, :3], atol=10)


@pytest.mark.parametrize("brand", [b"heic", b"mif1"])
@pytest.mark.parametrize("name", ["IMG_1.HEIC", "IMG_1.jpg", "IMG_1"])
def test_heic_is_told_in_its_own_words(tmp_path, brand, name):
    path = tmp_path / name
    path.write_bytes(struct.pack(">I", 28) + b"ftyp" + brand + b"\0\0\0\0mif1heicmiaf" + bytes(400))
    assert is_picture(path)
    for read in (read_picture, lambda path: Clip(path).open()):
        with pytest.raises(MediaError, match="is a HEIC picture") as caught:
            read(path)
        assert "JPEG" in caught.value.hint


@pytest.mark.parametrize("suffix", [".jxl", ".exr", ".TGA"])
def test_a_picture_of_a_kind_that_is_not_read_is_told_as_that(tmp_path, suffix):
    path = tmp_path / f"me{suffix}"
    path.write_bytes(b"\0\1\2" * 99)
    with pytest.raises(MediaError, match="Save it as JPEG or PNG"):
        is_picture(path)


def test_damaged_pictures_are_told_by_segcam_alone(tmp_path, capfd):
    path = tmp_path / "me.jp2"
    cv2.imwrite(str(path), np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(MediaError, match="cannot be read as a picture"):
        read_picture(path)
    assert capfd.readouterr().err == ""


def test_a_folder_leaves_no_picture_out_silently(tmp_path, caplog):
    pixels = np.zeros((4, 4, 3), np.uint8)
    names = ["1.jfif", "2.gif", "3.avif", "4.PNG", "5.tif", "6"]
    for name in names:
        form = {"1.jfif": ".jpg", "6": ".jpg"}.get(name, name[1:].lower())
        (tmp_path / name).write_bytes(cv2.imencode(form, pixels)[1].tobytes())
    for name in ("7.heic", "8.CR2", "notes.txt", "._1.jpg"):
        (tmp_path / name).write_text("not a picture that is read")
    os.mkfifo(tmp_path / "9.png")
    assert [file.name for file in picture_files(tmp_path)] == names
    assert "7.heic, 8.CR2" in caplog.text
    assert "notes.txt" not in caplog.text


def png_bomb(side):
    """Black, one bit a pixel."""
    press = zlib.compressobj(9)
    rows = press.compress(bytes(1 + side // 8) * side) + press.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def jpeg_bomb(side):
    data = bytearray(cv2.imencode(".jpg", np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", side, side)
    return bytes(data)


def gif_bomb(side):
    data = bytearray(cv2.imencode(".gif", np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    data[6:10] = struct.pack("<HH", side, side)
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "make"), [("a.png", png_bomb), ("a.jpg", jpeg_bomb), ("a.gif", gif_bomb)]
)
def test_a_picture_that_claims_a_giant_size_takes_no_memory(tmp_path, name, make):
    path = tmp_path / name
    path.write_bytes(make(30_000))
    assert path.stat().st_size < 200_000
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from segcam.errors import MediaError; from segcam.source.picture import read_picture\n"
        "def most_kb(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = most_kb()\n"
        "for least in (None, (720, 1280)):\n"
        "    try: print('read', read_picture(Path(sys.argv[1]), least).shape)\n"
        "    except MediaError as error: print(error)\n"
        "print(most_kb() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    *verdicts, grown_kb = done.stdout.splitlines()
    assert all("is too large" in verdict for verdict in verdicts)
    assert all("Save a smaller copy" in verdict for verdict in verdicts)
    assert int(grown_kb) < 50_000


@pytest.mark.parametrize("size", [(3000, 4000), (4000, 3000), (500, 700)])
def test_a_large_jpeg_comes_smaller_where_that_is_enough(tmp_path, size):
    path = saved(tmp_path / "a.jpg", np.full((*size, 3), COLOR, np.uint8))
    small = read_picture(path, least=(360, 640))
    assert min(small.shape[0] / 360, small.shape[1] / 640) >= 1 or small.shape[:2] == size
    assert small.size <= read_picture(path).size / 4 or small.shape[:2] == size
    assert small.shape[0] / small.shape[1] == pytest.approx(size[0] / size[1], rel=0.01)
    assert np.allclose(small, COLOR, atol=8)


def animated(path):
    pictures = [plain((48, 64), (g, g, g), form_of(path)) for g in (20, 120, 220)]
    codec = {".gif": "gif", ".apng": "apng", ".webp": "libwebp_anim"}[path.suffix]
    return write_clip(path, pictures, codec, 10, {})


def form_of(path):
    return {".gif": "bgr8", ".apng": "rgb24", ".webp": "yuva420p"}[path.suffix]


@pytest.mark.parametrize("suffix", [".gif", ".apng", ".webp"])
def test_pictures_that_move_are_clips_and_in_folders_their_first(tmp_path, suffix):
    made = animated(tmp_path / f"a{suffix}")
    path = made.rename(tmp_path / f"a{'.png' if suffix == '.apng' else suffix}")
    assert not is_picture(path)
    assert picture_files(tmp_path) == [path]
    assert read_picture(path).mean() == pytest.approx(20, abs=10)  # palettes dither


def test_jpeg_pictures_one_after_the_other_are_a_clip(tmp_path):
    path = tmp_path / "film.mjpeg"
    done, picture = cv2.imencode(".jpg", np.zeros((48, 64, 3), np.uint8))
    assert done
    path.write_bytes(3 * picture.tobytes())
    assert not is_picture(path)
    assert len(frames_of(Clip(path))) == 3


def test_a_gif_of_one_picture_is_a_picture(tmp_path):
    path = write_clip(tmp_path / "a.gif", [plain((48, 64), (200, 0, 0), "bgr8")], "gif", 10)
    assert is_picture(path)
