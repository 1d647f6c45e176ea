"""What the window costs: ``python tests/ui/measure.py``, on a machine that does nothing else.

The real programs in a session of their own, with the built-in demo as the camera.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from ui.session import Session, wait_until
from ui.window import Program

from segcam.api import client, start
from segcam.api.preview import Preview

STARTS, SPAN_S = 5, 20.0


def processor_s(pid: int) -> float:
    """Processor time that a process has taken so far."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def share(pid: int) -> float:
    """Percent of one processor over a while."""
    before = processor_s(pid)
    time.sleep(SPAN_S)
    return 100 * (processor_s(pid) - before) / SPAN_S


def window_s(session: Session) -> tuple[float, float]:
    """From the start of the program to its window on the screen, and its processor time."""
    began = time.monotonic()
    command = [sys.executable, "-P", "-m", "segcam_ui"]
    with subprocess.Popen(command, env=session.environment) as program:
        session.xdotool("search", "--sync", "--onlyvisible", "--name", "^SegCam$")
        took = time.monotonic() - began, processor_s(program.pid)
        program.terminate()
    return took


def main() -> None:
    """Print the figures."""
    with Session() as session:
        os.environ.update(session.environment)
        config = session.folder / "config" / "segcam"
        config.mkdir()
        (config / "settings.toml").write_text('camera = "demo"\n')
        (config / "window.conf").write_text("[General]\nguided=true\n")
        start.start()
        took = [window_s(session) for _ in range(STARTS)]
        median = [statistics.median(column) for column in zip(*took, strict=True)]
        print(f"window up after {median[0]:.2f} s, of which {median[1]:.2f} s of processor time")
        session.show_panel()
        program = Program(session)
        program.says("Only you see this")
        with client.watch() as watch, Preview(watch.path) as preview:
            before = preview.serial
            took = share(program.process.pid)
            rate_hz = (preview.serial - before) / SPAN_S
        print(f"with the picture: {took:.1f} % of a processor, at {rate_hz:.0f} pictures a second")
        program.press("ctrl+w")
        wait_until(lambda: "preview" not in client.status().viewers)
        print(f"hidden: {share(program.process.pid):.2f} % of a processor")
        client.stop()
        program.end()


if __name__ == "__main__":
    main()
