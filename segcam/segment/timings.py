"""Keeps the results of trying backends until a driver, the model or the machine changes."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from segcam.errors import SegCamError
from segcam.home import user_cache_folder
from segcam.model_card import ModelCard
from segcam.segment import vulkan
from segcam.segment.probe import ProbeResult
from segcam.segment.registry import SPECS
from segcam.storage import replace_file

_FILE = "backends.json"
_KEPT = 8
"""Most entries: models times machines that share a home."""
_DRIVERS = (
    *("sys/module/nvidia/version", "sys/module/*/srcversion", "dev/dri/*", "dev/accel/*"),
    *("usr/lib*/libze_intel*", "usr/lib*/*/libze_intel*", "usr/lib*/*/libnpu_driver_compiler*"),
    *("usr/lib*/*/libcuda.so.*", "usr/lib*/libcuda.so.*", "usr/lib*/*/libvulkan_*"),
)
_OF_MODULES = ("i915", "xe", "amdgpu", "nvidia", "intel_vpu")


def recall(card: ModelCard, threads: int, root: Path = Path("/")) -> list[ProbeResult]:
    """The stored results for this model on this machine; empty if there are none."""
    kept = _read().get(_key(card, threads, root), [])
    try:
        return [ProbeResult(**each) for each in kept]
    except TypeError:  # written by another version
        return []


def remember(
    card: ModelCard, threads: int, results: Sequence[ProbeResult], root: Path = Path("/")
) -> None:
    """Store results, unless nothing ran: then the machine was at fault, so try again.

    If the file cannot be written, the next start tries the backends again.
    """
    if not any(result.usable for result in results):
        return
    kept = _read()
    kept.pop(key := _key(card, threads, root), None)
    kept[key] = [result.as_dict() for result in results]
    newest = dict(list(kept.items())[-_KEPT:])
    with suppress(OSError, SegCamError):
        replace_file(user_cache_folder() / _FILE, json.dumps(newest, indent=1).encode())


def _read() -> dict[str, list[dict[str, Any]]]:
    try:
        kept = json.loads((user_cache_folder() / _FILE).read_bytes())
    except (OSError, ValueError, SegCamError):
        return {}
    return kept if isinstance(kept, dict) else {}


def marks(root: Path = Path("/")) -> tuple[str, ...]:
    """Identifies this machine with its drivers and runtimes; takes milliseconds.

    Args:
        root: Where ``sys`` and ``usr`` are.
    """
    return (
        *(platform.release(), platform.machine(), platform.node(), str(os.cpu_count())),
        *sorted({f"{spec.package} {_version(spec.package)}" for spec in SPECS.values()}),
        *_driver_marks(root),
    )


def _key(card: ModelCard, threads: int, root: Path) -> str:
    """A key that changes with everything that may change a result."""
    parts = [card.name, card.sha256, str(threads), *marks(root)]
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _driver_marks(root: Path) -> list[str]:
    """Drivers, identified by their files' names and times or versions."""
    files = [file for pattern in _DRIVERS for file in sorted(root.glob(pattern))]
    files = [f for f in files if f.name != "srcversion" or f.parent.name in _OF_MODULES]
    marks = []
    for file in [*files, *vulkan.driver_files(root)]:
        with suppress(OSError):
            is_text = file.name in ("version", "srcversion")
            mark = file.read_text() if is_text else str(file.stat().st_mtime_ns)
            marks.append(f"{file} {'' if file.parent.name == 'dri' else mark}")
    return marks
