"""Backgrounds, as values of a setting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from segcam.errors import UsageError
from segcam.settings.paths import home_expanded, rooted_path
from segcam.settings.words import did_you_mean, shown

BLUR_DEFAULT = 60
BACKGROUND_FORMS = "blur, blur:0..100, image:PATH, video:PATH, color:#RRGGBB or none"
_KINDS = ("blur", "image", "video", "color", "none")


@dataclass(frozen=True, slots=True)
class Blur:
    """The room, blurred.

    Attributes:
        strength: 0..100. Even 0 hides text and people in the room.
    """

    strength: int = BLUR_DEFAULT


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in place of the room, cropped to fill the frame."""

    path: Path


@dataclass(frozen=True, slots=True)
class Video:
    """A looping video in place of the room."""

    path: Path


@dataclass(frozen=True, slots=True)
class Color:
    """One colour in place of the room, (R, G, B) of 0..255."""

    rgb: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class NoEffect:
    """The real room. The only value that shows it."""


Background = Blur | Picture | Video | Color | NoEffect


def replaces_room(background: Background) -> bool:
    """Whether it replaces the room.

    A blurred room keeps its colours, which hide small errors of the outline.
    """
    return not isinstance(background, Blur | NoEffect)


def parse_background(text: str) -> Background:
    """Read a ``--background`` value.

    Raises:
        UsageError: It has an unknown form.
    """
    kind, _, value = text.partition(":")
    if kind == "blur":
        return Blur(_strength(value)) if value else Blur()
    if kind == "none" and not value:
        return NoEffect()
    if kind in ("image", "video") and value:
        path = home_expanded(value)
        return Picture(path) if kind == "image" else Video(path)
    if kind == "color" and re.fullmatch(r"#?[0-9a-fA-F]{6}", value):
        digits = value.removeprefix("#")
        red, green, blue = (int(digits[i : i + 2], 16) for i in (0, 2, 4))
        return Color((red, green, blue))
    raise UsageError(
        f"{shown(text)} is not a background", did_you_mean(kind, _KINDS), f"Use {BACKGROUND_FORMS}"
    )


def check_background(text: str) -> str:
    """The background in normalised spelling: ``color:00FF00`` becomes ``color:#00ff00``.

    Raises:
        UsageError: It is not a background.
    """
    match parse_background(text):
        case Color(rgb):
            return "color:#" + bytes(rgb).hex()
        case Blur(strength) if text != "blur":
            return f"blur:{strength}"
        case NoEffect():
            return "none"
    return text


def root_background(text: str, folder: Path) -> str:
    """The same background; a relative path in it starts at ``folder``."""
    kind, _, value = text.partition(":")
    if kind not in ("image", "video") or not value:
        return text
    return f"{kind}:{rooted_path(value, folder)}"


def _strength(value: str) -> int:
    if not re.fullmatch(r"0*[0-9]{1,3}", value, re.ASCII) or int(value[-3:]) > 100:
        raise UsageError(
            f"{shown(value)} is not a blur strength",
            "",
            "Use a whole number from 0 to 100: blur:60",
        )
    return int(value[-3:])
