"""Measures the cost of the open window: ``python tests/ui/measure.py``, on an idle machine.

Runs the real programs in their own session, with the built-in demo as the camera. Byte code is
compiled first, as in an installation.
"""

from __future__ import annotations

import compileall
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import segcam_ui
from support.waiting import wait_for
from ui.session import Session
from ui.window import Program

import segcam
from segcam.api import client, start
from segcam.api.preview import Preview

SPAN_S = 20.0
TILES, CLICKS = ("Studio graphite", "Studio lagoon", "No effect"), 5
CHANGED, LONGEST_S = 20, 5.0


def processor_s(pid: int) -> float:
    """Processor time that a process has taken so far."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def share(pid: int) -> float:
    """Percent of one processor over a while."""
    before = processor_s(pid)
    time.sleep(SPAN_S)
    return 100 * (processor_s(pid) - before) / SPAN_S


def click_s(session: Session, program: Program, preview: Preview, tile: str) -> float:
    """From a click on a tile to a picture with that background in what is sent.

    The preview, in which it is seen, shows every other picture: up to 66 ms of this are its own.
    """
    place = program.find(tile, "Tile")
    middle = place["x"] + place["width"] // 2, place["y"] + place["height"] // 2
    session.xdotool("mousemove", "--sync", *middle)
    before = corner(preview)
    began = time.monotonic()
    session.xdotool("click", 1)
    while sum(abs(a - b) for a, b in zip(corner(preview), before, strict=True)) < CHANGED:
        assert time.monotonic() - began < LONGEST_S, f"{tile} was not seen"
        time.sleep(0.001)
    return time.monotonic() - began


def corner(preview: Preview) -> bytes:
    """A pixel of the room."""
    picture = wait_for(preview.read)
    _, width, _, rows = picture
    at = 3 * (10 * width + 10)
    return rows[at : at + 3]


def main() -> None:
    """Print the figures."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for package in (segcam, segcam_ui):
        compileall.compile_dir(Path(package.__file__ or "").parent, quiet=1)
    with Session() as session:
        os.environ.update(session.environment)
        config = session.folder / "config" / "segcam"
        config.mkdir()
        (config / "settings.toml").write_text('camera = "demo"\n')
        (config / "window.conf").write_text("[General]\nguided=true\n")
        start.start()
        session.show_panel()
        program = Program(session)
        program.says("Only you see this")
        with client.watch() as watch, Preview(watch.path) as preview:
            before = preview.serial
            took = share(program.process.pid)
            rate_hz = (preview.serial - before) / SPAN_S
        print(f"with the picture: {took:.1f} % of a processor, at {rate_hz:.0f} pictures a second")
        with client.watch() as watch, Preview(watch.path) as preview:
            took = [click_s(session, program, preview, tile) for tile in TILES * CLICKS]
        median, worst = 1000 * statistics.median(took), 1000 * max(took)
        print(f"from a click to the output: {median:.0f} ms, the worst {worst:.0f} ms")
        program.press("ctrl+w")
        wait_for(lambda: "preview" not in client.status().viewers)
        print(f"hidden: {share(program.process.pid):.2f} % of a processor")
        client.stop()
        program.end()


if __name__ == "__main__":
    main()
