"""The desktop program as people use it: real clicks, keys and tray, and the real SegCam."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from support.waiting import LIMIT_S, wait_for
from ui.session import Session
from ui.window import Program

from segcam.api import client
from segcam.api.preview import Preview
from segcam.composite.placeholder import BACKDROP
from segcam.errors import SegCamError

pytestmark = pytest.mark.models
TRY = "Try it: this is what others see"


@pytest.fixture
def session(monkeypatch):
    with Session() as session:
        monkeypatch.setenv("XDG_RUNTIME_DIR", session.environment["XDG_RUNTIME_DIR"])
        config = session.folder / "config" / "segcam"
        config.mkdir()
        (config / "settings.toml").write_text('camera = "demo"\nalways_on = false\n')
        yield session
        try:
            client.stop()
        except SegCamError:
            return
        wait_for(lambda: not answers())


@pytest.fixture
def programs(session):
    started = []

    def start(*arguments, guided=True):
        if guided:
            place = session.folder / "config" / "segcam" / "window.conf"
            place.write_text("[General]\nguided=true\n")
        program = Program(session, *arguments)
        started.append(program)
        return program

    yield start
    for program in started:
        program.end()


def answers():
    try:
        return client.status()
    except SegCamError:
        return None


def background():
    state = answers()
    return state.background if state else ""


def test_first_start_leads_to_the_picture(session, programs):
    program = programs(guided=False)
    program.click(TRY)

    program.says("Only you see this")
    assert program.find("Strong blur", "Tile")["checked"]
    program.wait_for_picture()


def test_without_its_webcam_the_window_says_so_and_offers_others(session, programs):
    (session.folder / "config" / "segcam" / "settings.toml").write_text('camera = "no such"\n')
    program = programs()
    program.says("There is no camera no such")
    wait_for(lambda: (state := answers()) and state.phase == "trouble")
    program.click("Choose a camera")
    program.click("Demo (no webcam needed)", inside="menus")

    program.says("Only you see this")
    program.wait_for_picture()


def test_click_on_a_tile_changes_what_others_see(session, programs):
    program = programs()
    program.says("Only you see this")
    program.click("No effect", "Tile")

    wait_for(lambda: background() == "none")
    program.click("Light blur", "Tile")
    wait_for(lambda: background() == "blur:30")
    wait_for(lambda: program.find("Light blur", "Tile")["checked"])


def test_everything_by_keyboard(session, programs):
    program = programs()
    program.says("Only you see this")
    place = program.find("Strong blur", "Tile")
    session.xdotool("mousemove", place["x"] + 20, place["y"] + 20, "click", 1)
    program.press("Up")
    program.press("Return")
    wait_for(lambda: background() == "none")
    program.press("ctrl+p")
    wait_for(lambda: (state := answers()) and state.paused)
    program.says("Paused")
    program.press("ctrl+p")
    wait_for(lambda: (state := answers()) and not state.paused)
    program.press("ctrl+comma")
    program.find("Mirror", "Switch")
    program.press("Escape")
    program.find("Strong blur", "Tile")


def test_setting_is_changed_with_a_click_and_stays(session, programs):
    program = programs("--page", "settings")
    program.click("Mirror", "Switch")

    wait_for(lambda: (state := answers()) and state.mirror)
    kept = session.folder / "config" / "segcam" / "settings.toml"
    wait_for(lambda: "mirror = true" in kept.read_text())


def test_tray_shows_the_state_and_picks_a_background(session, programs):
    session.show_panel()
    programs("--hidden")
    wait_for(lambda: "nobody is watching" in session.icon()["ToolTip"][2])
    assert session.icon()["IconPixmap"]
    session.choose("Background", "No effect")

    wait_for(lambda: background() == "none")
    before = session.icon()["IconPixmap"]
    session.choose("Pause")
    wait_for(lambda: (state := answers()) and state.paused)
    wait_for(lambda: session.icon()["IconPixmap"] != before)


def test_left_click_on_the_icon_opens_the_window(session, programs):
    session.show_panel()
    program = programs("--hidden")
    session.icon()
    assert not program.is_open
    session.activate_icon()

    program.find("Strong blur", "Tile")


def test_tray_that_appears_late_is_found(session, programs):
    program = programs()
    program.find("Strong blur", "Tile")
    session.show_panel()
    assert session.icon()["Id"] == "segcam"
    session.hide_panel()
    session.show_panel()

    assert session.icon()["Status"] == "Active"


def test_window_comes_back_after_it_was_closed(session, programs):
    session.show_panel()
    program = programs()
    program.find("Strong blur", "Tile")
    session.icon()
    program.press("ctrl+w")
    wait_for(lambda: not program.is_open)
    assert program.process.poll() is None
    wait_for(lambda: (state := answers()) and "preview" not in state.viewers)
    session.choose("Open SegCam")

    program.find("Strong blur", "Tile")


def test_without_a_tray_the_window_says_so_and_camera_goes_on(session, programs):
    program = programs()
    program.says("no tray")
    program.press("ctrl+w")

    assert program.process.wait(LIMIT_S) == 0
    wait_for(answers)


def test_killed_segcam_is_back_by_itself(session, programs):
    program = programs()
    program.says("Only you see this")
    before = wait_for(answers).pid
    os.kill(before, signal.SIGKILL)

    wait_for(lambda: (state := answers()) and state.pid != before)
    program.says("Only you see this")
    program.click("No effect", "Tile")
    wait_for(lambda: background() == "none")


def test_second_start_raises_the_first_window(session, programs):
    session.show_panel()
    first = programs("--hidden")
    session.icon()
    command = [sys.executable, "-P", "-m", "segcam_ui", "--page", "settings"]
    done = subprocess.run(command, env=session.environment, timeout=60, check=False)

    assert done.returncode == 0
    first.find("Mirror", "Switch")


def test_dark_and_light_follow_the_system(session, programs):
    program = programs()
    wait_for(lambda: not program.ask("dark"))
    session.set_dark(True)
    wait_for(lambda: program.ask("dark"))
    session.set_dark(False)
    wait_for(lambda: not program.ask("dark"))


def test_dark_system_is_dark_from_the_start(session, programs):
    session.set_dark(True)
    program = programs()

    wait_for(lambda: program.ask("dark"))


def test_quit_ends_segcam_and_its_window(session, programs):
    session.show_panel()
    program = programs()
    program.says("Only you see this")
    session.choose("Quit SegCam")

    assert program.process.wait(LIMIT_S) == 0
    wait_for(lambda: answers() is None)


def test_segcam_alone_opens_the_window(session, programs):
    session.show_panel()
    command = [sys.executable, "-P", "-m", "segcam"]
    process = subprocess.Popen(command, env=session.environment)
    try:
        assert session.icon()["Id"] == "segcam"
        session.choose("Quit SegCam")
        assert process.wait(LIMIT_S) == 0
    finally:
        process.kill()
        process.wait()


HOLD = "Hold to see yourself without effect (only you see it)"


def test_picture_without_effect_is_for_the_window_alone(session, programs):
    (session.folder / "config" / "segcam" / "settings.toml").write_text(
        'camera = "demo"\nbackground = "color:#00ff00"\n'
    )
    program = programs()
    program.says("Only you see this")
    corner = program.find("Live picture, as others see it")
    spot = corner["x"] + 30, corner["y"] + 60
    wait_for(lambda: is_green(program.pixel(*spot)))
    place = program.find(HOLD)
    session.xdotool("mousemove", place["x"] + 12, place["y"] + 12, "mousedown", 1)
    wait_for(lambda: not is_green(program.pixel(*spot)))
    with client.watch() as others, Preview(others.path) as preview:
        serials = set()
        while len(serials) < 10:
            serial, width, _, rows = wait_for(preview.read)
            at = 3 * (20 * width + 20)
            if is_placeholder(rows[at : at + 3]):
                continue
            serials.add(serial)
            assert is_green(rows[at : at + 3])
    session.xdotool("mouseup", 1)
    wait_for(lambda: is_green(program.pixel(*spot)))


def is_placeholder(rgb):
    """On a busy machine a composite may be late."""
    return tuple(rgb) == BACKDROP[::-1]


def is_green(rgb):
    red, green, blue = rgb
    return green > 180 > 90 > max(red, blue)
