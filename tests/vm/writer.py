"""Feed the virtual camera until killed: python writer.py LUMA, or bars; and HEIGHT WIDTH."""

import sys
import time
from fractions import Fraction

from watching import bars

from segcam.frame import Frame
from segcam.sink.v4l2 import V4l2Sink

what, *numbers = sys.argv[1:]
height, width = map(int, numbers or (180, 320))
size = height, width

sink = V4l2Sink(placeholder=Frame.filled(size, (90, 100, 110)))
sink.open(size, Fraction(25))
frame = bars.picture(size) if what == "bars" else Frame.filled(size, (int(what), 110, 150))
sink.send(frame)
print("writing", flush=True)
while True:
    time.sleep(0.04)
    sink.send(frame)
