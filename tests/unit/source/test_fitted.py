"""Large background pictures appear at once when they were shown before."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.waiting import until

from segcam.backgrounds import fitted
from segcam.errors import MediaError
from segcam.frame import Frame
from segcam.pipeline import library
from segcam.pipeline.library import Preparer, add_background, remove_background
from segcam.source import fitted as source
from segcam.source.fitted import FittedPicture

SIZE = (72, 128)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Where pictures are kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "cache" / "segcam" / "pictures"


def photo(path, shade=100, size=(1200, 1600)):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((*size, 3), shade, np.uint8))
    return path


def show(path, size=SIZE):
    """Read, keep, close."""
    frame, picture = Frame.empty((2, 2)), FittedPicture(path, size)
    assert picture.read(frame)
    picture.keep()
    assert not picture.read(Frame.empty((2, 2)))
    picture.close()
    return frame


@pytest.fixture
def decoded(monkeypatch):
    """The pictures that are really decoded."""
    paths, read = [], source.read_frame
    monkeypatch.setattr(source, "read_frame", lambda p, s: (paths.append(p), read(p, s))[1])
    return paths


def test_a_large_picture_is_decoded_once_and_looks_the_same(tmp_path, decoded):
    path = photo(tmp_path / "a.png")
    frames = [show(path), show(path)]
    assert decoded == [path]
    assert np.array_equal(frames[0].data, frames[1].data)
    assert [frame.size for frame in frames] == [SIZE, SIZE]
    assert show(path, (36, 64)).size == (36, 64)
    assert len(decoded) == 2


def test_it_is_kept_when_it_is_closed(tmp_path, folder):
    picture = FittedPicture(photo(tmp_path / "a.png"), SIZE)
    picture.read(Frame.empty(SIZE))
    picture.close()
    assert until(lambda: folder.is_dir() and list(folder.glob("*.i420")))


def test_a_large_jpeg_that_is_decoded_at_an_eighth_of_its_size_is_kept(
    tmp_path, folder, monkeypatch
):
    path = photo(tmp_path / "a.jpg")
    monkeypatch.setattr(source, "LEAST_BYTES", path.stat().st_size)
    show(path)
    assert len(list(folder.iterdir())) == 1


def test_small_pictures_are_not_kept(tmp_path, folder):
    show(photo(tmp_path / "a.png", size=(720, 1280)))
    assert not folder.exists()


def test_a_changed_picture_is_shown_as_it_is_now_and_takes_the_place_of_the_old(tmp_path, folder):
    path = photo(tmp_path / "a.png", 100)
    old = show(path)
    was = path.stat()
    photo(path, 101)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))  # as some programs do
    new = show(path)
    assert new.y[0, 0] != old.y[0, 0]
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("spoil", [lambda d: b"", lambda d: d[:-1], lambda d: d[:-1] + b"\7"])
def test_what_is_damaged_is_made_again(tmp_path, folder, decoded, spoil):
    path = photo(tmp_path / "a.png")
    good = show(path)
    (kept,) = folder.iterdir()
    kept.write_bytes(spoil(kept.read_bytes()))
    assert np.array_equal(show(path).data, good.data)
    assert len(decoded) == 2


@pytest.mark.parametrize("other", [os.mkfifo, Path.mkdir])
def test_a_pipe_or_folder_in_its_place_stops_nothing(tmp_path, folder, other):
    path = photo(tmp_path / "a.png")
    good = show(path)
    (kept,) = folder.iterdir()
    kept.unlink()
    other(kept)
    assert np.array_equal(show(path).data, good.data)


def test_what_is_gone_is_not_shown_from_memory(tmp_path):
    path = photo(tmp_path / "a.png")
    show(path)
    path.unlink()
    with pytest.raises(MediaError, match="There is no file"):
        show(path)


def test_files_are_private_and_few(tmp_path, folder, monkeypatch):
    count = SIZE[0] * SIZE[1] * 3 // 2 + 4
    monkeypatch.setattr(fitted, "MOST_BYTES", 3 * count)
    for shade in range(5):
        show(photo(tmp_path / f"{shade}.png", shade))
    kept = list(folder.iterdir())
    assert len(kept) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    show(tmp_path / "4.png")
    assert set(folder.iterdir()) == set(kept)


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path, folder):
    folder.parent.parent.write_text("a file in the folder's place")
    assert show(photo(tmp_path / "a.png")).size == SIZE


def test_one_that_is_added_is_ready_and_one_that_is_removed_leaves_nothing(tmp_path, decoded):
    path = photo(tmp_path / "beach.png")
    entry = add_background(path, SIZE)
    assert decoded == [path], "the check of the picture prepares it"
    decoded.clear()
    place = fitted.place_of(Path(entry.path), SIZE)
    show(Path(entry.path))
    assert decoded == []
    assert place.exists()
    remove_background(entry.id)
    assert not place.exists()


def test_a_picture_that_was_shown_before_is_ready_when_it_is_added(tmp_path, decoded):
    path = photo(tmp_path / "beach.png")
    show(path)
    entry = add_background(path, SIZE)
    show(Path(entry.path))
    assert decoded == [path]


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The folder of the user's own backgrounds; none come with SegCam."""
    monkeypatch.setattr("segcam.backgrounds.library.BUNDLED", tmp_path / "none")
    return tmp_path / "data" / "segcam" / "backgrounds"


