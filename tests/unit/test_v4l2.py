import ctypes
import errno
import os
import socket
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

import pytest
from support.waiting import LIMIT_S, until, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="V4L2 is Linux's")

from segcam.source.modes import choose_mode  # noqa: E402
from segcam.v4l2 import abi, usage  # noqa: E402
from segcam.v4l2.device import Device, _clamp, _size_of  # noqa: E402
from segcam.v4l2.nodes import Holder, holders, node_number, open_nodes  # noqa: E402
from segcam.v4l2.usage import PROBE_S, OpenDevices, StreamingReaders  # noqa: E402


@pytest.mark.parametrize(
    ("request_number", "number"),
    [  # as a C compiler computes them from linux/videodev2.h on x86-64 and arm64
        (abi.QUERYCAP, 0x80685600),
        (abi.ENUM_FMT, 0xC0405602),
        (abi.G_FMT, 0xC0D05604),
        (abi.S_FMT, 0xC0D05605),
        (abi.REQBUFS, 0xC0145608),
        (abi.QUERYBUF, 0xC0585609),
        (abi.QBUF, 0xC058560F),
        (abi.DQBUF, 0xC0585611),
        (abi.STREAMON, 0x40045612),
        (abi.STREAMOFF, 0x40045613),
        (abi.S_PARM, 0xC0CC5616),
        (abi.S_CTRL, 0xC008561C),
        (abi.ENUM_FRAMESIZES, 0xC02C564A),
        (abi.ENUM_FRAMEINTERVALS, 0xC034564B),
        (abi.DQEVENT, 0x80885659),
        (abi.SUBSCRIBE_EVENT, 0x4020565A),
    ],
)
def test_request_numbers_are_the_kernels(request_number, number):
    assert request_number == number


@pytest.mark.parametrize(
    ("structure", "size"),
    [
        (abi.Capability, 104),
        (abi.FmtDesc, 64),
        (abi.FrmSizeEnum, 44),
        (abi.FrmIvalEnum, 52),
        (abi.PixFormat, 48),
        (abi.Format, 208),
        (abi.StreamParm, 204),
        (abi.RequestBuffers, 20),
        (abi.Buffer, 88),
        (abi.Control, 8),
        (abi.EventSubscription, 32),
        (abi.Event, 136),
    ],
)
def test_structures_are_as_large_as_the_kernels(structure, size):
    assert ctypes.sizeof(structure) == size


def test_fields_lie_where_the_kernel_reads_them():
    assert abi.Format.fmt.offset == 8
    assert abi.Buffer.timestamp_s.offset == 24
    assert abi.Buffer.sequence.offset == 56
    assert abi.Buffer.offset.offset == 64
    assert abi.StreamParm.timeperframe.offset == 12
    assert abi.Event.data.offset == 8
    assert abi.Event.id.offset == 96


def test_fourcc_goes_there_and_back():
    assert abi.fourcc("YUYV") == 0x56595559
    assert abi.fourcc_name(abi.fourcc("MJPG")) == "MJPG"


def test_discrete_sizes_are_height_first():
    entry = abi.FrmSizeEnum(type=abi.FRMSIZE_TYPE_DISCRETE)
    entry.stepwise.min_width, entry.stepwise.max_width = 1280, 720  # width, height in the union
    assert _size_of(entry, (480, 640)) == (720, 1280)


def test_ranges_of_sizes_give_the_nearest():
    entry = abi.FrmSizeEnum(type=3)
    entry.stepwise = abi.FrmSizeStepwise(32, 1920, 2, 32, 1080, 2)
    assert _size_of(entry, (481, 2000)) == (480, 1920)
    assert _clamp(5, 16, 64, 16) == 16


def answer(_, request, entry):
    """What a driver with one format, any size and few frames of the large ones says."""
    if entry.index:
        raise OSError(errno.EINVAL, "that was all")
    if request == abi.ENUM_FMT:
        entry.pixelformat = abi.fourcc("YUYV")
    elif request == abi.ENUM_FRAMESIZES:
        entry.type, entry.stepwise = 3, abi.FrmSizeStepwise(32, 1920, 2, 32, 1080, 2)
    else:
        entry.type, entry.min.numerator = abi.FRMIVAL_TYPE_DISCRETE, 1
        entry.min.denominator = 30 if entry.width <= 640 else 10


def test_a_range_of_sizes_is_listed_near_each_that_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr("fcntl.ioctl", answer)
    (tmp_path / "node").touch()
    with Device(str(tmp_path / "node")) as device:
        modes = list(device.modes((720, 1280), (480, 640)))
        assert list(device.modes((480, 640), (480, 640))) == modes[1:]
    assert [(mode.size, mode.rates_hz) for mode in modes] == [
        ((720, 1280), (10,)),
        ((480, 640), (30,)),
    ]
    assert choose_mode(modes, (720, 1280), Fraction(30)).size == (480, 640)


