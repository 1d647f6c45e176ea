"""Reads the header of a picture file without decoding it."""

from __future__ import annotations

import re
from pathlib import Path

from segcam.errors import MediaError
from segcam.frame import Size
from segcam.media_file import read_start

HEAD_BYTES = 1 << 16
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_GAP = rb"(?:\s|#[^\n]*\n)+"
_NETPBM = re.compile(rb"P[2356]" + (_GAP + rb"\d{1,9}") * 2 + _GAP + rb"(\d{1,5})\s")
_NETPBM_BYTES = 4096
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of frame headers. Source: ITU-T T.81, table B.1."""


def head_of(path: Path) -> bytes:
    """The first bytes of a regular file.

    Raises:
        MediaError: It cannot be opened.
    """
    return read_start(path, HEAD_BYTES)


def refuse_heic(path: Path, head: bytes) -> None:
    """Refuse HEIC pictures, which phones take, with a clear error.

    Raises:
        MediaError: A file with this header is a HEIC picture.
    """
    if is_heic(head):
        raise MediaError(
            f"{path} is a HEIC picture",
            "SegCam does not read HEIC",
            "Save it as JPEG. An iPhone takes JPEG pictures after Settings > Camera > Formats > "
            "Most Compatible",
        )


def is_heic(head: bytes) -> bool:
    """Whether a file with this header is a HEIC picture."""
    brands = _brands(head)
    return bool(brands & _HEIC_BRANDS) and not brands & _AVIF_BRANDS


def is_avif(head: bytes) -> bool:
    """Whether a file with this header is an AVIF picture."""
    return bool(_brands(head) & _AVIF_BRANDS)


def moves(head: bytes) -> bool:
    """Whether a file with this header is an animated WebP, PNG or AVIF picture, or any GIF."""
    if head.startswith(b"\x89PNG"):
        return b"acTL" in head.partition(b"IDAT")[0]  # APNG 1.0: the chunk lies before the data
    return is_animated_webp(head) or head.startswith(b"GIF8") or b"avis" in _brands(head)


def is_animated_webp(head: bytes) -> bool:
    """Whether a file with this header is an animated WebP picture.

    Source: RFC 9649, section 2.7 (the flags of the chunk VP8X).
    """
    is_extended = head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X" and len(head) > 20
    return is_extended and bool(head[20] & 2)


def is_jpeg(head: bytes) -> bool:
    """Whether a file with this header is a JPEG picture."""
    return head.startswith(b"\xff\xd8\xff")


def white_of(data: bytes) -> int | None:
    """The value of full brightness, in formats in which OpenCV does not scale it to 8 or 16 bits.

    Sources: AV1 Codec ISO Media File Format Binding, section 2.3.3; ITU-T T.800, section A.5.1;
    Netpbm's pgm(5) and ppm(5).

    Args:
        data: A complete picture file.

    Returns:
        None in all other formats.
    """
    if is_avif(data):
        flags = data[data.find(b"av1C") + 6]
        return 4095 if flags & 0x20 else 1023 if flags & 0x40 else 255
    if data[4:8] == b"jP  " or data.startswith(b"\xff\x4f\xff\x51"):
        depth = data[data.find(b"\xff\x51") + 40 :][:1]
        return (2 << (depth[0] & 0x7F)) - 1 if depth else None
    found = _NETPBM.match(data[:_NETPBM_BYTES])
    return int(found[1]) or None if found else None


def jpeg_size(data: bytes) -> Size | None:
    """(H, W) of a JPEG picture as stored, not turned; None if unknown.

    Source: ITU-T T.81, sections B.1.1 and B.2.2.
    """
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _JPEG_SIZES:
            height, width = (int.from_bytes(data[at + i : at + i + 2], "big") for i in (5, 7))
            return height, width
        at += 1 if marker == 0xFF else 2 + length  # fill bytes may stand before a marker
    return None


def _brands(head: bytes) -> set[bytes]:
    """The brands of an ISO base media file. Source: ISO/IEC 14496-12, section 4.3."""
    if head[4:8] != b"ftyp":
        return set()
    box = head[8 : int.from_bytes(head[:4], "big")]
    return {box[:4], *(box[at : at + 4] for at in range(8, len(box), 4))}
