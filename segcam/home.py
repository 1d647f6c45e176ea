"""The user's folders, if the system knows the user."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from segcam.errors import SegCamError, UsageError


def user_data_folder() -> Path:
    """The folder for downloads.

    Raises:
        UsageError: The user has no home.
    """
    return _folder("user_data_path")


def user_config_folder() -> Path:
    """The folder for settings.

    Raises:
        UsageError: The user has no home.
    """
    return _folder("user_config_path")


def user_home() -> Path | None:
    """The user's home; None if there is none."""
    try:
        found = Path.home()
    except RuntimeError:
        return None
    return found if found.is_absolute() else None


def user_cache_folder() -> Path:
    """The folder for data that can be made again; created if it is missing.

    Raises:
        UsageError: The user has no home.
    """
    return _folder("user_cache_path", ensure_exists=True)


def homeless(error: Exception) -> SegCamError | None:
    """The error with its cure, if ``error`` means that the user has no home; else None."""
    if isinstance(error, RuntimeError) and "home directory" in str(error):
        return UsageError(
            "This user has no home folder",
            "neither HOME nor the user database contains one",
            "Set HOME (or SEGCAM_MODELS and the XDG variables) to an absolute path",
        )
    return None


def _folder(kind: str, **options: Any) -> Path:
    import platformdirs  # a client of the running SegCam does not need it

    try:
        folder: Path = getattr(platformdirs, kind)("segcam", **options)
    except RuntimeError as error:
        raise homeless(error) or error from error
    if not folder.is_absolute():
        raise UsageError(f"{folder} is not an absolute path", "", "Set HOME to an absolute path")
    return folder
