"""Chooses among a camera's pixel formats, sizes and rates."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from segcam.errors import SourceError
from segcam.frame import Size
from segcam.source.pixels import AV_FORMATS
from segcam.v4l2.device import Mode

COMPRESSED = ("MJPG", "JPEG")
INTER = {"H264": "h264"}
"""Formats whose pictures depend on earlier ones, and FFmpeg's names for them."""
COLORLESS = "GREY"
"""Formats of infrared cameras, used only if there is nothing else."""
_RAW_FITS_USB2 = 640 * 480
"""Largest picture for which USB 2 carries 30 uncompressed frames a second; with larger ones cameras
slow down."""
SMALL = (480, 640)
"""Down to this (H, W), a camera's rate is more important than its size."""
_ENOUGH = Fraction(4, 5)
"""Sufficient share of the wanted rate: 24 and 25 frames a second (film, PAL) are enough for 30."""


def choose_mode(modes: Iterable[Mode], size: Size, rate_hz: Fraction) -> Mode:
    """The mode nearest to the request.

    The rate comes first, but never at a size below 640x480 (or below the wanted size, if that is
    smaller); then the size; then the cost of reading.

    Args:
        modes: What the camera offers.
        size: Wanted (H, W).
        rate_hz: Wanted frames per second; more is equally good.

    Raises:
        SourceError: SegCam cannot read any of its formats.
    """
    modes = list(modes)
    known = list(filter(_is_known, modes))
    if not known:
        offered = ", ".join(sorted({mode.fourcc for mode in modes})) or "nothing"
        raise SourceError(
            "SegCam cannot read the camera's pixel formats",
            f"It offers {offered}; SegCam reads {', '.join((*COMPRESSED, *INTER, *AV_FORMATS))}",
            "Choose another camera; many have a second node; segcam cameras lists them",
        )
    colored = [mode for mode in known if mode.fourcc != COLORLESS]
    return min(colored or known, key=lambda mode: _nearness(mode, size, rate_hz))


def summary(modes: Iterable[Mode]) -> tuple[str, ...]:
    """One entry per readable pixel format: its name and largest size."""
    largest: dict[str, Size] = {}
    for mode in filter(_is_known, modes):
        largest[mode.fourcc] = max(largest.get(mode.fourcc, (0, 0)), mode.size)
    return tuple(f"{name} up to {w}x{h}" for name, (h, w) in largest.items())


def advice(modes: Iterable[Mode], chosen: Mode, size: Size, rate_hz: Fraction) -> str:
    """What another ``--size`` or ``--fps`` would give; "" if there is nothing to say.

    Args:
        modes: What the camera offers.
        chosen: The result of `choose_mode`.
        size: The requested one.
        rate_hz: The requested one.
    """
    known = [mode for mode in modes if _is_known(mode) and mode.fourcc != COLORLESS]
    if _shortfall(chosen, rate_hz):
        quicker = [mode for mode in known if _rate(mode, rate_hz) > _rate(chosen, rate_hz)]
        if not quicker:
            return "the camera has no faster mode"
        best = min(quicker, key=lambda mode: _nearness(mode, size, rate_hz)[1:])
        width_height = f"{best.size[1]}x{best.size[0]}"
        return f"--size {width_height} would give {float(_rate(best, rate_hz)):g} per second"
    nearer = [mode for mode in known if _difference(mode, size) < _difference(chosen, size)]
    if not nearer:
        return ""
    best = min(nearer, key=lambda mode: (_difference(mode, size), -_rate(mode, rate_hz)))
    rate = f"{float(_rate(best, rate_hz)):g}"
    return f"--fps {rate} would give {best.size[1]}x{best.size[0]}, at {rate} per second"


def _is_known(mode: Mode) -> bool:
    return mode.fourcc in AV_FORMATS or mode.fourcc in COMPRESSED or mode.fourcc in INTER


def _nearness(
    mode: Mode, size: Size, rate_hz: Fraction
) -> tuple[bool, Fraction, int, Fraction, int]:
    is_small = _pixels(mode.size) < min(_pixels(SMALL), _pixels(size))
    slower = max(rate_hz - _rate(mode, rate_hz), Fraction(0))
    return (
        is_small,
        _shortfall(mode, rate_hz),
        _difference(mode, size),
        slower,
        _cost(mode),
    )


def _shortfall(mode: Mode, rate_hz: Fraction) -> Fraction:
    """Missing frames per second, 0 if there are enough."""
    rate = _rate(mode, rate_hz)
    return rate_hz - rate if rate < _ENOUGH * rate_hz else Fraction(0)


def _rate(mode: Mode, wanted_hz: Fraction) -> Fraction:
    """A mode's highest rate; the wanted rate if the camera does not give one."""
    return max(mode.rates_hz, default=wanted_hz)


def _difference(mode: Mode, size: Size) -> int:
    return abs(size[0] - mode.size[0]) + abs(size[1] - mode.size[1])


def _pixels(size: Size) -> int:
    return size[0] * size[1]


def _cost(mode: Mode) -> int:
    if mode.fourcc in INTER:
        return len(AV_FORMATS) + 1
    if mode.fourcc in COMPRESSED:
        return -1 if _pixels(mode.size) > _RAW_FITS_USB2 else len(AV_FORMATS)
    return list(AV_FORMATS).index(mode.fourcc)
