"""The backgrounds behind the picker's tiles, and their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QIcon, QPixmap

MENU_PICTURE_PX = (32, 18)


@dataclass(frozen=True, slots=True)
class Entry:
    """The background of a tile.

    Attributes:
        id: Stable name.
        title: Name for the user.
        kind: none, blur, image, video, color or add.
        value: The background setting.
        path: The file for its small picture.
        own: Whether the user may remove it.
    """

    id: str
    title: str
    kind: str
    value: str = ""
    path: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Film:
    """The small pictures of a file: one picture, or the first ones of a video.

    Attributes:
        pictures: At least one.
        period_ms: Time between two of them.
        icon: The first one for menus, made once: they are filled again and again.
    """

    pictures: Sequence[QPixmap]
    period_ms: int
    icon: QIcon
