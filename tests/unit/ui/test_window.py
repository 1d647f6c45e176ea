"""The window as a whole: it follows SegCam."""

import threading
from types import SimpleNamespace

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QLineEdit,
    QPushButton,
)
from segcam_ui import remote
from segcam_ui.app import START_ANEW
from support.waiting import LIMIT_S
from unit.ui.fake_segcam import camera_trouble

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
    buttons = desktop.window.findChildren(QAbstractButton)
    pause = next(each for each in buttons if each.accessibleName() == "Pause")
    QTest.mouseClick(pause, LEFT)
    eventually(lambda: pause.accessibleName() == "Resume")
    assert segcam.state["paused"]
    assert line(desktop).action == "resume"
    QTest.mouseClick(pause, LEFT)
    eventually(lambda: pause.accessibleName() == "Pause")


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


def test_lists_that_are_asked_for_again_and_again_do_not_queue(desktop, segcam, eventually):
    going = threading.Event()
    desktop.remote.connection.ask(lambda: going.wait(LIMIT_S), lane="probe")
    before = len(segcam.requests("backends"))
    for _ in range(5):
        desktop.window.open_page("settings")
        desktop.window.open_page("main")
    going.set()
    eventually(lambda: "backends" in desktop.remote.lists)
    asked = []
    desktop.remote.connection.ask(lambda: asked.append(1), lane="probe")
    eventually(lambda: asked)
    assert len(segcam.requests("backends")) == before + 1
