"""A background that is read on a thread of its own may do what it likes."""

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from support.changing import Gate
from support.waiting import LIMIT_S, until, wait_until

from segcam.composite import player as player_module
from segcam.composite.player import MOST_STUCK, Player
from segcam.errors import InternalError, MediaError
from segcam.frame import Frame

SIZE = (8, 8)
MS = 1_000_000


class Reel:
    """Frames of luma 10, 20, 30 ...; what it does otherwise is in ``fault``."""

    def __init__(self, log, size, length=3, period_ms=20, fault=None):
        self.log, self.size = log, size
        self.length, self.period_ms, self.fault = length, period_ms, fault
        self.position = 0
        log.opened += 1

    def read(self, out):
        self.log.read += 1
        self.log.threads.add(threading.get_ident())
        if self.fault is not None:
            self.fault(self.position)
        if self.position == self.length:
            return False
        self.position += 1
        out.resize(self.size)
        out.fill((10 * self.position, 128, 128))
        out.stamp(self.position, 700 * MS + self.position * self.period_ms * MS)
        return True

    def close(self):
        self.log.closed += 1


@pytest.fixture
def log():
    return SimpleNamespace(opened=0, closed=0, read=0, threads=set())


@pytest.fixture
def play(log, monkeypatch):
    """Makes players that are closed at the end; their pauses are short."""
    monkeypatch.setattr(player_module, "FIRST_PAUSE_S", 0.01)
    players = []

    def make(**options):
        player = Player(lambda size: Reel(log, size, **options))
        players.append(player)
        return player

    yield make
    for player in players:
        player.close()


def luma(player, size=SIZE):
    frame = player.newest(size)
    return None if frame is None else int(frame.y[0, 0])


def shows(player, *wanted):
    """Whether all of these are shown in time."""
    left = set(wanted)

    def seen():
        left.discard(luma(player))
        return not left

    return until(seen)


def test_a_video_is_shown_from_its_start_over_and_over(play, log):
    player = play()
    player.start(SIZE)
    assert luma(player) == 10
    assert shows(player, 20, 30)
    assert until(lambda: luma(player) is not None and log.opened > 3)
    assert shows(player, 10, 20, 30)
    assert player.trouble is None


def test_it_is_read_on_a_thread_of_its_own(play, log):
    player = play()
    player.start(SIZE)
    assert threading.get_ident() not in log.threads


def test_each_pass_closes_what_it_opened(play, log):
    player = play(period_ms=1)
    player.start(SIZE)
    assert until(lambda: luma(player) and log.opened > 10)
    player.close()
    assert log.opened == log.closed


def test_a_picture_is_read_once_and_held(play, log):
    player = play(length=1)
    player.start(SIZE)
    assert until(lambda: log.closed == 1)
    for _ in range(20):
        assert luma(player) == 10
        time.sleep(0.005)
    assert (log.opened, log.closed) == (1, 1)


def test_it_plays_at_its_own_rate(play):
    player = play(length=100, period_ms=50)
    player.start(SIZE)
    start = time.monotonic()
    wait_until(lambda: luma(player) >= 60)  # the sixth frame
    assert time.monotonic() - start > 0.2


def test_another_size_is_read_anew_and_the_old_picture_stays_until_then(play):
    player = play(length=1)
    player.start(SIZE)
    assert player.newest((16, 16)).size in (SIZE, (16, 16))
    assert until(lambda: player.newest((16, 16)).size == (16, 16))


def test_a_first_picture_may_take_longer_than_the_time_after_which_nobody_looks(play, monkeypatch):
    monkeypatch.setattr(player_module, "IDLE_S", 0.05)
    player = play(fault=lambda position: time.sleep(0.2))
    player.start(SIZE)
    assert luma(player) == 10


def test_what_cannot_be_opened_is_an_error_at_the_start(monkeypatch):
    def fail(_):
        raise MediaError("no such file")

    player = Player(fail)
    with pytest.raises(MediaError, match="no such file"):
        player.start(SIZE)
    player.close()


def test_what_holds_no_picture_is_an_error_at_the_start(play):
    with pytest.raises(MediaError, match="no picture"):
        play(length=0).start(SIZE)


def test_what_does_not_answer_is_an_error_at_the_start(play):
    release = threading.Event()
    player = play(fault=lambda position: release.wait(LIMIT_S))
    with pytest.raises(MediaError, match="did not respond"):
        player.start(SIZE, 0.1)
    release.set()


@pytest.mark.parametrize("error", [MediaError("breaks off"), ValueError("odd")])
def test_one_that_breaks_off_starts_over(play, log, error):
    def fault(position):
        if position == 2:
            raise error

    player = play(fault=fault)
    player.start(SIZE)
    assert until(lambda: luma(player) is not None and log.opened > 3)
    assert shows(player, 10, 20)
    player.close()
    assert log.opened == log.closed


