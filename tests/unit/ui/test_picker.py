"""Choosing what is seen behind the person."""

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QEnterEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSlider
from segcam_ui import theme

from segcam.errors import UsageError

LEFT = Qt.MouseButton.LeftButton


def sent(segcam):
    return [each["values"] for each in segcam.requests("set")]


def test_choosing_a_tile_sends_it_at_once(desktop, segcam, tile_of, eventually):
    QTest.mouseClick(tile_of("beach"), LEFT)

    assert tile_of("beach").isChecked()
    assert not tile_of("strong").isChecked()
    eventually(lambda: sent(segcam))
    assert sent(segcam) == [{"background": tile_of("beach").entry.value}]


def test_what_is_chosen_elsewhere_gets_the_check_mark(desktop, segcam, tile_of, eventually):
    segcam._set({"background": "none"}, once=False)

    eventually(lambda: tile_of("none").isChecked())
    assert not tile_of("strong").isChecked()


def test_refused_choice_goes_back_and_says_why(desktop, segcam, tile_of, eventually):
    segcam.refusal = UsageError("The picture is damaged", "", "Choose another one")
    QTest.mouseClick(tile_of("forest"), LEFT)

    eventually(lambda: tile_of("strong").isChecked())
    assert not tile_of("forest").isChecked()
    shown = desktop.window.main.status.shown
    assert shown.text == "The picture is damaged"
    assert "Choose another one" in shown.detail


def test_any_blur_marks_the_nearer_of_the_two_tiles(desktop, segcam, tile_of, eventually):
    segcam._set({"background": "blur:20"}, once=False)
    eventually(lambda: tile_of("light").isChecked())
    segcam._set({"background": "blur:95"}, once=False)
    eventually(lambda: tile_of("strong").isChecked())


def test_arrows_walk_and_enter_chooses(desktop, segcam, tile_of, eventually):
    tile_of("none").setFocus()
    QTest.keyClick(tile_of("none"), Qt.Key.Key_Right)
    assert tile_of("light").hasFocus()
    QTest.keyClick(tile_of("light"), Qt.Key.Key_Down)
    assert tile_of("beach").hasFocus()
    assert sent(segcam) == []  # walking chooses nothing
    QTest.keyClick(tile_of("beach"), Qt.Key.Key_Return)

    eventually(lambda: sent(segcam))
    assert sent(segcam)[0]["background"].endswith("beach.jpg")


def test_bundled_background_cannot_be_removed(desktop, segcam, tile_of):
    QTest.keyClick(tile_of("beach"), Qt.Key.Key_Delete)

    assert tile_of("beach").isVisible()


def own_picture(segcam, tmp_path):
    path = tmp_path / "mine.jpg"
    picture = QImage(64, 48, QImage.Format.Format_RGB32)
    picture.fill(QColor("#4040a0"))
    assert picture.save(str(path))
    return path


def add(desktop, path):
    desktop.window.main.picker.add_urls([QUrl.fromLocalFile(str(path))])


def is_shown(desktop, identifier):
    from segcam_ui.tiles import Tile

    tiles = desktop.window.findChildren(Tile)
    return any(tile.entry.id == identifier and tile.isVisible() for tile in tiles)


def test_dropped_file_is_added_and_chosen(desktop, segcam, tmp_path, tile_of, eventually):
    path = own_picture(segcam, tmp_path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    page = desktop.window.main
    drop = QDropEvent(
        QPointF(20, 20), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier
    )
    page.dropEvent(drop)

    eventually(lambda: is_shown(desktop, "mine") and tile_of("mine").isChecked())
    eventually(lambda: sent(segcam)[-1:] == [{"background": f"image:{path}"}])


def test_file_that_is_there_already_is_chosen(desktop, segcam, pictures, tile_of, eventually):
    add(desktop, pictures / "beach.jpg")

    eventually(lambda: tile_of("beach").isChecked())


def test_file_that_is_none_is_refused_with_its_cure(desktop, segcam, tmp_path, eventually):
    add(desktop, tmp_path / "missing.jpg")

    eventually(lambda: desktop.window.main.status.shown.warns)
    assert "Check the path" in desktop.window.main.status.shown.detail


def test_removal_can_be_undone(desktop, segcam, tmp_path, tile_of, eventually):
    add(desktop, own_picture(segcam, tmp_path))
    eventually(lambda: is_shown(desktop, "mine") and tile_of("mine").isChecked())
    QTest.keyClick(tile_of("mine"), Qt.Key.Key_Delete)
    assert not is_shown(desktop, "mine")

    desktop.window.main.picker.undo()

    assert is_shown(desktop, "mine")
    eventually(lambda: tile_of("mine").isChecked())  # it was the chosen one
    assert segcam.requests("background-remove") == []


def test_removal_is_for_good_when_its_time_is_over(desktop, segcam, tmp_path, tile_of, eventually):
    add(desktop, own_picture(segcam, tmp_path))
    eventually(lambda: is_shown(desktop, "mine"))
    QTest.keyClick(tile_of("mine"), Qt.Key.Key_Delete)

    desktop.window.main.picker.settle()

    eventually(lambda: segcam.requests("background-remove"))
    assert segcam.requests("background-remove")[0]["id"] == "mine"
    assert not is_shown(desktop, "mine")


def test_removing_the_chosen_one_hides_the_room_meanwhile(
    desktop, segcam, tmp_path, tile_of, eventually
):
    add(desktop, own_picture(segcam, tmp_path))
    eventually(lambda: is_shown(desktop, "mine") and tile_of("mine").isChecked())
    QTest.keyClick(tile_of("mine"), Qt.Key.Key_Delete)

    eventually(lambda: sent(segcam)[-1:] == [{"background": "blur:60"}])


def test_slider_sets_the_strength_by_keyboard(desktop, segcam, eventually):
    slider = desktop.window.findChild(QSlider)
    assert slider.value() == 60
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)

    eventually(lambda: sent(segcam))
    assert segcam.requests("set")[-1] | {"request": "set"} == {
        "request": "set",
        "values": {"background": "blur:61"},
        "once": False,
    }


