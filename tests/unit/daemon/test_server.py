"""The control socket, spoken to by clients that behave and by others."""

import os
import socket
import stat
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from support.waiting import until

from segcam.api import client, transport
from segcam.daemon import server as server_module
from segcam.daemon.server import CLIENTS, Server
from segcam.errors import CameraLost, DaemonError, DaemonNotRunning, SegCamError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path / "segcam"


def lose(*_):
    raise CameraLost("gone", "pulled out", "plug it in")


def refuse(*_):
    Path("n" * 300).exists()


def work(request, tell):
    tell("Working")
    tell("Still working")
    return {"done": request}


ANSWERS = {
    "greet": lambda *_: {"hello": "you"},
    "lose": lose,
    "refuse": refuse,
    "work": work,
    "fault": lambda *_: {"never": 1 / 0},
}


@pytest.fixture
def server():
    with Server(ANSWERS) as running:
        yield running


def ask(message, timeout_s=2.0):
    with transport.connect(timeout_s) as connection:
        transport.send(connection, message)
        return transport.receive(connection, timeout_s)


def test_it_answers(server):
    assert server.answers
    assert ask({"request": "greet"}) == {"answer": {"hello": "you"}}


def test_only_its_user_may_reach_it(server):
    assert stat.S_IMODE(Path(transport.address()).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(transport.address()).parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("request_", ["fly", None, ["greet"], {"a": 1}])
def test_an_unknown_request_is_told(server, request_):
    assert ask({"request": request_})["error"]["code"] == "daemon"
    assert ask({"request": "greet"})["answer"]


def test_an_error_arrives_with_its_cure(server):
    error = ask({"request": "lose"})["error"]
    assert (error["code"], error["hint"], error["transient"]) == ("camera.lost", "plug it in", True)


def test_a_fault_of_its_own_ends_neither_server_nor_client(server):
    assert "ZeroDivisionError" in ask({"request": "fault"})["error"]["message"]
    assert ask({"request": "greet"})["answer"]


def test_a_client_hears_the_error_as_an_error(folder):
    with Server({"status": lose}), pytest.raises(CameraLost) as caught:
        client.status()
    assert "plug it in" in str(caught.value)


def test_an_error_of_a_kind_not_known_here_is_told_all_the_same(folder, monkeypatch):
    class OfTomorrow(SegCamError):
        code = "tomorrow"

    def fail(*_):
        raise OfTomorrow("odd", "as it is", "wait")

    monkeypatch.setattr(SegCamError, "__subclasses__", list)
    with Server({"status": fail}), pytest.raises(SegCamError, match="odd") as caught:
        client.status()
    assert str(caught.value) == "odd. as it is. wait."


def test_a_path_that_the_system_refuses_is_no_fault_of_segcam(server):
    error = ask({"request": "refuse"})["error"]
    assert (error["code"], error["message"]) == ("usage", "File name too long")


def test_what_takes_its_time_is_told_before_the_answer(server):
    with transport.connect(2) as connection:
        transport.send(connection, {"request": "work", "speed": 3})
        told = [transport.receive(connection, 2) for _ in range(3)]
    assert told == [
        {"progress": "Working"},
        {"progress": "Still working"},
        {"answer": {"done": {"speed": 3}}},
    ]


def test_who_leaves_during_the_work_does_not_end_it(folder):
    left, done = threading.Event(), threading.Event()

    def work(request, tell):
        assert left.wait(5)
        for _ in range(100):
            tell("x" * 10_000)
        done.set()
        return {}

    with Server({"work": work}):
        with transport.connect(2) as connection:
            transport.send(connection, {"request": "work"})
        left.set()
        assert done.wait(10)


def test_an_answer_of_another_version_is_told(folder):
    with (
        Server({"status": lambda *_: {"speed": 3}}),
        pytest.raises(DaemonError, match="understand"),
    ):
        client.status()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x7f\xff\xff\xff",
        b"\x00\x00\x00\x02[]",
        b"\x00\x00\x00\x06\x80\x04\x95\x00\x00.",
    ],
)
def test_nonsense_hurts_nobody(server, data):
    with socket.socket(socket.AF_UNIX) as plain:
        plain.connect(transport.address())
        plain.sendall(data)
        plain.shutdown(socket.SHUT_WR)
        plain.settimeout(5)
        with suppress(ConnectionResetError):  # it had not read all
            while plain.recv(4096):
                pass
    assert ask({"request": "greet"})["answer"]


