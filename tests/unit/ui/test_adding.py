"""Files that are dropped on the window, or chosen in a dialog."""

import os
import shutil

import pytest
from PySide6.QtCore import QPoint, QUrl
from segcam_ui.adding import local_paths


@pytest.fixture
def drop(desktop):
    def add(paths):
        desktop.window.main.picker.add_urls([QUrl.fromLocalFile(str(path)) for path in paths])

    return add


@pytest.fixture
def many(pictures, tmp_path):
    """30 files."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(30):
        shutil.copy(pictures / "beach.jpg", folder / f"copy{number:02}.jpg")
    return sorted(folder.iterdir())


def chosen(segcam):
    return [each["values"]["background"] for each in segcam.requests("set")]


def test_of_many_files_only_the_last_is_chosen(drop, many, segcam, eventually):
    drop(many)

    eventually(lambda: chosen(segcam))
    assert len(segcam.requests("background-add")) == 30
    assert chosen(segcam) == [f"image:{many[-1]}"]


def test_progress_of_many_files_is_shown_until_the_end(desktop, drop, many, segcam, eventually):
    said = []
    desktop.remote.progressed.connect(said.append)
    drop(many)

    eventually(lambda: chosen(segcam))
    assert "Adding backgrounds: 12 of 30" in said
    assert desktop.window.main.status.shown.text.startswith("Only you")


def test_click_does_not_wait_for_files_that_are_added(
    desktop, drop, many, segcam, tile_of, eventually
):
    segcam.adds.clear()
    drop(many)
    tile_of("none").click()

    eventually(lambda: chosen(segcam) == ["none"])
    segcam.adds.set()
    eventually(lambda: chosen(segcam)[-1] == f"image:{many[-1]}")


def test_several_refused_files_are_told_as_one(desktop, drop, many, tmp_path, eventually):
    drop([*many[:3], tmp_path / "no.jpg", tmp_path / "none.jpg"])

    eventually(lambda: desktop.window.main.status.shown.warns)
    shown = desktop.window.main.status.shown
    assert shown.text == "2 of 5 files could not be added"
    assert "none.jpg cannot be used" in shown.detail
    assert "Check the path" in shown.detail


def test_new_background_is_scrolled_to(desktop, drop, many, segcam, tile_of, eventually):
    drop(many)
    eventually(lambda: chosen(segcam))
    eventually(lambda: tile_of("copy29").isChecked())

    picker = desktop.window.main.picker
    place = tile_of("copy29").mapTo(picker, QPoint(0, 0))
    assert 0 < place.y() < picker.height()


@pytest.mark.skipif(os.name == "nt", reason="names there are Unicode")
def test_name_that_is_no_unicode_names_the_file():
    url = QUrl.fromEncoded(b"file:///tmp/caf%E9%20%25.jpg")

    assert local_paths([url, QUrl("https://example.org/a.jpg")]) == [
        os.fsdecode(b"/tmp/caf\xe9 %.jpg")
    ]
