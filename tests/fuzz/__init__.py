"""Inputs from outside, made up by the thousand: whatever they hold, SegCam answers in words."""
