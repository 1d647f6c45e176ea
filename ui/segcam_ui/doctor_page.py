"""The check-up: every reason why a call has no picture, with its cure."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QProcess, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from segcam_ui import icons, theme
from segcam_ui.controls import dim_label, push_button
from segcam_ui.cures import Command, Setup, run_beside, setup_command, split_cure
from segcam_ui.page import Page, Sentence
from segcam_ui.remote import Remote

Finding = dict[str, Any]
ORDER = ("fault", "note", "ok")


class DoctorPage(Page):
    """Shows the findings of `segcam doctor`, run in the background each time the page opens.

    Signals:
        cured: A button was pressed, with the same actions as in `StatusLine`.
    """

    cured = Signal(str)

    def __init__(self, remote: Remote) -> None:
        super().__init__(self.tr("Check-up"))
        self._remote = remote
        self._process: QProcess | None = None
        self._summary = Sentence()
        self._again = push_button(self.tr("Check again"), self.open)
        head = QHBoxLayout()
        head.addWidget(self._summary, 1, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(self._again, 0, Qt.AlignmentFlag.AlignTop)
        self._found = QVBoxLayout()
        self._found.setSpacing(2 * theme.GRID)
        self.rows.addLayout(head)
        self.rows.addSpacing(theme.GRID)
        self.rows.addLayout(self._found)
        self.rows.addStretch(1)

    def open(self) -> None:
        """Run the checks; old findings stay until there are new ones."""
        if self._process is not None:
            return
        self._summary.say("reconnect", self.tr("Checking this computer …"))
        self._again.setEnabled(False)
        self._process = run_beside(self, "segcam", "doctor", "--json")
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._finish)

    def stop(self) -> None:
        """Stop waiting for the checks."""
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            process.deleteLater()

    def _finish(self, *_: object) -> None:
        if self._process is None:
            return
        said = bytes(self._process.readAllStandardOutput().data())
        self._process.deleteLater()
        self._process = None
        self._again.setEnabled(True)
        try:
            self.show_findings(json.loads(said)["findings"])
        except (ValueError, KeyError, TypeError):
            self._summary.say("trouble", self.tr("The check-up failed"), warns=True)

    def show_findings(self, found: list[Finding]) -> None:
        """Show these findings, the worst first."""
        while (item := self._found.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        faults = sum(each["state"] == "fault" for each in found)
        if faults:
            text = self.tr("Problems that keep programs from getting your picture: {}").format(
                faults
            )
            self._summary.say("trouble", text, warns=True)
        else:
            self._summary.say("check", self.tr("Everything is ready for a call"))
        offers_setup = True
        for finding in sorted(found, key=lambda each: ORDER.index(each["state"])):
            sets_up = finding["state"] != "ok" and finding["code"].startswith("loopback.")
            self._found.addWidget(self._make_row(finding, sets_up and offers_setup))
            offers_setup &= not sets_up

    def _make_row(self, finding: Finding, sets_up: bool) -> QWidget:
        row = QWidget()
        mark, texts = QLabel(), QVBoxLayout()
        mark.setPixmap(self._symbol(finding["state"]))
        texts.setSpacing(theme.GRID // 2)
        title = QLabel(finding["title"])
        title.setWordWrap(True)
        texts.addWidget(title)
        if finding["state"] != "ok":
            self._add_cure(texts, finding, sets_up)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme.GRID)
        layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(texts, 1)
        return row

    def _add_cure(self, texts: QVBoxLayout, finding: Finding, sets_up: bool) -> None:
        before, command, after = split_cure(str(finding["cure"]))
        if text := _sentences(str(finding["why"]), before):
            texts.addWidget(dim_label(text))
        if command:
            field = Command()
            field.show_command(setup_command() if command == "segcam setup" else command)
            texts.addWidget(field)
        if after:
            texts.addWidget(dim_label(_sentences(after[:1].upper() + after[1:])))
        self._add_button(texts, str(finding["code"]), sets_up)

    def _add_button(self, texts: QVBoxLayout, code: str, sets_up: bool) -> None:
        if sets_up:
            setup = Setup()
            setup.done.connect(self._remote.restart)
            texts.addWidget(setup)
        elif code.startswith("camera."):
            choose = push_button(self.tr("Choose a camera"), lambda: self.cured.emit("cameras"))
            texts.addWidget(choose, 0, Qt.AlignmentFlag.AlignLeft)

    def _symbol(self, state: str) -> Any:
        colors = theme.colors()
        symbol, color = {
            "ok": ("check", colors.dim),
            "note": ("note", colors.dim),
        }.get(state, ("trouble", colors.warning))
        return icons.pixmap(symbol, color, 20, self.devicePixelRatioF())


def _sentences(*parts: str) -> str:
    """The parts as one text, each ended by its own mark or a full stop."""
    return " ".join(part if part[-1] in ".?!:" else f"{part}." for part in parts if part)
