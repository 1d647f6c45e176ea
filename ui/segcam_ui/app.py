"""The desktop program from start to end."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import socket
import sys
from collections.abc import Sequence

from PySide6.QtCore import QLibraryInfo, QLocale, QSettings, QSocketNotifier, QTimer, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from segcam import launch
from segcam.api import start
from segcam.errors import MissingDependency
from segcam_ui import icons, single
from segcam_ui.appearance import Appearance
from segcam_ui.library import Library
from segcam_ui.opencv import find_clash
from segcam_ui.remote import Remote
from segcam_ui.thumbnails import Thumbnails
from segcam_ui.tray import Tray
from segcam_ui.window import Window
from segcam_ui.words import translate

PAGES = ("main", "settings", "guide", "doctor")
START_ANEW = 90
"""Exit code of the event loop for a restart of the program."""


class Desktop:
    """Window, tray and their shared parts.

    Args:
        app: Runs the event loop.
        kept: Stores size, position and so on.
    """

    def __init__(self, app: QApplication, kept: QSettings) -> None:
        self._app, self._kept = app, kept
        self.remote = Remote(start_segcam)
        self._thumbnails = Thumbnails(self.remote.connection)
        library = Library(self.remote, kept)
        self.window = Window(self.remote, library, self._thumbnails, kept)
        self.tray = Tray(self.remote, library, self._thumbnails)
        self.tray.opened.connect(self.window.raise_up)
        self.tray.settings_wanted.connect(lambda: self.show("settings"))
        self.tray.missing.connect(self._say_no_tray)
        for asker in (self.tray, self.window):
            asker.quit_wanted.connect(self.quit)
        self.window.restart_wanted.connect(self.start_anew)
        self.window.closed.connect(self._leave_window)
        self.remote.open()
        if not kept.value("told_opencv", False, bool):
            self.remote.connection.ask(find_clash, self._warn)

    def show(self, page: str = "", token: str = "") -> None:
        """Open the window, at a page if one is given."""
        if token:
            os.environ[single.ACTIVATION] = token  # Qt passes it to the desktop
        if page in PAGES:
            self.window.open_page(page)
        self.window.raise_up()

    def quit(self) -> None:
        """End SegCam and this program."""
        self.window.hide()
        self.tray.close()
        self.remote.end()
        self._app.quit()

    def start_anew(self) -> None:
        """End SegCam and restart this program, because one of them is an old version."""
        self.remote.end()
        self._app.exit(START_ANEW)

    def close(self) -> None:
        """Release everything; the running SegCam stays."""
        self.window.keep_place()
        self.window.stop()
        self.tray.close()
        self.remote.close()

    def _leave_window(self) -> None:
        """End the program with its window if there is no tray; the camera goes on."""
        if not self.tray.is_there:
            self._app.quit()

    def _warn(self, clash: MissingDependency | None) -> None:
        if clash is not None:
            self._kept.setValue("told_opencv", True)
            self.window.main.status.complain(clash)

    def _say_no_tray(self) -> None:
        if self._kept.value("told_no_tray", False, bool):
            return
        self._kept.setValue("told_no_tray", True)
        self.window.main.status.tell(
            translate(
                "Line",
                "This desktop has no tray: use this window for everything; SegCam keeps "
                "running when you close it",
            ),
            "note",
        )


def start_segcam() -> None:
    """Start SegCam in the background, unless it is already running.

    Raises:
        SegCamError: It did not start.
    """
    start.start()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the desktop program.

    Args:
        arguments: Without the program's name; those of the process by default.

    Returns:
        The exit status.
    """
    given = _parse(arguments)
    app = QApplication([sys.argv[0]])
    first = single.Single()
    if first.knock(given.page):
        return 0
    first.listen()
    _introduce(app)
    desktop = Desktop(app, QSettings("segcam", "window"))
    first.knocked.connect(desktop.show)
    if not given.hidden:
        desktop.show(given.page)
    _quit_on_signals(app)
    gc.freeze()  # what is there now stays until the end
    gc.enable()
    status = app.exec()
    first.close()
    desktop.close()
    if status == START_ANEW:
        command = launch.command("segcam_ui", *sys.argv[1:])
        os.execve(command[0], command, launch.environment())
    return int(status)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("segcam", description="SegCam's window and tray icon.")
    parser.add_argument("--page", default="", choices=("", *PAGES))
    parser.add_argument("--hidden", action="store_true", help="The tray icon alone, after a login.")
    return parser.parse_args(arguments)


def _introduce(app: QApplication) -> None:
    """Give the desktop the program's name, and use the user's language."""
    app.setApplicationName("segcam")
    app.setApplicationDisplayName("SegCam")
    app.setDesktopFileName("io.github.segcam.SegCam")
    app.setWindowIcon(icons.program_icon())
    app.setQuitOnLastWindowClosed(False)
    if app.style().objectName() == "windows":
        app.setStyle("fusion")
    Appearance(app)
    load_translations(app, QLocale())


def load_translations(app: QGuiApplication, locale: QLocale) -> None:
    """Use the language of ``locale`` if there is a translation, else English."""
    own, qt = QTranslator(app), QTranslator(app)
    folder = os.path.join(os.path.dirname(__file__), "translations")  # noqa: PTH118, PTH120
    if own.load(locale, "segcam", "_", folder):
        app.installTranslator(own)
        if qt.load(
            locale, "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        ):
            app.installTranslator(qt)


def _quit_on_signals(app: QApplication) -> None:
    """Handle Ctrl-C and the session's end: Qt must call Python for it to notice a signal."""
    near, far = socket.socketpair()
    near.setblocking(False)
    far.setblocking(False)
    signal.set_wakeup_fd(far.fileno())
    notifier = QSocketNotifier(near.fileno(), QSocketNotifier.Type.Read, app)
    notifier.activated.connect(lambda: near.recv(64))

    def forget() -> None:
        signal.set_wakeup_fd(-1)
        far.close()

    app.aboutToQuit.connect(forget)
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            # Not at once: before the event loop runs, `quit` does nothing.
            signal.signal(getattr(signal, name), lambda *_: QTimer.singleShot(0, app.quit))
