"""The control socket, spoken to by clients that behave and by others."""

import os
import socket
import stat
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from support.waiting import LIMIT_S, until

from segcam.api import client, transport
from segcam.api.folder import runtime_folder
from segcam.daemon import server as server_module
from segcam.daemon.server import LONG, STREAMS, Requests, Server
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
    with Server(Requests(ANSWERS)) as running:
        yield running


def ask(message, timeout_s=LIMIT_S):
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
    with Server(Requests({"status": lose})), pytest.raises(CameraLost) as caught:
        client.status()
    assert "plug it in" in str(caught.value)


def test_an_error_of_a_kind_not_known_here_is_told_all_the_same(folder, monkeypatch):
    class OfTomorrow(SegCamError):
        code = "tomorrow"

    def fail(*_):
        raise OfTomorrow("odd", "as it is", "wait")

    monkeypatch.setattr(SegCamError, "__subclasses__", list)
    with Server(Requests({"status": fail})), pytest.raises(SegCamError, match="odd") as caught:
        client.status()
    assert str(caught.value) == "odd: as it is. wait."


def test_a_path_that_the_system_refuses_is_no_fault_of_segcam(server):
    error = ask({"request": "refuse"})["error"]
    assert (error["code"], error["message"]) == ("usage", "File name too long")


def test_what_takes_its_time_is_told_before_the_answer(server):
    with transport.connect(LIMIT_S) as connection:
        transport.send(connection, {"request": "work", "speed": 3})
        told = [transport.receive(connection, LIMIT_S) for _ in range(3)]
    assert told == [
        {"progress": "Working"},
        {"progress": "Still working"},
        {"answer": {"done": {"speed": 3}}},
    ]


def test_work_that_takes_minutes_shows_signs_of_life(folder, monkeypatch):
    monkeypatch.setattr(server_module, "BEAT_S", 0.02)
    heard = []

    def load(_, tell):
        assert until(lambda: beats() > 3)
        tell("Loading")
        assert until(lambda: len(heard) > 3)
        return {}

    def beats():
        return sum(reply == {"progress": ""} for reply in replies)

    replies, receive = [], transport.receive

    def listen(*arguments):
        replies.append(receive(*arguments))
        return replies[-1]

    monkeypatch.setattr(client.transport, "receive", listen)
    with Server(Requests({}, {"set": load})):
        assert client.request("set", on_progress=heard.append) == {}
    assert set(heard) == {"Loading"}, "signs of life alone are no message for the user"
    assert not runs("segcam-progress")


def test_who_leaves_during_the_work_does_not_end_it(folder):
    left, done = threading.Event(), threading.Event()

    def work(request, tell):
        assert left.wait(LIMIT_S)
        for _ in range(100):
            tell("x" * 10_000)
        done.set()
        return {}

    with Server(Requests({"work": work})):
        with transport.connect(LIMIT_S) as connection:
            transport.send(connection, {"request": "work"})
        left.set()
        assert done.wait(LIMIT_S)


def test_an_answer_of_another_version_is_told(folder):
    with (
        Server(Requests({"status": lambda *_: {"speed": 3}})),
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
        b"\x00\x10\x00\x00" + b"x" * (1 << 20),
        b"\x00\x01\x86\xa0" + b"[" * 100_000,
    ],
)
def test_nonsense_hurts_nobody(server, data):
    with socket.socket(socket.AF_UNIX) as plain:
        plain.connect(transport.address())
        plain.settimeout(LIMIT_S)
        with suppress(ConnectionError):  # it had not read all
            plain.sendall(data)
            plain.shutdown(socket.SHUT_WR)
            while plain.recv(4096):
                pass
    assert ask({"request": "greet"})["answer"]


def test_half_open_clients_hold_nobody_and_not_for_ever(server, monkeypatch):
    monkeypatch.setattr(server_module, "REQUEST_S", 3.0)
    stuck = [transport.connect() for _ in range(100)]
    for connection in stuck:
        with suppress(OSError):  # of so many, the oldest are cut off
            os.write(connection.fileno(), b"\x00\x00")
    assert ask({"request": "greet"})["answer"]
    assert not no_clients(), "it did not wait for the stuck ones"
    assert until(no_clients), "the stuck ones are given up"
    assert ask({"request": "greet"})["answer"]
    for connection in stuck:
        connection.close()


def test_a_client_that_sends_a_byte_now_and_then_is_given_up(server, monkeypatch):
    monkeypatch.setattr(server_module, "REQUEST_S", 0.5)
    with transport.connect() as slow, suppress(OSError):
        for _ in range(100):
            os.write(slow.fileno(), b"\x00")
            time.sleep(0.05)
    assert until(no_clients)


