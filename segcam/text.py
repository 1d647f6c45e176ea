"""Text from outside, made fit to be shown."""

from __future__ import annotations

import logging
import unicodedata
from typing import Any

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode's categories of what steers a terminal, turns the direction of writing, or is nothing at
all. Source: Unicode Standard Annex 44, table 12."""


def is_plain(text: str) -> bool:
    """Whether it can be shown as it is: it steers nothing and hides nothing."""
    return (text.isascii() and text.isprintable()) or not any(map(_is_unseen, text))


def visible(text: str) -> str:
    r"""The text with everything that cannot be seen written out: "\x1b" for the escape key.

    File names, model cards and what other programs say may hold sequences that clear the screen,
    change its title or swap the order of letters.
    """
    if is_plain(text):
        return text
    return "".join(
        letter.encode("unicode_escape").decode("ascii") if _is_unseen(letter) else letter
        for letter in text
    )


class OneLine(logging.Formatter):
    """A log record is one line, whatever stands in its arguments."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The line."""
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """A traceback keeps its lines."""
        return "\n".join(map(visible, super().formatException(ei).splitlines()))


def _is_unseen(letter: str) -> bool:
    return unicodedata.category(letter) in _UNSEEN
