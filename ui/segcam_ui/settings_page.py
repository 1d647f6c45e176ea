"""The settings page, generated from the declarations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from segcam_ui import menus, setting_words, theme
from segcam_ui.choices import Control, choice_title, make_control, plain_options
from segcam_ui.controls import dim_label, heading
from segcam_ui.page import Page
from segcam_ui.processors import processor_title
from segcam_ui.remote import Remote, Row
from segcam_ui.status_line import StatusLine
from segcam_ui.switch import RING_PX, Switch

ELSEWHERE = ("background",)
"""Settings that the first page shows."""
EFFECTIVE = {"fps": "rate_hz"}
"""The state's fields with the values of automatic numbers."""


class SettingsPage(Page):
    """All settings; changes take effect at once."""

    def __init__(self, remote: Remote) -> None:
        super().__init__(self.tr("Settings"))
        self._remote = remote
        self._controls: dict[str, Control] = {}
        self.status = StatusLine(remote)
        self.add_below(self.status)
        remote.changed.connect(self.show_values)
        remote.listed.connect(self._take)
        self._rebuild()

    def open(self) -> None:
        """Request lists that may have changed since the last visit."""
        for name in ("settings", "cameras", "models", "backends"):
            self._remote.refresh(name)
        self._remote.set_autostart(None)

    def _take(self, name: str) -> None:
        if name == "settings":
            self._rebuild()
        elif name in ("backends", "models", "cameras"):
            self.show_values()

    def _rebuild(self) -> None:
        """Create a row for each declaration, the important ones first."""
        declared = self._remote.lists.get("settings", [])
        wanted = [each for each in declared if each["name"] not in ELSEWHERE]
        if {each["name"] for each in wanted} == set(self._controls):
            return
        while (item := self.rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._controls.clear()
        for page in ("main", "advanced"):
            rows = [each for each in wanted if each.get("page", "main") == page]
            if page == "advanced":
                self.rows.addWidget(self._make_autostart())
            if rows and page == "advanced":
                self.rows.addSpacing(theme.GRID)
                self.rows.addWidget(heading(self.tr("Advanced")))
            for setting in rows:
                self.rows.addWidget(self._make_row(setting))
        self.rows.addStretch(1)
        self.show_values()

    def _make_autostart(self) -> QWidget:
        """Add the row for the start at login, a setting of the computer, not of SegCam."""
        title = self.tr("Start at login")
        self._autostart = Switch(title)
        self._autostart.setToolTip(self.tr("Programs find the camera whenever you are logged in."))
        self._autostart.clicked.connect(self._remote.set_autostart)
        self._show_autostart()
        return _row(title, [dim_label(self._autostart.toolTip())], self._autostart)

    def _show_autostart(self) -> None:
        on = self._remote.starts_at_login
        self._autostart.setChecked(bool(on))
        self._autostart.setEnabled(on is not None and self._remote.state is not None)

    def _make_row(self, setting: Row) -> QWidget:
        name = str(setting["name"])
        said = {
            **setting,
            "title": setting_words.title(setting),
            "help": setting_words.help_text(setting),
        }
        control = make_control(said, self._remote, self._options(setting))
        control.widget.setToolTip(said["help"])
        self._controls[name] = control
        notes = [dim_label(said["help"])]
        return _row(
            said["title"],
            [*notes, self._make_notes()] if name == "backend" else notes,
            control.widget,
        )

    def _make_notes(self) -> QWidget:
        """Show what is used now and, if something was refused, the reasons."""
        self._now, self._refusals = dim_label(), dim_label()
        self._refusals.hide()
        self._why = QToolButton()
        self._why.setText(self.tr("Why not the others?"))
        self._why.setProperty("link", True)
        self._why.setCheckable(True)
        self._why.toggled.connect(self._refusals.setVisible)
        notes = QWidget()
        layout = QVBoxLayout(notes)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GRID // 2)
        layout.addWidget(self._now)
        layout.addWidget(self._why)
        layout.addWidget(self._refusals)
        return notes

    def show_values(self) -> None:
        """Show the requested values."""
        state = self._remote.state
        for name, control in self._controls.items():
            value = self._remote.requested(name, None)
            if value == "auto" and control.show_automatic is not None:
                control.show_automatic(getattr(state, EFFECTIVE.get(name, ""), None))
            elif value is not None:
                control.show(value)
            control.widget.setEnabled(self._remote.state is not None)
        if "backend" in self._controls:
            self._show_notes()
        if self._controls:
            self._show_autostart()

    def _show_notes(self) -> None:
        state, rows = self._remote.state, self._remote.lists.get("backends", [])
        name = processor_title(state.backend) if state and state.backend else ""
        self._now.setText(self.tr("In use: {}").format(name) if name else "")
        refused = [row for row in rows if _refusal(row)]
        lines = [f"{processor_title(row['name'])}: {_refusal(row)}" for row in refused]
        self._refusals.setText("\n".join(lines))
        self._why.setVisible(bool(refused))

    # What can be chosen

    def _options(self, setting: Row) -> Callable[[], list[Row]] | None:
        makers: dict[str, Callable[[], list[Row]]] = {
            "camera": self._cameras,
            "model": partial(self._models, setting),
            "backend": partial(self._processors, setting),
        }
        return makers.get(str(setting["name"]))

    def _cameras(self) -> list[Row]:
        rows = self._remote.lists.get("cameras", [])
        choices = menus.camera_choices(rows)
        found = [{"value": value, "title": title} for value, title in choices]
        fixed = ("first", "demo", "pattern")
        return (
            [{"value": each, "title": choice_title(each)} for each in fixed[:1]]
            + found
            + [{"value": each, "title": choice_title(each)} for each in fixed[1:]]
        )

    def _models(self, setting: Row) -> list[Row]:
        rows = self._remote.lists.get("models", [])
        return plain_options(setting) + [
            {"value": row["name"], "title": row.get("title") or row["name"]}
            for row in rows
            if row.get("role", "segmenter") == "segmenter"
        ]

    def _processors(self, setting: Row) -> list[Row]:
        """The kinds of processor, then each backend; refused ones give the reason."""
        rows = self._remote.lists.get("backends", [])
        return plain_options(setting) + [
            {"value": row["name"], "title": _measured(row), "reason": _refusal(row)} for row in rows
        ]


def _row(title: str, notes: Sequence[QWidget], control: QWidget) -> QWidget:
    """Title and notes, with the control on the right."""
    texts = QVBoxLayout()
    texts.setSpacing(0)
    for text in (QLabel(title), *notes):
        texts.addWidget(text)
    texts.addStretch(1)
    row = QWidget()
    layout = QHBoxLayout(row)
    # A switch's track ends where the other controls do; its ring is outside of that.
    layout.setContentsMargins(0, 0, 0 if isinstance(control, Switch) else RING_PX, 0)
    layout.setSpacing(2 * theme.GRID)
    layout.addLayout(texts, 1)
    layout.addWidget(control, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
    return row


def _measured(row: Row) -> str:
    """A processor with its cost per picture."""
    took, name = row.get("median_ms"), processor_title(str(row["name"]))
    return name if took is None else f"{name} · {took:.1f} ms"


def _refusal(row: Row) -> str:
    if row.get("usable", True):
        return ""
    return ". ".join(str(row[part]) for part in ("reason", "hint") if row.get(part))
