"""Copies tags and chapters of a clip to the rendered video."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import av
from av.stream import Stream

_OF_THE_FILE = (
    "encoder",
    "major_brand",
    "minor_version",
    "compatible_brands",
    "duration",
    "rotate",
    "number_of_",
    "bps",
    "_statistics_",
    "vendor_id",
)
"""Tags with these prefixes describe the old file, not its content."""
_PLACES = ("location", "gps", "geo")
"""Tags with these words tell where a clip was filmed, which is hidden like the room."""


def copy_tags(source: av.container.InputContainer, output: av.container.OutputContainer) -> None:
    """Copy the clip's own tags: title, artist, date."""
    output.metadata.update(_kept(source.metadata))


def copy_stream_tags(source: Stream, target: Stream) -> None:
    """Copy a track's title, its language, and whether it is the default track."""
    tags = _kept(source.metadata)
    if "title" in tags:  # MP4 stores a track's title only here
        tags["handler_name"] = tags["title"]
    target.metadata.update(tags)
    target.disposition = source.disposition


def copy_chapters(
    source: av.container.InputContainer,
    output: av.container.OutputContainer,
    zero_s: float,
    until_s: float,
) -> None:
    """Copy the chapters.

    Args:
        source: The clip.
        output: Its header must not have been written yet.
        zero_s: The clip's time that becomes 0 in the output.
        until_s: The end of the output.
    """
    chapters = []
    for chapter in source.chapters():
        base = chapter["time_base"] or Fraction(1)
        start_s, end_s = (float(chapter[edge] * base) - zero_s for edge in ("start", "end"))
        if end_s > 0 and start_s < until_s:
            chapter["start"] = round(max(0.0, start_s) / base)
            chapter["end"] = round(min(end_s, until_s) / base)
            chapters.append(chapter)
    output.set_chapters(chapters)


def _kept(tags: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in tags.items()
        if not name.lower().startswith(_OF_THE_FILE)
        and not any(word in name.lower() for word in _PLACES)
    }
