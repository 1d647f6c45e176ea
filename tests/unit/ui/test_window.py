"""The window as a whole: it follows SegCam, and everybody can use it."""

import threading
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QDoubleSpinBox,
    QLineEdit,
    QPushButton,
    QWidget,
)
from segcam_ui import remote
from segcam_ui.app import START_ANEW
from segcam_ui.controls import HoldButton
from segcam_ui.window import SMALLEST
from support.waiting import LIMIT_S
from unit.ui.fake_segcam import BARE, camera_trouble

from segcam.errors import DaemonError

LEFT = Qt.MouseButton.LeftButton


def line(desktop):
    return desktop.window.main.status.shown


def test_line_says_who_is_watching(desktop, segcam, eventually):
    segcam.update(viewers=["Firefox", "preview"])
    eventually(lambda: line(desktop).text == "Firefox is watching")
    segcam.update(viewers=["Firefox", "zoom", "preview"])
    eventually(lambda: line(desktop).text == "Firefox and zoom are watching")
    segcam.update(viewers=[], camera_on=False, phase="idle")
    eventually(lambda: line(desktop).text == "Camera off: nobody is watching")


def test_pause_button_pauses_and_resumes(desktop, segcam, eventually):
    pause = next(b for b in desktop.window.findChildren(QAbstractButton) if b.text() == "Pause")
    QTest.mouseClick(pause, LEFT)
    eventually(lambda: pause.text() == "Resume")
    assert segcam.state["paused"]
    assert line(desktop).action == "resume"
    QTest.mouseClick(pause, LEFT)
    eventually(lambda: pause.text() == "Pause")


def test_trouble_is_told_with_its_cure_as_a_button(desktop, segcam, eventually):
    segcam.update(trouble=camera_trouble(), phase="trouble")

    eventually(lambda: line(desktop).text == "No camera was found")
    assert "Plug in a camera" in line(desktop).detail
    cure = desktop.window.main.status.findChild(QPushButton)
    assert cure.isVisible()
    assert cure.text() == "Choose a camera"


def test_window_follows_a_crash_and_a_restart(make_desktop, segcam, eventually):
    started = []

    def start():
        started.append(1)
        segcam.start()

    desktop = make_desktop(start)
    eventually(lambda: desktop.remote.state is not None)
    assert started == []

    segcam.stop(crash=True)

    eventually(lambda: desktop.remote.state is None)
    assert line(desktop).text == "Reconnecting …"
    assert desktop.window.isVisible()
    eventually(lambda: desktop.remote.state is not None)
    assert started == [1]
    eventually(desktop.window.main.picker.isEnabled)


def test_segcam_that_does_not_answer_is_not_taken_for_ended(
    make_desktop, segcam, eventually, monkeypatch
):
    monkeypatch.setattr(remote, "STOPPED_S", 0.0)
    desktop = make_desktop(lambda: None)
    eventually(lambda: desktop.remote.state is not None)
    for _ in range(3):
        desktop.remote.connection.lost.emit(DaemonError("The running SegCam does not answer"))
    assert line(desktop).text == "Reconnecting …"


def test_crash_while_the_start_is_waited_for_is_not_taken_for_an_end(
    make_desktop, segcam, eventually
):
    crashed = threading.Event()

    def start():
        segcam.start()
        crashed.wait(LIMIT_S)
        raise DaemonError("SegCam has ended")

    segcam.stop()
    desktop = make_desktop(start)
    eventually(lambda: desktop.remote.state is not None)
    segcam.stop(crash=True)
    crashed.set()
    eventually(lambda: desktop.remote.state is None)
    QTest.qWait(200)  # the start's answer comes
    assert line(desktop).text == "Reconnecting …"


def test_segcam_that_was_ended_stays_ended_until_it_is_wanted(make_desktop, segcam, eventually):
    started = []

    def start():
        started.append(1)
        segcam.start()

    desktop = make_desktop(start)
    eventually(lambda: desktop.remote.state is not None)
    segcam.stop()
    eventually(lambda: line(desktop).action == "start")
    assert started == []

    QTest.mouseClick(desktop.window.main.status.findChild(QPushButton), LEFT)

    eventually(lambda: desktop.remote.state is not None)
    assert started == [1]


def test_segcam_is_started_where_none_runs(make_desktop, runtime_folder, eventually):
    started = []
    make_desktop(lambda: started.append(1))

    eventually(lambda: started == [1])


def test_slow_start_is_not_taken_for_an_end(make_desktop, runtime_folder, eventually, qtbot):
    going, started = threading.Event(), threading.Event()
    desktop = make_desktop(lambda: (started.set(), going.wait(LIMIT_S)))
    eventually(started.is_set)
    desktop.remote._lost_since = 1.0  # long ago
    qtbot.wait(1500)  # a few tries

    assert line(desktop).text == "Starting SegCam …"
    going.set()


