"""Where things are in the window."""

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QWidget,
)
from segcam_ui.choices import TextField
from segcam_ui.controls import IconButton, MenuButton
from segcam_ui.cures import Command
from segcam_ui.switch import Switch
from segcam_ui.tiles import RING_PX, Tile

from segcam.errors import UsageError

DIRECT = Qt.FindChildOption.FindDirectChildrenOnly


def test_focus_starts_on_the_chosen_tile_and_returns_to_it(make_desktop, segcam, eventually):
    desktop = make_desktop(segcam.start)
    window = desktop.window
    eventually(lambda: getattr(window.focusWidget(), "entry", None) is not None)
    assert window.focusWidget().entry.id == "strong"

    segcam.stop(crash=True)
    eventually(lambda: not window.main.picker.isEnabled())
    eventually(window.main.picker.isEnabled)
    assert window.focusWidget().entry.id == "strong"


def test_tiles_are_in_line_with_the_rest_of_the_window(desktop, tile_of, qtbot):
    window = desktop.window
    window.resize(1120, 584)
    qtbot.wait(50)

    def left_and_right(widget, inside=0):
        left = widget.mapTo(window, QPoint(0, 0)).x()
        return left + inside, left + widget.width() - inside

    tiles = [left_and_right(tile_of(each), RING_PX) for each in ("none", "light")]
    slider = left_and_right(window.findChild(QSlider))
    picture = left_and_right(window.main.preview)
    assert tiles[0][0] == picture[1] + 16
    assert tiles[1][1] == slider[1] == 1120 - 16


def test_ring_of_the_focus_differs_from_the_choice_only_by_keyboard(desktop, tile_of, eventually):
    chosen = tile_of("strong")
    desktop.window.activateWindow()
    eventually(chosen.hasFocus)
    quiet = chosen.grab().toImage()
    chosen.clearFocus()
    assert chosen.grab().toImage() == quiet

    chosen.setFocus(Qt.FocusReason.TabFocusReason)
    assert chosen.grab().toImage() != quiet


def test_page_shows_where_the_focus_is_to_users_of_the_keyboard_alone(desktop, eventually):
    window, back = desktop.window, desktop.window.settings.back
    window.activateWindow()
    window.open_page("settings")
    eventually(back.hasFocus)
    quiet = back.grab().toImage()
    back.clearFocus()
    assert back.grab().toImage() == quiet

    window.open_page("main")
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    eventually(back.hasFocus)
    assert back.grab().toImage() != quiet


def test_controls_are_of_one_height(desktop, eventually):
    window = desktop.window
    window.open_page("settings")
    eventually(lambda: window.settings.findChildren(TextField))
    kinds = (QPushButton, MenuButton, IconButton, TextField, QDoubleSpinBox)
    controls = [each for kind in kinds for each in window.settings.findChildren(kind)]
    window.open_page("guide")
    controls += window.guide.findChild(Command).findChildren(QWidget, options=DIRECT)
    controls += window.main.header.findChildren(MenuButton)
    heights = {(type(each).__name__, each.sizeHint().height()) for each in controls}
    assert len({height for _, height in heights}) == 1, heights


def test_long_text_does_not_cover_the_picture(desktop, qtbot):
    window = desktop.window
    window.resize(800, 560)
    window.main.status.complain(UsageError("It went wrong", "because of this " * 50, "do that"))
    qtbot.wait(50)
    picture = window.main.preview
    said = next(each for each in window.main.status.findChildren(QLabel) if "wrong" in each.text())
    bottom = picture.mapTo(window, QPoint(0, picture.height())).y()
    assert said.mapTo(window, QPoint(0, 0)).y() >= bottom


def test_controls_of_the_settings_end_in_one_line(desktop, eventually):
    page = desktop.window.settings
    desktop.window.open_page("settings")
    eventually(lambda: page.findChildren(Switch) and page.findChildren(TextField))

    def right_edge(widget, inside=0):
        return widget.mapTo(page, QPoint(0, 0)).x() + widget.width() - inside

    switches = [each for each in page.findChildren(Switch) if each.accessibleName() == "Mirror"]
    edges = {right_edge(each, RING_PX) for each in switches}
    edges |= {right_edge(each) for each in page.findChildren(TextField)}
    assert len(edges) == 1


def test_chosen_tile_stays_visible_in_a_smaller_window(desktop, segcam, tile_of, eventually):
    window = desktop.window
    segcam.update(requested={**segcam.values, "background": "color:#2b3a55"})
    window.resize(1120, 584)
    eventually(lambda: tile_of("color-#2b3a55").isChecked())
    window.resize(800, 560)

    def is_visible():
        tile = tile_of("color-#2b3a55")
        area = window.main.picker.findChild(QScrollArea).viewport()
        return area.rect().contains(QRect(tile.mapTo(area, QPoint(0, 0)), tile.size()))

    eventually(is_visible)


def test_nothing_jumps_while_the_connection_is_lost(make_desktop, segcam, eventually):
    segcam.update(requested={**segcam.values, "camera": "demo"}, preset="Office")
    desktop = make_desktop()
    eventually(lambda: desktop.remote.state is not None)

    def shown():
        window = desktop.window
        names = [each.accessibleName() for each in window.main.header.findChildren(MenuButton)]
        return names, [tile.entry.id for tile in window.findChildren(Tile) if tile.isChecked()]

    before = shown()
    assert before == (["Camera: Demo", "Preset: Office", "Menu"], ["strong"])
    segcam.stop(crash=True)
    eventually(lambda: desktop.remote.state is None)
    assert shown() == before
