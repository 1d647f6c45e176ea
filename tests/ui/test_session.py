"""The desktop session of the tests' own leaves nothing behind."""

import threading

import pytest
from support.processes import children
from ui.session import Session


def test_a_session_that_cannot_start_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def refused(_: Session) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(Session, "_connect", refused)
    before = {*children(), *threading.enumerate()}
    with pytest.raises(ConnectionRefusedError), Session():
        pass
    assert {*children(), *threading.enumerate()} <= before
    assert list(tmp_path.iterdir()) == []