def test_a_client_that_does_not_read_is_given_up(folder, monkeypatch):
    monkeypatch.setattr(server_module, "REQUEST_S", 0.5)
    requests = Requests({"much": lambda *_: {"much": "x" * 10_000_000}})
    with Server(requests), transport.connect() as deaf:
        transport.send(deaf, {"request": "much"})
        assert until(no_clients)


def runs(name):
    """Whether a thread of this name runs."""
    return any(thread.name == name for thread in threading.enumerate())


def no_clients():
    return not runs("segcam-client")


def test_however_many_take_their_time_the_status_comes(folder, monkeypatch):
    monkeypatch.setattr(server_module, "BEAT_S", 60.0)
    go_on = threading.Event()

    def hang(*_):
        assert go_on.wait(LIMIT_S)
        return {}

    requests = Requests({"status": lambda *_: {"is": "so"}}, {"set": hang})
    with Server(requests):
        hanging = [transport.connect() for _ in range(LONG + 3)]
        for connection in hanging:
            transport.send(connection, {"request": "set"})
        assert until(lambda: len(answered(hanging)) == 3)
        assert ask({"request": "status"}) == {"answer": {"is": "so"}}
        for connection in answered(hanging):
            reply = transport.receive(connection, LIMIT_S)
            assert reply["error"]["code"] == "daemon.busy"
        go_on.set()
        for connection in hanging:
            connection.close()


def answered(connections):
    return [connection for connection in connections if transport.is_readable(connection)]


def test_subscribers_take_no_places_of_short_requests(folder):
    changed = threading.Event()

    def news(_):
        yield {"state": 1}
        while not changed.is_set():
            time.sleep(0.01)
            yield None
        yield {"state": 2}

    requests = Requests({"greet": lambda *_: {"hello": "you"}}, streams={"subscribe": news})
    with Server(requests):
        subscribers = [transport.connect() for _ in range(STREAMS)]
        for each in subscribers:
            transport.send(each, {"request": "subscribe"})
            assert transport.receive(each, LIMIT_S) == {"state": 1}
        assert ask({"request": "subscribe"})["error"]["code"] == "daemon.busy"
        assert ask({"request": "greet"})["answer"]
        subscribers.pop().close()
        assert until(lambda: "state" in ask({"request": "subscribe"})), "its place is free again"
        changed.set()
        assert all(transport.receive(each, LIMIT_S) == {"state": 2} for each in subscribers)
        for each in subscribers:
            each.close()
        assert until(no_clients)


def test_a_deaf_subscriber_is_dropped_and_the_others_hear_everything(folder, monkeypatch):
    monkeypatch.setattr(server_module, "REQUEST_S", 0.5)

    def news(_):
        for number in range(300):
            yield {"state": number, "much": "x" * 10_000}
            time.sleep(0.001)

    server = Server(Requests({}, streams={"subscribe": news}))
    with server, transport.connect() as deaf, transport.connect() as hearing:
        transport.send(deaf, {"request": "subscribe"})
        transport.send(hearing, {"request": "subscribe"})
        heard = [transport.receive(hearing, LIMIT_S)["state"] for _ in range(300)]
        assert heard == list(range(300))
        assert until(no_clients), "the deaf one was dropped"


def test_many_at_once(server):
    got = []

    def greet():
        for _ in range(20):
            got.append(ask({"request": "greet"}))

    threads = [threading.Thread(target=greet) for _ in range(2 * 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [{"answer": {"hello": "you"}}] * 20 * 2 * 8


def test_after_the_end_nobody_is_there_and_no_thread_is_left(folder):
    with Server(Requests(ANSWERS)):
        ask({"request": "greet"})
    assert not Path(transport.address()).exists()
    with pytest.raises(DaemonNotRunning):
        ask({"request": "greet"})
    assert until(lambda: not runs("segcam-control"))


def test_a_socket_of_a_killed_one_is_replaced(folder):
    runtime_folder()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(transport.address())
    with Server(Requests(ANSWERS)) as running:
        assert running.answers
        assert ask({"request": "greet"})["answer"]


def test_where_it_cannot_listen_the_video_goes_on(folder, caplog):
    folder.write_text("in the way")
    with Server(Requests(ANSWERS)) as silent:
        assert not silent.answers
    assert "segcam status and segcam set will not work" in caplog.text


def test_a_socket_that_somebody_removed_does_not_hold_the_end(folder):
    with Server(Requests(ANSWERS)):
        Path(transport.address()).unlink()
        start = time.monotonic()
    assert time.monotonic() - start < LIMIT_S
