import errno
import os
import sys
from fractions import Fraction

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="V4L2 is Linux's")

from segcam.color import i420_to_nv12, i420_to_yuyv  # noqa: E402
from segcam.errors import DeviceBusy, DeviceMissing, SinkLost  # noqa: E402
from segcam.frame import Frame  # noqa: E402
from segcam.sink import loopback  # noqa: E402
from segcam.sink.v4l2 import V4l2Sink  # noqa: E402


def noise(size: tuple[int, int]) -> Frame:
    frame = Frame.empty(size)
    frame.data[:] = np.random.default_rng(3).integers(0, 256, frame.data.shape, np.uint8)
    return frame


@pytest.mark.parametrize("size", [(2, 2), (6, 10), (480, 640)])
def test_yuyv_holds_every_luma_and_each_chroma_row_twice(size):
    frame, out = noise(size), np.zeros((*size, 2), np.uint8)
    i420_to_yuyv(frame, out)
    assert np.array_equal(out[:, :, 0], frame.y)
    assert np.array_equal(out[:, 0::2, 1], frame.u.repeat(2, axis=0))
    assert np.array_equal(out[:, 1::2, 1], frame.v.repeat(2, axis=0))


@pytest.mark.parametrize("size", [(2, 2), (6, 10), (480, 640)])
def test_nv12_interleaves_chroma(size):
    frame, out = noise(size), np.zeros((size[0] * 3 // 2, size[1]), np.uint8)
    i420_to_nv12(frame, out)
    chroma = out[size[0] :].reshape(size[0] // 2, size[1] // 2, 2)
    assert np.array_equal(out[: size[0]], frame.y)
    assert np.array_equal(chroma[:, :, 0], frame.u)
    assert np.array_equal(chroma[:, :, 1], frame.v)


@pytest.mark.parametrize("path", ["/dev/no-such-device", "/dev/null"])
def test_what_is_no_virtual_camera_is_refused(path):
    sink = V4l2Sink(path)
    with pytest.raises(DeviceMissing, match=path):
        sink.open((48, 64), Fraction(30))
    sink.close()


def test_a_sink_that_is_not_open_takes_nothing():
    with pytest.raises(SinkLost):
        V4l2Sink().send(Frame.filled((2, 2), (16, 128, 128)))


def test_another_programs_device_is_named_not_used():
    error = loopback._missing("SegCam", ["/dev/video9 'OBS'"])
    assert "/dev/video9 'OBS'" in error.message
    assert "--output" in error.hint


def test_a_module_that_is_not_installed_is_said_so(tmp_path, monkeypatch):
    monkeypatch.setattr(loopback, "_MODULE", tmp_path / "absent")
    monkeypatch.setattr(loopback.platform, "release", lambda: "0.0-none")
    absent = loopback._missing("SegCam", [])
    assert "not installed" in absent.message
    assert absent.hint == "Run: segcam setup"
    monkeypatch.setattr(loopback, "_MODULE", tmp_path)
    assert "is loaded" in loopback._missing("SegCam", []).message
    assert "card_label=SegCam office" in loopback._missing("SegCam office", []).hint


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EBUSY, DeviceBusy),
        (errno.EACCES, DeviceMissing),
        (errno.ENODEV, DeviceMissing),
        (errno.EIO, SinkLost),
    ],
)
def test_what_the_system_refuses_becomes_a_sink_error(number, kind):
    assert type(loopback.refusal("/dev/video10", OSError(number, os.strerror(number)))) is kind
