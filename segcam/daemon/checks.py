"""Checks before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segcam.daemon.beside import READ_S, beside
from segcam.errors import DaemonBusy, UsageError


def check(given: Mapping[str, Any]) -> None:
    """Refuse invalid values that can be found without loading anything."""
    from segcam.pipeline.networks import find_segmenter
    from segcam.segment.registry import GROUPS
    from segcam.segment.registry import find as find_backend

    if not given:
        raise UsageError("There is nothing to change", "", "See: segcam set --help")
    if "model" in given:
        beside(lambda: find_segmenter(given["model"]), READ_S, str(given["model"]))
    if given.get("backend", "auto") not in GROUPS:
        find_backend(given["backend"])


def starting() -> DaemonBusy:
    """The error for a request that comes too early."""
    return DaemonBusy("SegCam is starting", "", "Try again in a moment")
