"""The available backgrounds: SegCam's own, the user's, and colours."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSettings, Signal

from segcam.errors import UsageError
from segcam.settings import BLUR_DEFAULT, Blur, Color, NoEffect, parse_background
from segcam_ui.entries import Entry
from segcam_ui.remote import Remote, Row
from segcam_ui.words import translate

LIGHT, STRONG = 30, 80
"""Strengths of the two blurred tiles."""
COLORS = ("#1f6f54", "#2b3a55")
"""A calm green and a calm blue as initial colours."""


class Library(QObject):
    """The entries of the picker, made from the running SegCam's list.

    Signals:
        changed: The entries or the choice have changed.
    """

    changed = Signal()

    def __init__(self, remote: Remote, kept: QSettings) -> None:
        super().__init__(remote)
        self._remote, self._kept = remote, kept
        self._hidden: set[str] = set()
        remote.changed.connect(self.changed)
        remote.listed.connect(lambda name: self.changed.emit() if name == "backgrounds" else None)

    @property
    def entries(self) -> list[Entry]:
        """All entries, in the order for the user."""
        found = [
            Entry("none", translate("Library", "No effect"), "none", "none"),
            Entry("light", translate("Library", "Light blur"), "blur", f"blur:{LIGHT}"),
            Entry("strong", translate("Library", "Strong blur"), "blur", f"blur:{STRONG}"),
            *self._files(),
            *(_color(each) for each in self._colors()),
        ]
        return [entry for entry in found if entry.id not in self._hidden]

    @property
    def chosen(self) -> Entry | None:
        """The entry in use; None if it is none of them."""
        return self.find(str(self._remote.requested("background", "")))

    def find(self, value: str) -> Entry | None:
        """The entry of a background setting; for a blur, the nearer one of the two."""
        try:
            wanted = parse_background(value)
        except UsageError:
            return None
        if isinstance(wanted, Blur):
            nearest = "strong" if wanted.strength >= (LIGHT + STRONG) // 2 else "light"
            return next((each for each in self.entries if each.id == nearest), None)
        for entry in self.entries:
            if parse_background(entry.value) == wanted:
                return entry
        return None

    @property
    def strength(self) -> int | None:
        """The blur's strength, 0..100; None without blur."""
        try:
            wanted = parse_background(str(self._remote.requested("background", "")))
        except UsageError:
            return None
        return wanted.strength if isinstance(wanted, Blur) else None

    def choose(self, entry: Entry) -> None:
        """Switch to it at once."""
        self._remote.change(background=entry.value)

    def add_color(self, color: str) -> None:
        """Add a colour to the entries, and choose it."""
        if color not in self._colors():
            self._kept.setValue("colors", [*self._colors(), color])
        self._remote.change(background=f"color:{color}")

    def hide(self, entry: Entry) -> None:
        """Hide it while its removal can be undone; if it is in use, switch to a blur."""
        if self.chosen == entry:
            self._remote.change(background=f"blur:{BLUR_DEFAULT}")
        self._hidden.add(entry.id)
        self.changed.emit()

    def show(self, entry: Entry) -> None:
        """Undo `hide`."""
        self._hidden.discard(entry.id)
        self.changed.emit()

    def remove(self, entry: Entry) -> None:
        """Remove it permanently."""
        if entry.kind == "color":
            left = [each for each in self._colors() if f"color:{each}" != entry.value]
            self._kept.setValue("colors", left)
            self.show(entry)
        else:
            self._remote.act("background-remove", "backgrounds", id=entry.id)

    def _files(self) -> list[Entry]:
        rows = self._remote.lists.get("backgrounds", [])
        return [
            Entry(
                str(row["id"]),
                _title(row),
                str(row["kind"]),
                str(row["value"]),
                str(row.get("path") or ""),
                own=not row.get("bundled", False),
            )
            for row in rows
            if row.get("kind") in ("image", "video")
        ]

    def _colors(self) -> list[str]:
        kept = self._kept.value("colors", list(COLORS))
        # A list of one entry is read from the file as a text.
        listed = kept if isinstance(kept, list) else [kept]
        return [str(each) for each in listed if _is_color(each)]


def _title(row: Row) -> str:
    """A background's name for the user; those of SegCam's own are translated."""
    title = str(row["title"])
    return translate("Background", title) if row.get("bundled") else title


def _is_color(text: object) -> bool:
    try:
        return isinstance(parse_background(f"color:{text}"), Color)
    except UsageError:
        return False


def _color(color: str) -> Entry:
    title = translate("Library", "Colour {}").format(color)
    return Entry(f"color-{color}", title, "color", f"color:{color}", own=True)


def shows_room(value: str) -> bool:
    """Whether a background setting hides nothing."""
    return isinstance(parse_background(value), NoEffect)
