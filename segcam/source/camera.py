"""The webcam: through V4L2 on Linux, through OpenCV elsewhere."""

from __future__ import annotations

import sys

from segcam.source.cameras import CameraInfo

if sys.platform == "linux":
    from segcam.source.camera_v4l2 import Camera
    from segcam.source.cameras_v4l2 import find, list_cameras
else:
    from segcam.source.camera_opencv import Camera, find, list_cameras

__all__ = ["Camera", "CameraInfo", "find", "list_cameras"]
