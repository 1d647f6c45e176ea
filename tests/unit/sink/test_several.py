"""Several outputs at once, of which some come and go."""

import logging
import threading
import time
from fractions import Fraction

import numpy as np
import pytest
from support.waiting import LIMIT_S, wait_until

from segcam.composite.placeholder import draw_placeholder
from segcam.errors import DeviceMissing, OutputUnwritable, SinkLost
from segcam.frame import Frame
from segcam.sink.base import Sink
from segcam.sink.file import FileSink
from segcam.sink.several import Several
from segcam.worker import FIRST_BACKOFF_S

SIZE, RATE_HZ = (90, 160), Fraction(30)


class Screen(Sink):
    """A sink that can be pulled out, and that a viewer can be put before."""

    def __init__(self, recording, name, is_camera=True, there=True):
        self.recording = recording
        self.name, self.is_camera = name, is_camera
        self.there = threading.Event()
        if there:
            self.there.set()
        self.viewer = ""
        self.opened = 0
        self.threads = set()

    @property
    def ids(self):
        return [frame.id for frame in self.recording.frames]

    def open(self, size, rate_hz):
        self.threads.add(threading.get_ident())
        if not self.there.is_set():
            raise DeviceMissing(f"no {self.name}") if self.is_camera else OutputUnwritable("full")
        self.recording.open(size, rate_hz)
        self.opened += 1

    def send(self, frame):
        self.threads.add(threading.get_ident())
        if not self.there.is_set():
            raise SinkLost(f"{self.name} is gone")
        self.recording.send(frame)

    def in_use(self):
        return bool(self.viewer)

    def viewers(self):
        return [self.viewer] if self.viewer else []

    def close(self):
        self.threads.add(threading.get_ident())
        self.recording.close()


@pytest.fixture
def screen(recording_sink):
    def make(name, **options):
        return Screen(type(recording_sink)(), name, **options)

    return make


@pytest.fixture
def together():
    """Opens sinks together; closed at the end."""
    opened = []

    def open_all(*sinks):
        opened.append(Several(sinks))
        opened[-1].open(SIZE, RATE_HZ)
        return opened[-1]

    yield open_all
    for several in opened:
        several.close()


def frame(number):
    picture = Frame.filled(SIZE, (16 + number % 200, 128, 128))
    picture.stamp(number, number * 33_333_333)
    return picture


def feed(several, numbers, *takers, pause_s=0.01):
    """Send frames; each is given until all of the takers have it, and the pause besides."""
    for number in numbers:
        several.send(frame(number))
        wait_until(lambda n=number: all(taker.ids[-1:] == [n] for taker in takers))
        time.sleep(pause_s)


def about(names, caplog):
    """The messages about these outputs, those of earlier tests' threads left out."""
    messages = [record.message for record in caplog.records]
    return [message for message in messages if any(name in message for name in names)]


def test_all_get_the_same_frames(screen, together):
    first, second = screen("first"), screen("second")
    several = together(first, second)
    feed(several, range(20), first, second)
    several.close()
    assert first.ids == second.ids == list(range(20))
    for ours, theirs in zip(first.recording.frames, second.recording.frames, strict=True):
        assert np.array_equal(ours.data, theirs.data)


def test_the_callers_frame_may_be_written_to_at_once(screen, together):
    sink = screen("camera")
    several = together(sink, screen("other"))
    picture = frame(100)
    several.send(picture)
    picture.fill((235, 128, 128))
    several.close()
    assert (sink.recording.frames[0].y == 116).all()


def test_what_was_sent_last_arrives_before_the_end(screen, together):
    sink = screen("camera")
    several = together(sink, screen("other"))
    several.send(frame(7))
    several.close()
    assert sink.ids == [7]
    assert sink.recording.closed == 1


def test_each_is_opened_fed_and_closed_on_one_thread_of_its_own(screen, together):
    sinks = [screen("first"), screen("second")]
    several = together(*sinks)
    feed(several, range(3))
    several.close()
    assert [len(sink.threads) for sink in sinks] == [1, 1]
    assert not sinks[0].threads & sinks[1].threads


