"""The settings that last, in a file that people may edit, too."""

from segcam.config.config import Config, config_file

__all__ = ["Config", "config_file"]
