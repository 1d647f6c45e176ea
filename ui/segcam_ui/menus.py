"""The menus of window and tray: cameras, presets, backgrounds."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

from PySide6.QtGui import QAction, QActionGroup, QColor, QIcon, QPixmap
from PySide6.QtWidgets import QMenu

from segcam_ui.controls import Menu
from segcam_ui.entries import MENU_PICTURE_PX
from segcam_ui.library import Library
from segcam_ui.remote import Remote, Row
from segcam_ui.thumbnails import Thumbnails
from segcam_ui.words import translate


def fill_cameras(menu: QMenu, remote: Remote) -> None:
    """The webcams, then sources without a webcam."""
    now = str(remote.requested("camera", "first"))
    choices = [("first", translate("Camera", "First camera"))]
    choices += camera_choices(remote.lists.get("cameras", []))
    choices.append(("demo", translate("Camera", "Demo (no webcam needed)")))
    if now not in [value for value, _ in choices]:
        choices.append((now, now))
    group = QActionGroup(menu)
    for value, title in choices:
        _add_choice(menu, group, title, now == value, partial(remote.change, camera=value))


def camera_choices(rows: list[Row]) -> list[tuple[str, str]]:
    """Each camera's value in the settings and its title; those of one name tell their places."""
    names = [str(row["name"]) for row in rows]
    choices = []
    for row, name in zip(rows, names, strict=True):
        if names.count(name) == 1:
            choices.append((name, name))
        else:
            place = str(row.get("path") or row["index"])
            choices.append((str(row.get("by_id") or place), f"{name} ({Path(place).name})"))
    return choices


def fill_presets(menu: QMenu, remote: Remote, save: Callable[[], object] | None) -> None:
    """The presets, and actions for them."""
    current = remote.state.preset if remote.state else ""
    rows = remote.lists.get("presets", [])
    group = QActionGroup(menu)
    for row in rows:
        name = str(row["name"])
        _add_choice(
            menu, group, name, name == current, partial(remote.act, "preset-use", name=name)
        )
    if not rows:
        menu.addAction(translate("Preset", "No presets yet")).setEnabled(False)
    if save is None:
        return
    menu.addSeparator()
    menu.addAction(translate("Preset", "Save the current settings as a preset …"), save)
    if rows:
        removing = Menu(translate("Preset", "Remove"), menu)
        menu.addMenu(removing)
        for row in rows:
            name = str(row["name"])
            removing.addAction(
                _plain(name), partial(remote.act, "preset-remove", "presets", name=name)
            )


def fill_backgrounds(menu: QMenu, library: Library, thumbnails: Thumbnails) -> None:
    """All backgrounds, with small pictures."""
    group = QActionGroup(menu)
    chosen = library.chosen
    for entry in library.entries:
        action = _add_choice(
            menu, group, entry.title, entry == chosen, partial(library.choose, entry)
        )
        if entry.kind == "color":
            action.setIcon(_swatch(entry.value.partition(":")[2]))
        elif entry.path and (film := thumbnails.get(entry)) is not None:
            action.setIcon(film.icon)


@lru_cache(maxsize=64)
def _swatch(color: str) -> QIcon:
    swatch = QPixmap(*MENU_PICTURE_PX)
    swatch.fill(QColor(color))
    return QIcon(swatch)


def _add_choice(
    menu: QMenu, group: QActionGroup, title: str, checked: bool, chosen: Callable[[], object]
) -> QAction:
    action = menu.addAction(_plain(title))
    action.setCheckable(True)
    action.setChecked(checked)
    action.triggered.connect(lambda _: chosen())
    group.addAction(action)
    return action


def _plain(text: str) -> str:
    """A text from outside, in which "&" is not a shortcut."""
    return text.replace("&", "&&")
