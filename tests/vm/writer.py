"""Feed the virtual camera until killed: python writer.py LUMA, or bars."""

import sys
import time
from fractions import Fraction

from watching import bars

from segcam.frame import Frame
from segcam.sink.v4l2 import V4l2Sink

SIZE = (180, 320)

sink = V4l2Sink(placeholder=Frame.filled(SIZE, (90, 100, 110)))
sink.open(SIZE, Fraction(25))
what = sys.argv[1]
frame = bars.picture(SIZE) if what == "bars" else Frame.filled(SIZE, (int(what), 110, 150))
sink.send(frame)
print("writing", flush=True)
while True:
    time.sleep(0.04)
    sink.send(frame)
