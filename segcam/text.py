"""Makes text from outside safe to print."""

from __future__ import annotations

import logging
import unicodedata
from typing import Any

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode's categories of characters that control a terminal, change the direction of writing, or
are undefined. Source: Unicode Standard Annex 44, table 12."""


def is_plain(text: str) -> bool:
    """Whether it can be printed unchanged: it has no control or invisible characters."""
    return (text.isascii() and text.isprintable()) or not any(map(_is_unseen, text))


def visible(text: str) -> str:
    r"""The text with invisible characters as escape sequences: "\x1b" for the escape key.

    File names, model cards and output of other programs may contain sequences that clear the
    screen, change its title or swap the order of letters.
    """
    if is_plain(text):
        return text
    return "".join(
        letter.encode("unicode_escape").decode("ascii") if _is_unseen(letter) else letter
        for letter in text
    )


class OneLine(logging.Formatter):
    """Formats a log record as one line, whatever its arguments contain."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The formatted line."""
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """A traceback keeps its lines."""
        return "\n".join(map(visible, super().formatException(ei).splitlines()))


def _is_unseen(letter: str) -> bool:
    return unicodedata.category(letter) in _UNSEEN
