"""Converts a clip's pictures to BT.601, limited range, with the colours of an ordinary player."""

from __future__ import annotations

import tempfile
from pathlib import Path

import av
from av.video.reformatter import ColorRange, Colorspace

from segcam.frame import F32
from segcam.source.filters import Filter, FilterChain, shape_of
from segcam.source.tonemap import color_table, needs_table

HD_LINES, HD_COLUMNS = 720, 1280
"""Untagged pictures of at least this height count as BT.709, as in players."""
_RGB, _UNSPECIFIED = 0, 2
_BT601 = (5, 6)
"""AVColorSpace values: BT.470BG, SMPTE 170M."""
_COPIED = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p"})
"""Formats that `PlaneReader` copies."""
_TO_BT601: Filter = ("scale", {"out_color_matrix": "bt601", "out_range": "tv"})
_TO_420: Filter = ("format", {"pix_fmts": "yuv420p"})
_TO_GRAY: Filter = ("format", {"pix_fmts": "gray"})


class Grader:
    """Converts a clip's pictures to planes that `PlaneReader` copies. For one thread."""

    def __init__(self) -> None:
        self._shape: object = None
        self._chain: FilterChain | None = None

    def grade(self, picture: av.VideoFrame) -> av.VideoFrame:
        """The same picture in 4:2:0 or 4:2:2, 8 bits, BT.601, of any range.

        Transparent parts become black. PQ, HLG and wide gamut are converted for an ordinary screen.

        Args:
            picture: As decoded; missing colour tags are filled in.

        Raises:
            av.FFmpegError: FFmpeg cannot convert this format.
        """
        _complete(picture)
        if shape_of(picture) != self._shape:
            self._chain = _chain_for(picture)
            self._shape = shape_of(picture)
        return picture if self._chain is None else next(self._chain.put(picture))


def _chain_for(picture: av.VideoFrame) -> FilterChain | None:
    """The filters for pictures of this kind; None for pictures that can be copied."""
    transfer, primaries = int(picture.color_trc), int(picture.color_primaries)
    if has_alpha(picture) or needs_table(transfer, primaries):
        return _through_rgb(picture, transfer, primaries)
    if picture.format.name.startswith("gray"):
        return None if picture.format.name == "gray" else FilterChain(picture, [_TO_GRAY])
    if picture.colorspace in _BT601 and picture.format.name in _COPIED:
        return None
    if picture.colorspace == Colorspace.ITU709 and picture.format.name == "yuv420p":
        return FilterChain(picture, [_bt709_to_bt601(picture.color_range == ColorRange.JPEG)])
    return FilterChain(picture, [_TO_BT601, _TO_420])


def _bt709_to_bt601(full: bool) -> Filter:
    """Ten times faster than "scale", which goes through RGB."""
    options = {f"{end}{part}": "bt709" for end in ("", "i") for part in ("primaries", "trc")}
    options |= {"ispace": "bt709", "space": "smpte170m"}
    return "colorspace", options | {"irange": "pc" if full else "tv", "range": "tv"}


def _through_rgb(picture: av.VideoFrame, transfer: int, primaries: int) -> FilterChain:
    alpha = has_alpha(picture)
    filters: list[Filter] = [("scale", {}), ("format", {"pix_fmts": f"gbr{'a' * alpha}p12"})]
    with tempfile.TemporaryDirectory(prefix="segcam-") as folder:  # read while the chain is made
        if needs_table(transfer, primaries):
            file = Path(folder) / "table.cube"
            file.write_text(_as_cube(color_table(transfer, primaries)))
            filters.append(("lut3d", {"file": str(file)}))
        if alpha:  # before halving chroma, so that hidden colours do not bleed into neighbours
            filters.append(("premultiply", {"inplace": "1"}))
        return FilterChain(picture, [*filters, _TO_BT601, _TO_420])


def _as_cube(table: F32) -> str:
    """A table in the format of Adobe's .cube files, version 1.0: red varies fastest."""
    rows = table.transpose(2, 1, 0, 3).reshape(-1, 3).tolist()
    lines = (f"{red:.5f} {green:.5f} {blue:.5f}" for red, green, blue in rows)
    return "\n".join((f"LUT_3D_SIZE {len(table)}", *lines, ""))


def has_alpha(picture: av.VideoFrame) -> bool:
    """Whether parts of the picture may be transparent."""
    return picture.format.has_palette or any(c.is_alpha for c in picture.format.components)


def _complete(picture: av.VideoFrame) -> None:
    """Fill in missing colour tags of the picture."""
    if picture.format.is_rgb or picture.format.has_palette:
        picture.colorspace, picture.color_range = _RGB, ColorRange.JPEG
        return
    if picture.colorspace in (_UNSPECIFIED, _RGB):
        is_hd = picture.height >= HD_LINES or picture.width >= HD_COLUMNS
        picture.colorspace = Colorspace.ITU709 if is_hd else Colorspace.ITU601
    if picture.color_range == ColorRange.UNSPECIFIED:
        full = picture.format.name.startswith(("yuvj", "gray", "ya"))
        picture.color_range = ColorRange.JPEG if full else ColorRange.MPEG
