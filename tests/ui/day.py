"""A user's tasks in a day, in three ways each: mouse, keyboard, command line."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Protocol

from support.waiting import until, wait_until
from ui.window import Program

from segcam.api import client

FOCUS_S, LOST_S = 20.0, 5.0
KEEP = "Save the current settings as a preset …"


class Way(Protocol):
    """One way to use SegCam, from its start to its end."""

    def start(self) -> None:
        """Start it, unless it runs."""

    def choose(self, tile: str, value: str) -> None:
        """Choose a background, by what its tile says or by what the settings call it."""

    def pause(self) -> None:
        """Switch the camera off."""

    def resume(self) -> None:
        """Switch it on again."""

    def change_camera(self, title: str, value: str) -> None:
        """Take another camera, by its title or by what the settings call it."""

    def keep_preset(self, name: str) -> None:
        """Keep what is chosen."""

    def use_preset(self, name: str) -> None:
        """Go back to what was kept."""

    def start_at_login(self) -> None:
        """Let it start by itself from now on."""

    def quit(self) -> None:
        """End all of it."""


def command(*arguments: str) -> str:
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


class ByCommand:
    """In a terminal."""

    def __init__(self, _: object) -> None:
        """Needs no screen."""

    def start(self) -> None:
        command("start")

    def choose(self, tile: str, value: str) -> None:
        command("set", "--background", value)

    def pause(self) -> None:
        command("pause")

    def resume(self) -> None:
        command("resume")

    def change_camera(self, title: str, value: str) -> None:
        command("set", "--camera", value)

    def keep_preset(self, name: str) -> None:
        command("preset", "save", name)

    def use_preset(self, name: str) -> None:
        command("preset", "use", name)

    def start_at_login(self) -> None:
        command("autostart", "on")

    def quit(self) -> None:
        command("stop")


class _InWindow:
    """The window, for mouse and keyboard."""

    def __init__(self, seat) -> None:
        self.seat = seat
        self.program: Program | None = None

    def start(self) -> None:
        self.program = Program(self.seat)
        self.program.says("watching", 150)

    def end(self) -> None:
        """End it whatever state it is in."""
        if self.program is not None:
            self.program.end()

    def keep_preset(self, name: str) -> None:
        self._choose("Preset: Presets", KEEP)
        self.program.find("Name of the preset", "QLineEdit")
        self.program.type(name)
        self.program.press("Return")
        self.program.find(f"Preset: {name}")

    def use_preset(self, name: str) -> None:
        self._choose("Preset: Presets", name)

    def _ended(self) -> None:
        assert self.program.process.wait(60) == 0
        self.end()


class ByMouse(_InWindow):
    """Clicks alone; a preset's name has to be typed."""

    def choose(self, tile: str, value: str) -> None:
        place = self.program.find("Background", "QLabel")
        self.seat.xdotool("mousemove", "--sync", place["x"] + 60, place["y"] + 120)
        self.seat.xdotool("click", "--repeat", 20, 4 if tile == "Light blur" else 5)
        self.program.click(tile, "Tile")

    def pause(self) -> None:
        self.program.click("Pause", "IconButton")

    def resume(self) -> None:
        self.program.click("Resume", "IconButton")

    def change_camera(self, title: str, value: str) -> None:
        self._choose("Menu", "Settings")
        self.program.find("Mirror", "Switch")
        self._choose("Camera: Demo", title)
        wait_until(lambda: client.status().camera != "demo", "the other camera")
        self.program.click("Back")

    def start_at_login(self) -> None:
        self._choose("Menu", "Settings")
        self.program.click("Start at login", "Switch")
        wait_until(lambda: client.autostart()["on"], "the start at login")
        self.program.click("Back")

    def quit(self) -> None:
        self._choose("Menu", "Quit SegCam")
        self._ended()

    def _choose(self, button: str, item: str) -> None:
        """Click a button until its menu is open, and an item in it."""

        def is_open() -> bool:
            if not self.program.ask("menus"):
                self.program.click(button, "MenuButton")
                time.sleep(0.5)  # a second click would close it
            return any(each["name"] == item for each in self.program.ask("menus"))

        wait_until(is_open, f"{item} in the menu of {button}")
        self.program.click(item, inside="menus")


class ByKeyboard(_InWindow):
    """Keys alone; each thing is reached with Tab, and tells its name where it has the focus."""

    def choose(self, tile: str, value: str) -> None:
        self._tab_to(lambda each: each["kind"] == "Tile", "the tiles")
        if self._focused()["name"] != "No effect":
            self._move("Home")
        while self._focused()["name"] != tile:
            self._move("Right")
        self.program.press("Return")
        wait_until(lambda: self.program.find(tile, "Tile")["checked"], f"{tile} chosen")

    def pause(self) -> None:
        self._press("Pause")

    def resume(self) -> None:
        self._press("Resume")

    def change_camera(self, title: str, value: str) -> None:
        self.program.press("ctrl+comma")
        self.program.find("Mirror", "Switch")
        self._choose("Camera: Demo", title)
        wait_until(lambda: client.status().camera != "demo", "the other camera")
        self.program.press("Escape")

    def start_at_login(self) -> None:
        self.program.press("ctrl+comma")
        self._press("Start at login")
        wait_until(lambda: client.autostart()["on"], "the start at login")
        self.program.press("Escape")

    def quit(self) -> None:
        self.program.press("ctrl+q")
        self._ended()

    def _tab_to(self, is_it, what: str) -> None:
        for _ in range(60):
            focused = self._focused()
            if is_it(focused):
                return
            self._move("Tab")
        raise AssertionError(f"Tab does not reach {what}")

    def _move(self, key: str) -> None:
        """Press a key that takes the focus elsewhere."""
        before = self._focused()
        self._press_until(key, lambda: self._focused() != before)

    def _press_until(self, key: str, done) -> None:
        """Press a key once, and again where it was lost: a menu that opens does not listen yet."""
        for _ in range(10):
            self.program.press(key)
            if until(done, LOST_S):
                return
        raise AssertionError(f"{key} changes nothing")

    def _focused(self) -> dict:
        """The widget with the focus, which must have a name for screen readers."""
        deadline = time.monotonic() + FOCUS_S
        while True:
            named = [each for each in self.program.ask("widgets") if each["focus"]]
            if named:
                return named[0]
            assert time.monotonic() < deadline, f"{self.program.ask('focus')} has no name"
            time.sleep(0.05)

    def _press(self, name: str) -> None:
        wait_until(lambda: self.program.find(name)["enabled"], name)
        self._tab_to(lambda each: each["name"] == name, name)
        self.program.press("space")

    def _choose(self, button: str, item: str) -> None:
        self._press(button)

        wait_until(lambda: self.program.ask("menus"), f"the menu of {button}")
        while (before := self._active()) != item:
            self._press_until("Down", lambda b=before: self._active() != b)
        self.program.press("Return")
        wait_until(lambda: not self.program.ask("menus"), "the end of the menu")

    def _active(self) -> str:
        """The item of the open menu that Return would choose."""
        menu = self.program.ask("menus")
        return next((each["name"] for each in menu if each["active"]), "")
