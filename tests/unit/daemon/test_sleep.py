"""The computer's sleep, on a real bus of the test's own with a small logind on it."""

import logging
import os
import select
import shutil
import subprocess
import threading
import time
from collections import deque
from contextlib import suppress
from fractions import Fraction

import pytest
from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import open_dbus_connection
from support.processes import bus_address
from support.waiting import listens, until

from segcam.composite.background import Color
from segcam.composite.compositor import RoomHidden
from segcam.daemon.sleep import CLOSE_S, SleepWatch
from segcam.pipeline.pipeline import Pipeline
from segcam.source.pattern import Pattern

SIZE, RATE_HZ = (90, 160), Fraction(60)
GREEN = (145, 54, 34)
NAME, PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
MANAGER = DBusAddress(PATH, interface="org.freedesktop.login1.Manager")


class Logind:
    """Gives delay locks out, and tells of sleep."""

    def __init__(self, refusing=False):
        self.refusing = refusing
        self.locks = deque()
        """Read ends of the locks given out: at their end when the lock is let go."""
        self.asked = []
        self._sending = threading.Lock()
        self._bus = open_dbus_connection("SYSTEM", enable_fds=True)
        self._bus.send_and_get_reply(message_bus.RequestName(NAME))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def prepare_for_sleep(self, going):
        self._send(new_signal(MANAGER, "PrepareForSleep", "b", (going,)))

    def held(self):
        """Whether a lock is held by anybody."""
        for lock in self.locks:
            ended, _, _ = select.select([lock], [], [], 0)
            if not ended:
                return True
        return False

    def close(self):
        with suppress(OSError):
            self._bus.sock.shutdown(2)
        self._thread.join()
        self._bus.close()
        for lock in self.locks:
            os.close(lock)

    def _serve(self):
        with suppress(OSError):
            while True:
                message = self._bus.receive()
                if message.header.message_type is MessageType.method_call:
                    self._answer(message)

    def _answer(self, message):
        self.asked.append((message.header.fields[HeaderFields.member], message.body))
        if self.refusing:
            self._send(new_error(message, "org.freedesktop.DBus.Error.AccessDenied"))
            return
        ours, theirs = os.pipe()
        self._send(new_method_return(message, "h", (theirs,)))
        os.close(theirs)
        self.locks.append(ours)

    def _send(self, message):
        with self._sending:
            self._bus.send(message)


@pytest.fixture
def bus(tmp_path, monkeypatch):
    if not shutil.which("dbus-daemon"):
        pytest.skip("dbus-daemon is not installed: sudo apt-get install dbus")
    address = bus_address(tmp_path / "bus")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={address}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as daemon:
        assert until(lambda: listens(tmp_path / "bus"))
        yield daemon
        daemon.kill()


@pytest.fixture
def logind(bus):
    running = Logind()
    yield running
    running.close()


class SlowPattern(Pattern):
    """Takes a moment to close, as webcams do."""

    closing_s = 0.3
    closed = threading.Event()

    def open(self):
        self.closed = threading.Event()
        return super().open()

    def close(self):
        time.sleep(self.closing_s)
        super().close()
        self.closed.set()


@pytest.fixture
def source():
    return SlowPattern(SIZE, RATE_HZ)


@pytest.fixture
def pipeline(source, figure_segmenter, plain_refiner, recording_sink):
    made = Pipeline(
        source,
        segmenters=[figure_segmenter],
        refiner=plain_refiner,
        compositor=RoomHidden(Color(GREEN)),
        sink=recording_sink,
    )
    with made:
        assert recording_sink.wait_for(lambda frames: frames and is_live(frames[-1]))
        yield made


def warned(caplog):
    """Whether the watch for sleep has said more than information."""
    records = [record for record in caplog.records if record.name == "segcam.daemon.sleep"]
    return any(record.levelno > logging.INFO for record in records)


def is_live(frame):
    return not frame.is_placeholder


def test_the_camera_is_closed_before_the_computer_sleeps(logind, pipeline, source, recording_sink):
    with SleepWatch(pipeline):
        assert until(logind.held)
        assert logind.asked[0][0] == "Inhibit"
        assert logind.asked[0][1][0] == "sleep"
        assert logind.asked[0][1][3] == "delay"
        logind.prepare_for_sleep(True)
        assert until(lambda: not logind.held())
        assert source.closed.is_set(), "closed before the lock was let go"
        assert until(lambda: recording_sink.frames[-1].is_placeholder)
        assert not pipeline.source_is_open


