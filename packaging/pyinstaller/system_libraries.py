"""Runs before the frozen program, so that programs started by it use the system's libraries.

PyInstaller's bootloader puts its folder into LD_LIBRARY_PATH, for itself and for all programs
started from here: pkexec, systemctl, xdg-open. This process has already read the variable.
"""

import os

own = os.environ.pop("LD_LIBRARY_PATH", None)
before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
if own is not None and before is not None:
    os.environ["LD_LIBRARY_PATH"] = before
