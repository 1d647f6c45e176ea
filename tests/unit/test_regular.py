"""Files are read; what only has the name of one is refused at once."""

import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from segcam.regular import open_regular, read_opened, read_regular

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


@pytest.fixture
def within_a_moment():
    """Fails the test where something waits for ever."""
    timer = threading.Timer(20, os._exit, (1,))
    timer.start()
    yield
    timer.cancel()


def test_a_file_and_a_link_to_it_are_read(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("a")
    assert read_regular(tmp_path / "a", 5) == read_regular(tmp_path / "link", 5) == b"12345"


def test_a_file_that_is_too_large_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"123456")
    with pytest.raises(OSError, match="larger than"):
        read_regular(tmp_path / "a", 5)


@unix_only
def test_a_file_that_waits_for_data_is_not_waited_for(within_a_moment):
    """As /proc/kmsg does, which is a regular file by its kind."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with pytest.raises(OSError, match="no content at present"):
        read_opened(reading, 5)
    os.close(writing)


@unix_only
def test_a_pipe_that_nobody_writes_to_is_refused(tmp_path, within_a_moment):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="a pipe"):
        open_regular(tmp_path / "pipe", 10)


@unix_only
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/random", "/dev/tty", "/dev/stdin"])
def test_a_device_is_refused(device, tmp_path, within_a_moment):
    (tmp_path / "link").symlink_to(device)
    with pytest.raises(OSError, match=r"a device|a pipe|No such|not a file|larger"):
        read_regular(tmp_path / "link", 10)


@unix_only
def test_folders_and_sockets_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as plain:
        plain.bind("socket")
        with pytest.raises(OSError, match="a socket"):
            open_regular(Path("socket"), 10)
    with pytest.raises(OSError, match="a folder"):
        open_regular(tmp_path, 10)


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "n" * 300, "nowhere"])
def test_what_is_no_name_of_a_file_is_refused_like_a_missing_one(name):
    with pytest.raises(OSError, match=r".+"):
        read_regular(Path(name), 10)


@unix_only
def test_no_descriptor_is_left(tmp_path):
    before = len(list(Path("/dev/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(OSError, match="a folder"):
            open_regular(tmp_path, 10)
    assert len(list(Path("/dev/fd").iterdir())) == before
