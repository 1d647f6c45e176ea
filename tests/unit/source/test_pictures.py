import os
import struct
import sys

import cv2
import numpy as np
import pytest

from segcam.errors import MediaError
from segcam.frame import Frame
from segcam.source.pictures import Pictures, is_picture, picture_files, read_picture


def save(path, size, value=128):
    cv2.imwrite(str(path), np.full((*size, 3), value, np.uint8))
    return path


def test_a_folder_in_order_with_sizes_and_names(tmp_path):
    save(tmp_path / "b.png", (5, 7))
    save(tmp_path / "a.jpg", (8, 6))
    (tmp_path / "notes.txt").write_text("not a picture")
    source = Pictures(picture_files(tmp_path), still=True)
    info = source.open()
    assert info.frames == 2
    assert info.size_varies
    frame = Frame.empty((2, 2))
    seen = []
    while source.read(frame):
        seen.append((source.name_of(frame.id), source.size_of(frame.id), frame.size, frame.cut))
    assert seen == [("a", (8, 6), (8, 6), True), ("b", (5, 7), (6, 8), True)]


def test_pictures_of_one_film_are_no_cuts(tmp_path):
    for name in "abc":
        save(tmp_path / f"{name}.png", (8, 8) if name != "c" else (4, 4))
    source = Pictures(picture_files(tmp_path), still=False)
    source.open()
    frame = Frame.empty((2, 2))
    cuts = []
    while source.read(frame):
        cuts.append(frame.cut)
    assert cuts == [True, False, True], "another size is another video"


def test_exif_orientation_is_obeyed(tmp_path):
    """A JPEG 2 rows by 4 columns, turned by its EXIF orientation 6, is 4 by 2."""
    _, data = cv2.imencode(".jpg", np.zeros((2, 4, 3), np.uint8))
    entry = struct.pack("<HHII", 0x0112, 3, 1, 6)
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0)
    exif = b"Exif\0\0" + tiff
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    path = tmp_path / "turned.jpg"
    path.write_bytes(data.tobytes()[:2] + segment + data.tobytes()[2:])
    assert read_picture(path).shape == (4, 2, 3)


@pytest.mark.parametrize("content", [b"", b"hello, I am text\n", b"\xff\xd8\xff\xe0 torn"])
def test_text_named_jpg_is_told(tmp_path, content):
    path = tmp_path / "fake.jpg"
    path.write_bytes(content)
    with pytest.raises(MediaError) as caught:
        read_picture(path)
    assert "fake.jpg" in caught.value.title


def test_missing_and_empty(tmp_path):
    with pytest.raises(MediaError, match="There is no file"):
        read_picture(tmp_path / "none.png")
    with pytest.raises(MediaError, match="no pictures in"):
        picture_files(tmp_path)
    with pytest.raises(MediaError, match="There is no file"):
        picture_files(tmp_path / "none.png")


def test_one_pixel_and_gray_and_alpha(tmp_path):
    cv2.imwrite(str(tmp_path / "1.png"), np.zeros((1, 1, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "2.png"), np.zeros((3, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "3.png"), np.zeros((3, 3, 4), np.uint8))
    source = Pictures(picture_files(tmp_path), still=True)
    source.open()
    frame = Frame.empty((2, 2))
    sizes = []
    while source.read(frame):
        sizes.append(frame.size)
    assert sizes == [(2, 2), (4, 4), (4, 4)]


def test_pictures_scaled_to_one_size_are_cut_not_squeezed(tmp_path):
    picture = np.zeros((40, 80, 3), np.uint8)
    picture[:, 20:60] = 255
    cv2.imwrite(str(tmp_path / "wide.png"), picture)
    source = Pictures(picture_files(tmp_path), still=True, size=(40, 40))
    info = source.open()
    assert info.size == (40, 40)
    assert not info.size_varies
    frame = Frame.empty((2, 2))
    assert source.read(frame)
    assert source.size_of(0) == (40, 40)
    assert frame.y.min() > 200


def test_pictures_of_one_name_are_known(tmp_path):
    for name in ("a.png", "b.png", "b.jpg"):
        save(tmp_path / name, (4, 4))
    source = Pictures(picture_files(tmp_path), still=True)
    assert source.namesakes == ["b.jpg", "b.png"]
    assert Pictures([tmp_path / "a.png"], still=True).namesakes == []
    assert source.folder == tmp_path


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' names are Unicode")
@pytest.mark.parametrize("ending", ["mp4", "png", "unknown"])
def test_names_that_are_not_utf_8_are_looked_at_by_their_content(tmp_path, ending):
    """OpenCV crashes on such a name."""
    picture = tmp_path / (os.fsdecode(b"caf\xe9.") + ending)
    picture.write_bytes(cv2.imencode(".png", np.zeros((4, 6, 3), np.uint8))[1].tobytes())
    clip = picture.with_name(f"clip {picture.name}")
    clip.write_bytes(b"no picture at all" * 9)
    assert is_picture(picture)
    assert is_picture(clip) == (ending == "png")
    assert picture in picture_files(tmp_path)
