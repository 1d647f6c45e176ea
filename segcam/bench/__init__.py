"""Measures this machine: what `segcam bench` prints."""
