"""The frames' shared memory: viewers that die with it, or keep it, cost the others no frame."""

import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from fractions import Fraction

import pytest
from support.waiting import until, wait_until
from watching.gstreamer import PIPEWIRE, Recording

from segcam.errors import SinkLost
from segcam.frame import Frame
from segcam.sink import pipewire
from segcam.sink.buffers import Buffers
from segcam.sink.pipewire import PipeWireSink

SIZE = (360, 640)
RATE_HZ = Fraction(30)
WATCH_S = 2
LEAST_SHARE = 5 / 6
"""Of the frames that are handed over: 25 of 30 a second, on a machine of any speed."""
SLOW = f"{PIPEWIRE} ! identity sleep-time=500000 ! fakesink sync=false"


@pytest.fixture
def sink(session):
    sink = PipeWireSink()
    sink.open(SIZE, RATE_HZ)
    yield sink
    sink.close()


class Feed:
    """Hands the sink a picture at 30 Hz from a thread, and counts."""

    def __init__(self, sink):
        self.count = 0
        self._sink = sink
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        picture = Frame.filled(SIZE, (100, 90, 200))
        due = time.monotonic()
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            self._sink.send(picture)
            self.count += 1
            due = max(due + float(1 / RATE_HZ), time.monotonic())

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()


@pytest.fixture
def feed(sink):
    with Feed(sink) as feed:
        yield feed


@contextmanager
def viewer(pipeline):
    command = ["gst-launch-1.0", "-q", *pipeline.split()]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_frame(recording):
    count = recording.count
    wait_until(lambda: recording.count > count, "a frame")


def gets_every_frame(recording, feed):
    """Whether this viewer gets what is handed over, in one of the next spans of two seconds."""
    return until(lambda: share(recording, feed) > LEAST_SHARE)


def share(recording, feed):
    """Of the frames that are handed over in the next seconds: how many this viewer gets."""
    seen, sent = recording.count, feed.count
    time.sleep(WATCH_S)
    share = (recording.count - seen) / (feed.count - sent)
    print(f"{share:.0%} of the frames arrive")
    return share


def test_after_viewers_that_were_killed_the_next_one_gets_every_frame(feed):
    for _ in range(8):
        with Recording(SIZE) as recording:
            wait_for_frame(recording)
    with Recording(SIZE) as recording:
        assert gets_every_frame(recording, feed)


def test_a_viewer_keeps_its_frames_while_others_are_killed(feed):
    with Recording(SIZE) as recording:
        wait_for_frame(recording)
        for _ in range(8):
            with Recording(SIZE) as other:
                wait_for_frame(other)
        assert gets_every_frame(recording, feed)


def test_a_slow_viewer_takes_no_frames_from_the_others_alive_or_killed(feed):
    with Recording(SIZE) as recording:
        with viewer(SLOW):
            time.sleep(6)  # it has as many frames in its queue as it can get
            assert gets_every_frame(recording, feed)
        assert gets_every_frame(recording, feed)


def test_a_viewer_that_hangs_takes_no_frames_from_the_others(feed):
    with Recording(SIZE) as recording, viewer(f"{PIPEWIRE} ! fakesink") as other:
        wait_for_frame(recording)
        time.sleep(2)
        other.send_signal(signal.SIGSTOP)
        assert gets_every_frame(recording, feed)


def test_a_program_that_wireplumber_cut_off_takes_no_frames_from_the_others(session, feed):
    with Recording(SIZE) as cut_off:
        wait_for_frame(cut_off)
        session.restart_wireplumber()  # after which GStreamer 0.3.65 never reads what it gets
        with Recording(SIZE) as recording:
            assert gets_every_frame(recording, feed)


def test_a_camera_that_gets_no_buffer_back_says_so(sink, monkeypatch):
    monkeypatch.setattr(pipewire, "STUCK_S", 1.0)
    picture = Frame.filled(SIZE, (100, 90, 200))
    with Recording(SIZE):
        wait_until(sink.in_use, "a viewer")
        monkeypatch.setattr(Buffers, "take", lambda *_: None)
        with pytest.raises(SinkLost, match="is stuck"):
            wait_until(lambda: sink.send(picture))
        assert sink.lost > 0
