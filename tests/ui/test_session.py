"""The desktop session of the tests' own leaves nothing behind."""

import tempfile
import threading
from pathlib import Path

import pytest
from support.processes import children
from ui.session import Session


@pytest.fixture
def folder(monkeypatch):
    """For temporary files; with a short path: the bus takes 99 characters."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr("tempfile.tempdir", folder)
        yield Path(folder)


def test_a_session_that_cannot_start_leaves_nothing(monkeypatch, folder):

    async def refused(_: Session) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(Session, "_connect", refused)
    before = {*children(), *threading.enumerate()}
    with pytest.raises(ConnectionRefusedError), Session():
        pass
    assert {*children(), *threading.enumerate()} <= before
    assert list(folder.iterdir()) == []
