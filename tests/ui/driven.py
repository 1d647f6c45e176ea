"""The desktop program, told on its standard input to say where things are on the screen.

Each line is a request, each answer a line of JSON. The clicks and keys themselves are real ones.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6.QtCore import QPoint, QProcess, QSocketNotifier
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon, QWidget
from segcam_ui import app, doctor_page

desktops = []


class Desktop(app.Desktop):
    """The program's own, known here."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        desktops.append(self)


def widgets():
    """Everything that is visible and has a name: its place, and what it says of itself."""
    found = []
    for widget in QApplication.allWidgets():
        name = widget.accessibleName() or getattr(widget, "text", str)()
        if name and widget.isVisible() and isinstance(widget, QWidget):
            corner = widget.mapToGlobal(QPoint(0, 0))
            found.append(
                {
                    "name": name.strip(),
                    "kind": widget.metaObject().className(),
                    "x": corner.x(),
                    "y": corner.y(),
                    "width": widget.width(),
                    "height": widget.height(),
                    "enabled": widget.isEnabled(),
                    "checked": bool(getattr(widget, "isChecked", bool)()),
                    "focus": widget.hasFocus(),
                }
            )
    return found


def menus():
    """The items of open menus with their places."""
    found = []
    for menu in QApplication.topLevelWidgets():
        if isinstance(menu, QMenu) and menu.isVisible():
            for action in menu.actions():
                place = menu.actionGeometry(action)
                corner = menu.mapToGlobal(place.topLeft())
                found.append(
                    {
                        "name": action.text(),
                        "active": menu.activeAction() is action,
                        "x": corner.x(),
                        "y": corner.y(),
                        "width": place.width(),
                        "height": place.height(),
                    }
                )
    return found


def tray():
    """The place of the icon in the panel, or None if unknown."""
    for desktop in desktops:
        icon = desktop.tray.findChild(QSystemTrayIcon)
        if icon is not None and icon.geometry().isValid():
            place = icon.geometry()
            return {
                "x": place.x(),
                "y": place.y(),
                "width": place.width(),
                "height": place.height(),
            }
    return None


def made_up_report(parent, *_):
    """In place of the real check-up."""
    process = QProcess(parent)
    process.start(sys.executable, [str(Path(__file__).with_name("report.py"))])
    return process


def is_dark():
    palette = QGuiApplication.palette()
    return palette.window().color().lightness() < palette.windowText().color().lightness()


QUESTIONS = {
    "widgets": widgets,
    "menus": menus,
    "focus": lambda: repr(QApplication.focusWidget()),
    "dark": is_dark,
    "accent": lambda: QGuiApplication.palette().color(QPalette.ColorRole.Accent).name(),
    "tray": tray,
}


def answer(line):
    what, _, argument = line.partition(" ")
    if what == "make-up-report":
        doctor_page.run_beside = made_up_report
        return True
    if what == "grab":
        return QGuiApplication.primaryScreen().grabWindow(0).save(argument)
    return QUESTIONS[what]()


def main():
    keep = []

    def attend():
        """Called where the event loop is about to run."""
        notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
        notifier.activated.connect(read)
        keep.append(notifier)

    def read():
        line = sys.stdin.readline()
        if not line:
            keep[0].setEnabled(False)
            return
        print(json.dumps(answer(line.strip())), flush=True)

    app.Desktop = Desktop
    introduce = app._introduce
    app._introduce = lambda application: (introduce(application), attend())
    sys.exit(app.main(sys.argv[1:]))


if __name__ == "__main__":
    main()