def test_placeholders_go_to_cameras_and_never_into_files(screen, together):
    camera, file = screen("camera"), screen("file", is_camera=False)
    several = together(camera, file)
    assert several.is_camera
    several.send(draw_placeholder(SIZE, "One moment"))
    wait_until(lambda: camera.recording.frames)
    feed(several, [1, 2], camera, file)
    several.send(draw_placeholder(SIZE, "Camera is off"))
    several.close()
    assert len(camera.recording.frames) == 4
    assert file.ids == [1, 2]
    assert not any(each.is_placeholder for each in file.recording.frames)


def test_one_that_is_lost_is_told_and_back_without_a_gap_for_the_other(screen, together, caplog):
    caplog.set_level(logging.WARNING)
    stays, goes = screen("stays"), screen("goes")
    several = together(stays, goes)
    feed(several, range(5), stays, goes)
    goes.there.clear()
    feed(several, range(5, 5 + round(5 * FIRST_BACKOFF_S / 0.01)), stays)
    goes.there.set()
    sent = stays.ids[-1]
    wait_until(lambda: several.outputs(False)[1].trouble is None)
    feed(several, range(sent + 1, sent + 6), stays, goes)
    several.close()
    assert stays.ids == list(range(sent + 6))
    assert goes.ids[:5] == list(range(5))
    assert goes.ids[-5:] == stays.ids[-5:]
    told = about(("stays", "goes"), caplog)
    assert {message.split(":")[0] for message in told} == {"restarting worker goes"}
    assert len(told) <= 2, "each reason once"


def test_a_slow_one_does_not_slow_the_others(screen, together):
    fast, slow = screen("fast"), screen("slow")
    plain = slow.send
    go_on = threading.Event()
    slow.send = lambda picture: (go_on.wait(LIMIT_S), plain(picture))
    several = together(fast, slow)
    feed(several, range(40), fast)
    assert slow.ids == []
    go_on.set()
    several.close()
    assert fast.ids == list(range(40))
    assert len(slow.ids) < 40
    assert slow.ids[-1] == 39, "the newest one wins"


def test_one_that_is_missing_at_the_start_comes_later(screen, together, caplog):
    caplog.set_level(logging.WARNING)
    there, later = screen("there"), screen("later", there=False)
    several = together(there, later)
    feed(several, range(3), there)
    later.there.set()
    wait_until(lambda: several.outputs(False)[1].trouble is None)
    feed(several, range(3, 6), there, later)
    several.close()
    assert there.ids == list(range(6))
    assert later.ids == [3, 4, 5]
    told = about(("there", "later"), caplog)
    assert [message.split(":")[0] for message in told] == ["restarting worker later"]


def test_without_any_the_cameras_error_is_told_and_nothing_runs_on(screen):
    before = set(threading.enumerate())
    file, camera = screen("file", is_camera=False, there=False), screen("camera", there=False)
    several = Several([file, camera])
    with pytest.raises(DeviceMissing):
        several.open(SIZE, RATE_HZ)
    assert set(threading.enumerate()) <= before


def test_when_all_are_lost_it_says_so_and_opens_again(screen, together):
    sinks = [screen("first"), screen("second")]
    several = together(*sinks)
    feed(several, range(2))
    for sink in sinks:
        sink.there.clear()
    with pytest.raises(SinkLost):
        feed(several, range(2, 100))
    with pytest.raises(SinkLost):
        several.in_use()
    several.close()
    for sink in sinks:
        sink.there.set()
    several.open(SIZE, RATE_HZ)
    feed(several, [100, 101], *sinks)
    several.close()
    assert [sink.ids[-2:] for sink in sinks] == [[100, 101]] * 2


def test_a_file_that_failed_is_told_and_not_written_over(screen, together, caplog):
    camera, file = screen("camera"), screen("file", is_camera=False)
    several = together(camera, file)
    feed(several, range(2), camera, file)
    file.there.clear()
    feed(several, range(2, 5), camera)
    file.there.set()
    feed(several, range(5, 10), camera, pause_s=FIRST_BACKOFF_S / 4)
    with pytest.raises(SinkLost, match="file is gone"):  # what it lacks is told at the end
        several.close()
    several.close()
    assert "file failed; the other outputs continue" in caplog.text
    assert file.opened == 1
    assert file.ids == [0, 1]
    assert camera.ids == list(range(10))


def test_a_file_that_cannot_be_finished_is_told(screen, together):
    def fail():
        raise OutputUnwritable("the disk is full")

    camera, file = screen("camera"), screen("file", is_camera=False)
    several = together(camera, file)
    feed(several, range(2))
    file.close = fail
    with pytest.raises(OutputUnwritable):
        several.close()
    assert camera.recording.closed == 1


