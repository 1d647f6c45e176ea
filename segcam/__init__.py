"""SegCam: your webcam without your room, offered as a camera that every call can select."""

import os

__version__ = "0.1.0"

# ONNX Runtime reports each session to its maker unless this is set before it is imported. Every
# process that can import it, the models' own too, imports this package first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

MOST_PICTURE_PIXELS = 128_000_000
"""More than any camera's pictures but a few have. 100 KB of PNG can claim seven times as many."""
# OpenCV compares each picture's size with this before it takes memory. It reads it when it is
# imported.
os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(MOST_PICTURE_PIXELS)
