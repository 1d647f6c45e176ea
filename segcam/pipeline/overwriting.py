"""Prevents outputs from overwriting files that are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segcam import settings
from segcam.errors import UsageError


def refuse_overwriting(path: Path, inputs: Sequence[Path]) -> None:
    """Refuse a path that is one of the inputs, by any name or link.

    Raises:
        UsageError: ``path`` is one of ``inputs``.
    """
    for read in inputs:
        if path.exists() and read.exists() and path.samefile(read):
            same = "" if path == read else f"It is the same file as {read}"
            raise UsageError(f"{path} would be overwritten", same, "Choose another name for OUTPUT")


def check_outputs(chosen: settings.Settings) -> None:
    """Refuse a recording to a file that is read, or to the file of another output.

    Raises:
        UsageError: One of them is such a file.
    """
    camera = Path(chosen.camera).expanduser()
    inputs = [camera, *paths_of(settings.parse_background(chosen.background))]
    for spec in chosen.output.split(","):
        if spec.startswith("file:"):
            path = Path(spec.removeprefix("file:")).expanduser()
            refuse_overwriting(path, inputs)
            inputs.append(path)


def paths_of(background: settings.Background | None) -> list[Path]:
    """The files of a background."""
    if isinstance(background, settings.Picture | settings.Video):
        return [background.path]
    return []
