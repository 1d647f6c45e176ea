"""Cures that can be copied or done with a button."""

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from segcam_ui import cures
from segcam_ui.cures import Command, SetupButton, split_cure

LEFT = Qt.MouseButton.LeftButton
PIP = ("/opt/x/python3 -m pip install 'y[z,a]'",)


@pytest.mark.parametrize(
    ("cure", "parts"),
    [
        ("sudo apt-get install a-b", ("", "sudo apt-get install a-b", "")),
        ("sudo usermod -aG v $U, then log in", ("", "sudo usermod -aG v $U", "then log in")),
        ("Start it: segcam start", ("Start it:", "segcam start", "")),
        ("Run: /opt/x/python3 -m pip install 'y[z,a]'.", ("Run:", *PIP, "")),
        ("busctl --user call a b ''", ("", "busctl --user call a b ''", "")),
        ("flatpak override --device=all NAME", ("", "flatpak override --device=all NAME", "")),
        ("systemctl --user start pipewire", ("", "systemctl --user start pipewire", "")),
        (
            "echo fs.inotify.max_user_watches=4 | sudo tee /etc/x.conf; sudo sysctl --system",
            (
                "",
                "echo fs.inotify.max_user_watches=4 | sudo tee /etc/x.conf; sudo sysctl --system",
                "",
            ),
        ),
        (
            "Change it: segcam set. Stop it: segcam stop",
            ("Change it:", "segcam set", "Stop it: segcam stop"),
        ),
        (
            "sudo mokutil --import k, reboot, choose Enroll MOK, then: sudo dkms install x",
            (
                "",
                "sudo mokutil --import k",
                "reboot, choose Enroll MOK, then: sudo dkms install x",
            ),
        ),
        (
            "Close segcam first, then run: sudo modprobe b",
            ("Close segcam first, then run:", "sudo modprobe b", ""),
        ),
        *(
            (cure, (cure, "", ""))
            for cure in (
                "Plug one in. On a laptop: check the switch",
                "Stop the running segcam first",
                "Close them (SegCam: segcam stop), then try again",
                "",
            )
        ),
    ],
)
def test_command_of_a_cure(cure, parts):
    assert split_cure(cure) == parts


def test_command_is_copied(qtbot):
    command = Command()
    qtbot.addWidget(command)
    command.show_command("segcam setup")
    QTest.mouseClick(command.findChild(QToolButton), LEFT)
    assert QApplication.clipboard().text() == "segcam setup"


@pytest.fixture
def pkexec(tmp_path, monkeypatch):
    """A system whose prompt lets the user be root."""
    (tmp_path / "pkexec").write_text("#!/bin/sh\n")
    (tmp_path / "pkexec").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))


def run_instead(monkeypatch, code):
    monkeypatch.setattr(cures.launch, "command", lambda *_: [sys.executable, "-c", code])


def test_without_a_prompt_of_the_system_there_is_no_button(qtbot, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert SetupButton().isHidden()


def test_setup_tells_that_it_is_done(qtbot, pkexec, monkeypatch):
    run_instead(monkeypatch, "print('Done.')")
    button = SetupButton()
    qtbot.addWidget(button)
    button.show()
    with qtbot.waitSignal(button.done, timeout=60_000):
        QTest.mouseClick(button, LEFT)
    assert button.isEnabled()


def test_setup_that_failed_tells_why_and_can_be_tried_again(qtbot, pkexec, monkeypatch):
    run_instead(monkeypatch, r"raise SystemExit('pkexec: x\nError: Nothing was changed. Closed.')")
    button = SetupButton()
    qtbot.addWidget(button)
    button.show()
    with qtbot.waitSignal(button.failed, timeout=60_000) as told:
        QTest.mouseClick(button, LEFT)
    assert told.args == ["Nothing was changed. Closed."]
    assert button.isEnabled()
