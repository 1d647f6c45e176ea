"""Makes the pictures of choosing SegCam: ``python tests/watching/screenshots.py FOLDER``.

Runs the real browsers in their own session, with the built-in demo as SegCam's camera.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipewire.conftest import Session
from support.processes import SEGCAM, bus_address
from support.waiting import listens, wait_until
from watching import desktop
from watching.browsers import firefox
from watching.page import running, serving

from segcam.doctor.browsers import FLAG, PREFERENCE

Browser = Callable[[Path, str], list[str]]
"""The command line for a profile's folder and an address."""
CALL = Path(__file__).parent / "call.html"
SCREEN = "1000x640"
START_S = 6
SETTLE_S = 15
"""A browser has started, and SegCam has its first pictures."""


@contextmanager
def session(folder: Path) -> Iterator[None]:
    """Screen, bus, PipeWire and portal, and a SegCam that shows the demo."""
    names = ("XDG_RUNTIME_DIR", "HOME", "PIPEWIRE_RUNTIME_DIR")
    os.environ.update(dict.fromkeys(names, str(folder)))
    address = bus_address(folder / "bus")
    os.environ.update(DBUS_SESSION_BUS_ADDRESS=address, XDG_CURRENT_DESKTOP="GNOME")
    with ExitStack() as stack:
        os.environ["DISPLAY"] = stack.enter_context(desktop.display(SCREEN))
        command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={address}"]
        stack.enter_context(running(command, folder / "bus.log"))
        wait_until(lambda: listens(folder / "bus"), "dbus-daemon")
        pipewire = Session(folder)
        stack.callback(pipewire.stop)
        pipewire.start()
        desktop.start_portal(folder)
        options = ["--camera", "demo", "--background", "studio-sand", "--output", "pipewire"]
        stack.enter_context(running([str(SEGCAM), "run", *options], folder / "segcam.log"))
        wait_until(lambda: "SegCam" in pipewire.dump(), "the camera")
        yield


def chromium(folder: Path, address: str) -> list[str]:
    """Chromium as its user sees it."""
    flags = [
        "--no-first-run",
        "--disable-gpu",
        "--window-position=0,0",
        "--hide-crash-restore-bubble",
    ]
    flags += [f"--window-size={SCREEN.replace('x', ',')}", "--enable-features=WebRtcPipeWireCamera"]
    if os.getuid() == 0:
        flags += ["--no-sandbox", "--test-type"]  # without the line that tells of it
    return ["chromium", *flags, f"--user-data-dir={folder / 'profile'}", address]


def firefox_that_asks(folder: Path, address: str) -> list[str]:
    """Firefox as its user sees it."""
    command = firefox(folder, address)
    settings = folder / "profile/user.js"
    asks = settings.read_text().replace('permission.disabled", true', 'permission.disabled", false')
    settings.write_text(f'{asks}user_pref("browser.aboutConfig.showWarning", false);\n')
    width, height = SCREEN.split("x")
    return [*command[:1], "--width", width, "--height", height, *command[1:]]


def shoot(target: Path, width: int, height: int) -> None:
    """Keep the upper left part of the screen."""
    crop = ["-crop", f"{width}x{height}+0+0", "+repage", "-strip", "-quality", "85"]
    subprocess.run(["import", "-window", "root", *crop, str(target)], check=True)
    print(target, target.stat().st_size // 1024, "KiB")


def type_at(x: int, y: int, text: str) -> None:
    """Click there, and type."""
    words = ["mousemove", str(x), str(y), "click", "--repeat", "3", "1", "sleep", "1", "type", text]
    subprocess.run(["xdotool", *words], check=True)


def choose(browser: Browser, own: Path, address: str) -> Iterator[None]:
    """What the browser asks when a page wants a camera."""
    with running(browser(own, address), own / "log"):
        time.sleep(SETTLE_S)
        yield


def switch_chromium(own: Path) -> Iterator[None]:
    """Where PipeWire's cameras are switched on."""
    with running(chromium(own, "about:blank"), own / "log"):
        time.sleep(START_S)
        type_at(400, 63, f"chrome://flags/#{FLAG}\n")
        time.sleep(START_S)
        yield


def switch_firefox(own: Path) -> Iterator[None]:
    """The same in Firefox."""
    with running(firefox_that_asks(own, "about:config"), own / "log"):
        time.sleep(START_S)
        type_at(300, 112, PREFERENCE)
        time.sleep(START_S)
        yield


def main() -> None:
    """The pictures by their names, each with the size that is kept of it."""
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        home.chmod(0o700)
        with session(home), serving(CALL) as page:
            pictures = {
                "choose-chromium": (lambda own: choose(chromium, own, page.address), 800, 600),
                "choose-firefox": (
                    lambda own: choose(firefox_that_asks, own, page.address),
                    800,
                    400,
                ),
                "switch-chromium": (switch_chromium, 1000, 230),
                "switch-firefox": (switch_firefox, 1000, 200),
            }
            for name, (show, width, height) in pictures.items():
                own = home / name
                own.mkdir()
                for _ in show(own):
                    shoot(folder / f"{name}.jpg", width, height)
        subprocess.run(["umount", "-l", str(home / "doc")], stderr=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    main()
