"""The page of the first start: the camera, and how programs find SegCam."""

from __future__ import annotations

import sys
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from segcam_ui import icons, theme
from segcam_ui.controls import heading, push_button
from segcam_ui.cures import Command, Setup, setup_command
from segcam_ui.page import Page, Sentence
from segcam_ui.remote import Remote
from segcam_ui.words import lacks_camera, trouble_line

WIDTH_PX = 480
INDENT_PX = 36
"""Indentation of the parts of a sentence."""


class GuidePage(Page):
    """Three sentences and one button."""

    def __init__(self, remote: Remote) -> None:
        super().__init__(self.tr("How programs find SegCam"), WIDTH_PX)
        self._remote = remote
        self._camera, self._programs, self._private = Sentence(), Sentence(), Sentence()
        self._command = Command()
        self._command.show_command(setup_command())
        self._setup = Setup()
        self._setup.done.connect(remote.restart)
        self._fill()
        remote.changed.connect(self._show)
        self._show()

    def set_first(self, first: bool) -> None:
        """Set whether this is the first start, which has no way back."""
        self.top.setVisible(not first)

    def take_focus(self) -> None:
        """Put the focus on the button, so that Enter presses it."""
        self._go.setFocus()

    def _fill(self) -> None:
        picture = QLabel()
        picture.setPixmap(icons.program_icon().pixmap(64, 64))
        picture.setFixedSize(64, 64)
        center = Qt.AlignmentFlag.AlignHCenter
        self.rows.addStretch(1)
        self.rows.addWidget(picture, 0, center)
        title = heading(self.tr("Your webcam without your room"))
        title.setWordWrap(True)
        title.setAlignment(center)
        self.rows.addWidget(title)
        self.rows.addSpacing(theme.GRID)
        for widget in (self._camera, self._private, self._programs, self._make_how()):
            self.rows.addWidget(widget)
        self.rows.addSpacing(theme.GRID)
        text = self.tr("Try it: this is what others see")
        self._go = push_button(text, self.closed.emit, suggested=True)
        self.rows.addWidget(self._go, 0, center)
        self.rows.addStretch(1)

    def _make_how(self) -> QWidget:
        self._how = QWidget()
        layout = QVBoxLayout(self._how)
        layout.setContentsMargins(INDENT_PX, 0, 0, 0)
        layout.setSpacing(theme.GRID)
        layout.addWidget(self._command)
        layout.addWidget(self._setup)
        return self._how

    def _show(self) -> None:
        state = self._remote.state
        self._private.say(
            "watched",
            self.tr(
                "SegCam hides the room behind you before any program gets a picture, and turns "
                "the camera on only while a program watches."
            ),
        )
        if state is None:
            self._camera.say("camera", self._remote.line.text)
            self._programs.say("preset", self.tr("Checking how other programs can use SegCam …"))
            self._how.hide()
            return
        self._camera.say("camera", self._camera_sentence(state))
        kinds = way_kinds(state)
        if not kinds and state.phase == "starting":
            self._programs.say("preset", self.tr("Checking how other programs can use SegCam …"))
            self._how.hide()
            return
        symbol = "check" if kinds else "trouble"
        self._programs.say(symbol, self._way_sentence(kinds), warns=not kinds)
        self._how.setVisible("v4l2" not in kinds and sys.platform == "linux")

    def _camera_sentence(self, state: Any) -> str:
        if lacks_camera(state):
            line = trouble_line(state.trouble)
            return f"{line.text}. {line.detail}"
        if str(self._remote.requested("camera")) == "demo" or state.camera == "demo":
            return self.tr("SegCam uses its built-in demo instead of a webcam.")
        if not state.camera:
            return self.tr("Looking for your camera …")
        return self.tr("Your camera was found: {}.").format(state.camera)

    def _way_sentence(self, kinds: set[str]) -> str:
        if "v4l2" in kinds:
            return self.tr("Every program can select the camera “SegCam”.")
        if "pipewire" in kinds:
            return self.tr(
                "Browsers and OBS can select the camera “SegCam” (through PipeWire). For all "
                "other programs, run this command once:"
            )
        return self.tr("No program can select SegCam yet. Run this command once:")


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
