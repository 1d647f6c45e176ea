"""Puts the times of a track in order."""

from __future__ import annotations

from av import Packet
from av.stream import Stream

SLACK_S = 0.1
"""A smaller step back is rounding by the container and is ignored."""


class Clock:
    """Gives the start of each packet of a stream, without steps back in joined or damaged clips.

    Args:
        end_s: The end that the clip states; times far beyond it are damaged. None: unknown.
        overlapping: Packets may overlap and come in any order, as in subtitles.
    """

    def __init__(self, end_s: float | None, overlapping: bool = False) -> None:
        self._end_s = end_s
        self.overlapping = overlapping
        self._shift_s = 0.0
        self._next_s: float | None = None

    def start_of(self, packet: Packet[Stream]) -> float:
        """The start of the packet in the clip's time, in seconds."""
        assert packet.time_base is not None
        ticks = packet.dts if packet.dts is not None else packet.pts
        start_s = self._place(None if ticks is None else float(ticks * packet.time_base))
        if not self.overlapping:
            self._next_s = start_s + float((packet.duration or 0) * packet.time_base)
        return start_s

    def _place(self, start_s: float | None) -> float:
        expected_s = self._next_s
        if expected_s is None:
            return start_s or 0.0
        if start_s is None or (self._end_s is not None and start_s > self._end_s + 1):
            return expected_s
        start_s += self._shift_s
        if start_s < expected_s - SLACK_S:  # clips were joined here, or the clock jumped
            self._shift_s += expected_s - start_s
            return expected_s
        return start_s