def test_a_fault_of_our_own_takes_one_away_not_all(screen, together):
    good, bad = screen("good"), screen("bad")
    bad.in_use = lambda: 1 / 0
    several = together(good, bad)
    feed(several, range(5), good)
    wait_until(lambda: several.outputs(False)[1].trouble is not None)
    assert "ZeroDivisionError" in several.outputs(False)[1].trouble.message
    several.close()
    assert good.ids == list(range(5))


def test_who_uses_it_is_known_before_the_first_frame(screen, together):
    watched, ignored = screen("watched"), screen("ignored")
    watched.viewer = "zoom"
    several = together(watched, ignored)
    assert [each.in_use for each in several.outputs(False)] == [True, False]


def test_it_is_watched_when_any_is(screen, together):
    first, second = screen("first"), screen("second")
    several = together(first, second)
    assert not several.in_use()
    assert several.viewers() == []
    second.viewer = "zoom"
    wait_until(several.in_use)
    first.viewer = "firefox"
    assert several.viewers() == ["firefox", "zoom"]
    first.viewer = second.viewer = ""
    wait_until(lambda: not several.in_use())


def test_settled_means_that_nothing_from_before_is_sent_any_more(together, screen):
    slow, lost = screen("slow"), screen("lost")
    sending, go_on = threading.Event(), threading.Event()
    several, send = together(slow, lost), slow.send

    def send_when_told(frame):
        sending.set()
        assert go_on.wait(LIMIT_S)
        send(frame)

    slow.send = send_when_told
    lost.there.clear()
    assert several.settle(0.0), "nothing was handed over"
    several.send(frame(1))
    assert sending.wait(LIMIT_S)
    several.send(frame(2))
    assert not several.settle(0.2)
    go_on.set()
    assert several.settle(5)
    assert slow.ids == [1, 2]
    assert lost.ids == []


def test_each_output_is_told_of_with_its_own_trouble(screen, together):
    camera, gone = screen("camera"), screen("gone", there=False)
    camera.viewer = "zoom"
    several = together(camera, gone)
    wait_until(several.in_use)
    told = {each.sink.name: (each.in_use, each.trouble) for each in several.outputs(False)}
    assert told["camera"] == (True, None)
    assert told["gone"][0] is False
    assert isinstance(told["gone"][1], DeviceMissing)


def test_files_among_several_outputs_are_abandoned(together, screen, tmp_path):
    file = FileSink(tmp_path / "out.mp4")
    several = together(screen("camera"), file)
    several.send(Frame.filled(SIZE, (90, 110, 140)))
    several.abandon()
    several.close()
    assert list(tmp_path.iterdir()) == []


class TellingScreen(Screen):
    """A screen that says when a viewer comes or goes, and counts how often it is asked."""

    asked = 0

    def notify(self, wake):
        self.wake = wake
        return True

    def in_use(self):
        self.asked += 1
        return super().in_use()

    def watched_by(self, viewer):
        self.viewer = viewer
        self.wake()


def test_a_viewer_is_told_of_by_an_output_that_tells_and_one_that_is_asked(
    screen, together, recording_sink
):
    telling, asked = TellingScreen(type(recording_sink)(), "telling"), screen("asked")
    several, told = together(telling, asked), threading.Event()
    assert several.notify(told.set)
    for change in (telling.watched_by, lambda viewer: setattr(asked, "viewer", viewer)):
        for viewer in ("Meet", ""):
            change(viewer)
            assert told.wait(LIMIT_S)
            told.clear()
            assert several.in_use() is bool(viewer)


def test_an_output_that_tells_is_hardly_asked(together, recording_sink):
    telling = TellingScreen(type(recording_sink)(), "telling")
    together(telling)
    before = telling.asked
    time.sleep(1)
    assert telling.asked - before < 10  # 30 where it does not tell


def test_a_frame_is_lost_where_no_output_could_pass_it_on(screen, together):
    first, second = screen("first"), screen("second")
    several = together(first, second)
    first.lost = 5
    assert several.lost == 0
    second.lost = 2
    assert several.lost == 2


def test_an_output_that_is_lost_is_told_of(screen, together):
    lost = screen("lost")
    several, told = together(lost), threading.Event()
    several.notify(told.set)
    lost.there.clear()
    several.send(frame(1))
    assert told.wait(LIMIT_S)
