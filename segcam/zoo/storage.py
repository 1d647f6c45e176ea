"""Writes to the models directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segcam.errors import ModelMissing


@contextmanager
def writing(directory: Path) -> Iterator[None]:
    """Create ``directory``, and convert errors of writing there to SegCam's errors with a cure.

    Raises:
        ModelMissing: It cannot be created or written, or the disk is full.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ModelMissing(
            f"The model cannot be stored in {directory}",
            str(error),
            "Free some space there, make it writable, or set SEGCAM_MODELS to another directory",
        ) from error
