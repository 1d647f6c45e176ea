"""The window's style: distances, colours mixed from the system's palette, a style sheet."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QEasingCurve, QPropertyAnimation
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette, QStyleHints
from PySide6.QtWidgets import QApplication, QGraphicsOpacityEffect, QWidget

GRID = 8
"""Every distance is a multiple of it, in device-independent pixels."""
RADIUS = 8
FADE_MS = 120
STRONG = 20.0
"""Contrast above which a dark palette is one for high contrast; ordinary light ones have it."""


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """``share`` of the second colour over the first."""
    parts = zip(first.getRgb()[:3], second.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(a + (b - a) * share) for a, b in parts))


def _luminance(color: QColor) -> float:
    """Relative luminance, 0..1. Source: WCAG 2.2, simplified to gamma 2.2."""
    red, green, blue = (part**2.2 for part in color.getRgbF()[:3])  # type: ignore[index]
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def _contrast(one: QColor, other: QColor) -> float:
    """1 to 21. Source: WCAG 2.2."""
    darker, brighter = sorted((_luminance(one), _luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


class Colors:
    """The program's colours from a palette.

    Attributes:
        window: Behind everything.
        text: Ordinary text.
        dim: Less important text; at least 4.5:1 against the window in Qt's own palettes.
        surface: Behind controls that can be pressed.
        hover: The same under the pointer.
        accent: The system's accent, for the chosen item and the focus.
        on_accent: Readable on the accent.
        warning: Marks a problem.
        edge: Around buttons; differs from their surface if the system wants high contrast.
        rim: Around fields and tiles without a picture.
    """

    def __init__(self, palette: QPalette) -> None:
        self.window = palette.window().color()
        self.text = palette.windowText().color()
        self.accent = palette.accent().color()
        self.dark = self.window.lightness() < self.text.lightness()
        self.dim = mixed(self.window, self.text, 0.68)
        self.surface = mixed(self.window, self.text, 0.08)
        self.hover = mixed(self.window, self.text, 0.14)
        self.pressed = mixed(self.window, self.text, 0.20)
        self.field = mixed(self.window, QColor("#fff"), 0.07 if self.dark else 0.9)
        self.on_accent = QColor("#fff" if _luminance(self.accent) < 0.3 else "#1b1b1b")
        self.warning = QColor("#f8c146" if self.dark else "#9a5b00")
        is_black = self.dark and _contrast(self.window, self.text) > STRONG
        self.strong = wants_contrast() or is_black
        self.edge = mixed(self.window, self.text, 0.6) if self.strong else self.surface
        self.rim = self.edge if self.strong else self.hover


def colors() -> Colors:
    """The colours from the system's current palette."""
    return Colors(QGuiApplication.palette())


def heading_font() -> QFont:
    """The larger of the two sizes; the smaller one is the system's."""
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * 1.25)
    font.setWeight(QFont.Weight.DemiBold)
    return font


@cache
def _hints() -> QStyleHints:
    """Kept, because Python's references to their parts become invalid without them."""
    return QGuiApplication.styleHints()


_still = False


def stand_still(still: bool) -> None:
    """Store the desktop's setting for motion; see `moves`."""
    global _still  # noqa: PLW0603 (one process, one desktop)
    _still = still


def moves() -> bool:
    """Whether the system allows motion and fading."""
    hint = getattr(_hints().accessibility(), "motionPreference", None)  # from Qt 6.12 on
    return not _still and (hint is None or hint().name != "ReducedMotion")


def wants_contrast() -> bool:
    """Whether the system asks for high contrast."""
    hint = getattr(_hints().accessibility(), "contrastPreference", None)  # from Qt 6.10 on
    return hint is not None and hint().name == "HighContrast"


def follow_contrast(restyle: Callable[[], object]) -> None:
    """Call ``restyle`` whenever `wants_contrast` changes."""
    changed = getattr(_hints().accessibility(), "contrastPreferenceChanged", None)
    if changed is not None:
        changed.connect(lambda _: restyle())


