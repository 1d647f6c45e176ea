import threading
from pathlib import Path

import pytest

from segcam.api import start, transport
from segcam.errors import DaemonNotRunning


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def test_one_that_ends_before_it_has_answered_has_ended():
    """On a busy machine its process may be gone before the thread that answers had its turn."""
    listener = transport.listen(transport.address())

    def end():
        with transport.accept(listener) as connection:
            assert transport.receive(connection, 30) == {"request": "stop"}
            listener.close()
            Path(transport.address()).unlink(missing_ok=True)

    thread = threading.Thread(target=end)
    thread.start()
    start.stop()
    thread.join()


def test_where_none_runs_stopping_says_so():
    with pytest.raises(DaemonNotRunning):
        start.stop()
