"""Drawings of icons are made once, however often they are shown."""

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel
from segcam_ui import icons


def test_icon_of_one_color_and_size_is_drawn_once(qapp):
    first = icons.pixmap("check", QColor("#123456"), 20, 1.5)
    assert icons.pixmap("check", QColor("#123456"), 20, 1.5).cacheKey() == first.cacheKey()
    others = [("close", "#123456", 20, 1.5), ("check", "#654321", 20, 1.5)]
    others += [("check", "#123456", 16, 1.5), ("check", "#123456", 20, 1.0)]
    for name, color, side, ratio in others:
        assert icons.pixmap(name, QColor(color), side, ratio).cacheKey() != first.cacheKey()


@pytest.mark.parametrize("page", ["main", "settings", "guide", "doctor"])
def test_news_without_a_difference_draw_no_new_icons(desktop, page):
    desktop.window.open_page(page)

    def drawn():
        desktop.remote.changed.emit()
        labels = desktop.window.findChildren(QLabel)
        return [each.pixmap().cacheKey() for each in labels if not each.pixmap().isNull()]

    before = drawn()
    assert before
    assert drawn() == before
