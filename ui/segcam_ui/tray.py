"""The tray icon: shows the state, and a menu of everyday actions."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from segcam_ui import icons, menus, words
from segcam_ui.controls import empty
from segcam_ui.library import Library
from segcam_ui.remote import Remote
from segcam_ui.thumbnails import Thumbnails

WATCHER = "org.kde.StatusNotifierWatcher"
"""The bus name of the program that shows tray icons."""
LOGIN_MS = 10_000
"""Time for the panel to appear after a login; it is also found later."""


class Tray(QObject):
    """The icon, also for a tray that appears later.

    An older `QSystemTrayIcon` appears in an X11 tray, but not in one on the bus. So a new one is
    created each time the tray's name appears there.

    Attributes:
        menu: The icon's menu.

    Signals:
        opened: The user wants the window. settings_wanted: The user wants the settings.
        quit_wanted: The user wants to end SegCam completely. missing: There is no tray; sent once.
    """

    opened = Signal()
    settings_wanted = Signal()
    quit_wanted = Signal()
    missing = Signal()

    def __init__(self, remote: Remote, library: Library, thumbnails: Thumbnails) -> None:
        super().__init__(remote)
        self._remote, self._library, self._thumbnails = remote, library, thumbnails
        self._icon: QSystemTrayIcon | None = None
        self._shown = ("", "")
        self.menu = self._make_menu()
        self._login = QTimer(self)
        self._login.setSingleShot(True)
        self._login.timeout.connect(self._miss)
        remote.changed.connect(self._show)
        remote.counted.connect(self._show)
        self._watcher = QDBusServiceWatcher(
            WATCHER,
            QDBusConnection.sessionBus(),
            QDBusServiceWatcher.WatchModeFlag.WatchForOwnerChange,
            self,
        )
        self._watcher.serviceRegistered.connect(lambda _: self._make())
        self._make()
        if not _has_place():
            self._login.start(LOGIN_MS)

    @property
    def is_there(self) -> bool:
        """Whether the user can see the icon."""
        return self._icon is not None and _has_place()

    def close(self) -> None:
        """Remove the icon permanently."""
        self._login.stop()
        self._filling.stop()
        self._take_away()

    def _take_away(self) -> None:
        if self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
            self._icon = None

    def _miss(self) -> None:
        if not self.is_there:
            self.missing.emit()

    def _make(self) -> None:
        self._take_away()
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._activate)
        self._shown = ("", "")
        self._show()
        self._icon.show()

    def _activate(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason != QSystemTrayIcon.ActivationReason.Context:
            self.opened.emit()

    def _show(self) -> None:
        """Update the panel, only with changes."""
        if self._icon is None:
            return
        state = words.tray_state(self._remote.state)
        tooltip = words.tooltip(self._remote.state)
        if state != self._shown[0]:
            self._icon.setIcon(icons.tray_icon(state))
        if tooltip != self._shown[1]:
            self._icon.setToolTip(tooltip)
        if self._shown[0] != state:
            self._pause.setText(self.tr("Resume") if state == "paused" else self.tr("Pause"))
        self._shown = state, tooltip

    def _make_menu(self) -> QMenu:
        menu = QMenu()
        menu.addAction(self.tr("Open SegCam"), self.opened.emit)
        menu.addSeparator()
        self._backgrounds = menu.addMenu(self.tr("Background"))
        self._cameras = menu.addMenu(self.tr("Camera"))
        self._presets = menu.addMenu(self.tr("Preset"))
        self._pause = menu.addAction(self.tr("Pause"), self._toggle_pause)
        menu.addSeparator()
        menu.addAction(self.tr("Settings"), self.settings_wanted.emit)
        menu.addAction(self.tr("Quit SegCam"), self.quit_wanted.emit)
        menu.aboutToShow.connect(self._fill)
        # A panel requests the whole menu before it shows any of it.
        for signal in (self._library.changed, self._remote.listed):
            signal.connect(self._fill_soon)
        self._filling = QTimer(self)
        self._filling.setSingleShot(True)
        self._filling.setInterval(200)
        self._filling.timeout.connect(self._fill)
        return menu

    def _fill_soon(self) -> None:
        self._filling.start()

    def _fill(self) -> None:
        for menu in (self._backgrounds, self._cameras, self._presets):
            empty(menu)
        menus.fill_backgrounds(self._backgrounds, self._library, self._thumbnails)
        menus.fill_cameras(self._cameras, self._remote)
        menus.fill_presets(self._presets, self._remote, None)

    def _toggle_pause(self) -> None:
        state = self._remote.state
        if state is not None:
            self._remote.pause(not state.paused)


def _has_place() -> bool:
    """Whether there is a tray now: a panel on the bus, or an old X11 tray."""
    bus = QDBusConnection.sessionBus().interface()
    known = bus.isServiceRegistered(WATCHER).value() if bus is not None else False
    return bool(known) or QSystemTrayIcon.isSystemTrayAvailable()
