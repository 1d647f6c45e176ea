"""Follows the system's settings for dark or light mode and for motion.

On some desktops Qt's themes read these settings only at the start, on others never, and they do not
change the palette later. So this module asks the portal, which works the same on all desktops.
Without a portal, Qt's palette is unchanged.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import SLOT, QObject, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusVariant
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from segcam_ui import theme

_SERVICE, _PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
_INTERFACE = "org.freedesktop.portal.Settings"
_SCHEME = "org.freedesktop.appearance", "color-scheme"
_REDUCED = "org.freedesktop.appearance", "reduced-motion"
_ANIMATIONS = "org.gnome.desktop.interface", "enable-animations"
_DARK, _LIGHT = 1, 2
"""The portal's values; 0 leaves it to the program."""


class Appearance(QObject):
    """Keeps the program's palette in the system's dark or light mode."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._bus = QDBusConnection.sessionBus()
        if not self._bus.isConnected():
            return
        self._bus.connect(  # type: ignore[call-overload]  # it takes no bytes
            _SERVICE,
            _PATH,
            _INTERFACE,
            "SettingChanged",
            self,
            SLOT("_change(QDBusMessage)"),
        )
        self._waiting = [self._ask(*key) for key in (_SCHEME, _REDUCED, _ANIMATIONS)]

    def _ask(self, namespace: str, key: str) -> QDBusPendingCallWatcher:
        call = QDBusMessage.createMethodCall(_SERVICE, _PATH, _INTERFACE, "Read")
        call.setArguments([namespace, key])
        waiting = QDBusPendingCallWatcher(self._bus.asyncCall(call), self)
        waiting.finished.connect(lambda: self._take((namespace, key), waiting.reply()))
        return waiting

    def _take(self, key: tuple[str, str], reply: QDBusMessage) -> None:
        if reply.type() == QDBusMessage.MessageType.ReplyMessage and reply.arguments():
            self.set_value(key, _plain(reply.arguments()[0]))

    @Slot(QDBusMessage)
    def _change(self, message: QDBusMessage) -> None:
        arguments = message.arguments()
        if len(arguments) == 3:
            self.set_value((str(arguments[0]), str(arguments[1])), _plain(arguments[2]))

    def set_value(self, key: tuple[str, str], value: Any) -> None:
        """Apply one of the system's settings."""
        if key == _SCHEME:
            self.set_scheme(value)
        elif key == _REDUCED:
            theme.stand_still(value == 1)
        elif key == _ANIMATIONS and isinstance(value, bool):
            theme.stand_still(not value)

    def set_scheme(self, scheme: Any) -> None:
        """Switch to dark or light; keeps Qt's palette if it matches already."""
        if scheme not in (_DARK, _LIGHT):
            return
        self._app.setPalette(QPalette())
        if is_dark(self._app.palette()) != (scheme == _DARK):
            self._app.setPalette(_palette(scheme == _DARK, self._app.palette()))


def is_dark(palette: QPalette) -> bool:
    """Whether its text is brighter than its background."""
    return palette.window().color().lightness() < palette.windowText().color().lightness()


def _palette(dark: bool, of: QPalette) -> QPalette:
    """A neutral palette with the accent of a given one."""
    role = QPalette.ColorRole
    made = QPalette(QColor("#2b2b2f" if dark else "#f4f4f5"))
    made.setColor(role.Window, QColor("#242428" if dark else "#fafafb"))
    made.setColor(role.Base, QColor("#1d1d20" if dark else "#ffffff"))
    text = QColor("#f2f2f3" if dark else "#1c1c1f")
    for each in (role.WindowText, role.Text, role.ButtonText, role.ToolTipText):
        made.setColor(each, text)
    for each in (role.Accent, role.Highlight):
        made.setColor(each, of.color(QPalette.ColorRole.Accent))
    return made


def _plain(value: Any) -> Any:
    """The content of the bus's variants, which may be nested."""
    while isinstance(value, QDBusVariant):
        value = value.variant()
    return value