def test_the_picture_is_back_after_it(logind, pipeline, recording_sink):
    with SleepWatch(pipeline):
        assert until(logind.held)
        for nights in range(1, 3):
            logind.prepare_for_sleep(True)
            assert until(
                lambda: not pipeline.source_is_open and recording_sink.frames[-1].is_placeholder
            )
            assert until(lambda: not logind.held())
            logind.prepare_for_sleep(False)
            assert until(lambda: is_live(recording_sink.frames[-1]))
            assert until(logind.held), "it waits for us the next time, too"
            assert len(logind.asked) == nights + 1


def test_a_camera_that_hangs_does_not_hold_the_computer_awake(logind, pipeline, source):
    source.closing_s = CLOSE_S + 1.5
    with SleepWatch(pipeline):
        assert until(logind.held)
        start = time.monotonic()
        logind.prepare_for_sleep(True)
        assert until(lambda: not logind.held())
        assert time.monotonic() - start > CLOSE_S - 0.5
        assert not source.closed.is_set()


def test_nobody_else_can_send_the_camera_to_sleep(logind, pipeline):
    with SleepWatch(pipeline):
        assert until(logind.held)
        with open_dbus_connection("SYSTEM") as other:
            other.send(new_signal(MANAGER, "PrepareForSleep", "b", (True,)))
            time.sleep(0.3)
        assert logind.held()
        assert pipeline.source_is_open


FORGERIES = [
    new_signal(MANAGER, "PrepareForSleep", "b", (True,)),
    new_signal(MANAGER, "PrepareForSleep"),
    new_signal(MANAGER, "PrepareForSleep", "s", ("org.freedesktop.login1",)),
    new_signal(
        DBusAddress("/org/freedesktop/DBus", interface="org.freedesktop.DBus"),
        "NameOwnerChanged",
        "sss",
        ("org.freedesktop.login1", "", ":1.99"),
    ),
]


@pytest.mark.parametrize("forgery", FORGERIES, ids=["true", "empty", "name", "owner"])
def test_a_signal_sent_straight_to_it_is_believed_from_logind_alone(logind, pipeline, forgery):
    with SleepWatch(pipeline):
        assert until(logind.held)
        with open_dbus_connection("SYSTEM") as other:
            (names,) = other.send_and_get_reply(message_bus.ListNames()).body
            for name in names:
                if name.startswith(":") and name != other.unique_name:
                    forgery.header.fields[HeaderFields.destination] = name
                    for _ in range(20):  # more than are kept
                        other.send(forgery)
            time.sleep(0.3)
        assert logind.held()
        assert pipeline.source_is_open
        logind.prepare_for_sleep(True)
        assert until(lambda: not pipeline.source_is_open), "logind itself is still heard"


def test_a_logind_that_starts_anew_is_believed(bus, pipeline):
    earlier = Logind()
    with SleepWatch(pipeline):
        assert until(earlier.held)
        earlier.close()
        later = Logind()
        assert until(later.held), "it waits for us, too"
        later.prepare_for_sleep(True)
        assert until(lambda: not pipeline.source_is_open)
        later.close()


def test_a_logind_that_starts_later_is_believed(bus, pipeline, caplog):
    caplog.set_level(logging.INFO)
    with SleepWatch(pipeline):
        assert until(lambda: "will not wait" in caplog.text)
        later = Logind()
        assert until(later.held)
        later.prepare_for_sleep(True)
        assert until(lambda: not pipeline.source_is_open)
        later.close()


def test_the_end_lets_the_lock_go(logind, pipeline):
    with SleepWatch(pipeline):
        assert until(logind.held)
    assert until(lambda: not logind.held())
    assert until(lambda: "segcam-sleep" not in [each.name for each in threading.enumerate()])


def test_a_bus_that_goes_leaves_the_picture(logind, bus, pipeline, recording_sink):
    with SleepWatch(pipeline):
        assert until(logind.held)
        logind.prepare_for_sleep(True)
        assert until(lambda: recording_sink.frames[-1].is_placeholder)
        bus.kill()
        assert until(lambda: is_live(recording_sink.frames[-1]))


def test_without_a_lock_it_still_hears(bus, pipeline):
    logind = Logind(refusing=True)
    with SleepWatch(pipeline):
        assert until(lambda: logind.asked)
        logind.prepare_for_sleep(True)
        assert until(lambda: not pipeline.source_is_open)
    logind.close()


@pytest.mark.parametrize("address", ["unix:path=/nowhere", "tcp:host=x", "nonsense"])
def test_without_a_bus_nothing_happens(address, monkeypatch, caplog, pipeline):
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    with SleepWatch(pipeline):
        assert until(lambda: "sleep will not be noticed" in caplog.text)
        assert pipeline.source_is_open
    assert not warned(caplog)


def test_without_logind_nothing_happens(bus, caplog, pipeline):
    caplog.set_level(logging.INFO)
    with SleepWatch(pipeline):
        assert until(lambda: "will not wait" in caplog.text)
        assert pipeline.source_is_open
    assert not warned(caplog)
