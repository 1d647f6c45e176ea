"""The row above the picture: camera, preset, pause, and the program's own menu."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QWidget

from segcam_ui import menus, theme
from segcam_ui.controls import IconButton, MenuButton, grow_in_row
from segcam_ui.remote import Remote
from segcam_ui.words import camera_name


class Header(QWidget):
    """Choices that change rarely, and pause.

    Signals:
        wanted: "settings", "guide", "doctor" or "quit" from the program's menu.
    """

    wanted = Signal(str)

    def __init__(self, remote: Remote) -> None:
        super().__init__()
        self._remote = remote
        self._camera = MenuButton(
            self.tr("Camera"), "camera", lambda menu: menus.fill_cameras(menu, remote)
        )
        self._camera.pressed.connect(lambda: remote.refresh("cameras"))
        self._preset = MenuButton(self.tr("Preset"), "preset", self._fill_presets)
        self._pause = IconButton(self.tr("Pause"), "pause", text=True, flat=False)
        self._pause.clicked.connect(self._toggle_pause)
        self._more = MenuButton(self.tr("Menu"), "menu", self._fill_more)
        self._more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._more.setProperty("flat", True)
        self._more.show_choice("")
        grow_in_row(self._more)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.GRID)
        self._row.addWidget(self._camera)
        self._row.addWidget(self._preset)
        self._row.addStretch(1)
        self._row.addWidget(self._pause)
        self._row.addWidget(self._more)
        for signal in (remote.changed, remote.listed):
            signal.connect(self._show)
        self._show()

    @cached_property
    def _name(self) -> QLineEdit:
        """The field for a preset's name, made when it is first used: its icon takes long."""
        field = QLineEdit()
        field.setPlaceholderText(self.tr("Name of the preset"))
        field.setAccessibleName(self.tr("Name of the preset"))
        field.setClearButtonEnabled(True)
        field.setFixedWidth(200)
        field.returnPressed.connect(self._save_preset)
        field.editingFinished.connect(field.hide)
        self._row.insertWidget(self._row.indexOf(self._preset) + 1, field)
        return field

    def open_cameras(self) -> None:
        """Let the user choose a camera."""
        self._remote.refresh("cameras")
        self._camera.showMenu()

    def _show(self) -> None:
        state = self._remote.state
        for widget in (self._camera, self._preset, self._pause):
            widget.setEnabled(state is not None)
        if state is None and self._remote.known:
            return  # nothing jumps while the connection is lost
        value = str(self._remote.requested("camera", "first"))
        titles = dict(menus.camera_choices(self._remote.lists.get("cameras", [])))
        self._camera.show_choice(titles.get(value) or camera_name(value, state))
        preset = state.preset if state else ""
        self._preset.show_choice(preset or self.tr("Presets"))
        paused = bool(state and state.paused)
        self._pause.set_meaning(
            *((self.tr("Resume"), "play") if paused else (self.tr("Pause"), "pause"))
        )

    def _fill_presets(self, menu: QMenu) -> None:
        menus.fill_presets(menu, self._remote, self._ask_name)

    def _ask_name(self) -> None:
        """Let the user type a name next to the button, without a dialog."""
        self._name.clear()
        self._name.show()
        theme.fade_in(self._name)
        self._name.setFocus()

    def give_up_name(self) -> bool:
        """Cancel typing a name. False: nobody was typing."""
        if "_name" not in self.__dict__ or not self._name.isVisible():
            return False
        self._name.clear()
        self._preset.setFocus()  # the field closes when it loses the focus
        return True

    def _save_preset(self) -> None:
        name = self._name.text().strip()
        self._preset.setFocus()
        if name:
            self._remote.act("preset-save", "presets", name=name)

    def _fill_more(self, menu: QMenu) -> None:
        menu.addAction(self.tr("Settings"), lambda: self.wanted.emit("settings"))
        menu.addAction(self.tr("How programs find SegCam"), lambda: self.wanted.emit("guide"))
        menu.addAction(self.tr("Check-up"), lambda: self.wanted.emit("doctor"))
        menu.addSeparator()
        menu.addAction(self.tr("Quit SegCam"), lambda: self.wanted.emit("quit"))

    def _toggle_pause(self) -> None:
        state = self._remote.state
        self._remote.pause(not (state and state.paused))
