"""One window for each user."""

from contextlib import suppress
from multiprocessing.connection import Client

import pytest
from segcam_ui import single
from segcam_ui.single import Single


@pytest.fixture
def first(qapp, runtime_folder):
    first = Single()
    first.knocks = []
    first.knocked.connect(lambda *word: first.knocks.append(word))
    first.listen()
    yield first
    first.close()


def test_second_start_raises_the_first(first, eventually, monkeypatch):
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "token")

    assert Single().knock("settings")
    eventually(lambda: first.knocks == [("settings", "token")])


def test_first_start_finds_nobody(qapp, runtime_folder):
    assert not Single().knock("")


def test_socket_of_a_killed_one_is_replaced(qapp, runtime_folder, eventually):
    (runtime_folder / "segcam").mkdir(mode=0o700)
    (runtime_folder / "segcam" / "window").write_bytes(b"")
    first = Single()
    first.listen()

    assert Single().knock("")
    first.close()


def test_nonsense_is_ignored(first, eventually):
    for nonsense in (b"\xff\xfe", b"[]", b"{}", b'"text"', b"", b"x" * 100_000):
        with Client(single._address()) as connection, suppress(OSError):  # it hangs up
            connection.send_bytes(nonsense)

    assert Single().knock("guide")
    eventually(lambda: first.knocks == [("guide", "")])
