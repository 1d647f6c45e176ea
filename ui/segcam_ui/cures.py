"""Cures to copy or to run: a command, and the set-up of the virtual camera."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QProcessEnvironment, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from segcam import launch
from segcam_ui import theme
from segcam_ui.controls import IconButton, PushButton, dim_label, grow_in_row
from segcam_ui.words import translate

_COMMAND = re.compile(
    r"(?:^|(?<=: ))(?:/\S*/)?"
    r"(?:sudo|systemctl|busctl|flatpak|pip|pipx|segcam|rm|echo|wpctl|python3?) \S.*?"
    r"(?=\.?$|\. [A-Z]|, )"
)
"""Ends before the next sentence, or before ", then log in again"."""


def split_cure(cure: str) -> tuple[str, str, str]:
    """The text before the command in a cure, the command as one line, and the text after it.

    Without a command all of it is text: the other two are "".
    """
    found = _COMMAND.search(cure)
    if found is None or cure.count("(", 0, found.start()) > cure.count(")", 0, found.start()):
        return cure, "", ""
    return cure[: found.start()].rstrip(), found[0], cure[found.end() :].lstrip(" .,")


def setup_command() -> str:
    """The command that sets the virtual camera up in a terminal."""
    if shutil.which("segcam"):
        return "segcam setup"
    beside = Path(sys.executable).with_name("segcam")
    return f"{beside} setup" if beside.exists() else f"{sys.executable} -m segcam setup"


class Command(QWidget):
    """A command that can be selected and copied."""

    def __init__(self) -> None:
        super().__init__()
        self._field = QLineEdit()
        self._field.setReadOnly(True)
        self._field.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._field.setAccessibleName(translate("Cure", "Command"))
        self._copy = IconButton(translate("Cure", "Copy the command"), "copy", flat=False)
        self._copy.clicked.connect(self._copy_it)
        grow_in_row(self._copy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GRID)
        layout.addWidget(self._field, 1)
        layout.addWidget(self._copy)

    def show_command(self, command: str) -> None:
        """Show another command."""
        if command != self._field.text():
            self._field.setText(command)
            self._field.setCursorPosition(0)
            self._copy.set_meaning(translate("Cure", "Copy the command"), "copy")

    def _copy_it(self) -> None:
        QGuiApplication.clipboard().setText(self._field.text())
        self._copy.set_meaning(translate("Cure", "Copied"), "check")


def can_ask_for_a_password() -> bool:
    """Whether the system can ask for root's permission with its own dialog."""
    return shutil.which("pkexec") is not None


class SetupButton(PushButton):
    """Sets the virtual camera up; the system asks for the password, and the window does not wait.

    Signals:
        done: The camera is set up. failed: The error message.
    """

    done = Signal()
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__(translate("Cure", "Set up"))
        self.setToolTip(translate("Cure", "The system asks for your password first"))
        if not can_ask_for_a_password():
            self.hide()
        self._process: QProcess | None = None
        self.clicked.connect(self._begin)

    def _begin(self) -> None:
        self.setEnabled(False)
        self._process = run_beside(self, "segcam", "setup", "--yes")
        self._process.finished.connect(self._finish)

    def _finish(self, status: int) -> None:
        assert self._process is not None
        said = bytes(self._process.readAllStandardError().data()).decode(errors="replace")
        self.setEnabled(True)
        if status:
            self.setText(translate("Cure", "Try again"))
            self.failed.emit(_last_error(said))
        else:
            self.setText(translate("Cure", "Done"))
            self.done.emit()


def _last_error(said: str) -> str:
    """The error of a command: its last line, after the output of the programs that it ran."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1].removeprefix("Error: ") if lines else ""


class Setup(QWidget):
    """The button of the set-up, and below it why it failed.

    Signals:
        done: The camera is set up.
    """

    done = Signal()

    def __init__(self) -> None:
        super().__init__()
        button, self._said = SetupButton(), dim_label()
        self._said.hide()
        button.done.connect(self.done)
        button.clicked.connect(self._said.hide)
        button.failed.connect(self._tell)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GRID)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._said)
        if not can_ask_for_a_password():
            self.hide()

    def _tell(self, why: str) -> None:
        self._said.setText(why)
        self._said.setVisible(bool(why))


def run_beside(parent: QWidget, *command: str) -> QProcess:
    """Start one of SegCam's own commands in the background; read its output at the end."""
    program, *arguments = launch.command(command[0], *command[1:])
    environment = QProcessEnvironment()
    for name, value in launch.environment().items():
        environment.insert(name, value)
    process = QProcess(parent)
    process.setProcessEnvironment(environment)
    process.setStandardInputFile(QProcess.nullDevice())
    process.start(program, arguments)
    return process
