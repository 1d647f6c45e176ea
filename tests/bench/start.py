"""Measures how long a user waits for SegCam: ``python tests/bench/start.py [--output NAME]``.

``--program FILE`` measures another ``segcam`` of the same version, such as the one in the frozen
folder, and ``--cold`` lets the system forget the files of its folder before each start.

It uses the real programs in separate folders, the built-in demo as the camera, and the default
model, already downloaded, on the CPU. Byte code is compiled first, as in an installation. The
viewers' picture is read from the preview. Prints medians.

placeholder: from the start of ``segcam run`` to a viewer's first placeholder. picture: to a
viewer's first picture of the camera. status, help: ``segcam status`` (of a paused SegCam) and
``segcam --help``, from start to end. background: from a client's request until the picture has the
new background.
"""

from __future__ import annotations

import argparse
import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import segcam
from segcam.api import client
from segcam.api.preview import Preview
from segcam.errors import SegCamError

RUNS, LIMIT_S, POLL_S = 7, 60.0, 0.002
COLORS = {"color:#00ff00": 1, "color:#0000ff": 2}
"""Backgrounds, and the channel of each."""

Picture = NDArray[np.int16]


def wait_for(what: Callable[[], object]) -> float:
    """Wait until it is true; returns the time in seconds."""
    deadline = time.monotonic() + LIMIT_S
    while not what():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(POLL_S)
    return time.monotonic()


@contextmanager
def watched() -> Iterator[Callable[[], Picture | None]]:
    """The viewers' picture, once SegCam runs: int16 (h, w, 3), RGB."""
    deadline = time.monotonic() + LIMIT_S
    while True:
        with suppress(SegCamError):
            watching = client.watch()
            break
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(POLL_S)
    with watching, Preview(watching.path) as preview:

        def read() -> Picture | None:
            found = preview.read()
            if found is None:
                return None
            _, width, height, rows = found
            return np.frombuffer(rows, np.uint8).reshape(height, width, 3).astype(np.int16)

        yield read


def is_colorful(picture: Picture | None) -> bool:
    """Whether it is a picture of the demo; placeholders are grey."""
    return picture is not None and float(np.ptp(picture, axis=2).mean()) > 20


def shows(picture: Picture | None, channel: int) -> bool:
    """Whether the background, in a corner, has only that channel."""
    if picture is None:
        return False
    corner = picture[:8, :8].reshape(-1, 3).mean(axis=0)
    return bool(corner[channel] > 150 and np.delete(corner, channel).max() < 100)


def forget(folder: Path) -> None:
    """Drop a folder's files from the page cache, as after a restart. Linux only."""
    os.sync()
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@dataclass(frozen=True)
class Installed:
    """The SegCam that is measured.

    Attributes:
        program: The ``segcam`` program.
        is_cold: Whether its files are forgotten before each start.
    """

    program: Path
    is_cold: bool

    def command(self, *arguments: str) -> list[str]:
        """A command line, ready to start."""
        if self.is_cold:
            forget(self.program.parent)
        return [str(self.program), *arguments]

    def run(self, output: str) -> list[str]:
        """The command line of a SegCam with the demo."""
        return self.command("run", "--service", "--camera", "demo", "--output", output)


def measure_start(installed: Installed, output: str) -> tuple[float, float]:
    """Seconds to placeholder and picture of one run."""
    command = installed.run(output)
    began_s = time.monotonic()
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        with watched() as read:
            placeholder_s = wait_for(lambda: read() is not None)
            picture_s = wait_for(lambda: is_colorful(read()))
        process.terminate()
        process.communicate()
    return placeholder_s - began_s, picture_s - began_s


def measure_command(installed: Installed, argument: str) -> float:
    """Seconds that ``segcam`` takes for one command."""
    command = installed.command(argument)
    began_s = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - began_s


def measure_running(installed: Installed, output: str) -> tuple[list[float], list[float]]:
    """Seconds of status and of backgrounds, of one run."""
    background: list[float] = []
    with subprocess.Popen(installed.run(output), stderr=subprocess.PIPE) as process:
        with watched() as read:
            wait_for(lambda: is_colorful(read()))
            for color, channel in list(COLORS.items()) * (RUNS // 2):
                began_s = time.monotonic()
                client.change({"background": color}, once=True)
                background.append(wait_for(lambda c=channel: shows(read(), c)) - began_s)
        client.pause()
        status = [measure_command(installed, "status") for _ in range(RUNS)]
        process.terminate()
        process.communicate()
    return status, background


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", default="null", help="Where the picture goes.")
    own = Path(sys.executable).with_name("segcam")
    parser.add_argument("--program", type=Path, default=own, help="Another segcam.")
    parser.add_argument("--cold", action="store_true", help="Forget its files before each start.")
    arguments = parser.parse_args()
    output, installed = arguments.output, Installed(arguments.program, arguments.cold)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("SEGCAM_CONFIG", "XDG_STATE_HOME"):
            os.environ[name] = str(Path(folder, name))
        os.environ["XDG_RUNTIME_DIR"] = folder
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        compileall.compile_dir(Path(segcam.__file__ or "").parent, quiet=1)
        measure_start(installed, output)  # fills the caches
        starts = [measure_start(installed, output) for _ in range(RUNS)]
        placeholder, picture = zip(*starts, strict=True)
        status, background = measure_running(installed, output)
    for name, took_s in (
        ("placeholder", placeholder),
        ("picture", picture),
        ("status", status),
        ("help", [measure_command(installed, "--help") for _ in range(RUNS)]),
        ("background", background),
    ):
        print(f"{name:12} {statistics.median(took_s):6.3f} s, at most {max(took_s):.3f} s")


if __name__ == "__main__":
    sys.exit(main())
