"""A number with its unit and range, which may also be automatic."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QWidget

from segcam_ui import theme
from segcam_ui.remote import Row
from segcam_ui.switch import Switch
from segcam_ui.words import translate

UNKNOWN = "–"
"""Shown in the field while the number is automatic and unknown."""


class _Field(QDoubleSpinBox):
    """A field in which whole numbers have no decimals."""

    def textFromValue(self, value: float) -> str:
        """The number as people write it."""
        return self.locale().toString(value, "f", self.decimals() if value % 1 else 0)


class NumberField(QWidget):
    """A field for a number, with a switch if "auto" is allowed.

    Signals:
        chosen: The new value: a float, a whole number or "auto".
    """

    chosen = Signal(object)

    def __init__(self, setting: Row) -> None:
        super().__init__()
        self._whole = setting["kind"] == "whole"
        self._field = _Field()
        self._field.setAccessibleName(str(setting["title"]))
        self._field.setRange(_or(setting["minimum"], 0.0), _or(setting["maximum"], 1e6))
        self._field.setSuffix(f" {setting['unit']}" if setting.get("unit") else "")
        self._field.setKeyboardTracking(False)
        self._field.lineEdit().setTextMargins(theme.GRID, 0, 0, 0)
        self._field.setDecimals(0 if self._whole else 1)
        self._field.setFixedWidth(104)
        self._field.valueChanged.connect(lambda value: self.chosen.emit(self._typed(value)))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GRID)
        self._auto: Switch | None = None
        if "auto" in setting["choices"]:
            self._auto = Switch(translate("Choice", "Automatic"))
            self._auto.clicked.connect(self._set_auto)
            layout.addWidget(QLabel(translate("Choice", "Automatic")))
            layout.addWidget(self._auto)
        layout.addWidget(self._field)

    def show_value(self, value: Any) -> None:
        """Show a number without choosing it."""
        self._show_auto(False)
        self._show_number(value)

    def show_automatic(self, value: Any) -> None:
        """Show that it is automatic, with its value; None: unknown."""
        self._show_auto(True)
        self._show_number(value or self._field.minimum())
        self._field.setSpecialValueText("" if value else UNKNOWN)

    def _show_auto(self, automatic: bool) -> None:
        if self._auto is not None:
            self._auto.setChecked(automatic)
        self._field.setSpecialValueText("")
        self._field.setEnabled(not automatic)

    def _show_number(self, value: Any) -> None:
        if not self._field.hasFocus():
            self._field.blockSignals(True)
            self._field.setValue(float(value))
            self._field.blockSignals(False)

    def _set_auto(self, automatic: bool) -> None:
        self._show_auto(automatic)
        self.chosen.emit("auto" if automatic else self._typed(max(self._field.value(), 1)))

    def _typed(self, value: float) -> float | int:
        return int(value) if self._whole else value


def _or(value: Any, default: float) -> float:
    return default if value is None else float(value)