def test_slider_writes_no_file_while_it_is_dragged(desktop, segcam, eventually):
    slider = desktop.window.findChild(QSlider)
    slider.setSliderDown(True)
    slider.setValue(80)
    eventually(lambda: segcam.requests("set"))
    slider.setSliderDown(False)
    eventually(lambda: len(segcam.requests("set")) > 1)

    asked = segcam.requests("set")
    assert asked[0]["once"]
    assert not asked[-1]["once"]
    assert asked[-1]["values"] == {"background": "blur:80"}


def test_slider_rests_where_nothing_is_blurred(desktop, segcam, eventually):
    segcam._set({"background": "color:#ff0000"}, once=False)

    eventually(lambda: not desktop.window.findChild(QSlider).isEnabled())


def test_own_colour_stays_among_the_tiles(desktop, segcam, kept, tile_of, eventually):
    desktop.window.main.picker._library.add_color("#123456")

    eventually(lambda: sent(segcam))
    assert sent(segcam) == [{"background": "color:#123456"}]
    assert tile_of("color-#123456").isChecked()
    assert "#123456" in kept.value("colors")


def test_tile_shows_what_the_picture_looks_like(desktop, segcam, tile_of, eventually):
    def middle():
        picture = tile_of("beach").grab().toImage()
        return picture.pixelColor(picture.width() // 2, picture.height() // 2)

    eventually(lambda: abs(middle().red() - 0xE0) < 12 and abs(middle().blue() - 0x80) < 12)


def test_cross_appears_on_own_tiles_alone(desktop, segcam, tile_of):
    own, bundled = tile_of("color-#1f6f54"), tile_of("beach")
    corner = QPoint(own.width() - 20, 20)
    QTest.mouseMove(own, corner)
    QTest.mouseMove(bundled, corner)
    QTest.mouseClick(bundled, LEFT, pos=corner)

    assert bundled.isChecked()


@pytest.fixture
def film(segcam, pictures, tmp_path):
    """A video in the library whose pictures are red, then blue."""
    strip = QImage(4, 4, QImage.Format.Format_RGB32)
    strip.fill(QColor("red"))
    for x in range(4):
        for y in (2, 3):
            strip.setPixelColor(x, y, QColor("blue"))
    segcam.film = tmp_path / "strip.png"
    assert strip.save(str(segcam.film))
    (pictures / "sea.mp4").write_bytes(b"a video")
    segcam.files.append(pictures / "sea.mp4")
    return segcam.film


def test_video_stands_still_and_plays_under_the_pointer(film, desktop, tile_of, eventually):
    def color():
        return tile_of("sea").grab().toImage().pixelColor(40, 20)

    eventually(lambda: color() == QColor("red"))
    QApplication.sendEvent(tile_of("sea"), QEnterEvent(QPointF(), QPointF(), QPointF()))
    eventually(lambda: color().blue() > 200)
    eventually(lambda: color().red() > 200)
    QApplication.sendEvent(tile_of("sea"), QEvent(QEvent.Type.Leave))
    assert color() == QColor("red")


def test_video_plays_for_nobody_who_wants_no_motion(
    film, desktop, tile_of, eventually, monkeypatch, qtbot
):
    monkeypatch.setattr(theme, "moves", lambda: False)

    def color():
        return tile_of("sea").grab().toImage().pixelColor(40, 20)

    eventually(lambda: color() == QColor("red"))
    QApplication.sendEvent(tile_of("sea"), QEnterEvent(QPointF(), QPointF(), QPointF()))
    qtbot.wait(100)
    assert color().red() > 200


def test_video_that_cannot_be_shown_small_has_an_icon(
    segcam, pictures, desktop, eventually, tile_of
):
    (pictures / "sea.mp4").write_bytes(b"no video")
    segcam.files.append(pictures / "sea.mp4")
    desktop.remote.refresh("backgrounds")
    eventually(lambda: segcam.requests("background-film"))
    assert not tile_of("sea").has_thumbnail