def test_node_numbers():
    assert node_number("/dev/video12") == 12
    assert node_number("v4l-subdev0") is None


def test_holders_names_this_process(tmp_path):
    path = tmp_path / "held"
    low = os.open(tmp_path, os.O_RDONLY)  # leaves a free number below the file's
    with path.open("w"):
        os.close(low)
        assert any(f"(process {os.getpid()})" in name for name in holders(str(path)))
    assert holders(str(path)) == []


def test_who_has_a_node_open_is_told_once_for_each_time(tmp_path):
    paths = [str(tmp_path / name) for name in ("one", "two", "three")]
    one, two, _ = (Path(path) for path in paths)
    with one.open("w"), one.open(), two.open("w"):
        held = [h for h in open_nodes(paths) if h.pid == os.getpid()]
    assert sorted(h.path for h in held) == [paths[0], paths[0], paths[1]]


class Counter:
    """The kernel's count of the module's users, and /dev/video10 as the first of its devices."""

    def __init__(self, folder, monkeypatch):
        self.file = folder / "refcnt"
        self.held = []
        self.nodes = ["/dev/video10"]
        self.searched = 0
        monkeypatch.setattr(usage, "loopback_nodes", lambda: self.nodes)
        monkeypatch.setattr(usage, "open_nodes", self.search)

    def set(self, count):
        self.file.write_text(f"{count}\n")

    def search(self, paths):
        assert set(paths) == set(self.nodes)
        self.searched += 1
        return iter(self.held)


@pytest.fixture
def counter(tmp_path, monkeypatch):
    return Counter(tmp_path, monkeypatch)


def settled(devices, wanted):
    """Whether the answer becomes ``wanted`` and stays so beyond the time of a probe."""
    until(lambda: devices.in_use() is wanted)
    time.sleep(1.2 * PROBE_S)
    devices.in_use()
    time.sleep(0.05)
    return devices.in_use() is wanted


def test_one_more_user_than_segcam_itself_is_a_viewer(counter):
    counter.set(1)
    devices = OpenDevices("/dev/video10", counter.file)
    assert not devices.in_use()
    counter.set(2)
    assert not devices.in_use(), "it may only look"
    assert settled(devices, True)
    counter.set(1)
    assert not devices.in_use()
    assert not counter.searched, "with one device the count says all"


def test_a_program_that_only_looks_is_none(counter):
    counter.set(1)
    devices = OpenDevices("/dev/video10", counter.file)
    for _ in range(3):
        counter.set(2)
        assert not devices.in_use()
        counter.set(1)
        assert not devices.in_use()
    assert settled(devices, False)


def test_who_is_there_at_the_start_watches(counter):
    counter.set(2)
    assert OpenDevices("/dev/video10", counter.file).in_use()


def test_the_viewers_of_another_device_do_not_count(counter):
    counter.nodes += ["/dev/video11"]
    counter.set(3)
    counter.held = [
        Holder("/dev/video10", os.getpid(), "python"),
        Holder("/dev/video11", 1, "obs"),
        Holder("/dev/video11", 2, "firefox"),
    ]
    devices = OpenDevices("/dev/video10", counter.file)
    assert settled(devices, False)
    assert counter.searched == 1, "only a change is looked into"
    counter.held += [Holder("/dev/video10", 3, "firefox")]
    counter.set(4)
    assert settled(devices, True)


def test_who_cannot_be_seen_counts(counter):
    counter.nodes += ["/dev/video11"]
    counter.set(2)
    counter.held = [Holder("/dev/video10", os.getpid(), "python")]
    assert settled(OpenDevices("/dev/video10", counter.file), True)


def test_without_the_kernels_count_it_is_always_in_use(counter):
    assert OpenDevices("/dev/video10", counter.file).in_use()


class TellingDevice:
    """A device with an event to read: urgent data on a socket, which poll reports alike."""

    def __init__(self):
        server = socket.create_server(("127.0.0.1", 0))
        self._driver = socket.create_connection(server.getsockname())
        self._socket, _ = server.accept()
        server.close()
        self.fd = self._socket.fileno()

    def subscribe(self, kind):
        self.kind = kind

    def tell(self, readers):
        self._driver.send(bytes([readers]), socket.MSG_OOB)

    def next_event(self):
        try:
            readers = self._socket.recv(1, socket.MSG_OOB)
        except OSError:  # nothing urgent
            return None
        event = abi.Event(type=self.kind)
        event.data[0] = readers[0]
        return event

    def close(self):
        self._driver.close()
        self._socket.close()


def test_a_driver_that_tells_of_readers_wakes_the_one_who_asks():
    device, woken = TellingDevice(), threading.Event()
    readers = StreamingReaders(device)
    assert not readers.in_use()
    assert readers.notify(woken.set)
    for count in (1, 2, 0):
        woken.clear()
        device.tell(count)
        assert woken.wait(LIMIT_S)
        wait_until(lambda count=count: readers.in_use() is (count > 0))
    readers.close()
    readers.close()
    device.close()
