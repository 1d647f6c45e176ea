"""SwiftShader: a Vulkan driver that computes on the CPU, so that GPU backends run anywhere."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from segcam.segment.vulkan import SOFTWARE

DRIVER = Path(sys.prefix, "swiftshader", "vk_swiftshader_icd.json")
"""Installed by ``make test``."""


def software_gpu() -> dict[str, str]:
    """Variables that make it count as a GPU, if it is installed, and hide real GPUs."""
    if not DRIVER.exists():
        return {}
    # The second name is for loaders before 1.3.207.
    return {"VK_DRIVER_FILES": str(DRIVER), "VK_ICD_FILENAMES": str(DRIVER), SOFTWARE: "1"}


def use_software_gpu(patch: pytest.MonkeyPatch) -> None:
    """Set these variables."""
    for name, value in software_gpu().items():
        patch.setenv(name, value)
