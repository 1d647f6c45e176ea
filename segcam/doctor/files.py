"""SegCam's files: models, settings, disk space, and conflicting packages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution

from segcam import launch
from segcam.doctor.base import Finding, Machine
from segcam.errors import ModelCorrupt, ModelMissing

LEAST_FREE_BYTES = 200 * 2**20
"""Enough for a model, its converted form and a log."""


def check_models(_: Machine) -> Iterator[Finding]:
    """Check each published model's file against its card."""
    from segcam.zoo.library import DEFAULT, cards, find, verify

    for name in cards():
        card, path = find(name)
        try:
            verify(card, path)
        except ModelMissing as error:
            if launch.is_frozen() or not card.wheel:
                yield Finding(
                    "install.incomplete",
                    "fault",
                    f"The model {name}, which comes with SegCam, is missing",
                    error.message,
                    "Install SegCam again",
                )
            elif name == DEFAULT:
                yield Finding(
                    "model.missing",
                    "note",
                    f"The model {name} is not downloaded yet",
                    "SegCam downloads it at its first start, which needs the network",
                    f"segcam models get {name}",
                )
        except ModelCorrupt as error:
            yield Finding("model.corrupt", "fault", error.title, error.message, error.hint)
        else:
            yield Finding("model.verified", "ok", f"The model {name} matches its model card")


def check_settings(_: Machine) -> Iterator[Finding]:
    """Check the settings file, as SegCam reads it."""
    from segcam.config import Config

    config = Config()
    config.read()
    is_broken = config.problems != config.contents.problems
    for problem in config.problems:
        yield Finding(
            "settings.unreadable" if is_broken else "settings.wrong",
            "note",
            problem.title,
            f"{problem.message}. SegCam ignores that setting".lstrip(". "),
            problem.hint or "segcam config",
        )


def check_room(machine: Machine) -> Iterator[Finding]:
    """Whether there is disk space for SegCam's files, and whether it may write there."""
    home = machine.home
    if home is None or not home.is_dir():
        yield Finding(
            "home.missing",
            "fault",
            "This user has no home folder",
            "Settings and models cannot be stored",
            "Set HOME to a writable folder",
        )
        return
    if not os.access(home, os.W_OK):
        yield Finding(
            "home.read-only",
            "note",
            f"{home} is not writable",
            "Settings are lost at the end, and models cannot be downloaded",
            "Set HOME to a writable folder",
        )
    free = shutil.disk_usage(home).free
    if free < LEAST_FREE_BYTES:
        yield Finding(
            "disk.full",
            "note",
            f"{free // 2**20} MB are free in {home}",
            "SegCam may fail to write models, settings and recordings",
            "Free some space there",
        )


def check_packages(machine: Machine) -> Iterator[Finding]:
    """Check for OpenCV's wheel with its own Qt."""
    pip = f"{machine.program.with_name('python')} -m pip"
    if _is_installed("opencv-python") or _is_installed("opencv-contrib-python"):
        yield Finding(
            "opencv.gui",
            "note",
            "OpenCV is installed with its own, older copy of Qt",
            "SegCam's window may not start",
            f"{pip} uninstall -y opencv-python opencv-contrib-python && "
            f"{pip} install --force-reinstall opencv-python-headless",
        )


def _is_installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True
