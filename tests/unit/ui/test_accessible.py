"""Everybody can use the window: by keyboard, and with assistive programs."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QDoubleSpinBox,
    QLineEdit,
    QWidget,
)

PAGES = ["main", "settings", "guide", "doctor"]


@pytest.mark.parametrize("page", PAGES)
def test_everything_that_can_be_used_has_a_name(desktop, page):
    desktop.window.open_page(page)
    used = (QAbstractButton, QAbstractSlider, QLineEdit)
    for widget in desktop.window.findChildren(QWidget):
        if isinstance(widget, used) and widget.isVisible() and widget.focusPolicy():
            if isinstance(widget.parentWidget(), QDoubleSpinBox):
                continue  # its inner field: the box has the name
            interface = QAccessible.queryAccessibleInterface(widget)
            assert interface.text(QAccessible.Text.Name).strip(), widget


@pytest.mark.parametrize("page", PAGES)
def test_tab_reaches_everything(desktop, page, qtbot):
    window = desktop.window
    window.open_page(page)
    reached = set()
    widget = window
    for _ in range(500):
        widget = widget.nextInFocusChain()
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            reached.add(widget)
    wanted = {
        w
        for w in window.findChildren(QAbstractButton)
        if w.isVisible() and w.isEnabled() and w.metaObject().className() != "Tile"
    }
    assert wanted <= reached


def test_chosen_tile_is_a_checked_radio_button_for_assistive_programs(desktop, tile_of):
    interface = QAccessible.queryAccessibleInterface(tile_of("strong"))

    assert interface.role() == QAccessible.Role.RadioButton
    assert interface.state().checked
    assert interface.text(QAccessible.Text.Name) == "Strong blur"


def test_focus_can_be_seen(desktop, tile_of):
    tile = tile_of("none")
    desktop.window.activateWindow()
    before = tile.grab().toImage()
    tile.setFocus()
    assert tile.grab().toImage() != before
