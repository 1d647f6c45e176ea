"""What a tile of the picker stands for, and what that looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QPixmap


@dataclass(frozen=True, slots=True)
class Entry:
    """What a tile stands for.

    Attributes:
        id: Stable name.
        title: For people.
        kind: none, blur, image, video, color or add.
        value: The background setting.
        path: Of the file that is shown small.
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
    """What a file looks like: one picture, or the first ones of a video.

    Attributes:
        pictures: At least one.
        period_ms: Between two of them.
    """

    pictures: Sequence[QPixmap]
    period_ms: int = 0
