"""The live picture in memory that clients read."""

import itertools
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from support.waiting import LIMIT_S, until

from segcam.api import preview as shared
from segcam.api.preview import Preview as Reader
from segcam.daemon import preview as preview_module
from segcam.daemon.preview import Preview, raw_stream
from segcam.daemon.preview_memory import PreviewMemory
from segcam.daemon.previewed import Previewed
from segcam.errors import DaemonError
from segcam.frame import Frame

GREEN, RED = (145, 54, 34), (81, 90, 240)


@pytest.fixture
def preview(tmp_path):
    with Preview(lambda: tmp_path / "preview") as preview:
        yield preview


def plain(size, yuv=GREEN):
    return Frame.filled(size, yuv)


def offered(preview, picture):
    """Have a picture taken, whenever it is time for one."""

    def offer():
        preview.offer(picture)
        return True

    return offer()


def test_a_reader_gets_what_was_offered_in_its_colours(preview):
    with preview.watching() as found, Reader(found["path"]) as reader:
        assert reader.read() is None
        offered(preview, plain((180, 320)))
        assert until(lambda: reader.serial)
        serial, width, height, rows = reader.read()
        assert (serial, width, height, len(rows)) == (1, 320, 180, 3 * 320 * 180)
        assert np.abs(np.subtract(list(rows[:3]), (0, 255, 0))).max() < 6


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((720, 1280), (640, 360)),
        ((1280, 720), (360, 640)),
        ((180, 320), (320, 180)),
        ((2, 4000), (640, 2)),
        ((4320, 7680), (640, 360)),
        ((1080, 1922), (640, 358)),
    ],
)
def test_it_fits_into_the_limits_and_keeps_its_shape(preview, size, shown):
    with preview.watching() as found, Reader(found["path"]) as reader:
        offered(preview, plain(size))
        assert until(lambda: reader.serial)
        assert reader.read()[1:3] == shown


def test_nothing_is_taken_while_nobody_watches(preview, tmp_path):
    preview.offer(plain((180, 320)))
    assert not (tmp_path / "preview").exists()
    assert until(lambda: "segcam-preview" not in [each.name for each in threading.enumerate()])


def test_no_old_picture_is_there_for_who_comes_later(preview):
    with preview.watching() as found, Reader(found["path"]) as reader:
        offered(preview, plain((180, 320)))
        assert until(lambda: reader.serial)
    with Reader(found["path"]) as later:
        assert later.read() is None


def test_the_newest_wins_and_no_more_than_fifteen_a_second_come(preview):
    with preview.watching() as found, Reader(found["path"]) as reader:
        start = time.monotonic()
        for _ in range(200):
            preview.offer(plain((90, 160)))
            time.sleep(0.001)
        assert until(lambda: reader.serial)
        assert reader.serial <= (time.monotonic() - start) * 17 + 2


@pytest.mark.parametrize("rate_hz", [10, 25, 30, 50, 60, 144, 240])
def test_at_most_fifteen_a_second_are_taken_at_any_rate(preview, monkeypatch, rate_hz):
    taken, now = [], itertools.count()
    clock = SimpleNamespace(monotonic=lambda: 100 + next(now) / rate_hz)
    monkeypatch.setattr(preview_module, "time", clock)
    monkeypatch.setattr(preview, "_take_copy", taken.append)
    with preview.watching():
        for _ in range(10 * rate_hz):
            preview.offer(plain((2, 2)))
    assert 10 * min(rate_hz, 12) <= len(taken) <= 151


def test_torn_pictures_are_never_read(tmp_path):
    memory, stop, torn = PreviewMemory(tmp_path / "memory"), threading.Event(), []
    pictures = [np.full((360, 640, 3), value, np.uint8) for value in range(1, 200)]

    def write():
        while not stop.is_set():
            for picture in pictures:
                memory.write(picture)

    writer = threading.Thread(target=write)
    writer.start()
    with Reader(tmp_path / "memory") as reader:
        assert until(lambda: reader.serial)
        read, start_s = 0, time.monotonic()
        while time.monotonic() < start_s + 2 or read < 10:
            assert time.monotonic() < start_s + LIMIT_S
            picture = reader.read()
            if picture is not None:
                read += 1
                if len(set(picture[3])) != 1:
                    torn.append(picture[0])
    stop.set()
    writer.join()
    memory.close()
    assert not torn


