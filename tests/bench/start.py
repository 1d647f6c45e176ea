"""Measures how long a user waits for SegCam: ``python tests/bench/start.py [--output NAME]``.

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
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import segcam
from segcam import launch
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


def measure_start(output: str) -> tuple[float, float]:
    """Seconds to placeholder and picture of one run."""
    began_s = time.monotonic()
    command = launch.command("segcam", "run", "--service", "--camera", "demo", "--output", output)
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        with watched() as read:
            placeholder_s = wait_for(lambda: read() is not None)
            picture_s = wait_for(lambda: is_colorful(read()))
        process.terminate()
        process.communicate()
    return placeholder_s - began_s, picture_s - began_s


def measure_command(argument: str) -> float:
    """Seconds that the installed ``segcam`` takes for one command."""
    program = Path(sys.executable).with_name("segcam")
    began_s = time.monotonic()
    subprocess.run([program, argument], stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - began_s


def measure_running(output: str) -> tuple[list[float], list[float]]:
    """Seconds of status and of backgrounds, of one run."""
    background: list[float] = []
    command = launch.command("segcam", "run", "--service", "--camera", "demo", "--output", output)
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        with watched() as read:
            wait_for(lambda: is_colorful(read()))
            for color, channel in list(COLORS.items()) * (RUNS // 2):
                began_s = time.monotonic()
                client.change({"background": color}, once=True)
                background.append(wait_for(lambda c=channel: shows(read(), c)) - began_s)
        client.pause()
        status = [measure_command("status") for _ in range(RUNS)]
        process.terminate()
        process.communicate()
    return status, background


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", default="null", help="Where the picture goes.")
    output = parser.parse_args().output
    with tempfile.TemporaryDirectory() as folder:
        for name in ("SEGCAM_CONFIG", "XDG_STATE_HOME"):
            os.environ[name] = str(Path(folder, name))
        os.environ["XDG_RUNTIME_DIR"] = folder
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        compileall.compile_dir(Path(segcam.__file__ or "").parent, quiet=1)
        measure_start(output)  # fills the caches
        starts = [measure_start(output) for _ in range(RUNS)]
        placeholder, picture = zip(*starts, strict=True)
        status, background = measure_running(output)
    for name, took_s in (
        ("placeholder", placeholder),
        ("picture", picture),
        ("status", status),
        ("help", [measure_command("--help") for _ in range(RUNS)]),
        ("background", background),
    ):
        print(f"{name:12} {statistics.median(took_s):6.3f} s, at most {max(took_s):.3f} s")


if __name__ == "__main__":
    sys.exit(main())