def test_one_that_is_gone_leaves_the_last_picture_then_none_and_comes_back(
    play, log, monkeypatch, caplog
):
    gone = threading.Event()

    def fault(position):
        if gone.is_set():
            raise MediaError("it is gone")

    player = play(fault=fault)
    player.start(SIZE)
    gone.set()
    assert until(lambda: luma(player) is not None and player.trouble is not None)
    monkeypatch.setattr(player_module, "HELD_S", LIMIT_S)
    assert luma(player) is not None, "the last picture"
    assert "it is gone" in str(player.trouble)
    monkeypatch.setattr(player_module, "HELD_S", 0.3)
    assert until(lambda: luma(player) is None)
    gone.clear()
    assert until(lambda: luma(player) is not None)
    assert player.trouble is None
    assert sum("gone" in record.message for record in caplog.records) == 1, "told once"


def test_it_is_tried_ever_more_rarely(play, log):
    gone = threading.Event()

    def fault(position):
        if gone.is_set():
            raise MediaError("it is gone")

    player = play(fault=fault)
    player.start(SIZE)
    gone.set()
    wait_until(lambda: luma(player) and player.trouble)
    opened = log.opened
    time.sleep(0.5)
    assert log.opened - opened <= 7


def test_a_fault_of_our_own_is_told_as_one(play):
    gone = threading.Event()

    def fault(position):
        if gone.is_set():
            raise RuntimeError("odd")

    player = play(fault=fault)
    player.start(SIZE)
    gone.set()
    assert until(lambda: luma(player) and isinstance(player.trouble, InternalError))


def test_one_that_stalls_leaves_the_last_picture_then_none_and_comes_back(play, monkeypatch):
    monkeypatch.setattr(player_module, "STALL_S", 0.2)
    monkeypatch.setattr(player_module, "HELD_S", LIMIT_S)
    stalls, release = threading.Event(), threading.Event()

    def fault(position):
        if stalls.is_set():
            release.wait(LIMIT_S)

    player = play(fault=fault)
    player.start(SIZE)
    stalls.set()
    wait_until(lambda: luma(player) and player.trouble)
    assert "did not respond" in str(player.trouble)
    assert luma(player) is not None
    monkeypatch.setattr(player_module, "HELD_S", 0.3)
    assert until(lambda: luma(player) is None)
    stalls.clear()
    release.set()
    assert until(lambda: luma(player) is not None and player.trouble is None)


def test_one_that_stalls_is_left_behind_when_closed_and_ends_when_it_can(play, log, monkeypatch):
    monkeypatch.setattr(player_module, "CLOSE_S", 0.05)
    stalls, stalling = threading.Event(), Gate()

    def fault(position):
        if stalls.is_set():
            stalling()

    player = play(fault=fault)
    player.start(SIZE)
    stalls.set()
    wait_until(lambda: luma(player) and stalling.reached.is_set())
    player.close()
    assert log.opened > log.closed
    stalling.opened.set()
    assert until(lambda: log.opened == log.closed)


def test_not_too_many_may_be_left_behind(play, monkeypatch):
    monkeypatch.setattr(player_module, "CLOSE_S", 0.01)
    release = threading.Event()
    for _ in range(MOST_STUCK):
        player = play(fault=lambda position: release.wait(LIMIT_S))
        with pytest.raises(MediaError):
            player.start(SIZE, 0.05)
        player.close()
    with pytest.raises(MediaError, match="Too many"):
        play()
    release.set()
    assert until(lambda: not any(thread.is_alive() for thread in player_module._stuck))
    play().start(SIZE)


def test_while_nobody_looks_nothing_is_read(play, log, monkeypatch):
    monkeypatch.setattr(player_module, "IDLE_S", 0.1)
    player = play(length=1000, period_ms=1)
    player.start(SIZE)
    until(lambda: False, 0.3)
    read = log.read
    time.sleep(0.2)
    assert log.read - read <= 1
    assert until(lambda: luma(player) and log.read > read + 5)


def test_a_video_that_is_late_does_not_hurry_after_its_clock(play, monkeypatch):
    read_s = []

    def fault(position):
        read_s.append(time.monotonic())
        if position == 3:
            time.sleep(0.8)  # beyond what is caught up with

    player = play(length=30, period_ms=100, fault=fault)
    player.start(SIZE)
    wait_until(lambda: luma(player) and len(read_s) > 9)
    assert read_s[9] - read_s[3] > 0.8 + 0.3, "five periods after the late one, not at once"


def test_its_memory_is_three_frames(play):
    player = play(period_ms=1)
    player.start(SIZE)
    seen = set()
    wait_until(lambda: seen.add(id(player.newest(SIZE))) or len(seen) >= 2)
    until(lambda: seen.add(id(player.newest(SIZE))), 0.3)
    assert len(seen) <= 3


def test_a_frame_that_was_taken_is_not_written_to(play):
    player = play(length=1000, period_ms=1)
    player.start(SIZE)
    for _ in range(50):
        frame = player.newest(SIZE)
        before = Frame.empty(frame.size)
        before.copy_from(frame)
        time.sleep(0.005)
        assert np.array_equal(before.data, frame.data)
