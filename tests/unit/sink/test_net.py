"""The placeholder that viewers see while nothing is sent."""

import threading
import time
from fractions import Fraction

import pytest
from support.waiting import LIMIT_S

from segcam.sink import net as net_module
from segcam.sink.net import Net

RATE_HZ = Fraction(30)
SILENT_S, AGAIN_S = 0.3, 0.1


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(net_module, "SILENT_S", SILENT_S)
    monkeypatch.setattr(net_module, "AGAIN_S", AGAIN_S)


class Shown:
    """When the placeholder was shown."""

    def __init__(self):
        self.at_s = []
        self._changed = threading.Condition()

    def __call__(self):
        with self._changed:
            self.at_s.append(time.monotonic())
            self._changed.notify_all()

    def wait_for(self, count, limit_s=LIMIT_S):
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.at_s) >= count, limit_s)


@pytest.fixture
def shown():
    return Shown()


@pytest.fixture
def net(shown):
    net = Net(shown)
    net.start(RATE_HZ)
    yield net
    net.stop()


def test_it_shows_the_placeholder_again_and_again_while_nothing_is_sent(net, shown):
    start_s = time.monotonic()
    net.watch(True)
    shown.wait_for(3)
    first_s, second_s, third_s = (at_s - start_s for at_s in shown.at_s)
    assert first_s >= SILENT_S
    assert second_s - first_s >= AGAIN_S
    assert third_s - second_s >= AGAIN_S


class Clock:
    """A clock that a busy machine does not hurry."""

    def __init__(self):
        self.now_s = 100.0

    def monotonic(self):
        return self.now_s


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(net_module, "time", clock)
    return clock


def test_it_shows_nothing_while_nobody_watches(clock, net, shown):
    net.watch(True)
    net.watch(False)
    clock.now_s += 10 * SILENT_S
    time.sleep(SILENT_S + AGAIN_S)  # it looks meanwhile
    assert not shown.at_s


def test_it_shows_nothing_while_frames_are_sent_and_stops_with_the_next(clock, net, shown):
    net.watch(True)
    for _ in range(20):
        net.feed()
        clock.now_s += SILENT_S / 2
    time.sleep(SILENT_S + AGAIN_S)
    assert not shown.at_s
    clock.now_s += SILENT_S
    shown.wait_for(1)
    net.feed()
    clock.now_s += SILENT_S / 2
    time.sleep(SILENT_S + AGAIN_S)
    assert len(shown.at_s) == 1


def test_frames_sent_to_nobody_do_not_wake_it(clock, net, shown):
    net.feed()
    clock.now_s += 10 * SILENT_S
    time.sleep(SILENT_S + AGAIN_S)
    assert not net.due
    assert not shown.at_s


def test_a_slow_pictures_own_pauses_are_no_silence(clock, shown):
    net = Net(shown)
    net.start(Fraction(1))
    net.watch(True)
    clock.now_s += 2 * SILENT_S
    assert not net.due
    clock.now_s += 1
    assert not net.due
    clock.now_s += 1
    assert net.due
    net.stop()


def test_it_ends_when_stopped_and_can_be_started_again(net, shown):
    for turn in range(1, 3):
        net.watch(True)
        shown.wait_for(turn)
        net.stop()
        net.stop()
        assert "segcam-net" not in [each.name for each in threading.enumerate()]
        net.start(RATE_HZ)
        assert not net.due
    net.stop()
    before = len(shown.at_s)
    time.sleep(SILENT_S + AGAIN_S)
    assert len(shown.at_s) == before
