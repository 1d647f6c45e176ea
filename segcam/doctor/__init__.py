"""Finds every reason why a call has no picture, with its cure."""