def test_only_its_user_may_open_it(tmp_path):
    memory = PreviewMemory(tmp_path / "memory")
    assert (tmp_path / "memory").stat().st_mode & 0o777 == 0o600
    memory.close()
    assert not (tmp_path / "memory").exists()


def test_a_planted_link_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "memory").symlink_to(tmp_path / "precious")
    PreviewMemory(tmp_path / "memory").close()
    assert (tmp_path / "precious").read_text() == "mine"


@pytest.mark.parametrize(
    "content",
    [b"", b"SCPV", b"x" * 4096, b"SCPV" + bytes(28), shared.HEADER.pack(b"SCPV", 9, 0, 9, 9)],
)
def test_what_is_no_preview_is_refused_in_words(tmp_path, content):
    path = tmp_path / "not a preview"
    path.write_bytes(content)
    with pytest.raises(DaemonError, match="not a preview"):
        Reader(path)
    with pytest.raises(DaemonError):
        Reader(Path("/nowhere/preview"))


def test_who_watches_the_preview_counts_as_a_viewer(preview, recording_sink):
    recording_sink.used = False
    sink = Previewed(recording_sink, preview)
    assert not sink.in_use()
    assert sink.viewers() == []
    with preview.watching():
        assert sink.in_use()
        assert sink.viewers() == ["preview"]
        assert [each.in_use for each in sink.outputs(True)] == [False], "the sink itself is not"
    assert not sink.in_use()


def test_a_preview_that_fails_ends_no_video(preview, recording_sink, monkeypatch, caplog):
    def fail(*_):
        raise ValueError("told to fail")

    monkeypatch.setattr(PreviewMemory, "write", fail)
    sink = Previewed(recording_sink, preview)
    with preview.watching():
        sink.send(plain((180, 320)))
        assert until(lambda: "the preview has failed" in caplog.text)
        sink.send(plain((180, 320), RED))
    assert len(recording_sink.frames) == 2


def test_placeholders_are_shown_to_who_watches_and_kept_from_files(preview, tmp_path):
    class File:
        name, is_camera = "file", False
        frames = 0

        def send(self, frame):
            self.frames += 1

    file = File()
    sink = Previewed(file, preview)
    card = plain((180, 320))
    card.is_placeholder = True
    with preview.watching() as found, Reader(found["path"]) as reader:
        sink.send(card)
        assert until(lambda: reader.serial)
    assert file.frames == 0


@pytest.fixture
def raw_preview():
    with Preview(lambda: None) as preview:
        yield preview


def test_memory_without_a_name_is_read_by_who_is_handed_it(raw_preview, tmp_path):
    stream = raw_stream(raw_preview)
    given = next(stream)
    assert given.message["answer"]["preview"]["path"] == ""
    with Reader(given.fd) as reader:
        offered(raw_preview, plain((180, 320)))
        assert until(lambda: reader.serial)
        assert reader.read()[1:3] == (320, 180)
    stream.close()
    assert list(tmp_path.iterdir()) == []


def test_what_was_seen_is_wiped_when_nobody_looks_any_more(raw_preview):
    stream = raw_stream(raw_preview)
    with Reader(next(stream).fd) as reader:
        offered(raw_preview, plain((360, 640)))
        assert until(lambda: reader.serial)
        stream.close()
        assert reader.read() is None
        assert set(reader._memory[shared.HEADER.size :]) == {0}


def test_picture_without_effect_ends_by_itself(raw_preview, monkeypatch):
    monkeypatch.setattr(preview_module, "RAW_S", 0.5)
    for given in raw_stream(raw_preview):
        if given is not None:
            Reader(given.fd).close()
    assert not raw_preview.watched