def test_a_stuck_client_holds_nobody_and_not_for_ever(server, monkeypatch):
    monkeypatch.setattr(server_module, "REQUEST_S", 0.5)
    stuck = [transport.connect() for _ in range(CLIENTS - 1)]
    for connection in stuck:
        os.write(connection.fileno(), b"\x00\x00")
    start = time.monotonic()
    assert ask({"request": "greet"})["answer"]
    assert time.monotonic() - start < 0.4, "it did not wait for the stuck ones"
    stuck.append(transport.connect())
    assert until(
        lambda: not any(thread.name == "segcam-client" for thread in threading.enumerate())
    ), "the stuck ones are given up"
    assert ask({"request": "greet"})["answer"]
    for connection in stuck:
        connection.close()


def test_many_at_once(server):
    got = []

    def greet():
        for _ in range(20):
            got.append(ask({"request": "greet"}))

    threads = [threading.Thread(target=greet) for _ in range(2 * CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [{"answer": {"hello": "you"}}] * 40 * CLIENTS


def test_the_second_is_silent_and_takes_over_when_the_first_has_ended(server):
    with Server({"greet": lambda *_: {"hello": "second"}}) as second:
        assert not second.answers
        assert ask({"request": "greet"}) == {"answer": {"hello": "you"}}
    assert ask({"request": "greet"}) == {"answer": {"hello": "you"}}, "its end changed nothing"
    server.__exit__()
    with Server({"greet": lambda *_: {"hello": "third"}}) as third:
        assert third.answers
        assert ask({"request": "greet"}) == {"answer": {"hello": "third"}}


def test_after_the_end_nobody_is_there_and_no_thread_is_left(folder):
    with Server(ANSWERS):
        ask({"request": "greet"})
    assert not Path(transport.address()).exists()
    with pytest.raises(DaemonNotRunning):
        ask({"request": "greet"})
    assert not any(thread.name == "segcam-control" for thread in threading.enumerate())


def test_a_socket_of_a_killed_one_is_replaced(folder):
    transport.runtime_folder()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(transport.address())
    with Server(ANSWERS) as running:
        assert running.answers
        assert ask({"request": "greet"})["answer"]


def test_of_several_that_start_at_once_one_answers(folder):
    servers = [Server({"greet": lambda *_, n=n: {"number": n}}) for n in range(8)]
    barrier = threading.Barrier(len(servers))

    def start(each):
        barrier.wait()
        each.__enter__()

    threads = [threading.Thread(target=start, args=(each,)) for each in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answering = [number for number, each in enumerate(servers) if each.answers]
    assert len(answering) == 1
    assert ask({"request": "greet"}) == {"answer": {"number": answering[0]}}
    for each in servers:
        each.__exit__()


@pytest.mark.parametrize("obstacle", ["folder", "path"])
def test_where_it_cannot_listen_the_video_goes_on(folder, tmp_path, monkeypatch, caplog, obstacle):
    if obstacle == "folder":
        folder.write_text("in the way")
    else:
        long = tmp_path / ("n" * 120)
        long.mkdir(mode=0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    with Server(ANSWERS) as silent:
        assert not silent.answers
    assert "segcam status and segcam set will not work" in caplog.text


def test_a_socket_that_somebody_removed_does_not_hold_the_end(folder):
    with Server(ANSWERS):
        Path(transport.address()).unlink()
        start = time.monotonic()
    assert time.monotonic() - start < 3
