"""Makes the pictures of the documentation: ``python tests/ui/screenshots.py FOLDER``.

Runs the real programs in their own session, with the built-in demo as the camera.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from ui.session import Session
from ui.window import Program

from segcam.api import client

PICTURE = "Bookshelf"
SETTLE_S = 1.5
"""Fades are over, and thumbnails have come."""


def shoot(session: Session, program: Program, target: Path, size: tuple[int, int]) -> None:
    """Keep the window's part of the screen."""
    time.sleep(SETTLE_S)
    whole = session.folder / "screen.png"
    assert program.ask(f"grab {whole}")
    picture = QImage(str(whole)).copy(QRect(0, 0, *size))
    assert picture.save(str(target), quality=82)
    print(target, target.stat().st_size // 1024, "KiB")


def tour(session: Session, folder: Path, ending: str) -> None:
    """Every page in one appearance."""
    program = Program(session)
    size = 1120, 584
    try:
        assert program.ask("make-up-report")
        program.find("Try it: this is what others see")
        program.says("built-in demo", 60)
        shoot(session, program, folder / f"first-start{ending}.jpg", size)
        program.click("Try it: this is what others see")
        program.says("Only you see this", 60)
        choose_picture(program)
        program.wait_for_picture()
        shoot(session, program, folder / f"window{ending}.jpg", size)
        program.click("Menu")
        shoot(session, program, folder / f"menu{ending}.jpg", size)
        program.press("Escape")
        program.press("ctrl+comma")
        program.find("Mirror", "Switch")
        program.says("Why not the others?", 90)
        shoot(session, program, folder / f"settings{ending}.jpg", size)
        program.press("Escape")
        program.click("Menu")
        program.click("Check-up", inside="menus")
        program.find("Check again", "PushButton")
        program.says("roblems", 90)
        shoot(session, program, folder / f"check-up{ending}.jpg", size)
    finally:
        client.stop()
        program.end()
        (session.folder / "config" / "segcam" / "window.conf").unlink(missing_ok=True)


def choose_picture(program: Program) -> None:
    """One of SegCam's own pictures."""
    program.click(PICTURE, "Tile")
    time.sleep(SETTLE_S)
    program.says("Only you see this", 60)  # nothing is being loaded any more


def main() -> None:
    """Light, then dark."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with Session() as session:
        os.environ["XDG_RUNTIME_DIR"] = session.environment["XDG_RUNTIME_DIR"]
        config = session.folder / "config" / "segcam"
        config.mkdir()
        (config / "settings.toml").write_text('camera = "demo"\n')
        session.show_panel()
        for dark in (False, True):
            session.set_dark(dark)
            tour(session, folder, "-dark" if dark else "")


if __name__ == "__main__":
    main()
