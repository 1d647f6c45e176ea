"""Puts the times of a track in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from av import Packet
from av.stream import Stream

SLACK_S = 0.1
"""A smaller step back is rounding by the container and is ignored."""
JUMP_S = 0.5
"""The video's times jump back this far where recordings were joined; less is disorder."""
_EXACT_S = 0.002
"""Rounding of a time in the usual units."""
_MOST_HELD = 500
"""Packets that wait for the next one of the video; a video may end before its sound."""


class Joins:
    """Continues the time of joined recordings, whose clock starts again in each part.

    The video decides, as it does for the pictures, so that sound stays in step with them: also if
    it is missing in a part, or ends before it.

    Args:
        video: The clip's video; None: there is none, so time is left as it is.
    """

    def __init__(self, video: Stream | None) -> None:
        self._video = video
        self._tracks: dict[int, tuple[float, float]] = {}
        self._joints: list[tuple[int, float]] = []
        self._shift_s = 0.0
        self._last_s: float | None = None
        self._before: tuple[float, float, float, int] | None = None
        self._last_place = 0
        self._end_s = 0.0

    def timed(self, packets: Iterable[Packet[Stream]]) -> Iterator[tuple[Packet[Stream], float]]:
        """The packets of all other tracks, in order.

        Args:
            packets: Those of all tracks, including the video's.

        Returns:
            Each packet, and the seconds to add to its time.
        """
        held: deque[Packet[Stream]] = deque()
        for packet in packets:
            if packet.stream is not self._video:
                held.append(packet)
                if len(held) > _MOST_HELD or (len(held) == 1 and self._is_near(packet)):
                    first = held.popleft()
                    yield first, self._agreed(first, self._shift_of(first))
                continue
            before_s, shift_s = self._last_s, self._shift_s
            self._follow(packet)
            while held and _is_passed(held[0], packet):
                first = held.popleft()
                is_before = self._shift_s != shift_s and not self._is_after(first, before_s)
                yield first, self._agreed(first, shift_s if is_before else self._shift_of(first))
        yield from ((packet, self._agreed(packet, self._shift_of(packet))) for packet in held)

    def _agreed(self, packet: Packet[Stream], shift_s: float) -> float:
        """The shift, or its track's last one for a packet that continues the track exactly.

        FFmpeg keeps the last packet before a joint until it has seen the next one.
        """
        at_s = _start_s(packet)
        if at_s is None:
            return shift_s
        end_s, last_s = self._tracks.get(packet.stream.index, (at_s, shift_s))
        length_s = _seconds(packet, packet.duration) or 0.0
        self._tracks[packet.stream.index] = at_s + length_s, shift_s
        return last_s if abs(at_s - end_s) < _EXACT_S else shift_s

    def _shift_of(self, packet: Packet[Stream]) -> float:
        """By its place in the file: FFmpeg delivers some packets late, from before a joint."""
        shift_s = self._shift_s
        for place, before_s in reversed(self._joints):
            if not packet.pos or packet.pos > place:
                break
            shift_s = before_s
        return shift_s

    def _is_near(self, packet: Packet[Stream]) -> bool:
        """Whether the video is here or hereabouts, so that it can only be the same part."""
        at_s = _start_s(packet)
        return self._video is None or at_s is None or abs(at_s - (self._last_s or 0.0)) < JUMP_S

    def _follow(self, packet: Packet[Stream]) -> None:
        decoded_s, shown_s = _seconds(packet, packet.dts), _seconds(packet, packet.pts)
        if decoded_s is None:
            return
        shown_s = decoded_s if shown_s is None else shown_s
        before, self._before = self._before, None
        if before is not None and 0 < decoded_s - before[0] < JUMP_S:  # one time was damaged
            _, self._shift_s, self._end_s, joints = before
            del self._joints[joints:]
        elif self._last_s is not None and abs(decoded_s - self._last_s) > JUMP_S:
            self._before = self._last_s, self._shift_s, self._end_s, len(self._joints)
            if decoded_s < self._last_s:
                self._joints.append((self._last_place, self._shift_s))
                self._shift_s = self._end_s - shown_s
        self._last_s, self._last_place = decoded_s, packet.pos or self._last_place
        length_s = _seconds(packet, packet.duration) or 0.0
        self._end_s = max(self._end_s, shown_s + length_s + self._shift_s)

    def _is_after(self, packet: Packet[Stream], before_s: float | None) -> bool:
        """Whether the packet belongs to the video's newest packet rather than to the one before."""
        at_s = _start_s(packet)
        if at_s is None or before_s is None or self._last_s is None:
            return False
        return abs(at_s - self._last_s) < abs(at_s - before_s)


class Clock:
    """Gives the start of each packet of a stream, without steps back in damaged clips.

    Args:
        end_s: The end that the clip states; times far beyond it are damaged. None: unknown.
        overlapping: Packets may overlap and come in any order, as in subtitles.
    """

    def __init__(self, end_s: float | None, overlapping: bool = False) -> None:
        self._end_s = end_s
        self.overlapping = overlapping
        self._part_s = self._shift_s = 0.0
        self._next_s: float | None = None

    def start_of(self, packet: Packet[Stream], shift_s: float = 0.0) -> float:
        """The start of the packet in the clip's time, in seconds.

        Args:
            packet: The next one of the stream.
            shift_s: From `Joins`.
        """
        assert packet.time_base is not None
        start_s = self._place(_start_s(packet), shift_s)
        if not self.overlapping:
            self._next_s = start_s + float((packet.duration or 0) * packet.time_base)
        return start_s

    def _place(self, start_s: float | None, shift_s: float) -> float:
        expected_s = self._next_s
        if expected_s is None:
            return (start_s or 0.0) + shift_s
        if start_s is None or (self._end_s is not None and start_s > self._end_s + 1):
            return expected_s
        if shift_s != self._part_s:  # in another part the clock is right again
            self._part_s, self._shift_s = shift_s, 0.0
        start_s += shift_s + self._shift_s
        if start_s < expected_s - SLACK_S:  # the clock jumped
            self._shift_s += expected_s - start_s
            return expected_s
        return start_s


def _is_passed(packet: Packet[Stream], other: Packet[Stream]) -> bool:
    """Whether ``other`` follows in the file. FFmpeg may deliver them in another order."""
    return not (packet.pos and other.pos and packet.pos > other.pos)


def _start_s(packet: Packet[Stream]) -> float | None:
    return _seconds(packet, packet.dts if packet.dts is not None else packet.pts)


def _seconds(packet: Packet[Stream], ticks: int | None) -> float | None:
    if ticks is None or packet.time_base is None:
        return None
    return float(ticks * packet.time_base)
