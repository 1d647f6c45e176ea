"""All that a user does in a day, by mouse, keyboard and command line, as a browser sees it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.waiting import wait_until
from ui.session import Session as Desktop
from ui.window import Program
from watching import desktop
from watching.browsers import chromium
from watching.page import running, serving

from segcam.api import client
from segcam.errors import SegCamError

pytestmark = pytest.mark.models
MODELS = Path("~/.local/share/segcam/models").expanduser()
GREEN, BLUE = (0, 200, 80), (43, 58, 85)
EDGES = (0, 7)
"""Eighths of the picture in which there is nobody."""
TOLERANCE = 30


@pytest.fixture
def screen(monkeypatch):
    """There before the bus is, which gives it to the portal."""
    absent = [name for name in ("Xvfb", "xdotool", "chromium") if not shutil.which(name)]
    if absent or not desktop.portal_is_installed():
        pytest.skip(f"{', '.join(absent) or 'xdg-desktop-portal-gtk'} not installed")
    with desktop.display("1280x800") as name:
        monkeypatch.setenv("DISPLAY", name)
        monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME")
        monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
        yield


@pytest.fixture
def seat(screen, session, monkeypatch):
    """Portal and settings of a user without a webcam."""
    monkeypatch.setenv("SEGCAM_MODELS", os.environ.get("SEGCAM_MODELS", str(MODELS)))
    monkeypatch.setenv("SEGCAM_CONFIG", str(session.folder / ".config" / "segcam"))
    desktop.start_portal(session.folder)
    write_picture(session.folder / ".local" / "share" / "segcam" / "backgrounds" / "meadow.png")
    config = session.folder / ".config" / "segcam"
    config.mkdir(parents=True)
    (config / "settings.toml").write_text('camera = "demo"\noutput = "pipewire"\n')
    (config / "window.conf").write_text("[General]\nguided=true\n")
    made = SimpleNamespace(folder=session.folder, environment=dict(os.environ))
    made.xdotool = lambda *words: Desktop.xdotool(made, *words)
    yield made
    try:
        client.stop()
    except SegCamError:
        return


def write_picture(path):
    """A plain green one."""
    import cv2
    import numpy as np

    path.parent.mkdir(parents=True)
    assert cv2.imwrite(str(path), np.full((90, 160, 3), GREEN[::-1], np.uint8))


def command(*arguments):
    """Run segcam in a terminal."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "segcam", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def shows(wanted):
    def look(seen):
        pairs = [(seen["colors"][at], wanted) for at in EDGES]
        return all(abs(a - b) < TOLERANCE for pair in pairs for a, b in zip(*pair, strict=True))

    return look


def shows_other(color):
    looks_so = shows(color)
    return lambda seen: not looks_so(seen)


def is_gone():
    try:
        client.status()
    except SegCamError:
        return True
    return False


def test_day_with_segcam_ends_as_it_was_left(seat, tmp_path):
    with serving() as page, running(chromium(tmp_path / "first", page.address), tmp_path / "log"):
        program = Program(seat)
        try:
            program.says("watching")
            scroll_down(seat, program)
            program.click("meadow", "Tile")
            page.until(shows(GREEN))
            program.press("ctrl+p")
            seen = page.until(shows_other(GREEN))
            assert seen["state"] == "live"
            command("resume")
            page.until(shows(GREEN))
            change_camera(program)
            assert page.until(shows(GREEN))["state"] == "live"
            keep_preset(program, "Office")
            command("set", "--background", "color:#2b3a55")
            page.until(shows(BLUE))
            command("preset", "use", "Office")
            page.until(shows(GREEN))
            program.press("ctrl+q")
            assert program.process.wait(60) == 0
        finally:
            program.end()
    wait_until(is_gone, "the end of SegCam")
    log_in_again(seat, tmp_path)


def scroll_down(seat, program):
    """The user's own pictures come after SegCam's."""
    place = program.find("Light blur", "Tile")
    seat.xdotool("mousemove", "--sync", place["x"] + 20, place["y"] + 20)
    seat.xdotool("click", "--repeat", 20, 5)


def choose(program, button, item):
    """Click a button until its menu is open, and an item in it."""

    def is_open():
        if not program.ask("menus"):
            program.click(button, "MenuButton")
            time.sleep(0.5)  # a second click would close it
        return any(each["name"] == item for each in program.ask("menus"))

    wait_until(is_open, f"the menu of {button}")
    program.click(item, inside="menus")


def change_camera(program):
    """The settings by keyboard, the camera's menu by mouse."""
    program.press("ctrl+comma")
    choose(program, "Camera: Demo", "Test pattern")
    wait_until(lambda: client.status().requested["camera"] == "pattern", "the other camera")
    program.press("Escape")


def keep_preset(program, name):
    """By mouse, but for its name."""
    choose(program, "Preset: Presets", "Keep the present settings as a preset …")
    program.find("Name of the preset", "QLineEdit")
    program.type(name)
    program.press("Return")
    wait_until(lambda: name in command("preset", "list"), "the preset")


def log_in_again(seat, tmp_path):
    """SegCam starts as at a login; the window finds what was chosen, and ends it."""
    command("start")
    with serving() as page, running(chromium(tmp_path / "next", page.address), tmp_path / "log"):
        page.until(shows(GREEN))
        assert client.status().requested["camera"] == "pattern"
        program = Program(seat)
        try:
            wait_until(lambda: program.find("meadow", "Tile")["checked"], "the check mark")
            program.find("Preset: Office", "MenuButton")
            program.press("ctrl+q")
            assert program.process.wait(60) == 0
        finally:
            program.end()
    wait_until(is_gone, "the end of SegCam")
