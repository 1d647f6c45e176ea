"""The live picture: as others see it, and without effect while a button is held."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from segcam_ui.controls import HoldButton
from segcam_ui.theme import colors
from unit.ui.fake_segcam import BARE

LEFT = Qt.MouseButton.LeftButton


def color_at(preview, across, down=2):
    """The colour at a fraction of the width and height: 2 is the middle."""
    place = preview.width() // across, preview.height() // down
    return preview.grab().toImage().pixelColor(*place)


def line(desktop):
    return desktop.window.main.status.shown


def test_picture_is_what_lies_in_the_shared_memory(desktop, segcam, eventually):
    segcam.show(4, 2, bytes([200, 40, 20]) * 8, serial=5)
    preview = desktop.window.main.preview

    eventually(lambda: color_at(preview, 2) == QColor(200, 40, 20))


def test_paused_picture_is_shown_as_others_see_it(desktop, segcam, eventually):
    segcam.show(4, 2, bytes([200, 40, 20]) * 8, serial=5)
    preview = desktop.window.main.preview

    eventually(lambda: color_at(preview, 3, 3) == QColor(200, 40, 20))
    segcam.update(paused=True, phase="paused", camera_on=False)
    eventually(lambda: line(desktop).action == "resume")
    assert color_at(preview, 3, 3) == QColor(200, 40, 20), "it tells itself that the camera is off"
    segcam.stop()
    # an old picture is drawn faintly
    eventually(lambda: color_at(preview, 3, 3) != QColor(200, 40, 20))


def test_bars_fill_the_place_around_a_picture_of_another_shape(desktop, segcam, eventually):
    segcam.show(2, 2, bytes([200, 40, 20]) * 4, serial=5)
    preview = desktop.window.main.preview

    def color(x):
        return preview.grab().toImage().pixelColor(x, preview.height() // 2)

    eventually(lambda: color(preview.width() // 2) == QColor(200, 40, 20))
    assert color(2) == color(preview.width() - 3) == colors().surface


def test_mirror_swaps_the_preview_alone(desktop, segcam, eventually):
    segcam.show(2, 2, (bytes([255, 0, 0]) + bytes([0, 0, 255])) * 2, serial=5)
    preview = desktop.window.main.preview

    eventually(lambda: color_at(preview, 4).red() > color_at(preview, 4).blue())
    preview.set_mirrored(True)
    assert color_at(preview, 4).blue() > color_at(preview, 4).red()
    assert segcam.requests("set") == []


@pytest.fixture
def held(desktop):
    """The button that shows the picture without effect, and whether that is shown."""
    button = desktop.window.main.findChild(HoldButton)
    preview = desktop.window.main.preview

    return button, lambda: color_at(preview, 2) == QColor(*BARE)


def test_picture_without_effect_is_shown_while_the_button_is_held(held, segcam, eventually):
    button, shows_bare = held
    eventually(button.isEnabled)
    QTest.mousePress(button, LEFT)
    eventually(shows_bare)
    QTest.mouseRelease(button, LEFT)
    assert not shows_bare()
    eventually(lambda: segcam.raw_watchers == 0)
    assert segcam.requests("set") == []


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_picture_without_effect_by_keyboard(held, segcam, eventually, key):
    button, shows_bare = held
    eventually(button.isEnabled)
    QTest.keyPress(button, key)
    eventually(shows_bare)
    QTest.keyRelease(button, key)
    assert not shows_bare()
    eventually(lambda: segcam.raw_watchers == 0)


def test_picture_without_effect_ends_with_the_page(held, desktop, segcam, eventually):
    button, shows_bare = held
    eventually(button.isEnabled)
    QTest.mousePress(button, LEFT)
    eventually(shows_bare)
    desktop.window.open_page("settings")
    eventually(lambda: segcam.raw_watchers == 0)
    desktop.window.open_page("main")
    assert not shows_bare()


def test_picture_without_effect_ends_with_segcam(held, segcam, eventually):
    button, shows_bare = held
    eventually(button.isEnabled)
    QTest.mousePress(button, LEFT)
    eventually(shows_bare)
    segcam.stop(crash=True)
    eventually(lambda: not shows_bare())


def test_hidden_window_watches_nothing(desktop, segcam, eventually):
    eventually(lambda: segcam.state["viewers"] == ["preview"])
    desktop.window.hide()
    eventually(lambda: segcam.state["viewers"] == [])
    desktop.window.show()
    eventually(lambda: segcam.state["viewers"] == ["preview"])


def test_settings_page_watches_nothing(desktop, segcam, eventually):
    eventually(lambda: segcam.state["viewers"] == ["preview"])
    desktop.window.open_page("settings")
    eventually(lambda: segcam.state["viewers"] == [])
