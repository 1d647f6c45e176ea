"""What no output may overwrite."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from segcam import settings
from segcam.errors import UsageError


def refuse_overwriting(path: Path, inputs: Sequence[Path]) -> None:
    """Nothing that is read may be overwritten, by whatever name or link it is found.

    Raises:
        UsageError: ``path`` is one of ``inputs``.
    """
    for read in inputs:
        if path.exists() and read.exists() and path.samefile(read):
            same = "" if path == read else f"It is the same file as {read}"
            raise UsageError(
                f"{path} would be overwritten", same, "Give OUTPUT another name than INPUT"
            )


def check_outputs(chosen: settings.Settings) -> None:
    """No file that is recorded may be one that is read, or another output.

    Raises:
        UsageError: One is.
    """
    camera = Path(chosen.camera).expanduser()
    inputs = [camera, *paths_of(settings.parse_background(chosen.background))]
    for spec in chosen.output.split(","):
        if spec.startswith("file:"):
            path = Path(spec.removeprefix("file:")).expanduser()
            refuse_overwriting(path, inputs)
            inputs.append(path)


def paths_of(background: settings.Background | None) -> list[Path]:
    """The files that a background is read from."""
    if isinstance(background, settings.Picture | settings.Video):
        return [background.path]
    return []
