import os
import socket
import stat
import tempfile
import time
from pathlib import Path

import pytest

from segcam.api import transport
from segcam.api.folder import runtime_folder
from segcam.api.messages import MAX_BYTES
from segcam.daemon.single import claimed
from segcam.errors import DaemonError, DaemonNotRunning, UsageError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / "segcam"


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def mode(path):
    return stat.S_IMODE(Path(path).stat().st_mode)


def test_the_folder_is_the_sessions_and_this_users_alone(folder):
    assert runtime_folder() == folder
    assert mode(folder) == 0o700


@pytest.mark.parametrize("base", [None, "", "/nowhere"])
def test_without_a_session_it_is_one_for_each_user(base, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", base or "")
    if base is None:
        monkeypatch.delenv("XDG_RUNTIME_DIR")
    folder = runtime_folder()
    assert folder == tmp_path / f"segcam-{os.getuid()}"
    assert mode(folder) == 0o700


def test_where_a_sockets_path_would_be_too_long_it_is_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    long = tmp_path / ("n" * 100)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    with transport.listen(transport.address()), transport.connect():
        assert runtime_folder() == tmp_path / f"segcam-{os.getuid()}"
    assert list(long.iterdir()) == []


@pytest.mark.parametrize("name", ["", "office"])
def test_a_path_that_is_too_long_everywhere_is_refused_with_its_cure(tmp_path, monkeypatch, name):
    long = tmp_path / ("n" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    with pytest.raises(UsageError, match="too long") as caught:
        transport.connect(name=name)
    assert "XDG_RUNTIME_DIR" in caught.value.hint
    with pytest.raises(UsageError), claimed(name):
        pass


@pytest.mark.parametrize("make", ["open to all", "a link", "a file"])
def test_a_folder_that_others_may_have_laid_out_is_refused(folder, tmp_path, make):
    if make == "open to all":
        folder.mkdir()
        folder.chmod(0o755)
    elif make == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.write_text("")
    with pytest.raises(DaemonError) as caught:
        runtime_folder()
    assert str(folder) in caught.value.hint


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to give a folder away")
def test_another_users_session_is_not_ours(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 12345, 12345)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(theirs))
    assert runtime_folder().parent == tmp_path
    assert list(theirs.iterdir()) == []


def test_nobody_there_is_told_with_its_exit_code(folder):
    with pytest.raises(DaemonNotRunning) as caught:
        transport.connect()
    assert caught.value.exit_code == 3
    assert "segcam run" in caught.value.hint


def test_a_socket_left_behind_is_nobody(folder):
    transport.listen(transport.address()).close()
    with pytest.raises(DaemonNotRunning):
        transport.connect()


def test_one_that_never_answers_is_given_up(folder):
    with transport.listen(transport.address()), transport.connect(0.2) as connection:
        start = time.monotonic()
        with pytest.raises(DaemonError, match="does not answer"):
            transport.receive(connection, 0.2)
        assert time.monotonic() - start < 20


def test_a_full_queue_is_given_up_too(folder):
    """A stopped process accepts nobody, and the kernel makes further clients wait."""
    listener = transport.listen(transport.address(), 0)
    with listener, transport.connect(), pytest.raises(DaemonError) as caught:
        transport.connect(0.2)
    assert not isinstance(caught.value, DaemonNotRunning)


def test_half_a_message_does_not_hold_the_reader(pair):
    ours, theirs = pair
    os.write(theirs.fileno(), b"\x00\x00\x01\x00half")
    start = time.monotonic()
    with pytest.raises(DaemonError):
        transport.receive(ours, 0.2)
    assert time.monotonic() - start < 20


def test_a_reader_that_does_not_read_does_not_hold_the_writer(pair):
    ours, _ = pair
    with pytest.raises(DaemonError):
        transport.send(ours, {"much": "x" * 10_000_000}, 0.2)


def test_a_message_that_is_too_long_is_not_read(pair):
    ours, theirs = pair
    os.write(theirs.fileno(), (MAX_BYTES + 1).to_bytes(4, "big"))
    with pytest.raises(DaemonError):
        transport.receive(ours, 1)


def test_messages_arrive(pair):
    ours, theirs = pair
    transport.send(ours, {"request": "status", "ä": [1.5, None, True]})
    assert transport.receive(theirs, 20) == {"request": "status", "ä": [1.5, None, True]}


def test_a_connection_that_another_thread_has_closed_is_an_error(pair):
    ours, _ = pair
    ours.close()
    transport.cut(ours)
    with pytest.raises(DaemonError):
        transport.receive(ours, 1)
    with pytest.raises(DaemonError):
        transport.send(ours, {}, 1)


def test_who_listens_no_more_leaves_nothing_behind(folder):
    listener = transport.listen(transport.address())
    transport.leave(listener)
    assert list(folder.iterdir()) == []
    with pytest.raises(DaemonNotRunning):
        transport.connect()


def test_the_other_end_is_known(pair):
    assert transport.is_same_user(pair[0])
