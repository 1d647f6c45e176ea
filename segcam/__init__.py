"""SegCam: your webcam without your room, offered as a camera that every call can select."""

import os

__version__ = "0.1.0"

# ONNX Runtime reports each session to its maker unless this is set before its import. Every process
# that can import it, including the models' processes, imports this package first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

MOST_PICTURE_PIXELS = 128_000_000
"""More pixels than almost all cameras have. A PNG of 100 KB can claim seven times as many."""
# OpenCV reads this when it is imported, and checks each picture's size before it takes memory.
os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(MOST_PICTURE_PIXELS)
