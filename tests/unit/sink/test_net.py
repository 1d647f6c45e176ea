"""The placeholder that viewers see while nothing is sent."""

import threading
import time
from fractions import Fraction

import pytest

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

    def wait_for(self, count, limit_s=10):
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


def test_it_shows_nothing_while_nobody_watches(net, shown):
    time.sleep(SILENT_S + AGAIN_S)
    net.watch(True)
    net.watch(False)
    time.sleep(SILENT_S + AGAIN_S)
    assert not shown.at_s


def test_it_shows_nothing_while_frames_are_sent_and_stops_with_the_next(net, shown):
    net.watch(True)
    for _ in range(20):
        net.feed()
        time.sleep(SILENT_S / 10)
    assert not shown.at_s
    shown.wait_for(1)
    net.feed()
    count = len(shown.at_s)
    time.sleep(SILENT_S / 2)
    assert len(shown.at_s) == count


def test_frames_sent_to_nobody_do_not_wake_it(net, shown):
    net.feed()
    time.sleep(SILENT_S + AGAIN_S)
    assert not net.due
    assert not shown.at_s


def test_a_slow_pictures_own_pauses_are_no_silence(shown):
    net = Net(shown)
    net.start(Fraction(1))
    net.watch(True)
    time.sleep(2 * SILENT_S)
    assert not shown.at_s
    net.stop()


def test_it_ends_when_stopped_and_can_be_started_again(net, shown):
    threads = threading.active_count()
    for turn in range(1, 3):
        net.watch(True)
        shown.wait_for(turn)
        net.stop()
        net.stop()
        assert threading.active_count() == threads - 1
        net.start(RATE_HZ)
        assert not net.due
    net.stop()
    before = len(shown.at_s)
    time.sleep(SILENT_S + AGAIN_S)
    assert len(shown.at_s) == before
