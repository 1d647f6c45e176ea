"""The video formats that SegCam writes, by file extension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from segcam.errors import OutputUnwritable

FINE = Fraction(1, 90_000)
"""MPEG's own clock, fine enough for every usual frame rate."""
_X264 = {"preset": "veryfast", "crf": "19"}
"""Visually lossless at 720p; "veryfast" encodes 720p in real time next to everything else."""
_VP9 = {"crf": "31", "b": "0", "row-mt": "1"}
"""Constant quality, about x264's 19."""
_MPEG4 = {"flags": "+qscale", "global_quality": str(2 * 118)}
"""Quantiser 2 of 1 to 31: visually lossless. 118 is FFmpeg's factor (FF_QP2LAMBDA)."""
_FRAGMENTS = {"movflags": "hybrid_fragmented+delay_moov", "frag_duration": "1000000"}
"""One fragment a second, each playable without the next; the complete file is an ordinary one."""
_CLUSTERS = {"cluster_time_limit": "1000"}
"""The same for Matroska."""
_PCM = ("pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_u8")


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of video file.

    Attributes:
        muxer: FFmpeg's name.
        video: The video encoder.
        options: Options of the encoder.
        in_time: Further options for pictures that come in real time.
        tick_s: Unit of the pictures' times; None: a frame period, for formats of constant rate.
        audio: The encoder of sound that cannot be copied; "" for a format without sound.
        copied: Codecs of sound that are copied, since players of such files support them.
        subtitles: The encoder of subtitles that cannot be copied; "" if there is none.
        file: Options of the muxer.
    """

    muxer: str
    video: str
    options: Mapping[str, str] = field(default_factory=dict)
    in_time: Mapping[str, str] = field(default_factory=dict)
    tick_s: Fraction | None = FINE
    audio: str = ""
    copied: tuple[str, ...] = ()
    subtitles: str = ""
    file: Mapping[str, str] = field(default_factory=dict)


_MP4 = Format(
    "mp4",
    "libx264",
    _X264,
    audio="aac",
    copied=("aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"),
    subtitles="mov_text",
    file=_FRAGMENTS,
)
FORMATS: Mapping[str, Format] = {
    ".mp4": _MP4,
    ".mkv": Format(
        "matroska",
        "libx264",
        _X264,
        audio="aac",
        copied=(*_MP4.copied, "vorbis", "mp2", "dts", "truehd", "wavpack", *_PCM),
        subtitles="ass",
        file=_CLUSTERS,
    ),
    ".mov": Format(
        "mov",
        "libx264",
        _X264,
        audio="aac",
        copied=("aac", "mp3", "ac3", "eac3", "alac", "pcm_s16be", "pcm_s24be", *_PCM),
        subtitles="mov_text",
        file=_FRAGMENTS,
    ),
    ".webm": Format(
        "webm",
        "libvpx-vp9",
        _VP9 | {"deadline": "good", "cpu-used": "4"},
        {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
        audio="libopus",
        copied=("opus", "vorbis"),
        subtitles="webvtt",
        file=_CLUSTERS,
    ),
    ".avi": Format(
        "avi",
        "mpeg4",
        _MPEG4,
        tick_s=None,
        audio="libmp3lame",
        copied=("mp3", "mp2", "ac3", "pcm_s16le", "pcm_u8"),
    ),
    ".gif": Format("gif", "gif", tick_s=Fraction(1, 100)),
    ".m4v": _MP4,
}


def format_of(path: Path) -> Format:
    """The format of a file extension.

    Raises:
        OutputUnwritable: There is none for that extension.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise OutputUnwritable(
            f"{path} cannot be written",
            f"SegCam cannot write {path.suffix} files" if path.suffix else "Its name has no ending",
            f"Choose one of these endings: {', '.join(FORMATS)}",
        )
    return form
