"""The library of backgrounds: those that come with SegCam, and the user's own.

Listing needs the standard library and platformdirs alone: callers bring what checks a file.
"""

from segcam.backgrounds.library import Entry, add, entries, find, library_folder, remove

__all__ = ["Entry", "add", "entries", "find", "library_folder", "remove"]
