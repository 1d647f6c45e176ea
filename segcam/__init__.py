"""SegCam: your webcam without your room, offered as a camera that every call can select."""

import os

__version__ = "0.1.0"

# ONNX Runtime reports each session to its maker unless this is set before it is imported. Every
# process that can import it, the models' own too, imports this package first.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
