"""Small controls in the program's style."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QActionGroup,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QMenu,
    QPushButton,
    QScrollBar,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from segcam_ui import icons, theme
from segcam_ui.focus import Ringed


def is_enter(event: QKeyEvent) -> bool:
    """Whether it is one of the two Enter keys."""
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def press_by_enter(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Press a button with Enter, once however long the key is held.

    A held key would also press whatever gets the focus next: after the first page, a background.

    Returns:
        Whether the key was Enter.
    """
    if is_enter(event) and not event.isAutoRepeat():
        button.click()
    return is_enter(event)


class Menu(QMenu):
    """A menu with round corners that stays in its window; a held key chooses nothing in it."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        flags = Qt.WindowType.FramelessWindowHint | Qt.WindowType.NoDropShadowWindowHint
        self.setWindowFlags(self.windowFlags() | flags)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)

    def showEvent(self, event: QShowEvent) -> None:
        """Keep its right edge in line with what the window shows."""
        super().showEvent(event)
        below = self.parentWidget()
        if below is not None and not isinstance(below, QMenu):
            window = below.window()
            right = window.mapToGlobal(QPoint(window.width() - 2 * theme.GRID, 0)).x()
            self.move(min(self.x(), right - self.width()), self.y())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the corners off: an X11 screen without a compositor would show them black."""
        super().resizeEvent(event)
        if QGuiApplication.platformName() == "xcb":
            shape = QPainterPath()
            round_px = theme.RADIUS + 1  # nothing that is half transparent
            shape.addRoundedRect(QRectF(self.rect()), round_px, round_px)
            self.setMask(QRegion(shape.toFillPolygon().toPolygon()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose only with a key that was pressed in this menu."""
        if event.isAutoRepeat() and (is_enter(event) or event.key() == Qt.Key.Key_Space):
            return
        super().keyPressEvent(event)


def empty(menu: QMenu) -> None:
    """Remove everything from a menu that is filled anew each time; `QMenu.clear` keeps some."""
    menu.clear()
    for kept in (*menu.findChildren(QActionGroup), *menu.findChildren(QMenu)):
        kept.deleteLater()


class PushButton(Ringed, QPushButton):
    """A button with a text that Enter presses, like Space."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it, like Space."""
        if not press_by_enter(self, event):
            super().keyPressEvent(event)


class MenuButton(Ringed, QToolButton):
    """A button that shows the current choice and opens a menu of all choices."""

    def __init__(
        self, name: str, symbol: str, fill: Callable[[QMenu], None], text_px: int = 200
    ) -> None:
        """``fill`` fills the empty menu each time it opens; longer texts are cut off."""
        super().__init__()
        self._name, self._symbol, self._text_px = name, symbol, text_px
        self.setToolTip(name)
        self.setIconSize(icons.ICON_SIZE)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setProperty("opens", True)
        menu = Menu("", self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(partial(empty, menu))
        menu.aboutToShow.connect(partial(fill, menu))
        self.setMenu(menu)
        self._recolor()

    def show_choice(self, text: str) -> None:
        """Show the current choice."""
        end = Qt.TextElideMode.ElideRight
        elided = self.fontMetrics().elidedText(text, end, self._text_px)
        space = " " if self._symbol else ""  # after the icon
        self.setText(f"{space}{elided}".replace("&", "&&"))
        self.setAccessibleName(f"{self._name}: {text}" if text else self._name)
        self.setToolTip(self._name if elided == text else self.accessibleName())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw an arrow after the text, as a sign of the menu."""
        super().paintEvent(event)
        if self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
            return
        mark = icons.pixmap("chevron", theme.colors().dim, 12, self.devicePixelRatioF())
        QPainter(self).drawPixmap(self.width() - 22, (self.height() - 12) // 2, mark)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The down arrow opens the menu, like Enter and Space."""
        if is_enter(event) or event.key() == Qt.Key.Key_Down:
            if not event.isAutoRepeat():
                self.showMenu()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system's colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._recolor()

    def _recolor(self) -> None:
        if self._symbol:
            self.setIcon(icons.icon(self._symbol, theme.colors().text))
        else:  # without an icon Qt would centre the text
            self.setIcon(icons.empty())
            self.setIconSize(QSize(1, icons.ICON_SIZE.height()))


class IconButton(Ringed, QToolButton):
    """A button with an icon, with or without a text."""

    def __init__(self, name: str, symbol: str, *, text: bool = False, flat: bool = True) -> None:
        super().__init__()
        self.setIconSize(icons.ICON_SIZE)
        self.setProperty("flat", flat)
        self.setProperty("labelled", text)
        if text:
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._with_text = text
        self.set_meaning(name, symbol)

    def set_meaning(self, name: str, symbol: str) -> None:
        """Set its current function."""
        self._symbol = symbol
        self.setAccessibleName(name)
        if self._with_text:
            self.setText(f" {name}")  # a gap after the icon
        else:
            self.setToolTip(name)
        self._recolor()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the system's colours."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.EnabledChange):
            self._recolor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses it, like Space."""
        if not press_by_enter(self, event):
            super().keyPressEvent(event)

    def _recolor(self) -> None:
        colors = theme.colors()
        self.setIcon(icons.icon(self._symbol, colors.text, colors.dim))


class HoldButton(IconButton):
    """A button that is active while it is held, with the mouse, Space or Enter.

    Signals:
        held: Whether it is held now.
    """

    held = Signal(bool)

    def __init__(self, name: str, symbol: str) -> None:
        super().__init__(name, symbol)
        self.pressed.connect(lambda: self.held.emit(True))
        self.released.connect(lambda: self.held.emit(False))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter holds it, like Space."""
        if is_enter(event):
            if not event.isAutoRepeat():
                self.setDown(True)
                self.held.emit(True)
        else:
            Ringed.keyPressEvent(self, event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Release it."""
        if is_enter(event):
            if not event.isAutoRepeat():
                self.setDown(False)
                self.held.emit(False)
        else:
            super().keyReleaseEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """A hidden button is released."""
        super().hideEvent(event)
        self.setDown(False)
        self.held.emit(False)


class QuietScrollBar(QScrollBar):
    """Keeps its space but is invisible if there is nothing to scroll, so that nothing jumps."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it if it can be moved."""
        if self.maximum() > self.minimum():
            super().paintEvent(event)


def grow_in_row(button: QToolButton) -> None:
    """Let a button without a text be as high as the row; else it is the row's limit."""
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)


def push_button(text: str, pressed: Callable[[], object], *, suggested: bool = False) -> PushButton:
    """A button with a text; a page's suggested button has the accent colour."""
    button = PushButton(text)
    button.setProperty("suggested", suggested)
    button.clicked.connect(lambda _: pressed())
    return button


def heading(text: str) -> QLabel:
    """A text in the larger size."""
    label = QLabel(text)
    label.setFont(theme.heading_font())
    return label


def dim_label(text: str = "") -> QLabel:
    """A dimmed text that wraps."""
    label = QLabel(text)
    label.setProperty("dim", True)
    label.setWordWrap(True)
    return label
