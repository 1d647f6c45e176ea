"""Measures how long the window takes to open: ``python tests/ui/opening.py``, on an idle machine.

``--program FILE`` measures another ``segcam``, such as the one in the frozen folder; given several
times, they take turns. ``--cold`` lets the system forget their files before each start.

SegCam runs already, with the built-in demo as the camera. Byte code is compiled first, as in an
installation. The window is seen on its screen, from another process. Prints medians.

up: from the start of ``segcam`` until the window is painted. complete: until its tiles and texts
stand still.
"""

from __future__ import annotations

import argparse
import compileall
import os
import statistics
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import segcam_ui
from bench.start import forget
from PySide6.QtGui import QGuiApplication, QImage
from ui.session import Session

import segcam
from segcam.api import client, start

STARTS, LIMIT_S, LOOK_S = 10, 60.0, 0.002
STILL_S = 1.5
"""A window in which nothing has changed for that long is complete."""
CORNER, PICKER = (8, 8, 1, 1), (808, 0, 312, 584)
"""Places on the screen: inside the window, and its tiles, beside the live picture."""


def grab(*place: int) -> QImage:
    """A part of the screen: x, y, width, height."""
    return QGuiApplication.primaryScreen().grabWindow(0, *place).toImage()


def is_painted() -> bool:
    """Whether the window's corner is on the screen, which is black without it."""
    corner = grab(*CORNER)
    return not corner.isNull() and corner.pixelColor(0, 0).lightness() > 0


def wait_until_painted(painted: bool) -> float:
    """Wait until the window is painted, or gone; returns the time in seconds."""
    deadline_s = time.monotonic() + LIMIT_S
    while is_painted() != painted:
        assert time.monotonic() < deadline_s, "the window did not come or go"
        time.sleep(LOOK_S)
    return time.monotonic()


def open_s(program: Path) -> tuple[float, float]:
    """Seconds until the window is painted, and until it is complete."""
    began_s = time.monotonic()
    with subprocess.Popen([program], stderr=subprocess.DEVNULL) as process:
        up_s = changed_s = wait_until_painted(True)
        seen = grab(*PICKER)
        while time.monotonic() - changed_s < STILL_S:
            time.sleep(10 * LOOK_S)
            now = grab(*PICKER)
            if now != seen:
                seen, changed_s = now, time.monotonic()
        process.terminate()
    wait_until_painted(False)
    return up_s - began_s, changed_s - began_s


def folders(program: Path) -> list[Path]:
    """Where a program's files are."""
    if program.with_name("_internal").exists():
        return [program.parent]
    return [program.parents[1], Path(sysconfig.get_path("stdlib")), *map(Path, own_folders())]


def own_folders() -> list[str]:
    """Where SegCam's own files are."""
    return [*segcam.__path__, *segcam_ui.__path__]


def measure(programs: list[Path], starts: int, cold: bool) -> dict[Path, list[tuple[float, float]]]:
    """Seconds of each start of each program, all in turns."""
    took: dict[Path, list[tuple[float, float]]] = {each: [] for each in programs}
    with Session() as session:
        os.environ.update(session.environment)
        config = session.folder / "config" / "segcam"
        config.mkdir()
        (config / "settings.toml").write_text('camera = "demo"\n')
        session.show_panel()
        start.start()
        application = QGuiApplication([])
        for turn in range(1 + starts):
            for program in programs:
                (config / "window.conf").write_text("[General]\nguided=true\n")  # where it was
                for folder in folders(program) if cold else ():
                    forget(folder)
                seconds = open_s(program)
                if turn > 0:  # the first one fills the caches
                    took[program].append(seconds)
        del application
        client.stop()
    return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=Path, action="append", help="Another segcam.")
    parser.add_argument("--starts", type=int, default=STARTS)
    parser.add_argument("--cold", action="store_true", help="Forget its files before each start.")
    arguments = parser.parse_args()
    programs = arguments.program or [Path(sys.executable).with_name("segcam")]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for package in own_folders():
        compileall.compile_dir(package, quiet=1)
    for program, rows in measure(programs, arguments.starts, arguments.cold).items():
        print(program)
        for name, column in zip(("up", "complete"), zip(*rows, strict=True), strict=True):
            middle, low, high = statistics.median(column), min(column), max(column)
            print(f"{name:12} {middle:6.3f} s, {low:.3f} to {high:.3f} s")


if __name__ == "__main__":
    main()
