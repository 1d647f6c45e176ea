"""Turns a small matte into a full-size one with sharp, steady edges."""
