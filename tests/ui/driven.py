"""The desktop program, told on its standard input to say where things are on the screen.

Each line is a request, each answer a line of JSON. The clicks and keys themselves are real ones.
"""

from __future__ import annotations

import gc
import json
import sys

from PySide6.QtCore import QPoint, QSocketNotifier
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget
from segcam_ui import app


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
        if menu.metaObject().className() == "QMenu" and menu.isVisible():
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
    for each in gc.get_objects():
        if isinstance(each, QSystemTrayIcon) and each.geometry().isValid():
            place = each.geometry()
            return {
                "x": place.x(),
                "y": place.y(),
                "width": place.width(),
                "height": place.height(),
            }
    return None


def answer(line):
    what, _, argument = line.partition(" ")
    if what == "widgets":
        return widgets()
    if what == "menus":
        return menus()
    if what == "focus":
        return repr(QApplication.focusWidget())
    if what == "dark":
        palette = QGuiApplication.palette()
        return palette.window().color().lightness() < palette.windowText().color().lightness()
    if what == "accent":
        return QGuiApplication.palette().color(QPalette.ColorRole.Accent).name()
    if what == "tray":
        return tray()
    if what == "grab":
        return QGuiApplication.primaryScreen().grabWindow(0).save(argument)
    raise ValueError(line)


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

    introduce = app._introduce
    app._introduce = lambda application: (introduce(application), attend())
    sys.exit(app.main(sys.argv[1:]))


if __name__ == "__main__":
    main()
