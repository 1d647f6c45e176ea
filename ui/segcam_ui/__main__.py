"""``python -m segcam_ui``: the window if it can open, else SegCam in this terminal."""

import gc
import os
import sys

from segcam import distribution, intact, launch, process
from segcam_ui import opencv, system


def main() -> int:
    """Open the window. Qt ends the program if its libraries are missing, so check them first."""
    process.forbid_cores()  # all of `protect_memory` that the desktop's portals can work with
    gc.disable()  # until the window is up: it would find nothing to collect
    damage = intact.complaint(intact.WINDOW)
    if damage is not None:
        sys.stderr.write(f"Error: {'. Cure: '.join(damage)}\n")
        return 1
    lacking = system.missing_here()
    if lacking:
        debian = distribution.family() == "debian"
        cure = distribution.install(*lacking.values()) if debian else "Install the missing ones"
        sys.stderr.write(
            f"The window needs libraries that this system lacks: {', '.join(lacking)}\n"
            f"Cure: {cure}\nUntil then SegCam runs in this terminal.\n"
        )
        command = launch.command("segcam", "run")
        os.execve(command[0], command, launch.environment())
    opencv.forget_its_qt()
    from segcam_ui.app import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
