"""Runs beside the pipeline: control, and the computer's sleep."""
