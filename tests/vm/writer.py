"""Feed the virtual camera plain frames until killed: python writer.py LUMA."""

import sys
import time
from fractions import Fraction

from segcam.frame import Frame
from segcam.sink.v4l2 import V4l2Sink

SIZE = (180, 320)

sink = V4l2Sink(placeholder=Frame.filled(SIZE, (90, 100, 110)))
sink.open(SIZE, Fraction(25))
frame = Frame.filled(SIZE, (int(sys.argv[1]), 110, 150))
sink.send(frame)
print("writing", flush=True)
while True:
    time.sleep(0.04)
    sink.send(frame)
