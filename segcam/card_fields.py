"""Checks each field of a model card. A model and its card may come from a stranger."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from segcam.text import is_plain

MOST_LETTERS = 2000
MOST_SIDE_PX = 4096
"""Largest side of a tensor; the largest models in use have 1024."""
MOST_CHANNELS = 16
MOST_NUMBERS = 2**24
"""Most numbers in a tensor: 64 MiB."""
LARGEST_FACTOR = 1e6
"""Limit for scale and offset. Pixels are 0..255, and models use them unchanged or near 0..1."""
_DEPTH = 8

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Word:
    """A check for printable text.

    Attributes:
        pattern: A regular expression that it must match.
        like: The same, in words for the user.
    """

    pattern: str = r".+"
    like: str = "text"

    def __call__(self, value: object) -> str:
        """Return the value if it is valid."""
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise ValueError(f"is {_shown(value)}, not {self.like}")
        if len(value) > MOST_LETTERS or not is_plain(value):
            raise ValueError(f"is longer than {MOST_LETTERS} characters, or has invisible ones")
        return value


NAME = Word(r"[\w.+-][\w .+-]{0,99}", "a name of up to 100 letters, digits and . + - _")
FILE = Word(r"[^/\\:]{1,255}(?<!^\.)(?<!^\.\.)", "the name of a file, without a folder")
SHA256 = Word(r"[0-9a-f]{64}", "64 hexadecimal digits")
WHEEL = Word(r"[A-Za-z0-9][\w.-]*==[\w.+!]+", "like name==1.2.3")
MEMBER = Word(r"(?!/)(?!.*\.\.)[^\\:]+", "a path inside a package")
NPM = Word(r"(@[a-z0-9][\w.-]*/)?[a-z0-9][\w.-]*@\d[\w.+-]*", "like @scope/name@1.2.3")


def optional(check: Callable[[object], str]) -> Callable[[object], str]:
    """The same check, which also accepts ""."""
    return lambda value: "" if value == "" else check(value)


def one_of(*known: str) -> Callable[[object], str]:
    """A check for one of these words."""

    def check(value: object) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"is {_shown(value)}, not one of {', '.join(known)}")
        return value

    return check


def factor(value: object) -> float:
    """Check a number for calculations with pixels."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"is {_shown(value)}, not a number")  # noqa: TRY004
    if not abs(value) <= LARGEST_FACTOR:  # also NaN
        raise ValueError(f"is {_shown(value)}, not between -1e6 and 1e6")
    return float(value)


def scale(value: object) -> float:
    """Check a factor that is not 0, which would make all pictures equal."""
    if factor(value) == 0:
        raise ValueError("is 0, which would make all pictures the same")
    return factor(value)


def shape(value: object) -> tuple[int, int, int, int]:
    """Check four dimensions, the first one 1, that fit into memory."""
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise ValueError(f"is {_shown(value)}, not four positive numbers")
    if any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in value):
        raise ValueError(f"is {_shown(value)}, not four positive numbers")
    if value[0] != 1 or max(value) > MOST_SIDE_PX or math.prod(value) > MOST_NUMBERS:
        raise ValueError(f"is {_shown(value)}: the first must be 1, each at most {MOST_SIDE_PX}")
    return (value[0], value[1], value[2], value[3])


def metrics(value: object) -> tuple[tuple[str, Any], ...]:
    """Check a table of plain values."""
    if isinstance(value, tuple):  # from `dataclasses.asdict`
        value = dict(value)
    if not isinstance(value, Mapping):
        raise ValueError(f"is {_shown(value)}, not a table")  # noqa: TRY004
    _check_plain(value)
    return tuple(value.items())


def checked(
    fields: Mapping[str, object], checks: Mapping[str, Callable[[Any], _T]]
) -> dict[str, _T]:
    """The fields, each checked by its own check.

    Raises:
        ValueError: A field is unknown or invalid; the error names it.
    """
    for name in fields:
        if name not in checks:
            raise ValueError(f"there is no field {_shown(name)}")
    values = {}
    for name, value in fields.items():
        try:
            values[name] = checks[name](value)
        except ValueError as error:
            raise ValueError(f"{name} {error}") from error
    return values


def _check_plain(value: object, depth: int = 0) -> None:
    if depth > _DEPTH:
        raise ValueError("is nested too deeply")
    if isinstance(value, Mapping):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        for each in value:
            _check_plain(each, depth + 1)
    elif not isinstance(value, str | int | float):
        raise ValueError(f"contains {_shown(value)}, which is neither text nor a number")  # noqa: TRY004
    elif isinstance(value, str) and not is_plain(value):
        raise ValueError("contains invisible characters")


def _shown(value: object) -> str:
    """Its beginning, in printable characters."""
    try:
        text = ascii(value)
    except ValueError:  # Python refuses to print numbers with thousands of digits
        return "a number with thousands of digits"
    return text if len(text) <= 60 else f"{text[:60]}..."
