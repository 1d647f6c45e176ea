import threading
import time
from fractions import Fraction

import pytest
from support.waiting import LIMIT_S, Stalls, until

from segcam.composite.background import Color
from segcam.composite.compositor import RoomHidden
from segcam.errors import CameraBusy, CameraLost
from segcam.pipeline.demand import Demand
from segcam.pipeline.pipeline import Pipeline
from segcam.pipeline.slot import POLL_S
from segcam.source.base import SourceInfo
from segcam.source.pattern import Pattern

SIZE = (90, 160)
RATE_HZ = Fraction(60)
GREEN = (145, 54, 34)
LINGER_S = 0.2


def is_placeholder(frame):
    return int(frame.y[2, 2]) != GREEN[0]


class WatchedPattern(Pattern):
    """Counts how often it is opened, and can be held by another program."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.opened, self.is_open, self.busy = 0, False, False

    def open(self):
        if self.busy:
            raise CameraBusy("held by another")
        self.opened += 1
        self.is_open = True
        return super().open()

    def close(self):
        self.is_open = False


@pytest.fixture
def source():
    return WatchedPattern(SIZE, RATE_HZ)


@pytest.fixture
def build(source, figure_segmenter, plain_refiner, recording_sink):
    """A pipeline of doubles whose sink nobody watches yet."""
    recording_sink.used = False

    def make(demand=None, expected=None):
        return Pipeline(
            source,
            segmenters=[figure_segmenter],
            refiner=plain_refiner,
            compositor=RoomHidden(Color(GREEN)),
            sink=recording_sink,
            demand=demand or Demand(LINGER_S),
            expected=expected,
        )

    return make


def test_nobody_asked_and_nothing_is_wanted():
    demand = Demand()
    assert not demand.wanted
    assert not demand.report(False)


def test_it_stays_wanted_a_while_after_the_last_use():
    demand = Demand(linger_s=0.1)
    assert demand.report(True)
    assert demand.in_use
    assert demand.report(False)
    assert not demand.in_use
    assert until(lambda: not demand.wanted)


def test_always_on_needs_nobody():
    assert Demand(always_on=True).wanted


def test_who_paused_it_for_a_reason_ends_only_that_one():
    demand = Demand(always_on=True)
    demand.pause("sleep")
    demand.pause("user")
    demand.resume("sleep")
    assert not demand.wanted, "the user has not switched the camera on"
    assert demand.is_paused("user")
    demand.resume("user")
    assert demand.wanted


def test_it_can_decide_anew_at_any_time():
    demand = Demand(linger_s=60.0)
    demand.report(True)
    assert demand.report(False)
    demand.change(linger_s=0.0, always_on=False)
    assert not demand.wanted
    demand.change(linger_s=0.0, always_on=True)
    assert demand.wanted


def test_a_pause_overrules_everything_until_it_ends():
    demand = Demand(always_on=True)
    demand.report(True)
    demand.pause("sleep")
    assert not demand.wanted
    assert not demand.report(True)
    assert demand.in_use, "somebody still looks"
    demand.resume("sleep")
    assert demand.wanted


def resume(demand):
    demand.resume("sleep")


def test_a_wait_ends_when_it_is_woken_although_nothing_is_wanted():
    demand, over = Demand(), threading.Event()

    def wake():
        while not over.wait(0.05):  # one that comes before the wait ends nothing
            demand.wake()

    waking = threading.Thread(target=wake)
    waking.start()
    start = time.monotonic()
    assert not demand.wait(LIMIT_S)
    assert time.monotonic() - start < LIMIT_S / 2
    over.set()
    waking.join()


@pytest.mark.parametrize("wake", [lambda d: d.report(True), resume])
def test_who_waits_is_woken(wake):
    demand = Demand()
    if wake is resume:
        demand = Demand(always_on=True)
        demand.pause("sleep")
    timer = threading.Timer(0.05, wake, [demand])
    timer.start()
    start = time.monotonic()
    assert demand.wait(LIMIT_S)
    assert time.monotonic() - start < LIMIT_S / 2
    assert not Demand().wait(0.01)


def test_the_source_is_opened_to_check_it_and_closed_when_nobody_is_there(
    build, source, recording_sink
):
    with build() as info:
        assert info.size == SIZE
        assert until(lambda: not source.is_open)
        assert source.opened == 1
        time.sleep(5 * POLL_S)
        assert source.opened == 1
        assert len(recording_sink.frames) == 2, "a placeholder at the start, one when going idle"


def test_a_viewer_gets_a_placeholder_at_once_then_the_picture_then_the_camera_goes_off(
    build, source, recording_sink, figure_segmenter
):
    with Stalls() as machine, build():
        assert until(lambda: not source.is_open and len(recording_sink.frames) == 2)
        recording_sink.used = True
        start = time.monotonic()
        assert recording_sink.wait_for(lambda frames: len(frames) > 2)
        placeholder_s = time.monotonic() - start
        assert is_placeholder(recording_sink.frames[2])
        assert recording_sink.wait_for(lambda frames: not is_placeholder(frames[-1]))
        live_s = time.monotonic() - start
        slack_s = 4 * machine.longest_s
        assert placeholder_s < 0.5 + slack_s
        assert live_s < 1 + slack_s
        recording_sink.used = False
        start = time.monotonic()
        assert until(lambda: not source.is_open)
        assert time.monotonic() - start > 0.8 * LINGER_S
        assert until(lambda: is_placeholder(recording_sink.frames[-1]))
        assert figure_segmenter.open_now, "the model stays loaded"
        sent = len(recording_sink.frames)
        time.sleep(0.3)
        assert len(recording_sink.frames) == sent, "nothing is sent to nobody"


def test_who_watches_from_the_start_never_waits(build, source, recording_sink):
    recording_sink.used = True
    with build():
        assert recording_sink.wait_for(lambda frames: len(frames) > 20)
    assert source.opened == 1


def test_the_first_frame_after_a_pause_forgets_what_was_before(
    build, source, recording_sink, plain_refiner
):
    cuts, refine = [], plain_refiner.refine
    plain_refiner.refine = lambda matte, frame, out: (
        cuts.append((source.opened, frame.cut)),
        refine(matte, frame, out),
    )
    recording_sink.used = True
    with build():
        assert until(lambda: len(cuts) > 5)
        recording_sink.used = False
        assert until(lambda: not source.is_open)
        recording_sink.used = True
        assert until(lambda: len([1 for opened, _ in cuts if opened == 2]) > 5)
    again = [cut for opened, cut in cuts if opened == 2]
    assert again[0]
    assert not any(again[1:])


def test_a_camera_that_another_took_meanwhile_is_waited_for(build, source, recording_sink):
    pipeline = build()
    with pipeline:
        assert until(lambda: not source.is_open)
        source.busy = True
        recording_sink.used = True
        assert until(lambda: isinstance(pipeline.trouble, CameraBusy))
        assert recording_sink.wait_for(lambda frames: len(frames) >= 4), "its placeholder is shown"
        source.busy = False
        assert recording_sink.wait_for(lambda frames: not is_placeholder(frames[-1]))
        assert pipeline.trouble is None


def test_a_camera_that_is_busy_at_the_start_is_an_error(build, source):
    source.busy = True
    with pytest.raises(CameraBusy):
        build().start()


def test_a_busy_camera_is_waited_for_where_one_knows_what_to_expect(
    build, source, recording_sink, caplog
):
    source.busy = True
    pipeline = build(expected=SourceInfo("webcam", (180, 320), RATE_HZ, live=True))
    with pipeline as info:
        assert info.size == (180, 320)
        assert pipeline.trouble is None, "nobody watches"
        recording_sink.used = True
        assert until(lambda: isinstance(pipeline.trouble, CameraBusy))
        source.busy = False
        assert recording_sink.wait_for(lambda frames: not is_placeholder(frames[-1]))
    assert recording_sink.frames[-2].size == (180, 320), "as viewers were told"
    assert [r.message for r in caplog.records if "tried again" in r.message]


def test_a_camera_that_is_switched_off_from_the_start_is_not_even_opened(
    build, source, recording_sink
):
    demand = Demand(LINGER_S)
    demand.pause("user")
    recording_sink.used = True
    with build(demand, SourceInfo("webcam", (180, 320), RATE_HZ, live=True)):
        assert recording_sink.wait_for(lambda frames: len(frames) > 2)
        assert not source.opened
        demand.resume("user")
        assert recording_sink.wait_for(lambda frames: not is_placeholder(frames[-1]))


def test_a_lost_camera_is_not_looked_for_while_nobody_asks(build, source, recording_sink):
    pipeline = build()
    recording_sink.used = True

    def lose(out):
        raise CameraLost("pulled out")

    with pipeline:
        assert recording_sink.wait_for(lambda frames: len(frames) > 5)
        source.read, source.busy = lose, True
        assert until(lambda: pipeline.trouble is not None)
        recording_sink.used = False
        assert until(lambda: pipeline.trouble is None), "nobody is troubled"
        opened = source.opened
        time.sleep(0.5)
        assert source.opened == opened


def test_a_pause_shows_a_placeholder_to_who_watches_and_keeps_showing_it(
    build, source, recording_sink
):
    recording_sink.used = True
    demand = Demand(LINGER_S)
    with build(demand):
        assert recording_sink.wait_for(lambda frames: len(frames) > 5)
        demand.pause("sleep")
        assert until(lambda: not source.is_open and is_placeholder(recording_sink.frames[-1]))
        paused = len(recording_sink.frames)
        assert recording_sink.wait_for(lambda frames: len(frames) >= paused + 2)
        assert all(is_placeholder(frame) for frame in recording_sink.frames[paused:])
        demand.resume("sleep")
        assert recording_sink.wait_for(lambda frames: not is_placeholder(frames[-1]))


def test_placeholder_replaces_the_next_frame_after_a_pause(build, source, recording_sink):
    recording_sink.used = True
    demand = Demand(LINGER_S)
    with build(demand):
        assert recording_sink.wait_for(lambda frames: len(frames) > 5)
        with recording_sink.got_frame:  # nothing is being sent
            demand.pause("user")
            paused = len(recording_sink.frames)
        assert recording_sink.wait_for(lambda frames: any(map(is_placeholder, frames[paused:])))
        shown = [is_placeholder(frame) for frame in recording_sink.frames[paused:]]
        assert shown.index(True) <= 1, "at most the frame that was being composited comes before it"


def test_a_pause_sends_no_placeholder_into_a_file(build, source, recording_sink):
    recording_sink.used, recording_sink.is_camera = True, False
    demand = Demand(LINGER_S)
    with build(demand):
        assert recording_sink.wait_for(lambda frames: len(frames) > 5)
        demand.pause("sleep")
        assert until(lambda: not source.is_open)
    assert not any(is_placeholder(frame) for frame in recording_sink.frames)


def test_the_watchdog_takes_neither_sleep_nor_a_slow_camera_for_a_stall(
    build, source, recording_sink, monkeypatch, caplog
):
    monkeypatch.setattr("segcam.pipeline.watchdog.STALL_S", 0.9)
    monkeypatch.setattr("segcam.pipeline.watchdog.CHECK_S", 0.02)
    monkeypatch.setattr("segcam.pipeline.watchdog.SUSPENDED_S", 0.1)  # of a busy machine
    read = source.read

    def read_slowly(out):
        if source.opened == 2:
            source.opened += 1
            time.sleep(1.2)
        return read(out)

    source.read = read_slowly
    with build():
        assert until(lambda: not source.is_open)
        time.sleep(1.2)
        recording_sink.used = True
        assert recording_sink.wait_for(lambda frames: len(frames) > 20)
    assert source.opened == 3
    assert not [record for record in caplog.records if "hangs" in record.message]
