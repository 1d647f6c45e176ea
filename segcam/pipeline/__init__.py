"""Assembles and runs the stages."""
