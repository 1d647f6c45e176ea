"""Optional parts of an installation: what pip calls extras."""

from __future__ import annotations

import sys
from typing import Literal

import segcam
from segcam import launch

Extra = Literal["ui", "gpu", "webgpu", "npu", "virtualcam"]


def cure(extra: Extra) -> str:
    """How to get the packages of an extra; one sentence without a full stop.

    Args:
        extra: Its name in pyproject.toml.
    """
    if launch.is_frozen():
        return (
            "This package of SegCam does not include it. To get it, remove this package and run: "
            f"pipx install 'segcam-{segcam.__version__}-py3-none-any.whl[ui,{extra}]'"
        )
    return f"Run: {sys.executable} -m pip install 'segcam[{extra}]'"
