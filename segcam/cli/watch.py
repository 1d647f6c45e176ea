"""``segcam watch``: the picture that others see, in a terminal."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from segcam.cli import options
from segcam.cli.help import Command
from segcam.cli.screen import say

if TYPE_CHECKING:
    from segcam.api.preview import Picture, Preview
    from segcam.api.streams import Watch

FIRST_S = 10.0
"""Time limit for a camera that has to be opened first."""
SETTLE_S = 1.0
"""The first pictures may be placeholders while the camera starts."""
_POLL_S = 0.02


@click.command(cls=Command)
@click.option(
    "--png", type=options.a_path(), metavar="FILE", help="Save one picture as a PNG file and exit."
)
@options.name
@options.duration
def watch(png: Path | None, name: str, duration: float | None) -> None:
    """Watch the picture that others see: prints its rate every second until Ctrl-C.

    The camera is on while this runs.
    """
    from segcam.api import client
    from segcam.api.preview import Preview

    with client.watch(client.find(name)) as watching, Preview(watching.path) as preview:
        if png is not None:
            _write(png, _settled(watching, preview))
            return
        _count(watching, preview, duration if duration is not None else float("inf"))


def _settled(watching: Watch, preview: Preview) -> Picture:
    """A picture after the camera has had time to start.

    Raises:
        DaemonError: No picture comes.
    """
    from segcam.errors import DaemonError

    deadline, settled = time.monotonic() + FIRST_S, float("inf")
    while time.monotonic() < deadline and not watching.ended:
        picture = preview.read()
        if picture is not None:
            settled = min(settled, time.monotonic() + SETTLE_S)
            if time.monotonic() >= settled:
                return picture
        time.sleep(_POLL_S)
    raise DaemonError("There is no picture to watch", "", "See: segcam status")


def _write(path: Path, picture: Picture) -> None:
    import cv2
    import numpy as np

    from segcam.storage import replace_file

    _, width, height, rows = picture
    rgb = np.frombuffer(rows, np.uint8).reshape(height, width, 3)
    _, data = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    replace_file(path, data.tobytes())
    say(f"Saved {path}, {width}x{height}.")


def _count(watching: Watch, preview: Preview, duration_s: float) -> None:
    deadline, seen = time.monotonic() + duration_s, 0
    while not watching.ended and time.monotonic() < deadline:
        tick_s, count = time.monotonic() + 1.0, 0
        while time.monotonic() < min(tick_s, deadline):
            if preview.serial != seen:
                seen, count = preview.serial, count + 1
            time.sleep(_POLL_S)
        picture = preview.read()
        size = f", {picture[1]}x{picture[2]}" if picture is not None else ""
        say(f"{count} pictures per second{size}")
