"""Be a camera of one pixel format until killed: python odd_camera.py DEVICE FOURCC.

The device is a v4l2loopback one; what it shows are colour bars, as far as the format has any.
"""

import sys
import time
from contextlib import suppress
from fractions import Fraction

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


def picture(fourcc: str) -> bytes:
    """The picture in the format."""
    frame = bars.picture(SIZE)
    if fourcc == "YUYV":
        packed = np.empty((*SIZE, 2), np.uint8)
        i420_to_yuyv(frame, packed)
        return packed.tobytes()
    if fourcc == "RGBP":
        return np.full(SIZE, RED_565, np.uint16).tobytes()
    if fourcc == "H264":
        return whole_h264(Frame.filled(SIZE, RED))
    return frame.y.tobytes()  # one byte each pixel: GREY and the Bayer formats


def whole_h264(frame: Frame) -> bytes:
    """A picture that needs none before it."""
    encoder = av.VideoCodecContext.create("libx264", "w")
    encoder.height, encoder.width = frame.size
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 15)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    picture = av.VideoFrame.from_ndarray(frame.data, "yuv420p")
    return b"".join(map(bytes, [*encoder.encode(picture), *encoder.encode(None)]))


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
    data = picture(fourcc)
    with Device(path) as device:
        take(device, fourcc)
        with suppress(OSError):  # newer drivers start with the first write
            device.stream_on(OUTPUT)
        with open(device.fd, "wb", buffering=0, closefd=False) as node:
            node.write(data)
            print("writing", flush=True)
            while True:
                time.sleep(1 / 15)
                node.write(data)