def test_picture_is_what_lies_in_the_shared_memory(desktop, segcam, eventually):
    segcam.show(4, 2, bytes([200, 40, 20]) * 8, serial=5)
    preview = desktop.window.main.preview

    def middle():
        return preview.grab().toImage().pixelColor(preview.width() // 2, preview.height() // 2)

    eventually(lambda: middle() == QColor(200, 40, 20))


def test_paused_picture_is_shown_as_others_see_it(desktop, segcam, eventually):
    segcam.show(4, 2, bytes([200, 40, 20]) * 8, serial=5)
    preview = desktop.window.main.preview

    def corner():
        return preview.grab().toImage().pixelColor(preview.width() // 3, preview.height() // 3)

    eventually(lambda: corner() == QColor(200, 40, 20))
    segcam.update(paused=True, phase="paused", camera_on=False)
    eventually(lambda: line(desktop).action == "resume")
    assert corner() == QColor(200, 40, 20), "it tells itself that the camera is off"
    segcam.stop()
    eventually(lambda: corner() != QColor(200, 40, 20))  # an old picture is drawn faintly


def test_mirror_swaps_the_preview_alone(desktop, segcam, eventually):
    segcam.show(2, 2, (bytes([255, 0, 0]) + bytes([0, 0, 255])) * 2, serial=5)
    preview = desktop.window.main.preview

    def left():
        return preview.grab().toImage().pixelColor(preview.width() // 4, preview.height() // 2)

    eventually(lambda: left().red() > left().blue())
    preview.set_mirrored(True)
    assert left().blue() > left().red()
    assert segcam.requests("set") == []


@pytest.fixture
def held(desktop):
    """The button that shows the picture without effect, and whether that is shown."""
    button = desktop.window.main.findChild(HoldButton)
    preview = desktop.window.main.preview

    def shows():
        return preview.grab().toImage().pixelColor(preview.width() // 2, preview.height() // 2)

    return button, lambda: shows() == QColor(*BARE)


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


def test_first_start_explains_once(make_desktop, segcam, kept, eventually):
    kept.setValue("guided", False)
    desktop = make_desktop()
    assert desktop.window.guide.isVisible()
    eventually(lambda: desktop.remote.state is not None)
    buttons = desktop.window.guide.findChildren(QPushButton)
    go = next(button for button in buttons if button.text().startswith("Try"))
    QTest.mouseClick(go, LEFT)

    assert desktop.window.main.isVisible()
    assert not make_desktop().window.guide.isVisible()


def test_size_is_remembered(make_desktop, segcam):
    first = make_desktop()
    first.window.resize(800, 577)
    first.window.close()

    assert make_desktop().window.size() == QSize(800, 577)


@pytest.mark.parametrize("page", ["main", "settings", "guide", "doctor"])
def test_everything_fits_into_the_smallest_window(desktop, page, qtbot):
    window = desktop.window
    window.open_page(page)
    window.resize(800, 560)
    qtbot.wait(50)
    assert window.size() == QSize(800, 560)
    for widget in window.findChildren(QAbstractButton):
        if widget.isVisible() and not in_scroll_area(widget):
            place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
            assert window.rect().contains(place), widget.accessibleName()


@pytest.fixture
def larger_font(qapp):
    """What a user who sees less well has set."""
    usual = qapp.font()
    larger = QFont(usual)
    larger.setPointSizeF(1.5 * usual.pointSizeF())
    qapp.setFont(larger)
    yield
    qapp.setFont(usual)


@pytest.mark.parametrize("page", ["main", "settings", "guide", "doctor"])
def test_larger_font_fits_into_the_smallest_window(larger_font, desktop, page, qtbot):
    test_everything_fits_into_the_smallest_window(desktop, page, qtbot)


def test_larger_font_leaves_the_buttons_their_height(larger_font, desktop, qtbot):
    desktop.window.resize(SMALLEST)
    qtbot.wait(50)
    for button in desktop.window.main.header.findChildren(QAbstractButton):
        assert not button.isVisible() or button.height() >= button.sizeHint().height()


def in_scroll_area(widget):
    while (widget := widget.parentWidget()) is not None:
        if widget.metaObject().className() == "QScrollArea":
            return True
    return False


@pytest.mark.parametrize("page", ["main", "settings", "guide", "doctor"])
def test_everything_that_can_be_used_has_a_name(desktop, page):
    desktop.window.open_page(page)
    used = (QAbstractButton, QAbstractSlider, QLineEdit)
    for widget in desktop.window.findChildren(QWidget):
        if isinstance(widget, used) and widget.isVisible() and widget.focusPolicy():
            if isinstance(widget.parentWidget(), QDoubleSpinBox):
                continue  # its inner field: the box has the name
            interface = QAccessible.queryAccessibleInterface(widget)
            assert interface.text(QAccessible.Text.Name).strip(), widget


@pytest.mark.parametrize("page", ["main", "settings", "guide", "doctor"])
def test_tab_reaches_everything(desktop, page, qtbot):
    window = desktop.window
    window.open_page(page)
    reached = set()
    widget = window
    for _ in range(500):
        widget = widget.nextInFocusChain()
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            reached.add(widget)
    wanted = {
        w
        for w in window.findChildren(QAbstractButton)
        if w.isVisible() and w.isEnabled() and w.metaObject().className() != "Tile"
    }
    assert wanted <= reached


def test_chosen_tile_is_a_checked_radio_button_for_assistive_programs(desktop, tile_of):
    interface = QAccessible.queryAccessibleInterface(tile_of("strong"))

    assert interface.role() == QAccessible.Role.RadioButton
    assert interface.state().checked
    assert interface.text(QAccessible.Text.Name) == "Strong blur"


def test_focus_can_be_seen(desktop, tile_of):
    tile = tile_of("none")
    desktop.window.activateWindow()
    before = tile.grab().toImage()
    tile.setFocus()
    assert tile.grab().toImage() != before


def test_preset_is_kept_under_a_typed_name(desktop, segcam, eventually):
    header = desktop.window.main.header
    header._ask_name()
    field = header.findChild(QLineEdit)
    QTest.keyClicks(field, "Office")
    QTest.keyClick(field, Qt.Key.Key_Return)

    eventually(lambda: "Office" in segcam.presets)
    eventually(lambda: not field.isVisible())


def test_camera_menu_lists_the_webcams(desktop, segcam, eventually):
    from PySide6.QtWidgets import QMenu
    from segcam_ui.menus import fill_cameras

    eventually(lambda: "cameras" in desktop.remote.lists)
    menu = QMenu()
    fill_cameras(menu, desktop.remote)
    titles = [action.text() for action in menu.actions()]
    assert "Integrated Camera" in titles
    menu.actions()[titles.index("Integrated Camera")].trigger()
    eventually(lambda: segcam.values["camera"] == "Integrated Camera")


def test_quit_ends_segcam_too(desktop, segcam, eventually):
    desktop.window.quit_wanted.emit()

    assert segcam.requests("stop")


def test_segcam_of_another_version_is_told_with_a_button(make_desktop, segcam, eventually):
    started, ended = [], []
    segcam.state["protocol"] += 1
    desktop = make_desktop(lambda: started.append(1))
    desktop._app = SimpleNamespace(exit=ended.append)
    eventually(lambda: line(desktop).action == "restart")
    assert "different version" in line(desktop).text
    QTest.mouseClick(desktop.window.main.status.findChild(QPushButton), LEFT)
    assert ended == [START_ANEW]
    assert segcam.requests("stop")
    assert started == []


def test_what_takes_its_time_is_told_until_it_is_done(desktop, segcam, eventually):
    segcam.progress, segcam.gate = "Reading beach.jpg", threading.Event()
    desktop.remote.change(background="blur:9")
    eventually(lambda: line(desktop).text == "Reading beach.jpg")
    segcam.gate.set()
    eventually(lambda: line(desktop).text != "Reading beach.jpg")


def test_what_was_refused_stays_to_be_read_when_the_work_is_over(desktop, segcam, eventually):
    segcam.progress, segcam.gate = "Reading beach.jpg", threading.Event()
    segcam.refusal = DaemonError("beach.jpg is no picture")
    segcam.gate.set()
    desktop.remote.change(background="blur:9")
    eventually(lambda: line(desktop).text == "beach.jpg is no picture")
    desktop.remote.progressed.emit("")
    assert line(desktop).text == "beach.jpg is no picture"


def test_a_name_that_is_given_up_keeps_no_preset(desktop, segcam, eventually, qtbot):
    header = desktop.window.main.header
    eventually(header.isEnabled)
    header._ask_name()
    name = header.findChild(QLineEdit)
    eventually(name.isVisible)
    qtbot.keyClicks(name, "Office")
    qtbot.keyClick(name, Qt.Key.Key_Escape)
    eventually(lambda: not name.isVisible())
    assert not segcam.requests("preset-save")
    header._ask_name()
    assert name.text() == ""
    qtbot.keyClicks(name, "Home")
    qtbot.keyClick(name, Qt.Key.Key_Return)
    eventually(lambda: [each["name"] for each in segcam.requests("preset-save")] == ["Home"])
    assert not name.isVisible()
    assert header._preset.hasFocus()
