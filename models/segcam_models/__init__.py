"""Training, evaluation and export of SegCam's own models."""
