"""What the user chose: frozen values, parsed once, checked at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, get_args

from segcam.errors import UsageError
from segcam.frame import Size

BLUR_DEFAULT = 60
MAX_SIDE_PX = 7680


@dataclass(frozen=True, slots=True)
class Blur:
    """The room, blurred.

    Attributes:
        strength: 0..100. Even 0 hides what is written and who is seen in the room.
    """

    strength: int = BLUR_DEFAULT


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in place of the room, filling the frame, cut to its shape."""

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
    """The room as it is. The only choice that shows it."""


Edges = Literal["auto", "fast", "sharp"]
"""How the person's outline is drawn: from the picture alone, or by a network first. "auto": by the
network where the room is replaced, which leaves the outline in plain sight, the network was trained
for the model, and it is quick enough."""

Background = Blur | Picture | Video | Color | NoEffect


def replaces_room(background: Background) -> bool:
    """Whether something else stands in for the room.

    One that is blurred keeps its colours, which forgive an outline that is a little off.
    """
    return not isinstance(background, Blur | NoEffect)


BACKGROUND_FORMS = "blur, blur:0..100, image:PATH, video:PATH, color:#RRGGBB or none"


def parse_background(text: str) -> Background:
    """Read a ``--background`` value.

    Raises:
        UsageError: It has none of the known forms.
    """
    kind, _, value = text.partition(":")
    if kind == "blur":
        return Blur(_strength(value)) if value else Blur()
    if kind == "none" and not value:
        return NoEffect()
    if kind in ("image", "video") and value:
        path = Path(value).expanduser()
        return Picture(path) if kind == "image" else Video(path)
    if kind == "color" and re.fullmatch(r"#?[0-9a-fA-F]{6}", value):
        digits = value.removeprefix("#")
        red, green, blue = (int(digits[i : i + 2], 16) for i in (0, 2, 4))
        return Color((red, green, blue))
    raise UsageError(
        f"'{text}' is not a background", did_you_mean(kind, _KINDS), f"Use {BACKGROUND_FORMS}"
    )


_KINDS = ("blur", "image", "video", "color", "none")


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be changed while SegCam runs, in the words in which it was asked for.

    Attributes:
        background: See `parse_background`.
        model: A published model's name, a model file's path, or "auto".
        backend: A backend's name, "npu", "gpu", "cpu" or "auto".
        edges: How the person's outline is drawn.
        mirror: Swap left and right.
    """

    background: str = "blur"
    model: str = "auto"
    backend: str = "auto"
    edges: Edges = "auto"
    mirror: bool = False


def parse_edges(text: str) -> Edges:
    """Read an ``--edges`` value.

    Raises:
        UsageError: It is none.
    """
    known: tuple[Edges, ...] = get_args(Edges)
    for edges in known:
        if text == edges:
            return edges
    raise UsageError(
        f"'{text}' is no way to draw edges", did_you_mean(text, known), "Use auto, fast or sharp"
    )


def parse_size(text: str) -> Size:
    """Read a ``WxH`` value.

    Returns:
        (H, W), even.

    Raises:
        UsageError: It is no size, odd, or outside 2..7680.
    """
    match = re.fullmatch(r"(\d+)[xX×](\d+)", text.strip())
    size = (int(match[2]), int(match[1])) if match else (0, 0)
    if not all(2 <= side <= MAX_SIDE_PX and side % 2 == 0 for side in size):
        raise UsageError(
            f"'{text}' is not a size SegCam can make",
            f"Both sides must be even and between 2 and {MAX_SIDE_PX}",
            "Write width x height, for example 1280x720",
        )
    return size


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A suggestion for a mistyped word, or ""."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.4)
    return f"Did you mean '{close[0]}'?" if close else ""


def _strength(value: str) -> int:
    if not value.isdecimal() or int(value) > 100:
        raise UsageError(
            f"'{value}' is not a blur strength", "", "Use a whole number from 0 to 100: blur:60"
        )
    return int(value)
