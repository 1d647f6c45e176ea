"""The window opens without what it does not show yet, and no signal is lost meanwhile."""

import os
import signal
import subprocess
import sys

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLineEdit
from segcam_ui import app
from segcam_ui.page import Page

NEEDLESS = {"importlib.metadata", "email", "tomlkit", "numpy", "cv2", "PySide6.QtNetwork"}
"""What takes time to import, and the first page does without."""
LATER = {"segcam_ui.settings_page", "segcam_ui.doctor_page", "segcam_ui.guide_page"}


def test_first_page_is_imported_without_what_takes_time():
    code = "import sys, segcam_ui.__main__, segcam_ui.app; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert not set(done.stdout.split()) & (NEEDLESS | LATER)


def test_a_crash_of_the_window_leaves_no_picture_in_a_core_file():
    code = (
        "import resource, segcam_ui.app, segcam_ui.__main__ as program; "
        "segcam_ui.app.main = lambda: print(resource.getrlimit(resource.RLIMIT_CORE)) or 0; "
        "program.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "(1, 1)\n"


def test_other_pages_are_made_when_they_are_opened(desktop):
    window = desktop.window
    assert not window.findChildren(Page)
    assert not window.main.header.findChildren(QLineEdit)
    for count, name in enumerate(("settings", "guide", "doctor"), 1):
        window.open_page(name)
        window.open_page("main")
        window.open_page(name)
        assert len(window.findChildren(Page)) == count
    assert window.main.isHidden()


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
def test_signal_before_the_event_loop_ends_the_program(qapp):
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before[signal.SIGHUP] = signal.getsignal(signal.SIGHUP)
    late = QTimer(singleShot=True)
    late.timeout.connect(lambda: QApplication.exit(1))
    try:
        app._quit_on_signals(qapp)
        os.kill(os.getpid(), signal.SIGTERM)
        late.start(5000)
        assert qapp.exec() == 0
    finally:
        late.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
