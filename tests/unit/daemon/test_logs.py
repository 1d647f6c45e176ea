"""Log messages: kept in a file, and nobody waits for them."""

import logging
import os
import threading

import pytest
from support.waiting import until

from segcam.daemon import logs
from segcam.daemon.logs import kept_log, log_file

log = logging.getLogger("segcam.test")


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def test_messages_are_kept_for_their_user_alone(state):
    with kept_log("office"):
        log.warning("the camera is away")
    text = log_file("office").read_text()
    assert "WARNING segcam.test: the camera is away" in text
    assert log_file("office").stat().st_mode & 0o777 == 0o600
    assert log_file() != log_file("office")


def test_the_file_never_grows_beyond_its_limit(state, monkeypatch):
    monkeypatch.setattr(logs, "LARGEST_BYTES", 10_000)
    with kept_log():
        for number in range(500):
            log.warning("message %d %s", number, "x" * 100)
            until(lambda: logs_waiting() < 500)
    files = sorted(log_file().parent.glob("segcam.log*"))
    assert 1 < len(files) <= 1 + logs.KEPT
    assert all(file.stat().st_size <= 10_500 for file in files)


def logs_waiting():
    return logging.getLogger().handlers[0].queue.qsize()


def test_a_log_that_hangs_holds_nobody():
    class Hanging(logging.Handler):
        go_on = threading.Event()

        def emit(self, record):
            assert self.go_on.wait(60)

    root, hanging = logging.getLogger(), Hanging()
    root.addHandler(hanging)
    try:
        with kept_log():
            for number in range(3 * logs.WAITING):
                log.warning("message %d", number)
    finally:
        root.removeHandler(hanging)
        hanging.go_on.set()


def test_a_folder_that_cannot_be_written_ends_nothing(state, monkeypatch):
    (state / "segcam").write_text("in the way")
    with kept_log():
        log.warning("lost")


def test_afterwards_all_is_as_before():
    before = list(logging.getLogger().handlers)
    with kept_log():
        assert logging.getLogger().handlers != before
    assert logging.getLogger().handlers == before


def test_text_that_is_no_unicode_can_be_logged(monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's own would choke on it
    with kept_log():
        log.warning("file %s", os.fsdecode(b"b\xe4ch.jpg"))
    assert "ch.jpg" in log_file().read_text()
