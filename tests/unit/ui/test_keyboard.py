"""A key that is pressed again and again, or held, does only what the user has seen."""

import threading

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QSlider
from segcam_ui.controls import Menu, MenuButton
from segcam_ui.tiles import Tile
from support.waiting import LIMIT_S

ENTER = Qt.Key.Key_Return


def press(widget, key=ENTER, *, repeats):
    """One event of a key that may be held."""
    none = Qt.KeyboardModifier.NoModifier
    event = QKeyEvent(QEvent.Type.KeyPress, key, none, "", autorep=repeats)
    QApplication.sendEvent(widget, event)


def hold(widget):
    """Press Enter and hold it: the system repeats it."""
    for repeats in (False, True, True, True):
        press(widget, repeats=repeats)


def focused_tile(desktop):
    widget = desktop.window.focusWidget()
    return widget.entry.id if isinstance(widget, Tile) else ""


def button(desktop, name):
    return next(
        each
        for each in desktop.window.findChildren(QAbstractButton)
        if name in (each.text(), each.accessibleName())
    )


@pytest.fixture
def slow_list(segcam):
    """Lets the running SegCam tell its backgrounds only later."""
    listed, tell = threading.Event(), segcam._backgrounds
    segcam._backgrounds = lambda: tell() if listed.wait(LIMIT_S) else {}
    yield listed
    listed.set()


@pytest.mark.parametrize(
    ("background", "tile"),
    [("blur:60", "strong"), ("image:{}/beach.jpg", "beach"), ("image:/elsewhere.jpg", "")],
)
def test_enter_again_and_again_from_the_first_page_changes_no_background(
    make_desktop, segcam, slow_list, kept, pictures, eventually, background, tile
):
    background = background.format(pictures)
    segcam._set({"background": background}, once=False)
    kept.setValue("guided", False)
    desktop = make_desktop()
    seen = set()

    def press_often():
        for _ in range(20):
            QTest.keyClick(QApplication.activePopupWidget() or desktop.window.focusWidget(), ENTER)
            seen.add(desktop.remote.requested("background"))
        assert desktop.window.main.isVisible()

    press_often()
    eventually(lambda: desktop.remote.state is not None)
    press_often()
    slow_list.set()
    eventually(lambda: "backgrounds" in desktop.remote.lists)
    assert focused_tile(desktop) == tile
    press_often()

    assert seen == {"", background}


def test_focus_waits_for_the_chosen_tile_instead_of_taking_another(
    make_desktop, segcam, slow_list, pictures, eventually
):
    segcam._set({"background": f"image:{pictures}/beach.jpg"}, once=False)
    desktop = make_desktop()
    eventually(lambda: desktop.remote.state is not None)
    assert focused_tile(desktop) == ""
    slow_list.set()
    eventually(lambda: focused_tile(desktop) == "beach")


def test_held_enter_presses_the_first_page_and_nothing_behind_it(
    make_desktop, segcam, kept, eventually
):
    kept.setValue("guided", False)
    desktop = make_desktop()
    eventually(lambda: desktop.remote.state is not None)
    for repeats in (False, True, True):
        press(desktop.window.focusWidget(), repeats=repeats)
    assert focused_tile(desktop) == "strong"
    assert segcam.requests("set") == []


@pytest.mark.parametrize("key", [ENTER, Qt.Key.Key_Space])
def test_held_key_chooses_no_tile(desktop, segcam, tile_of, qtbot, key):
    press(tile_of("none"), key, repeats=True)
    qtbot.wait(50)
    assert segcam.requests("set") == []


def test_held_enter_pauses_once(desktop, segcam, eventually, qtbot):
    pause = button(desktop, "Pause")
    eventually(pause.isEnabled)
    hold(pause)
    eventually(lambda: segcam.state["paused"])
    qtbot.wait(50)
    assert len(segcam.requests("pause")) == 1
    assert segcam.requests("resume") == []


def test_held_enter_chooses_nothing_in_a_menu(qapp, qtbot):
    chosen = []
    menu = Menu()
    menu.addAction("First", lambda: chosen.append(1))
    menu.popup(menu.pos())
    hold(menu)  # a first Enter marks the first item
    assert chosen == []
    QTest.keyClick(menu, ENTER)
    assert chosen == [1]


def test_removing_of_presets_is_safe_from_a_held_enter(desktop, segcam, eventually):
    segcam.presets["Office"] = {}
    desktop.remote.refresh("presets")
    eventually(lambda: desktop.remote.lists.get("presets"))
    presets = next(
        each
        for each in desktop.window.findChildren(MenuButton)
        if each.accessibleName().startswith("Preset")
    )
    presets.menu().aboutToShow.emit()
    removing = next(each.menu() for each in presets.menu().actions() if each.menu())
    assert isinstance(removing, Menu)


def test_the_page_opens_with_the_focus_on_the_choice_wherever_it_was(desktop, tile_of, eventually):
    walked = tile_of("none")
    walked.setFocus()
    desktop.window.open_page("settings")
    desktop.window.open_page("main")
    assert focused_tile(desktop) == "strong"

    tile_of("add").setFocus()
    desktop.window.open_page("settings")
    desktop.window.open_page("main")
    assert focused_tile(desktop) == "strong"


@pytest.mark.parametrize("visited", ["none", "add"])
def test_tab_comes_back_to_the_chosen_tile_alone(desktop, tile_of, eventually, visited):
    desktop.window.activateWindow()
    eventually(lambda: tile_of("strong").hasFocus())
    tile_of(visited).setFocus()
    assert tile_of(visited).hasFocus()
    button(desktop, "Menu").setFocus()
    reached = [
        each.entry.id
        for each in desktop.window.findChildren(Tile)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert reached == ["strong"]


def test_tab_never_starts_on_no_effect_where_nothing_known_is_chosen(desktop, segcam, eventually):
    segcam._set({"background": "image:/elsewhere.jpg"}, once=False)
    tiles = desktop.window.findChildren(Tile)
    eventually(lambda: not any(each.isChecked() for each in tiles))
    reached = [each.entry.id for each in tiles if each.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert "none" not in reached


def test_focus_goes_to_the_next_tile_when_one_is_removed(desktop, tile_of):
    desktop.window.activateWindow()
    tile_of("color-#1f6f54").setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(tile_of("color-#1f6f54"), Qt.Key.Key_Delete)
    assert focused_tile(desktop) == "color-#2b3a55"
    QTest.keyClick(tile_of("color-#2b3a55"), Qt.Key.Key_Delete)
    assert focused_tile(desktop) == "add"


def test_no_key_presses_anything_while_the_connection_is_lost(make_desktop, segcam, eventually):
    desktop = make_desktop(segcam.start)
    eventually(lambda: focused_tile(desktop) == "strong")
    segcam.stop(crash=True)
    eventually(lambda: not desktop.window.main.picker.isEnabled())
    assert not isinstance(desktop.window.focusWidget(), QAbstractButton)
    eventually(lambda: focused_tile(desktop) == "strong")


def test_tab_goes_from_the_tiles_to_what_is_below_them(desktop, segcam, tile_of, eventually):
    reached, widget = [], tile_of("strong")
    while (widget := widget.nextInFocusChain()) is not tile_of("strong"):
        reached.append(widget)
    slider = reached.index(desktop.window.findChild(QSlider))
    assert slider < reached.index(button(desktop, "Menu"))
    assert reached.index(button(desktop, "Undo")) < slider
