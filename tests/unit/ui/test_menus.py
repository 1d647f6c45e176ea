"""Menus of window and tray that are filled again and again."""

from PySide6.QtCore import QObject
from segcam_ui.controls import MenuButton


def sizes(menu, eventually):
    """How many objects it has after each of three fillings; waits for what is to go."""
    counts = []
    for _ in range(3):
        menu.aboutToShow.emit()
        eventually(lambda: not counts or len(menu.findChildren(QObject)) <= counts[0])
        counts.append(len(menu.findChildren(QObject)))
    return counts


def test_a_menu_of_the_window_keeps_nothing_of_its_last_opening(desktop, segcam, eventually):
    segcam.presets = {"Work": {}, "Home": {}}
    desktop.remote.refresh("presets")
    eventually(lambda: len(desktop.remote.lists["presets"]) == 2)
    for button in desktop.window.main.header.findChildren(MenuButton):
        assert sizes(button.menu(), eventually)[0] > 1


def test_the_menu_of_the_tray_keeps_nothing_of_what_it_showed(desktop, eventually):
    assert sizes(desktop.tray.menu, eventually)[0] > 10
