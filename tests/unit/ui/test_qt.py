"""Qt's binding itself: a version that miscounts references ends the window after a while."""

import sys

from PySide6.QtCore import QObject


def test_calls_take_no_reference_to_none(qapp):
    made = QObject()
    before = sys.getrefcount(None)
    for _ in range(1000):
        made.setObjectName("name")
    assert before - sys.getrefcount(None) < 500
