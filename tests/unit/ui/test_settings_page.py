"""The settings page is made from the declarations."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QLineEdit
from segcam_ui.controls import MenuButton
from segcam_ui.setting_words import window_help
from segcam_ui.switch import Switch

from segcam.errors import SegCamError
from segcam.settings import describe

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(desktop, eventually):
    desktop.window.open_page("settings")
    eventually(lambda: "backends" in desktop.remote.lists)
    return desktop.window.settings


def control(page, name):
    return page._controls[name].widget


def sent(segcam):
    return [each["values"] for each in segcam.requests("set")]


def test_every_declared_setting_is_there_with_title_and_help(page):
    texts = [label.text() for label in page.findChildren(QLabel)]
    for setting in describe():
        if setting.name != "background":  # the picker has it
            assert setting.title in texts
            assert control(page, setting.name).accessibleName() or setting.kind in (
                "number",
                "whole",
            )


def test_same_settings_again_leave_the_focus_where_it_is(desktop, page):
    mirror = control(page, "mirror")
    mirror.setFocus()
    desktop.remote.listed.emit("settings")
    assert control(page, "mirror") is mirror
    assert desktop.window.focusWidget() is mirror


def test_setting_that_is_declared_tomorrow_gets_a_control(desktop, page):
    new = {
        "name": "glow",
        "title": "Glow",
        "help": "Shine.",
        "kind": "switch",
        "unit": "",
        "minimum": None,
        "maximum": None,
        "choices": [],
        "default": False,
        "page": "main",
        "live": "at once",
    }
    desktop.remote.lists["settings"] = [*desktop.remote.lists["settings"], new]
    desktop.remote.listed.emit("settings")

    assert control(page, "glow").accessibleName() == "Glow"
    assert "Shine." in [label.text() for label in page.findChildren(QLabel)]


def test_window_words_belong_to_declared_settings():
    assert set(window_help()) <= {setting.name for setting in describe()}


def test_switch_changes_at_once(page, segcam, eventually):
    switch = control(page, "mirror")
    assert isinstance(switch, Switch)
    QTest.mouseClick(switch, LEFT)

    eventually(lambda: sent(segcam) == [{"mirror": True}])


def test_what_changes_elsewhere_is_shown(page, segcam, eventually):
    segcam._set({"mirror": True}, once=False)

    eventually(lambda: control(page, "mirror").isChecked())


def test_number_has_its_unit_and_range(page, segcam, eventually):
    field = control(page, "linger").findChild(QDoubleSpinBox)
    assert field.suffix() == " s"
    assert (field.minimum(), field.maximum()) == (0, 86400)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "12")
    QTest.keyClick(field, Qt.Key.Key_Return)

    eventually(lambda: sent(segcam) == [{"linger": 12.0}])


def test_number_can_be_left_to_segcam(page, segcam, eventually):
    widget = control(page, "fps")
    field, auto = widget.findChild(QDoubleSpinBox), widget.findChild(Switch)
    assert auto.isChecked()
    assert not field.isEnabled()
    assert field.value() == 30  # what it has become
    QTest.mouseClick(auto, LEFT)
    eventually(lambda: sent(segcam) and isinstance(sent(segcam)[-1]["fps"], float))
    QTest.mouseClick(auto, LEFT)
    eventually(lambda: sent(segcam)[-1] == {"fps": "auto"})


def test_whole_number_is_sent_as_one(page, segcam, eventually):
    field = control(page, "threads").findChild(QDoubleSpinBox)
    field.setValue(2)

    eventually(lambda: sent(segcam))
    assert isinstance(sent(segcam)[0]["threads"], int)


def test_text_is_sent_when_it_is_complete(page, segcam, eventually):
    field = control(page, "size")
    assert isinstance(field, QLineEdit)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "640x480")
    assert sent(segcam) == []
    QTest.keyClick(field, Qt.Key.Key_Return)

    eventually(lambda: sent(segcam) == [{"size": "640x480"}])


def test_wrong_text_goes_back_and_says_why(desktop, page, segcam, eventually):
    field = control(page, "size")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "huge")
    QTest.keyClick(field, Qt.Key.Key_Return)

    eventually(lambda: page.status.shown.warns)
    assert "huge" in page.status.shown.text
    field.clearFocus()
    eventually(lambda: field.text() == "")


def options(button):
    assert isinstance(button, MenuButton)
    button.menu().aboutToShow.emit()
    return {action.text(): action for action in button.menu().actions()}


def test_refused_processor_says_why(page):
    found = options(control(page, "backend"))
    npu = found["NPU (OpenVINO)"]

    assert not npu.isEnabled()
    assert "there is no NPU" in npu.toolTip()
    assert "there is no NPU" in page._refusals.text()


def test_processor_says_what_it_costs_and_can_be_chosen(page, segcam, eventually):
    found = options(control(page, "backend"))
    found["CPU (LiteRT) · 4.5 ms"].trigger()

    eventually(lambda: sent(segcam) == [{"backend": "litert-cpu"}])
    assert control(page, "backend").text().strip() == "CPU (LiteRT) · 4.5 ms"


def test_choice_shows_what_is_asked_for(page, segcam, eventually):
    segcam._set({"edges": "sharp"}, once=False)

    eventually(lambda: control(page, "edges").text().strip() == "Sharp")


def test_page_opens_and_closes_by_keyboard(desktop, qtbot):
    window = desktop.window
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    assert window.settings.isVisible()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.main.isVisible()


def test_emptied_field_leaves_it_to_segcam(page, segcam, eventually):
    field = control(page, "size")
    assert (field.text(), field.placeholderText()) == ("", "Automatic")
    field.setFocus()
    QTest.keyClicks(field, "640x480")
    QTest.keyClick(field, Qt.Key.Key_Return)
    eventually(lambda: sent(segcam) == [{"size": "640x480"}])
    field.clear()
    QTest.keyClick(field, Qt.Key.Key_Return)
    eventually(lambda: sent(segcam)[-1] == {"size": "auto"})


def autostart(page):
    return next(
        each for each in page.findChildren(Switch) if each.accessibleName() == "Start at login"
    )


def test_segcam_starts_at_login_from_a_click_on(page, segcam, eventually):
    switch = autostart(page)
    eventually(switch.isEnabled)
    assert not switch.isChecked()
    QTest.mouseClick(switch, LEFT)
    eventually(lambda: segcam.starts_at_login)
    eventually(switch.isChecked)
    QTest.keyClick(switch, Qt.Key.Key_Space)
    eventually(lambda: not segcam.starts_at_login)


def test_what_starts_at_login_is_shown_as_it_is_where_it_cannot_be_changed(
    desktop, page, segcam, eventually
):
    switch, complaints = autostart(page), []
    desktop.remote.complained.connect(complaints.append)
    eventually(switch.isEnabled)
    segcam.refusal = SegCamError("systemd rejects the service")
    QTest.mouseClick(switch, LEFT)
    eventually(lambda: complaints)
    eventually(lambda: not switch.isChecked())


def test_a_number_that_is_left_to_segcam_is_not_shown_as_nought(page, segcam, eventually):
    field = control(page, "budget").findChild(QDoubleSpinBox)
    eventually(lambda: not field.isEnabled())
    assert field.text() == "–"
    switch = control(page, "budget").findChild(Switch)
    QTest.mouseClick(switch, LEFT)
    eventually(lambda: {"budget": 1.0} in sent(segcam))
    assert field.text() == "1"