def fade_in(widget: QWidget) -> None:
    """Fade a widget in, or show it at once if the system allows no motion."""
    if not moves() or not widget.isVisible():
        return
    effect = QGraphicsOpacityEffect(widget)
    widget.setGraphicsEffect(effect)
    fade = QPropertyAnimation(effect, b"opacity", effect)
    fade.setDuration(FADE_MS)
    fade.setStartValue(0.0)
    fade.setEndValue(1.0)
    fade.setEasingCurve(QEasingCurve.Type.OutCubic)
    # A remaining effect would draw every later frame of the widget twice.
    fade.finished.connect(lambda: widget.setGraphicsEffect(None))  # type: ignore[arg-type]
    fade.start()


def style_sheet(of: Colors) -> str:
    """The style sheet of the whole program for these colours."""
    names = {name: color.name() for name, color in vars(of).items() if isinstance(color, QColor)}
    sheet = _SHEET
    for name, value in sorted(names.items(), key=lambda pair: -len(pair[0])):
        sheet = sheet.replace(f"@{name}", value)
    return sheet


_SHEET = """
QToolTip { color: @text; background: @surface; border: 1px solid @pressed; padding: 4px 6px; }
QPushButton, QToolButton {
    color: @text; background: @surface; border: 2px solid @edge; border-radius: 8px;
    padding: 4px 12px; min-height: 20px;
}
QToolButton { padding: 4px 8px; }
QToolButton[labelled="true"] { padding-right: 2px; }
QPushButton:hover, QToolButton:hover { background: @hover; border-color: @hover; }
QPushButton:pressed, QToolButton:pressed, QToolButton:open {
    background: @pressed; border-color: @pressed; }
QPushButton[ring="true"]:focus, QToolButton[ring="true"]:focus { border-color: @accent; }
QPushButton:disabled, QToolButton:disabled { color: @dim; }
QToolButton[opens="true"] { padding-right: 22px; text-align: left; }
QToolButton[flat="true"] { padding-right: 8px; }
QToolButton::menu-indicator { image: none; width: 0; }
QToolButton[flat="true"] { background: transparent; border-color: transparent; }
QToolButton[flat="true"]:hover { background: @surface; }
QToolButton[flat="true"]:checked, QToolButton[flat="true"]:pressed { background: @pressed; }
QToolButton[flat="true"][ring="true"]:focus { border-color: @accent; }
QPushButton[suggested="true"] {
    color: @on_accent; background: @accent; border-color: @accent; font-weight: 600; }
QPushButton[suggested="true"][ring="true"]:focus { border-color: @text; }
QLineEdit, QSpinBox, QDoubleSpinBox {
    color: @text; background: @field; border: 2px solid @rim; border-radius: 8px;
    padding: 4px 8px; min-height: 20px; selection-background-color: @accent;
    selection-color: @on_accent;
}
QToolButton, QDoubleSpinBox { min-height: 17px; } /* Qt adds 3 px to them */
QSpinBox:disabled, QDoubleSpinBox:disabled { color: @dim; background: transparent; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus { border-color: @accent; }
QSpinBox::up-button, QSpinBox::down-button,
QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; border: none; }
QDoubleSpinBox QLineEdit { border: none; background: transparent; padding: 0; min-height: 0; }
QToolButton[link="true"] { color: @accent; background: transparent; border-color: transparent;
    padding: 2px 0; margin-left: -7px; text-align: left; }
QToolButton[link="true"]:focus { border-color: @accent; }
QToolButton[link="true"]:hover { color: @text; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 0 0 0 2px; }
QScrollBar::handle:vertical { background: @hover; border-radius: 3px; margin: 0;
    min-height: 32px; }
QScrollBar::handle:vertical:hover { background: @dim; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
    background: none; height: 0; width: 0; }
QSlider { min-height: 24px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: @rim; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: @accent; }
QSlider::handle:horizontal { width: 16px; height: 16px; margin: -6px 0; border-radius: 8px;
    background: @accent; }
QSlider[ring="true"]::handle:horizontal:focus { background: @text; }
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled { background: @pressed; }
QMenu { color: @text; background: @field; border: 1px solid @pressed; padding: 6px; }
Menu { border-radius: 8px; }
QMenu::item { padding: 6px 24px 6px 10px; border-radius: 6px; margin: 1px 0; }
QMenu::item:selected { background: @hover; }
QMenu::item:disabled { color: @dim; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: @hover; margin: 6px 4px; }
QLabel[dim="true"], QLabel:disabled { color: @dim; }
"""
