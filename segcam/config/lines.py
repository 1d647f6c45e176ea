"""Finds the lines of keys in a TOML text."""

from __future__ import annotations

import tomllib
from typing import Any

Path = tuple[str, ...]
"""Keys, starting at the outermost table."""


def line_of(text: str, path: Path) -> int:
    """The line, from 1 on, of a key in a valid TOML text; 0 if it is not found."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if path[-1] in line and _holds("".join(lines[:number]), path):
            return number
    return next((number for number, line in enumerate(lines, 1) if path[-1] in line), 0)


def _holds(text: str, path: Path) -> bool:
    try:
        found: Any = tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    for key in path:
        if not isinstance(found, dict) or key not in found:
            return False
        found = found[key]
    return True
