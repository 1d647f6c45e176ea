"""The desktop program under Xvfb, with a test tray, and the real SegCam."""

from __future__ import annotations

from pathlib import Path

import pytest

try:
    import PySide6.QtWidgets  # noqa: F401

    from ui import session as sessions

    MISSING = sessions.missing()
except ImportError as error:
    MISSING = str(error)


def pytest_pycollect_makemodule(module_path, parent):
    if MISSING and module_path.parent == Path(__file__).parent:
        pytest.skip(f"a desktop session needs {MISSING}", allow_module_level=True)
