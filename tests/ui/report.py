"""What the check-up finds on a made-up laptop, as ``segcam doctor --json`` prints it.

For the documentation's pictures: real checks and texts, and nothing of the machine that makes them.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.machines import have_module, have_pipewire, write

from segcam.doctor import browsers, cameras, clients, desktop, module, pipewire, processors, report
from segcam.doctor.base import Machine

RUNNING, BUILT = "6.14.0-33-generic", "6.14.0-29-generic"
"""Kernel releases: an update came since v4l2loopback was built."""
CHECKS = (
    cameras.check,
    module.check,
    pipewire.check,
    browsers.check,
    processors.check,
    clients.check,
    desktop.check_daemon,
)


def made_up(folder: Path) -> Machine:
    """A laptop with v4l2loopback for an older kernel, and a browser that may not use cameras."""
    machine = Machine(
        root=folder,
        release=RUNNING,
        environ={"XDG_RUNTIME_DIR": "/run/user/1000", "HOME": "/home/anna"},
        home=folder / "home/anna",
        groups=frozenset({"video", "render"}),
        is_root=False,
        ask=lambda command: "camera chromium:camera -" if command[0] == "snap" else None,
        capabilities=lambda _: None,
    )
    write(machine, "etc/os-release", "ID=ubuntu\nID_LIKE=debian\n")
    write(machine, "sys/class/video4linux/video0/name", "Integrated Camera")
    write(machine, "sys/class/video4linux/video0/index", "0")
    write(machine, "dev/video0")
    have_pipewire(machine, "wireplumber", "xdg-desktop-por")
    have_module(machine, BUILT)
    machine.path("snap/chromium").mkdir(parents=True)
    return machine


def main() -> None:
    """Print the report."""
    with tempfile.TemporaryDirectory() as folder:
        machine = made_up(Path(folder))
        found = [finding for check in CHECKS for finding in check(machine)]
    json.dump(report.as_dict(found), sys.stdout)


if __name__ == "__main__":
    main()
