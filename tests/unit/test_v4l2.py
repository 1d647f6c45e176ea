import ctypes
import os
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="V4L2 is Linux's")

from segcam.v4l2 import abi  # noqa: E402
from segcam.v4l2.device import _clamp, _size_of  # noqa: E402
from segcam.v4l2.nodes import holders, node_number  # noqa: E402


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
