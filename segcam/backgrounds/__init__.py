"""The library of backgrounds: SegCam's own and the user's.

Listing needs only the standard library and platformdirs; callers provide the check of a file.
"""

from segcam.backgrounds.library import Entry, add, entries, find, library_folder, remove

__all__ = ["Entry", "add", "entries", "find", "library_folder", "remove"]
