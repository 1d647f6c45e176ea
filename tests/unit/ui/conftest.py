"""The desktop program without a screen, with a SegCam without an engine."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest
from support.waiting import LIMIT_S

os.environ["QT_QPA_PLATFORM"] = "offscreen"

try:
    import PySide6.QtWidgets  # noqa: F401

    MISSING = ""
except ImportError as error:
    MISSING = f"Qt cannot be used here: {error}"


def pytest_pycollect_makemodule(module_path, parent):
    if MISSING and module_path.parent == Path(__file__).parent:
        pytest.skip(MISSING, allow_module_level=True)


@pytest.fixture
def runtime_folder(monkeypatch):
    """A short path: a socket's has at most 107 characters."""
    with tempfile.TemporaryDirectory(prefix="segcam-ui-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        monkeypatch.setenv("XDG_CONFIG_HOME", folder)
        yield Path(folder)


@pytest.fixture
def pictures(tmp_path, qapp):
    from PySide6.QtGui import QColor, QImage

    folder = tmp_path / "backgrounds"
    folder.mkdir()
    for name, color in (("beach", "#e0c080"), ("forest", "#206030")):
        picture = QImage(64, 48, QImage.Format.Format_RGB32)
        picture.fill(QColor(color))
        assert picture.save(str(folder / f"{name}.jpg"))
    return folder


@pytest.fixture
def segcam(runtime_folder, pictures):
    from unit.ui.fake_segcam import FakeSegCam

    running = FakeSegCam(pictures)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def kept(tmp_path):
    from PySide6.QtCore import QSettings

    kept = QSettings(str(tmp_path / "kept.ini"), QSettings.Format.IniFormat)
    kept.setValue("guided", True)
    return kept


@pytest.fixture
def doctor_says(monkeypatch):
    """Sets what a check-up prints instead of looking at this machine."""
    from segcam_ui import cures

    def say(text):
        code = f"print({text!r})"
        monkeypatch.setattr(cures.launch, "command", lambda *_: [sys.executable, "-c", code])

    say('{"findings": []}')
    return say


@pytest.fixture
def make_desktop(qapp, qtbot, runtime_folder, kept, doctor_says, monkeypatch):
    """Makes desktop programs; what they start instead of SegCam can be given."""
    from segcam_ui import app

    made = []

    def make(start=lambda: None):
        monkeypatch.setattr(app, "start_segcam", start)
        desktop = app.Desktop(qapp, kept)
        made.append(desktop)
        desktop.show()
        return desktop

    yield make
    for desktop in made:
        desktop.close()
        desktop.window.hide()
        desktop.window.deleteLater()


@pytest.fixture
def desktop(make_desktop, segcam, eventually):
    """Window and all, connected and with its lists."""
    desktop = make_desktop()
    eventually(lambda: "settings" in desktop.remote.lists)
    eventually(lambda: "backgrounds" in desktop.remote.lists)
    return desktop


@pytest.fixture
def tile_of(desktop):
    def find(identifier):
        from segcam_ui.tiles import Tile

        tiles = desktop.window.findChildren(Tile)
        return next(tile for tile in tiles if tile.entry.id == identifier and tile.isVisible())

    return find


@pytest.fixture
def eventually(qtbot):
    """Waits for a condition with a generous limit."""

    def wait(condition):
        qtbot.waitUntil(lambda: bool(condition()), timeout=round(LIMIT_S * 1000))

    return wait
