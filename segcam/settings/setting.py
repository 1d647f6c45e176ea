"""Describes a setting: its name, allowed values and explanations."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from segcam.errors import UsageError
from segcam.settings.words import did_you_mean, shown

Value = str | float | bool
Kind = Literal["text", "choice", "number", "whole", "switch"]
Page = Literal["main", "advanced"]
Live = Literal["at once", "loads", "restarts", "next start"]


def same_text(text: str) -> str:
    """The check of a text without restrictions."""
    return text


def same_place(text: str, folder: Path) -> str:  # noqa: ARG001
    """The `root` of a text without a path."""
    return text


@dataclass(frozen=True, slots=True)
class Setting:
    """The declaration of one setting.

    Attributes:
        name: The key in TOML and JSON; with dashes, the option.
        default: Its default value.
        title: A few words, for a window.
        help: Explanation for the user.
        kind: text, one of ``choices``, a number, a whole number, or a switch.
        live: Effect of a change while SegCam runs. "at once": with the next frame. "loads": the old
            part stays until the new one is loaded. "restarts": the camera or output is opened
            again. "next start": only after a restart of SegCam.
        page: The page of the window that shows it.
        metavar: Name of its option's value, "" for the default of the kind.
        unit: Unit of a number.
        minimum, maximum: Limits of a number, inclusive.
        choices: The values of a choice; for other kinds, words that are also allowed.
        check_text: Returns a text in normalised spelling, or raises UsageError.
        root: Returns the text with its relative paths starting at the given folder.
    """

    name: str
    default: Value
    title: str
    help: str
    kind: Kind
    live: Live = "at once"
    page: Page = "advanced"
    metavar: str = ""
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    check_text: Callable[[str], str] = same_text
    root: Callable[[str, Path], str] = same_place

    @property
    def option(self) -> str:
        """Its name on the command line, without the leading dashes."""
        return self.name.replace("_", "-")

    @property
    def forms(self) -> str:
        """The allowed values, as an instruction."""
        if self.kind == "switch":
            return "Use true or false"
        if self.kind == "choice":
            return f"Use {' or '.join([', '.join(self.choices[:-1]), self.choices[-1]])}"
        if self.kind == "text":
            return f"The default is {self.default}"
        what = "a whole number" if self.kind == "whole" else "a number"
        words = "".join(f" or {word}" for word in self.choices)
        return f"Use {what} from {self.minimum:g} to {self.maximum:g}{words}"

    def as_dict(self) -> dict[str, Any]:
        """The description for a client, as plain JSON values."""
        names = "name title help kind unit minimum maximum choices metavar default page live"
        values = {name: getattr(self, name) for name in names.split()}
        return {**values, "choices": list(self.choices)}

    def check(self, value: object) -> Value:
        """The value in normalised spelling.

        Args:
            value: From TOML or JSON.

        Raises:
            UsageError: The value is invalid.
        """
        if self.kind == "switch":
            return self._switch(value)
        if self.kind in ("number", "whole"):
            return self._number(value)
        if isinstance(value, int) and not isinstance(value, bool):  # camera = 0
            value = shown(value)
        return self._text(value)

    def read(self, text: str) -> Value:
        """The value of an option.

        Raises:
            UsageError: The value is invalid.
        """
        if self.kind in ("number", "whole"):
            try:
                return self.check(float(text))
            except ValueError:
                pass
        return self.check(text)

    def _switch(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise self._wrong(value)
        return value

    def _number(self, value: object) -> Value:
        if isinstance(value, str) and value in self.choices:
            return value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(value)
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if not low <= value <= high or not math.isfinite(value):
            raise self._wrong(value)
        if self.kind == "number":
            return float(value)
        if value != int(value):
            raise self._wrong(value)
        return int(value)

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise self._wrong(value)
        if self.kind == "choice":
            if value not in self.choices:
                raise self._wrong(value)
            return value
        if not value.strip():
            raise UsageError(f"{self.name} is empty", "", self.forms)
        if "\0" in value or not _is_unicode(value):
            raise UsageError(
                f"{self.name} cannot be {shown(value)}",
                "It is not valid UTF-8, or contains a zero byte",
                "Rename the file",
            )
        self.root(value, Path())  # checks that a home in it exists
        return self.check_text(value)

    def _wrong(self, value: object) -> UsageError:
        hint = did_you_mean(value, self.choices) if isinstance(value, str) else ""
        return UsageError(f"{self.name} cannot be {shown(value)}", hint, self.forms)


def _is_unicode(text: str) -> bool:
    """Whether it can be encoded as UTF-8, which file names need not be."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
