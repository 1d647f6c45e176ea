"""The state of a running SegCam, as clients get it."""

from segcam.api.messages import PROTOCOL, OutputStatus, State
from segcam.errors import CameraLost

STATE = State(
    protocol=PROTOCOL,
    version="1.2",
    name="",
    pid=7,
    since="2026-01-02T03:04:05+00:00",
    uptime_s=1.5,
    revision=4,
    phase="live",
    requested={"background": "blur"},
    camera="HD Webcam",
    camera_on=True,
    width=1280,
    height=720,
    rate_hz=30.0,
    model="selfie",
    backend="litert-cpu",
    background="blur",
    edges="fast",
    mirror=False,
    preset="",
    outputs=[OutputStatus("/dev/video10", "camera", True, ["zoom"], None)],
    in_use=True,
    viewers=["zoom"],
    paused=False,
    trouble=CameraLost("gone", "pulled out", "plug it in").as_dict(),
    stalled=[],
    notes=[],
    saving=[],
    counters={"sent": 3},
    stages_ms={"latency": {"p50": 1.0, "p95": 2.0}},
)
