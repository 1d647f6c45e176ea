"""The PipeWire sink as browsers see it: through the desktop's camera portal."""

import shutil
import threading
import time
from contextlib import contextmanager
from fractions import Fraction

import pytest
from support.waiting import until
from watching import bars, desktop
from watching.browsers import chromium, firefox
from watching.page import running, serving

from segcam.frame import Frame
from segcam.sink.pipewire import PipeWireSink

SIZE = (720, 1280)
RATE_HZ = Fraction(30)
LEAST_HZ = 5
"""Functional, for a machine under load; on an idle one 25 to 30 are seen, and printed."""
CARD = (90, 100, 110)
PAUSE_S = 3


def print_rate(browser, page):
    """The frames a second that a browser shows for the next seconds."""
    rate_hz = page.rate_hz(5)
    print(f"{browser.__name__}: {rate_hz:.1f} frames a second")
    return rate_hz


@pytest.fixture
def display(monkeypatch):
    absent = [name for name in ("Xvfb", "dbus-send") if not shutil.which(name)]
    if absent or not desktop.portal_is_installed():
        pytest.skip(f"{', '.join(absent) or 'xdg-desktop-portal-gtk'} not installed")
    with desktop.display() as name:
        monkeypatch.setenv("DISPLAY", name)
        monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME")
        yield


@pytest.fixture
def sink(display, session):
    desktop.start_portal(session.folder)
    sink = PipeWireSink()
    sink.open(SIZE, RATE_HZ)
    yield sink
    sink.close()


class Feed:
    """Shows ``picture`` at 30 Hz; one that is None is no picture at all."""

    def __init__(self, sink):
        self.picture = bars.picture(SIZE)
        self.stopped = threading.Event()
        self._sink = sink

    def run(self):
        while not self.stopped.wait(float(1 / RATE_HZ)):
            if self.picture is not None:
                self._sink.send(self.picture)


@contextmanager
def feeding(sink):
    feed = Feed(sink)
    thread = threading.Thread(target=feed.run)
    thread.start()
    try:
        yield feed
    finally:
        feed.stopped.set()
        thread.join()


@pytest.mark.parametrize("browser", [chromium, firefox])
def test_a_browser_keeps_segcam_while_it_pauses_and_wireplumber_restarts(
    sink, session, tmp_path, browser
):
    with feeding(sink) as feed, serving() as page:
        command = browser(tmp_path, page.address)
        if not shutil.which(command[0]):
            pytest.skip(f"{command[0]} not installed")
        with running(command, tmp_path / "browser.log"):
            seen = page.until(lambda seen: bars.same(seen["colors"], bars.COLORS))
            assert (seen["label"], tuple(seen["size"])) == ("SegCam", SIZE)
            assert until(lambda: print_rate(browser, page) > LEAST_HZ)
            feed.picture = None
            time.sleep(PAUSE_S)
            feed.picture = Frame.filled(SIZE, CARD)
            seen = page.until(lambda seen: bars.same(seen["colors"], bars.plain(CARD)))
            assert seen["state"] == "live"
            session.restart_wireplumber()
            feed.picture = bars.picture(SIZE)
            seen = page.until(lambda seen: bars.same(seen["colors"], bars.COLORS))
            assert seen["state"] == "live"
