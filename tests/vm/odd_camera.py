"""Be a camera of one pixel format until killed: python odd_camera.py DEVICE FOURCC.

The device is a v4l2loopback one; what it shows are colour bars, as far as the format has any.
"""

import sys
import time
from contextlib import suppress
from fractions import Fraction
from itertools import cycle

import av
import numpy as np
from watching import bars

from segcam.color import i420_to_yuyv
from segcam.frame import Frame
from segcam.v4l2 import abi
from segcam.v4l2.device import Device

SIZE = (180, 320)
OUTPUT = abi.BUF_TYPE_VIDEO_OUTPUT
RED_565, RED = 0xF800, (81, 90, 240)
H264_LUMA = range(40, 200, 20)
"""Of a group of H.264 pictures: all but the first need the ones before it."""


def pictures(fourcc: str) -> list[bytes]:
    """The pictures to show again and again in the format."""
    return h264_group() if fourcc == "H264" else [picture(fourcc)]


def picture(fourcc: str) -> bytes:
    """The picture in the format."""
    frame = bars.picture(SIZE)
    if fourcc == "YUYV":
        packed = np.empty((*SIZE, 2), np.uint8)
        i420_to_yuyv(frame, packed)
        return packed.tobytes()
    if fourcc == "RGBP":
        return np.full(SIZE, RED_565, np.uint16).tobytes()
    return frame.y.tobytes()  # one byte each pixel: GREY and the Bayer formats


def h264_group() -> list[bytes]:
    """A picture that needs none before it, with the parameters, and others that build upon it."""
    encoder = av.VideoCodecContext.create("libx264", "w")
    encoder.height, encoder.width = SIZE
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 15)
    encoder.gop_size = len(H264_LUMA)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "qp": "10"}
    frames = [Frame.filled(SIZE, (luma, *RED[1:])) for luma in H264_LUMA]
    packets = [
        packet
        for frame in frames
        for packet in encoder.encode(av.VideoFrame.from_ndarray(frame.data, "yuv420p"))
    ]
    assert [packet.is_keyframe for packet in packets] == [True] + [False] * (len(frames) - 1)
    return [bytes(packet) for packet in packets]


def take(device: Device, fourcc: str) -> None:
    """Set the format; while somebody looks at the device it keeps its old one."""
    height, width = SIZE
    wanted = abi.PixFormat(
        width=width, height=height, pixelformat=abi.fourcc(fourcc), field=abi.FIELD_NONE
    )
    while True:
        with suppress(OSError):
            given = device.set_format(OUTPUT, wanted)
            if given.pixelformat == wanted.pixelformat:
                return
        time.sleep(0.1)


if __name__ == "__main__":
    path, fourcc = sys.argv[1:]
    shown = cycle(pictures(fourcc))
    with Device(path) as device:
        take(device, fourcc)
        with suppress(OSError):  # newer drivers start with the first write
            device.stream_on(OUTPUT)
        with open(device.fd, "wb", buffering=0, closefd=False) as node:
            node.write(next(shown))
            print("writing", flush=True)
            for data in shown:
                time.sleep(1 / 15)
                node.write(data)
