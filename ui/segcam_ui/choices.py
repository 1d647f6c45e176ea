"""Controls for declared settings: a switch, a number, a choice or a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup, QFocusEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from segcam_ui.controls import MenuButton
from segcam_ui.numbers import NumberField
from segcam_ui.remote import Remote, Row
from segcam_ui.switch import Switch
from segcam_ui.words import translate

CONTROL_PX = 224
ARROW_PX = 48
"""Space for the arrow of a choice, and its edges."""


class Control:
    """A widget that shows a setting and applies changes at once.

    Args:
        widget: The widget.
        show: Shows a value without changing anything.
        show_automatic: Shows that SegCam chooses the value, and the chosen value if known.
    """

    def __init__(
        self,
        widget: QWidget,
        show: Callable[[Any], None],
        show_automatic: Callable[[Any], None] | None = None,
    ) -> None:
        self.widget = widget
        self.show = show
        self.show_automatic = show_automatic


def make_control(setting: Row, remote: Remote, options: Callable[[], list[Row]] | None) -> Control:
    """The control for a declaration.

    Args:
        setting: The declaration from the running SegCam.
        remote: Applies the change.
        options: Rows of value, title, and the reason why it is unavailable; None: any value.
    """
    name = str(setting["name"])

    def change(value: Any) -> None:
        if value != remote.requested(name):
            remote.change(**{name: value})

    if setting["kind"] == "switch":
        return _switch(setting, change)
    if setting["kind"] in ("number", "whole"):
        return _number(setting, change)
    if options is not None or setting["kind"] == "choice":
        return _choice(setting, change, options or (lambda: plain_options(setting)), remote)
    return _text(setting, change, remote)


def plain_options(setting: Row) -> list[Row]:
    """The declared choices as rows."""
    return [{"value": each, "title": choice_title(each)} for each in setting["choices"]]


def choice_title(value: str) -> str:
    """The title of a choice for the user."""
    titles = {
        "auto": translate("Choice", "Automatic"),
        "fast": translate("Choice", "Fast"),
        "sharp": translate("Choice", "Sharp"),
        "always": translate("Choice", "Always"),
        "never": translate("Choice", "Never"),
        "npu": translate("Choice", "Neural processor (NPU)"),
        "gpu": translate("Choice", "Graphics processor (GPU)"),
        "cpu": translate("Choice", "Main processor (CPU)"),
        "first": translate("Camera", "First camera"),
        "demo": translate("Camera", "Demo"),
        "pattern": translate("Camera", "Test pattern"),
    }
    return titles.get(value, value)


def _switch(setting: Row, change: Callable[[Any], None]) -> Control:
    switch = Switch(str(setting["title"]))
    switch.clicked.connect(lambda on: change(bool(on)))
    return Control(switch, lambda value: switch.setChecked(bool(value)))


def _number(setting: Row, change: Callable[[Any], None]) -> Control:
    field = NumberField(setting)
    field.chosen.connect(change)
    return Control(field, field.show_value, field.show_automatic)


class TextField(QLineEdit):
    """A field that shows the current value again when it loses the focus."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Report the loss of focus."""
        super().focusOutEvent(event)
        self.left.emit()


def _text(setting: Row, change: Callable[[Any], None], remote: Remote) -> Control:
    field = TextField()
    field.setAccessibleName(str(setting["title"]))
    field.setFixedWidth(CONTROL_PX)
    automatic = setting.get("default") == "auto"
    if automatic:
        field.setPlaceholderText(choice_title("auto"))

    def finish() -> None:
        text = field.text().strip() or ("auto" if automatic else "")
        if text:
            change(text)

    def show(value: Any) -> None:
        if not field.hasFocus():  # do not disturb typing
            field.setText("" if automatic and value == "auto" else str(value))

    field.editingFinished.connect(finish)

    field.left.connect(lambda: show(remote.requested(str(setting["name"]))))
    return Control(field, show)


def _choice(
    setting: Row, change: Callable[[Any], None], options: Callable[[], list[Row]], remote: Remote
) -> Control:
    name = str(setting["name"])

    def fill(menu: QMenu) -> None:
        group = QActionGroup(menu)
        for option in options():
            reason = str(option.get("reason") or "")
            title = str(option["title"]).replace("&", "&&")
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(option["value"] == remote.requested(name))
            action.setEnabled(not reason)
            action.setToolTip(reason)
            action.triggered.connect(lambda _=False, v=option["value"]: change(v))
            group.addAction(action)

    button = MenuButton(str(setting["title"]), "", fill, CONTROL_PX - ARROW_PX)
    button.setFixedWidth(CONTROL_PX)
    return Control(button, lambda value: button.show_choice(_title(options(), value)))


def _title(options: list[Row], value: Any) -> str:
    found = (str(each["title"]) for each in options if each["value"] == value)
    return next(found, choice_title(str(value)))
