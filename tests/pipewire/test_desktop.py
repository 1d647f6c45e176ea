"""All that a user does in a day, by mouse, keyboard and command line, as a browser sees it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from support.waiting import wait_until
from ui.day import ByCommand, ByKeyboard, ByMouse
from ui.session import Session as Desktop
from watching import desktop
from watching.browsers import chromium
from watching.page import running, serving

from segcam.api import client
from segcam.errors import SegCamError
from segcam.zoo.library import models_directory

pytestmark = pytest.mark.models
MODELS = models_directory()
"""Of the user, before a session sets its own home."""
GREEN, MEADOW = (0, 200, 80), "meadow"
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
    monkeypatch.setenv("SEGCAM_MODELS", str(MODELS))
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


@pytest.fixture(params=[ByMouse, ByKeyboard, ByCommand], ids=lambda way: way.__name__)
def way(request, seat):
    chosen = request.param(seat)
    yield chosen
    if not isinstance(chosen, ByCommand):
        chosen.end()


def test_day_with_segcam_ends_as_it_was_left(way, seat, tmp_path):
    way.start()
    with serving() as page, running(chromium(tmp_path / "first", page.address), tmp_path / "log"):
        way.choose("meadow", MEADOW)
        page.until(shows(GREEN))
        way.pause()
        seen = page.until(shows_other(GREEN))
        assert seen["state"] == "live"
        way.resume()
        page.until(shows(GREEN))
        way.change_camera("Test pattern", "pattern")
        assert page.until(shows(GREEN))["state"] == "live"
        way.keep_preset("Office")
        way.choose("Light blur", "blur:30")
        page.until(shows_other(GREEN))
        way.use_preset("Office")
        page.until(shows(GREEN))
        way.start_at_login()
        way.quit()
    wait_until(is_gone, "the end of SegCam")
    with logged_in(seat.folder):
        wait_until(lambda: not is_gone() and client.status().preset == "Office", "what was kept")
        assert client.status().requested["camera"] == "pattern"
        way.start()  # finds the one that runs
        way.choose("meadow", MEADOW)
        way.quit()
        wait_until(is_gone, "the end of SegCam")


@contextmanager
def logged_in(folder):
    """Run the program that the desktop starts at login; it must end by itself."""
    (entry,) = (folder / ".config" / "autostart").glob("*.desktop")
    line = next(each for each in entry.read_text().splitlines() if each.startswith("Exec="))
    with subprocess.Popen(shlex.split(line.removeprefix("Exec="))) as process:
        try:
            yield
            assert process.wait(60) == 0
        finally:
            process.kill()
