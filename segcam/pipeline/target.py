"""Where composites go."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from segcam.sink.base import Sink
from segcam.size import Size


@dataclass(frozen=True, slots=True)
class Target:
    """A sink, and what it is opened for.

    Attributes:
        sink: Not open.
        size: (H, W) of what is sent.
        rate_hz: How often that is.
    """

    sink: Sink
    size: Size
    rate_hz: Fraction
