"""Outputs for composites."""