def prepare(size=SIZE):
    preparer = Preparer(rest=0)
    preparer.start(size)
    preparer.wait()
    return preparer


def test_pictures_that_were_put_into_the_library_by_hand_are_prepared(own, decoded):
    (own / "sub").mkdir(parents=True)
    (own / "broken.png").write_text("no picture")
    paths = [photo(own / f"{name}.png") for name in "ab"]
    photo(own / "small.png", size=(90, 160))
    preparer = prepare()
    decoded.clear()
    for path in paths:
        show(path)
    assert decoded == []
    preparer.start(SIZE)
    preparer.wait()
    assert decoded == [], "each is tried once"


def test_pictures_are_prepared_for_the_size_that_is_shown_now(own):
    path = photo(own / "a.png")
    prepare((36, 64))
    assert fitted.place_of(path, (36, 64)).exists()
    assert not fitted.place_of(path, SIZE).exists()


def test_a_new_size_ends_the_preparing_for_the_old_one(own, monkeypatch):
    paths = [photo(own / f"{name}.png") for name in "ab"]
    preparer, prepare_one = Preparer(rest=0), library._prepare

    def change_size(entry, size):
        preparer.start(SIZE)
        prepare_one(entry, size)

    monkeypatch.setattr(library, "_prepare", change_size)
    preparer.start((36, 64))
    preparer.wait()
    assert all(fitted.place_of(path, SIZE).exists() for path in paths)
    assert not fitted.place_of(paths[1], (36, 64)).exists()


def test_who_lists_the_library_does_not_wait_for_a_later_start(own):
    path = photo(own / "a.png")
    preparer = Preparer(rest=0)
    preparer.start(SIZE, after_s=600)
    assert not fitted.place_of(path, SIZE).exists()
    preparer.start(SIZE)
    preparer.wait()
    assert fitted.place_of(path, SIZE).exists()


def test_preparing_pushes_nothing_out(own, tmp_path, folder, monkeypatch):
    monkeypatch.setattr(fitted, "MOST_BYTES", 4 * (SIZE[0] * SIZE[1] * 3 // 2 + 4))
    shown = [photo(tmp_path / f"shown {name}.png") for name in "ab"]
    for path in shown:
        show(path)
    for name in "abcdef":
        photo(own / f"{name}.png")
    prepare()
    assert len(list(folder.iterdir())) == 4
    assert all(fitted.place_of(path, SIZE).exists() for path in shown)


def test_a_fault_of_ours_ends_the_preparing_of_one_picture_alone(own, monkeypatch):
    first, second = (photo(own / f"{name}.png") for name in "ab")
    prepare_one = library._prepare

    def fail(entry, size):
        if entry.path == str(first):
            raise ValueError("a fault")
        prepare_one(entry, size)

    monkeypatch.setattr(library, "_prepare", fail)
    prepare()
    assert fitted.place_of(second, SIZE).exists()


def test_ffmpeg_is_not_imported_for_a_picture():
    """Importing it takes longer than decoding a photograph of 12 million pixels."""
    check = "import sys, segcam.source.fitted; sys.exit('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
