"""Where the drivers of GPUs and NPUs keep what they compile."""

from __future__ import annotations

import os
import sys

from segcam.errors import SegCamError
from segcam.home import user_cache_folder

# Sources: CUDA's programming guide, the README of NVIDIA's driver, Mesa's envvars.html, FAQ.md of
# intel/compute-runtime (it uses only an existing folder), overview.md of intel/linux-npu-driver.
_VARIABLES = (
    "CUDA_CACHE_PATH",
    "__GL_SHADER_DISK_CACHE_PATH",
    "MESA_SHADER_CACHE_DIR",
    "NEO_CACHE_DIR",
    "ZE_INTEL_NPU_CACHE_DIR",
)


def driver_caches() -> dict[str, str]:
    """Environment variables for a process that loads a driver.

    By default each driver writes to a folder of its own in the user's home. With these variables
    all use SegCam's cache folder. Variables that the user has set are left out.
    """
    if sys.platform != "linux":
        return {}
    try:
        folder = user_cache_folder() / "drivers"
        folder.mkdir(mode=0o700, exist_ok=True)
    except (SegCamError, OSError):  # no home, or it cannot be written
        return {}
    return {name: str(folder) for name in _VARIABLES if name not in os.environ}
