"""Everything fits into the smallest window, also with a large font."""

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractButton
from segcam_ui.window import SMALLEST

PAGES = ["main", "settings", "guide", "doctor"]


@pytest.mark.parametrize("page", PAGES)
def test_everything_fits_into_the_smallest_window(desktop, page, qtbot):
    window = desktop.window
    window.open_page(page)
    window.resize(800, 560)
    qtbot.wait(50)
    assert window.size() == QSize(800, 560)
    for widget in window.findChildren(QAbstractButton):
        if widget.isVisible() and not in_scroll_area(widget):
            place = QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())
            assert window.rect().contains(place), widget.accessibleName()


def in_scroll_area(widget):
    while (widget := widget.parentWidget()) is not None:
        if widget.metaObject().className() == "QScrollArea":
            return True
    return False


@pytest.fixture
def larger_font(qapp):
    """What a user who sees less well has set."""
    usual = qapp.font()
    larger = QFont(usual)
    larger.setPointSizeF(1.5 * usual.pointSizeF())
    qapp.setFont(larger)
    yield
    qapp.setFont(usual)


@pytest.mark.parametrize("page", PAGES)
def test_larger_font_fits_into_the_smallest_window(larger_font, desktop, page, qtbot):
    test_everything_fits_into_the_smallest_window(desktop, page, qtbot)


def test_larger_font_leaves_the_buttons_their_height(larger_font, desktop, qtbot):
    desktop.window.resize(SMALLEST)
    qtbot.wait(50)
    for button in desktop.window.main.header.findChildren(QAbstractButton):
        assert not button.isVisible() or button.height() >= button.sizeHint().height()
