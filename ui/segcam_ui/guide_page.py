"""The page of the first start: which camera, how programs find SegCam, and on to the picture."""

from __future__ import annotations

import re
import shutil
from typing import Any

from PySide6.QtCore import QProcess, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from segcam_ui import icons, theme
from segcam_ui.controls import IconButton, heading, push_button
from segcam_ui.remote import Remote

WIDTH_PX = 480


class Sentence(QWidget):
    """A sentence with its icon before it."""

    def __init__(self) -> None:
        super().__init__()
        self._mark, self._text = QLabel(), QLabel()
        self._text.setWordWrap(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme.GRID)
        layout.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)

    def say(self, symbol: str, text: str) -> None:
        """Say something else."""
        ratio = self.devicePixelRatioF()
        self._mark.setPixmap(icons.pixmap(symbol, theme.colors().accent, 20, ratio))
        self._text.setText(text)


class GuidePage(QWidget):
    """Three sentences and one button.

    Signals:
        closed: On to the first page.
    """

    closed = Signal()

    def __init__(self, remote: Remote) -> None:
        super().__init__()
        self._remote = remote
        self._camera, self._programs, self._private = Sentence(), Sentence(), Sentence()
        self._command = QLineEdit()
        self._command.setReadOnly(True)
        self._command.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._command.setAccessibleName(self.tr("Command"))
        self._copy = IconButton(self.tr("Copy the command"), "copy", flat=False)
        self._copy.clicked.connect(self._copy_command)
        self._run = push_button(self.tr("Run"), self._run_command)
        self._run.setToolTip(self.tr("The system asks for your password first"))
        self._process: QProcess | None = None
        self._lay_out()
        remote.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        picture = QLabel()
        picture.setPixmap(icons.program_icon().pixmap(64, 64))
        picture.setFixedSize(64, 64)
        self._how = QWidget()
        command = QHBoxLayout(self._how)
        command.setContentsMargins(36, 0, 0, 0)
        command.setSpacing(theme.GRID)
        command.addWidget(self._command, 1)
        command.addWidget(self._copy)
        command.addWidget(self._run)
        column = QWidget()
        column.setFixedWidth(WIDTH_PX)
        inside = QVBoxLayout(column)
        inside.setSpacing(2 * theme.GRID)
        inside.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addWidget(
            heading(self.tr("Your webcam without your room")), 0, Qt.AlignmentFlag.AlignHCenter
        )
        inside.addSpacing(theme.GRID)
        for widget in (self._camera, self._private, self._programs, self._how):
            inside.addWidget(widget)
        inside.addSpacing(theme.GRID)
        self._go = push_button(
            self.tr("Try it: this is what others see"), self.closed.emit, suggested=True
        )
        inside.addWidget(self._go, 0, Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        row = QHBoxLayout()  # an alignment would not ask how high the wrapped texts are
        row.addStretch(1)
        row.addWidget(column)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addStretch(1)

    def showEvent(self, event: QShowEvent) -> None:
        """The button is what Enter presses."""
        super().showEvent(event)
        self._go.setFocus()

    def _show(self) -> None:
        state = self._remote.state
        self._private.say(
            "watched",
            self.tr(
                "The room behind you is hidden before any program sees a picture, and the camera "
                "is on only while one watches."
            ),
        )
        if state is None:
            self._camera.say("camera", self._remote.line.text)
            self._programs.say("preset", self.tr("Looking for the ways to other programs …"))
            self._how.hide()
            return
        self._camera.say("camera", self._camera_sentence(state))
        kinds = way_kinds(state)
        self._programs.say("check" if kinds else "trouble", self._way_sentence(kinds))
        command = command_from(state.notes)
        self._command.setText(command)
        self._command.setCursorPosition(0)
        self._how.setVisible(bool(command) and "v4l2" not in kinds)
        self._run.setVisible(shutil.which("pkexec") is not None)

    def _camera_sentence(self, state: Any) -> str:
        if state.trouble and not state.camera:
            return f"{state.trouble['title']}. {state.trouble['hint']}"
        if str(self._remote.requested("camera")) == "demo" or state.camera == "demo":
            return self.tr("There is no webcam: a built-in demo stands in for it.")
        if not state.camera:
            return self.tr("Looking for your camera …")
        return self.tr("Your camera was found: {}.").format(state.camera)

    def _way_sentence(self, kinds: set[str]) -> str:
        if "v4l2" in kinds:
            return self.tr("Every program can select the camera “SegCam”.")
        if "pipewire" in kinds:
            return self.tr(
                "Browsers and OBS can select the camera “SegCam” (through PipeWire). "
                "All other programs can after this command:"
            )
        return self.tr("No program can see SegCam yet. This command changes that:")

    def _copy_command(self) -> None:
        QGuiApplication.clipboard().setText(self._command.text())
        self._copy.set_meaning(self.tr("Copied"), "check")

    def _run_command(self) -> None:
        """Have the system ask for the password and do it; nothing here waits."""
        self._process = QProcess(self)
        self._process.finished.connect(self._finish)
        self._run.setEnabled(False)
        self._process.start("pkexec", ["sh", "-c", as_root(self._command.text())])

    def _finish(self, code: int) -> None:
        self._run.setEnabled(True)
        self._run.setText(self.tr("Run again") if code else self.tr("Done"))
        if not code:
            self._remote.restart()


def way_kinds(state: Any) -> set[str]:
    """How programs get the picture: "v4l2", "pipewire", both or neither."""
    kinds = set()
    for output in state.outputs:
        if output.trouble:
            continue
        if output.name.startswith("/dev/"):
            kinds.add("v4l2")
        elif "pipewire" in output.name.casefold():
            kinds.add("pipewire")
    return kinds


def command_from(notes: list[str]) -> str:
    """The command in the note about v4l2loopback, to be run in one go; "" where there is none."""
    for note in notes:
        found = re.search(r"sudo .+$", note)
        if found and "v4l2loopback" in note:
            return found[0].rstrip(".").replace("; then: ", " && ")
    return ""


def as_root(command: str) -> str:
    """The same for a shell that is root already, and asks nothing."""
    return command.replace("sudo ", "").replace("apt-get install ", "apt-get install -y ")
