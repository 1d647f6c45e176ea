"""Work that may hang, and facts that are gathered."""

import threading
import time

import pytest
from support.waiting import until

from segcam.daemon import beside as module
from segcam.daemon.beside import MOST_LEFT_BEHIND, beside
from segcam.daemon.gather import Gatherer
from segcam.errors import DaemonBusy, MediaError


def test_what_is_done_in_time_is_the_answer():
    assert beside(lambda: 3, 10, "it") == 3
    with pytest.raises(ZeroDivisionError):
        beside(lambda: 1 / 0, 10, "it")


def test_what_hangs_is_left_behind_and_its_result_thrown_away():
    go_on, thrown = threading.Event(), []

    def hang():
        assert go_on.wait(60)
        return "late"

    with pytest.raises(MediaError, match="beach"):
        beside(hang, 0.05, "beach.jpg", thrown.append)
    go_on.set()
    assert until(lambda: thrown == ["late"])


def test_when_too_much_hangs_no_more_is_begun():
    go_on = threading.Event()
    for _ in range(MOST_LEFT_BEHIND):
        with pytest.raises(MediaError):
            beside(lambda: go_on.wait(60), 0.01, "it")
    with pytest.raises(DaemonBusy):
        beside(lambda: 3, 10, "it")
    go_on.set()
    assert until(lambda: module._places._value == MOST_LEFT_BEHIND)
    assert beside(lambda: 3, 10, "it") == 3


@pytest.mark.slow
def test_facts_are_gathered_only_while_somebody_asks():
    looks = []

    def look():
        looks.append(time.monotonic())
        return len(looks)

    with Gatherer(look, 0) as gatherer:
        time.sleep(0.2)
        assert not looks
        assert gatherer.ask(30) == 1
        assert gatherer.ask(30) == 1, "it is new enough"
        assert until(lambda: len(looks) >= 2)
        assert until(lambda: time.monotonic() - looks[-1] > 2.2), "nobody asks any more"
        count = len(looks)
        time.sleep(1.2)
        assert len(looks) == count


def test_a_look_that_fails_or_hangs_leaves_the_old_answer():
    go_on = threading.Event()

    def look():
        if not go_on.is_set():
            raise OSError("no")
        assert go_on.wait(60)
        return 7

    with Gatherer(look, 5) as gatherer:
        assert gatherer.ask(0.5) == 5
        go_on.set()
        assert until(lambda: gatherer.ask(1) == 7)
