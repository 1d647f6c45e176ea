"""Which of a camera's pixel formats, sizes and rates to use."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from segcam.errors import SourceError
from segcam.frame import Size
from segcam.source.raw import AV_FORMATS
from segcam.v4l2.device import Mode

COMPRESSED = ("MJPG", "JPEG")
COLORLESS = "GREY"
"""An infrared camera's, however large: only where there is nothing else."""
_RAW_FITS_USB2 = 640 * 480
"""Pixels up to which USB 2 carries 30 uncompressed frames a second; above, cameras slow down."""


def choose_mode(modes: Iterable[Mode], size: Size, rate_hz: Fraction) -> Mode:
    """The mode nearest to what was asked for: in size first, then in rate, then cheapest to read.

    Args:
        modes: What the camera offers.
        size: Wanted (H, W).
        rate_hz: Wanted frames per second; more is as good.

    Raises:
        SourceError: Not one of its formats is understood.
    """
    modes = list(modes)
    known = list(filter(_is_known, modes))
    if not known:
        offered = ", ".join(sorted({mode.fourcc for mode in modes})) or "nothing"
        raise SourceError(
            "The camera's pixel formats are not understood",
            f"It offers {offered}; SegCam reads {', '.join((*COMPRESSED, *AV_FORMATS))}",
            "Choose another camera; many have a second node, see segcam cameras",
        )
    colored = [mode for mode in known if mode.fourcc != COLORLESS]
    return min(colored or known, key=lambda mode: _distance(mode, size, rate_hz))


def summary(modes: Iterable[Mode]) -> tuple[str, ...]:
    """One entry per pixel format that is understood: its name and largest size."""
    largest: dict[str, Size] = {}
    for mode in filter(_is_known, modes):
        largest[mode.fourcc] = max(largest.get(mode.fourcc, (0, 0)), mode.size)
    return tuple(f"{name} up to {w}x{h}" for name, (h, w) in largest.items())


def _is_known(mode: Mode) -> bool:
    return mode.fourcc in AV_FORMATS or mode.fourcc in COMPRESSED


def _distance(mode: Mode, size: Size, rate_hz: Fraction) -> tuple[int, Fraction, int]:
    (height, width), (rows, columns) = size, mode.size
    slower = rate_hz - max(mode.rates_hz, default=rate_hz)
    return abs(height - rows) + abs(width - columns), max(slower, Fraction(0)), _cost(mode)


def _cost(mode: Mode) -> int:
    if mode.fourcc in COMPRESSED:
        return -1 if mode.size[0] * mode.size[1] > _RAW_FITS_USB2 else len(AV_FORMATS)
    return list(AV_FORMATS).index(mode.fourcc)
