"""The size of a picture."""

Size = tuple[int, int]
"""Height and width in pixels, in that order."""
