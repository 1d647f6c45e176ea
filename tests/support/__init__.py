"""Helpers for tests in several folders: waiting, doubles, processes, the segcam program."""
