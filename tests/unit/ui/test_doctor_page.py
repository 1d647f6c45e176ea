"""The check-up in the window."""

import json
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from segcam_ui import cures

LEFT = Qt.MouseButton.LeftButton
FINDINGS = [
    {"code": "npu.none", "state": "ok", "title": "No NPU", "why": "", "cure": ""},
    {
        "code": "loopback.missing",
        "state": "fault",
        "title": "v4l2loopback is not installed",
        "why": "Zoom does not see SegCam",
        "cure": "Run: sudo apt-get install v4l2loopback-dkms, then reboot",
    },
    {
        "code": "camera.none",
        "state": "fault",
        "title": "There is no webcam",
        "why": "",
        "cure": "Plug one in",
    },
]


@pytest.fixture
def page(desktop, doctor_says, eventually):
    doctor_says(json.dumps({"findings": FINDINGS}))
    desktop.window.open_page("doctor")
    eventually(lambda: "No NPU" in texts(desktop.window.doctor))
    return desktop.window.doctor


def texts(page):
    return [label.text() for label in page.findChildren(QLabel)]


def test_faults_come_first(page):
    said = texts(page)
    assert said.index("v4l2loopback is not installed") < said.index("No NPU")
    assert any(text.endswith(": 2") for text in said)


def test_command_can_be_copied(page):
    commands = [field.text() for field in page.findChildren(QLineEdit)]
    assert commands == ["sudo apt-get install v4l2loopback-dkms"]
    said = texts(page)
    assert said.index("Then reboot.") - said.index("Zoom does not see SegCam. Run:") == 1


def test_button_leads_to_the_cameras(page, desktop, monkeypatch):
    opened = []
    monkeypatch.setattr(desktop.window.main.header, "open_cameras", lambda: opened.append(1))
    button = next(b for b in page.findChildren(QPushButton) if b.text() == "Choose a camera")
    QTest.mouseClick(button, LEFT)
    assert desktop.window.main.isVisible()
    assert opened == [1]


def test_check_up_that_fails_is_told_and_can_be_done_again(page, doctor_says, eventually):
    doctor_says("no JSON")
    again = next(b for b in page.findChildren(QPushButton) if b.text() == "Check again")
    QTest.mouseClick(again, LEFT)
    eventually(lambda: "The check-up failed" in texts(page))
    assert again.isEnabled()


def test_setup_that_was_refused_is_told_below_its_button(
    doctor_says, desktop, monkeypatch, tmp_path, eventually
):
    (tmp_path / "pkexec").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    doctor_says(json.dumps({"findings": FINDINGS}))
    page = desktop.window.doctor
    desktop.window.open_page("doctor")
    eventually(lambda: "No NPU" in texts(page))
    refuse = "raise SystemExit('You gave no permission')"
    monkeypatch.setattr(cures.launch, "command", lambda *_: [sys.executable, "-c", refuse])
    button = page.findChild(cures.SetupButton)
    QTest.mouseClick(button, LEFT)
    eventually(lambda: "You gave no permission" in texts(page))
    told = next(e for e in page.findChildren(QLabel) if "no permission" in e.text())
    assert told.isVisible()
    assert button.isEnabled()
    assert button.text() == "Try again"


def test_setup_is_shown_as_it_can_be_typed(doctor_says, desktop, monkeypatch, eventually):
    """In a clone, the shell does not find segcam."""
    monkeypatch.setattr(cures.shutil, "which", lambda _: None)
    finding = {"code": "loopback.at-start", "state": "note", "title": "Not loaded", "why": ""}
    doctor_says(json.dumps({"findings": [{**finding, "cure": "segcam setup"}]}))
    desktop.window.open_page("doctor")
    page = desktop.window.doctor
    eventually(lambda: "Not loaded" in texts(page))
    (field,) = page.findChildren(QLineEdit)
    assert field.text() == cures.setup_command() != "segcam setup"
