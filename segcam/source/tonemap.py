"""Colour tables that convert wide gamut and high dynamic range for an ordinary screen."""

from __future__ import annotations

import numpy as np
from av.video.reformatter import ColorPrimaries, ColorTrc

from segcam.frame import F32

WHITE_NITS = 203
"""Luminance of a white page in HDR. Source: ITU-R BT.2408-7, section 2.2."""
PEAK_NITS = 1000
"""Luminance that becomes pure white: HLG's design value, and the usual mastering display."""
KNEE = 0.8
"""Brightness below this share of white is unchanged; highlights are compressed into the rest."""
GAMMA = 2.4
"""Gamma of an ordinary screen. Source: ITU-R BT.1886, annex 1."""
HLG_GAMMA = 1.2
"""HLG's system gamma for a screen of 1,000 nits. Source: ITU-R BT.2100-2, table 5, note 5f."""

PQ, HLG = int(ColorTrc.SMPTE2084), int(ColorTrc.ARIB_STD_B67)
_TO_BT709 = {
    int(ColorPrimaries.BT2020): (
        (1.6605, -0.5876, -0.0728),
        (-0.1246, 1.1329, -0.0083),
        (-0.0182, -0.1006, 1.1187),
    ),
    int(ColorPrimaries.SMPTE432): (
        (1.2249, -0.2247, 0.0),
        (-0.0420, 1.0419, 0.0),
        (-0.0197, -0.0786, 1.0979),
    ),
}
"""Linear RGB of BT.2020 (source: ITU-R BT.2087-0, annex 2) and Display P3 (from the primaries in
SMPTE EG 432-1, table 1) to linear RGB of BT.709."""
_SIDE = 33


def needs_table(transfer: int, primaries: int) -> bool:
    """Whether colours with these tags look wrong on an ordinary screen."""
    return transfer in (PQ, HLG) or primaries in _TO_BT709


def color_table(transfer: int, primaries: int) -> F32:
    """The table that converts each colour.

    Args:
        transfer: AVColorTransferCharacteristic: PQ, HLG, or anything else for ordinary ones.
        primaries: AVColorPrimaries. Those of PQ and HLG are BT.2020's unless they are P3's.

    Returns:
        float32 (33, 33, 33, 3), indexed by R, G and B in 33 even steps from 0 to 1: R, G and B of
        BT.709 for a screen of 100 nits, 0..1.
    """
    steps = np.linspace(0, 1, _SIDE)
    signal = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    is_hdr = transfer in (PQ, HLG)
    if is_hdr and primaries not in _TO_BT709:
        primaries = int(ColorPrimaries.BT2020)
    light = _light(signal, transfer)
    light = np.maximum(light @ np.transpose(_TO_BT709[primaries]), 0)
    if is_hdr:
        light = _roll_off(light)
    return np.asarray(np.clip(light, 0, 1) ** (1 / GAMMA), np.float32)


def _light(signal: np.ndarray, transfer: int) -> np.ndarray:
    """Linear light on the screen, 1 for white."""
    if transfer == PQ:
        return _pq_light(signal)
    if transfer == HLG:
        return _hlg_light(signal)
    return np.asarray(signal**GAMMA)


def _pq_light(signal: np.ndarray) -> np.ndarray:
    """Source: ITU-R BT.2100-2, table 4 (reference PQ EOTF)."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    root = signal ** (1 / m2)
    nits = 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return np.asarray(nits / WHITE_NITS)


def _hlg_light(signal: np.ndarray) -> np.ndarray:
    """Source: ITU-R BT.2100-2, table 5 (inverse OETF, then reference OOTF)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    brightness = scene @ np.array([0.2627, 0.6780, 0.0593])
    nits = PEAK_NITS * brightness[..., None] ** (HLG_GAMMA - 1) * scene
    return np.asarray(nits / WHITE_NITS)


def _roll_off(light: np.ndarray) -> np.ndarray:
    """Compress highlights above ``KNEE`` to at most 1, by the brightest of R, G and B.

    Keeps hues. Source: Reinhard et al., "Photographic Tone Reproduction for Digital Images" (2002),
    equation 4, for values above the knee.
    """
    brightest = light.max(axis=-1, keepdims=True)
    over = np.maximum(brightest - KNEE, 0) / (1 - KNEE)
    most = (PEAK_NITS / WHITE_NITS - KNEE) / (1 - KNEE)
    bent = KNEE + (1 - KNEE) * np.minimum(over * (1 + over / most**2) / (1 + over), 1)
    gain = np.where(brightest > KNEE, bent / np.maximum(brightest, 1e-9), 1)
    return np.asarray(light * gain)
