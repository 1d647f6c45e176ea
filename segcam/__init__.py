"""SegCam: your webcam without your room, offered as a camera that every call can select."""

__version__ = "0.1.0"
