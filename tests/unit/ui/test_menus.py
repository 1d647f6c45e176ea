"""Menus of window and tray that are filled again and again."""

from PySide6.QtCore import QObject
from segcam_ui.controls import MenuButton
from segcam_ui.window import SMALLEST
from unit.ui import fake_segcam


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


def test_menus_have_round_corners(desktop):
    menu = desktop.window.main.header.findChildren(MenuButton)[-1].menu()
    menu.aboutToShow.emit()
    menu.resize(menu.sizeHint())
    seen = menu.grab().toImage()
    middle = seen.height() // 2
    assert seen.pixelColor(0, 0).alpha() == 0
    assert seen.pixelColor(seen.width() - 1, seen.height() - 1).alpha() == 0
    assert seen.pixelColor(0, middle).alpha() == 255


def test_menu_stays_in_the_window(desktop):
    desktop.window.resize(SMALLEST)
    button = desktop.window.main.header.findChildren(MenuButton)[-1]
    menu = button.menu()
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
    menu.close()
    assert menu.geometry().right() == button.mapToGlobal(button.rect().topRight()).x()


def test_menu_shows_the_same_small_pictures_each_time(desktop, eventually):
    def icons():
        desktop.tray._fill()
        actions = [each for each in desktop.tray.menu.actions() if each.text() == "Background"]
        keys = [each.icon().cacheKey() for each in actions[0].menu().actions()]
        return [key for key in keys if key]

    eventually(lambda: len(icons()) >= 4)  # two files and two colours
    assert icons() == icons()


def test_cameras_of_one_name_can_be_told_apart(desktop, segcam, eventually, monkeypatch):
    rows = [
        {
            "index": at,
            "path": f"/dev/video{at}",
            "by_id": f"/dev/v4l/by-id/{at}",
            "name": "Cam Link",
        }
        for at in (0, 2)
    ]
    monkeypatch.setattr(fake_segcam, "CAMERAS", rows)
    segcam._set({"camera": "/dev/v4l/by-id/2"}, once=False)
    desktop.remote.refresh("cameras")
    header = desktop.window.main.header
    camera = header.findChildren(MenuButton)[0]
    eventually(lambda: camera.accessibleName() == "Camera: Cam Link (video2)")
    camera.menu().aboutToShow.emit()
    titles = [each.text() for each in camera.menu().actions()]
    assert titles[1:3] == ["Cam Link (video0)", "Cam Link (video2)"]
    assert [each.isChecked() for each in camera.menu().actions()[1:3]] == [False, True]
