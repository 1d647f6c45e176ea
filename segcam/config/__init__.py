"""Permanent settings, in a file that users may also edit."""

from segcam.config.config import Config, config_file

__all__ = ["Config", "config_file"]
