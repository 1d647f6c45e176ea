"""Shows values in messages, and suggests words."""

from __future__ import annotations

from collections.abc import Iterable
from reprlib import Repr

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 80


def shown(value: object) -> str:
    """A value for a message: quoted, on one line, shortened if it is long."""
    try:
        return _SHORT.repr(value)
    except ValueError:  # Python refuses to print numbers with thousands of digits.
        return "a number with thousands of digits"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A suggestion for a mistyped word, or ""."""
    from difflib import get_close_matches  # takes time, and correct words do without

    close = get_close_matches(word[:80], list(known), n=1, cutoff=0.4)
    return f"Did you mean '{close[0]}'?" if close else ""
