"""Turns a frame into a matte with a model that a backend runs."""
