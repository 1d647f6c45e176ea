"""The ring of the focus, for users of the keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QSlider

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget as Base
else:
    Base = object

_BY_KEYS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_KEEP_RING = (
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)


class Ringed(Base):
    """Base of a control whose ring appears with the keyboard: it comes before Qt's class.

    Attributes:
        by_keys: Whether the focus came with the keyboard, or a key was pressed since.
    """

    by_keys = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Notice how the focus came."""
        super().focusInEvent(event)
        if event.reason() not in _KEEP_RING:
            self.set_by_keys(event.reason() in _BY_KEYS)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any key shows the ring."""
        self.set_by_keys(True)
        super().keyPressEvent(event)

    def set_by_keys(self, by_keys: bool) -> None:
        """Show the ring, or not, while it has the focus."""
        if by_keys != self.by_keys:
            self.by_keys = by_keys
            self.setProperty("ring", by_keys)
            self.style().unpolish(self)  # the style sheet looks at properties only then
            self.style().polish(self)
            self.update()


class Slider(Ringed, QSlider):
    """A slider whose handle shows the focus."""
