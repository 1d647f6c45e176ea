"""Writes to the models directory."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from segcam.errors import ModelMissing

_PREFIX, _LOCK = ".work-", "lock"
_YOUNG_S = 60.0
"""A younger folder may not be locked yet."""


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


@contextmanager
def working(directory: Path) -> Iterator[Path]:
    """A folder in ``directory``, deleted at the end. Those of killed processes are deleted, too.

    Raises:
        ModelMissing: As `writing`.
    """
    with writing(directory):
        for old in directory.glob(f"{_PREFIX}*"):
            age_s = time.time() - old.stat().st_mtime  # noqa: TID251
            if age_s > _YOUNG_S and not _is_used(old):
                shutil.rmtree(old, ignore_errors=True)
        with (
            tempfile.TemporaryDirectory(prefix=_PREFIX, dir=directory) as folder,
            FileLock(Path(folder, _LOCK)),
        ):
            yield Path(folder)


def _is_used(folder: Path) -> bool:
    try:
        with FileLock(folder / _LOCK, timeout=0):
            return False
    except Timeout:
        return True
