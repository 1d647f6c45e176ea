"""Where composites go."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from segcam.sink.base import Sink
from segcam.size import Size


@dataclass(frozen=True, slots=True)
class Target:
    """A sink, and the size and rate that it is opened with.

    Attributes:
        sink: Not open.
        size: (H, W) of the frames.
        rate_hz: Frames per second.
    """

    sink: Sink
    size: Size
    rate_hz: Fraction
