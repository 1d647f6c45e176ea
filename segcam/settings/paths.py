"""Paths in settings."""

from __future__ import annotations

from pathlib import Path

from segcam.errors import UsageError
from segcam.settings.words import shown


def home_expanded(text: str) -> Path:
    """The path, with ``~`` and ``~name`` replaced by that user's home.

    Raises:
        UsageError: There is no such user, or no home.
    """
    path = Path(text)
    try:
        return path.expanduser()
    except (RuntimeError, KeyError, ValueError) as error:
        raise UsageError(
            f"{shown(path.parts[0])} in {shown(text)} is not a user's home folder",
            "",
            "Write the full path, starting with /",
        ) from error


def rooted_path(text: str, folder: Path) -> str:
    """The path; a relative one starts at ``folder``. An absolute one stays as it is written.

    Raises:
        UsageError: It starts at a home that does not exist.
    """
    return text if Path(text).is_absolute() else str(folder / home_expanded(text))
