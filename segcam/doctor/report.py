"""Runs all checks, in the order in which a picture is made."""

from __future__ import annotations

import json
import logging
import os
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import segcam
from segcam.doctor import (
    browsers,
    cameras,
    clients,
    desktop,
    files,
    installation,
    module,
    pipewire,
    processors,
)
from segcam.doctor.base import Check, Finding, Machine, is_linux
from segcam.doctor.redact import redacted
from segcam.errors import OutputUnwritable

log = logging.getLogger(__name__)

EVERYWHERE: tuple[Check, ...] = (
    installation.check_parts,
    files.check_room,
    files.check_settings,
    files.check_models,
    files.check_packages,
    installation.check_copies,
    installation.check_autostart,
    desktop.check_daemon,
)
ON_LINUX: tuple[Check, ...] = (
    cameras.check,
    module.check,
    desktop.check_session,
    pipewire.check,
    browsers.check,
    processors.check,
    clients.check,
    desktop.check_tray,
    desktop.check_inotify,
)


def findings(machine: Machine | None = None) -> Iterator[Finding]:
    """All findings about a machine; this one by default.

    A check that fails is also a finding; the others still run.
    """
    machine = machine or Machine()
    for check in (*(ON_LINUX if is_linux() else ()), *EVERYWHERE):
        try:
            yield from check(machine)
        except Exception as error:
            log.debug("a check failed", exc_info=True)
            name = check.__module__.rpartition(".")[2]
            yield Finding(
                "doctor.failed",
                "note",
                f"The check of {name} failed",
                repr(error),
                "Please report this",
            )


def as_dict(found: list[Finding]) -> dict[str, Any]:
    """The report as plain JSON values."""
    return {
        "version": segcam.__version__,
        "system": platform.platform(),
        "python": platform.python_version(),
        "findings": [finding.as_dict() for finding in found],
    }


def write_bundle(path: Path, found: list[Finding], machine: Machine | None = None) -> None:
    """Write a report for others, without private words (see `redact`) and without pictures.

    Args:
        path: A new file.
        found: The result of `findings`.
        machine: The examined machine.

    Raises:
        OutputUnwritable: It exists already, or cannot be written.
    """
    machine = machine or Machine()
    report = {**as_dict(found), "packages": _packages(), "executable": sys.executable}
    text = json.dumps(redacted(report, machine), indent=2)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(text + "\n")
        except OSError:
            path.unlink(missing_ok=True)
            raise
    except OSError as error:
        exists = isinstance(error, FileExistsError)
        raise OutputUnwritable(
            f"{path} cannot be written",
            error.strerror or str(error),
            "Choose a new file name" if exists else "Choose a writable folder with free space",
        ) from error


def _packages() -> dict[str, str]:
    """Versions of the packages that SegCam uses, not of others beside them."""
    from importlib.metadata import PackageNotFoundError, distributions, requires

    found = {each.metadata["Name"]: each.version for each in distributions()}
    try:
        wanted = {_normal(re.split(r"[^\w.-]", each)[0]) for each in requires("segcam") or ()}
    except PackageNotFoundError:  # a frozen folder holds no others
        return found
    return {name: version for name, version in found.items() if _normal(name or "") in wanted}


def _normal(package: str) -> str:
    return re.sub("[-_.]+", "-", package).lower()
