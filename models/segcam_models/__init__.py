"""Training, evaluation and export of SegCam's own models."""

import segcam  # noqa: F401  switches a runtime's telemetry off before the runtime is imported
