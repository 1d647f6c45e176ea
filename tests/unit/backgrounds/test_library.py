"""The library of backgrounds: nothing is overwritten, nothing leaves its folder."""

import errno
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcam import backgrounds
from segcam.backgrounds import library
from segcam.backgrounds.names import safe_name
from segcam.errors import BackgroundError, MediaError, SegCamError, UsageError
from segcam.pipeline.compositors import make_compositor
from segcam.settings import parse_background


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The user's own, not there yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "segcam" / "backgrounds"


def check(text):
    make_compositor(parse_background(text)).close()


def picture(path, shade=100):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((8, 16, 3), shade, np.uint8))
    return path


def own():
    return [entry for entry in backgrounds.entries() if not entry.bundled]


def test_what_comes_with_segcam_can_be_chosen_at_once(folder):
    found = backgrounds.entries()
    assert len(found) == 8
    assert {entry.kind for entry in found} == {"image"}
    assert "Studio sand" in [entry.title for entry in found]
    for entry in found:
        check(entry.value)
    assert not folder.exists()


def test_a_picture_is_copied_and_can_be_removed(folder, tmp_path):
    entry = backgrounds.add(picture(tmp_path / "beach at noon.JPG"), check)
    assert entry in own()
    assert (entry.id, entry.title, entry.kind) == ("beach at noon.jpg", "beach at noon", "image")
    assert entry.value == f"image:{folder}/beach at noon.jpg"
    (tmp_path / "beach at noon.JPG").unlink()
    check(entry.value)
    assert [path.name for path in folder.iterdir()] == ["beach at noon.jpg"]
    backgrounds.remove(entry.id)
    assert own() == []


def test_nothing_is_overwritten_and_the_same_file_is_added_once(folder, tmp_path):
    first = backgrounds.add(picture(tmp_path / "a" / "wall.png", 1), check)
    second = backgrounds.add(picture(tmp_path / "b" / "wall.png", 2), check)
    again = backgrounds.add(picture(tmp_path / "c" / "wall.png", 2), check)
    assert [first.id, second.id, again.id] == ["wall.png", "wall 2.png", "wall 2.png"]
    assert Path(first.path).read_bytes() == (tmp_path / "a" / "wall.png").read_bytes()


def test_many_at_once_get_names_of_their_own(folder, tmp_path):
    files = [picture(tmp_path / str(shade) / "wall.png", shade) for shade in range(12)]
    with ThreadPoolExecutor(6) as pool:
        added = list(pool.map(lambda file: backgrounds.add(file, check), files))
    assert len({entry.id for entry in added}) == 12
    for entry, file in zip(added, files, strict=True):
        assert Path(entry.path).read_bytes() == file.read_bytes()


@pytest.mark.parametrize("name", ["notes.txt", "picture", "archive.tar.gz"])
def test_what_is_no_picture_by_its_name_is_refused(folder, tmp_path, name):
    (tmp_path / name).write_text("words")
    with pytest.raises(UsageError, match="not have the ending of a picture or video"):
        backgrounds.add(tmp_path / name, check)


@pytest.mark.parametrize("data", [b"", b"I am text", b"\xff\xd8\xff\xe0broken"])
def test_a_broken_picture_is_refused_as_everywhere(folder, tmp_path, data):
    (tmp_path / "broken.jpg").write_bytes(data)
    with pytest.raises(MediaError, match="broken"):
        backgrounds.add(tmp_path / "broken.jpg", check)
    assert own() == []


def test_what_is_not_there_or_no_file_is_refused(folder, tmp_path):
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("gone.png", "folder.png", "pipe.png", "n" * 300 + ".png"):
        with pytest.raises(SegCamError) as caught:
            backgrounds.add(tmp_path / name, check)
        assert caught.value.hint
    assert not folder.exists() or not list(folder.iterdir())


@pytest.mark.parametrize("name", ["holiday", "holiday.png"])
def test_folder_is_called_a_folder(folder, tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        backgrounds.add(tmp_path / name, check)


def test_background_that_cannot_be_removed_is_named(folder, tmp_path, monkeypatch):
    entry = backgrounds.add(picture(tmp_path / "wall.png"), check)

    def refuse(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(BackgroundError) as caught:
        backgrounds.remove(entry.id)
    assert caught.value.title == "wall.png cannot be removed from the library"
    assert os.strerror(errno.EROFS) in caught.value.message


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_leaves_nothing_behind(folder, tmp_path, monkeypatch, reason):
    def refuse(*_):
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(library.os, "fsync", refuse)
    with pytest.raises(BackgroundError) as caught:
        backgrounds.add(picture(tmp_path / "wall.png"), check)
    assert "cannot be copied into the library. " in str(caught.value)
    assert os.strerror(reason) in str(caught.value)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("identifier", ["../../secret.png", "/etc/passwd", "", ".", "gone.png"])
def test_only_what_is_listed_can_be_removed(folder, tmp_path, identifier):
    folder.mkdir(parents=True)
    secret = picture(folder.parent.parent / "secret.png")
    with pytest.raises(UsageError, match="no background named"):
        backgrounds.remove(identifier)
    assert secret.exists()


def test_segcams_own_stay(folder):
    with pytest.raises(UsageError, match="comes with SegCam"):
        backgrounds.remove("studio-sand")
    assert len(backgrounds.entries()) == 8


def test_a_typo_names_the_nearest(folder):
    with pytest.raises(UsageError, match="Did you mean 'studio-sand'"):
        backgrounds.remove("studio-snad")


def test_what_others_put_there_is_listed_if_it_can_be_chosen(folder):
    picture(folder / "mine.webp")
    picture(folder / ".hidden.png")
    (folder / "film.mp4").touch()
    (folder / "notes.txt").touch()
    (folder / "sub.png").mkdir()
    (folder / "dangling.png").symlink_to("nowhere")
    Path(os.fsdecode(bytes(folder) + b"/no-utf-8-\xff.png")).touch()
    assert [(entry.id, entry.kind) for entry in own()] == [
        ("film.mp4", "video"),
        ("mine.webp", "image"),
    ]


def test_without_a_home_those_of_segcam_are_left(monkeypatch):
    def refuse():
        raise UsageError("This user has no home folder")

    monkeypatch.setattr(library, "user_data_folder", refuse)
    assert len(backgrounds.entries()) == 8


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("beach", "beach"),
        ("Am Strand (2)", "Am Strand (2)"),
        ("плaж", "плaж"),
        ("../../etc", "etc"),
        ("a/b\\c:d*e", "a-b-c-d-e"),
        ("\x1b[31mred\n", "-[31mred".replace("[", "-").strip("-")),
        ("...", "background"),
        ("", "background"),
        ("CON", "background CON"),
        ("x" * 300, "x" * 60),
        ("\u202egpj", "gpj"),
    ],
)
def test_names_are_made_harmless(stem, name):
    assert safe_name(stem) == name


@given(st.text(max_size=200))
def test_whatever_a_file_is_called_its_copy_has_a_name(stem):
    name = safe_name(stem)
    assert 0 < len(name) <= 72
    assert Path(name).name == name
    assert name.isprintable()
    assert len(name.encode()) < 250
    assert safe_name(name) == name


def test_a_client_can_list_them_without_the_engine():
    code = (
        "import sys, segcam.backgrounds as b; assert len(b.entries()) >= 8; "
        "print({'numpy', 'cv2', 'PySide6', 'av'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"
