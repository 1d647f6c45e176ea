"""The desktop program as a process, seen from outside."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QImage
from support.waiting import LIMIT_S, wait_for
from ui.session import Session


class Program:
    """The desktop program in a session, used with mouse and keyboard.

    Args:
        session: Where it runs.
        arguments: Its own.
    """

    def __init__(self, session: Session, *arguments: str) -> None:
        self._session = session
        driven = Path(__file__).parent / "driven.py"
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(driven), *arguments],
            env=session.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, question: str):
        """One question to the program itself."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        assert select.select([self.process.stdout], [], [], LIMIT_S)[0], "the window hangs"
        return json.loads(self.process.stdout.readline())

    def find(self, name: str, kind: str = "", inside: str = "widgets") -> dict:
        """Wait for a visible widget with that name."""

        def look():
            fitting = [each for each in self.ask(inside) if each["name"] == name]
            return next((each for each in fitting if each.get("kind", "").startswith(kind)), None)

        return wait_for(look)

    def says(self, text: str, timeout_s: float = 60.0) -> dict:
        """Wait until something that is visible says ``text``."""

        def look():
            return next((each for each in self.ask("widgets") if text in each["name"]), None)

        try:
            return wait_for(look, timeout_s)
        except AssertionError:
            names = [each["name"] for each in self.ask("widgets")]
            raise AssertionError(f"nothing says {text!r}, but: {names}") from None

    def click(self, name: str, kind: str = "", inside: str = "widgets") -> None:
        """A real click into the middle of it, once it can be used and stands still."""

        def settled():
            place = self.find(name, kind, inside)
            ready = place.get("enabled", True) and place == self.find(name, kind, inside)
            return place if ready else None

        place = wait_for(settled)
        x, y = place["x"] + place["width"] // 2, place["y"] + place["height"] // 2
        self._session.xdotool("mousemove", "--sync", x, y, "click", 1)

    def wait_for_picture(self) -> None:
        """Wait until the live picture is one, and no placeholder of a few colours."""
        place = self.find("Live picture, as others see it")
        screen = self._session.folder / "screen.png"

        def is_there():
            self.ask(f"grab {screen}")
            seen, x, y = QImage(str(screen)), place["x"], place["y"]
            points = range(20, place["width"] - 20, 8)
            return len({seen.pixel(x + at, y + place["height"] // 2) for at in points}) > 30

        wait_for(is_there)

    def pixel(self, x: int, y: int) -> tuple[int, int, int]:
        """Red, green and blue at a place on the screen."""
        screen = self._session.folder / "screen.png"
        assert self.ask(f"grab {screen}")
        color = QImage(str(screen)).pixelColor(x, y)
        return color.red(), color.green(), color.blue()

    def press(self, *keys: str) -> None:
        """Real keys."""
        self._session.xdotool("key", "--clearmodifiers", *keys)

    def type(self, text: str) -> None:
        """Real keys for a text."""
        self._session.xdotool("type", "--clearmodifiers", text)

    @property
    def is_open(self) -> bool:
        """Whether its window is visible."""
        return any(each["name"] for each in self.ask("widgets"))

    def end(self) -> None:
        """End it, if it has not ended."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(LIMIT_S)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
