"""Builds the stages from settings: with ``networks`` the only module that knows all of them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from segcam import settings
from segcam.color import rgb_to_yuv
from segcam.composite import background
from segcam.composite.compositor import Compositor, RoomHidden, RoomShown
from segcam.composite.placeholder import draw_placeholder
from segcam.composite.player import Rewind
from segcam.errors import DeviceMissing, SinkError
from segcam.frame import Size
from segcam.sink.base import Sink
from segcam.sink.file import FileSink
from segcam.sink.null import NullSink
from segcam.sink.pipewire import PipeWireSink, pipewire_runs
from segcam.sink.several import Several
from segcam.source.base import Source, SourceInfo
from segcam.source.camera import Camera, find, list_cameras
from segcam.source.clip import Clip
from segcam.source.demo import Demo
from segcam.source.fitted import FittedPicture
from segcam.source.pattern import Pattern
from segcam.source.pictures import Pictures, is_picture, picture_files

DEFAULT_SIZE: Size = (720, 1280)
DEFAULT_RATE_HZ = Fraction(30)
PIPEWIRE_NOTE = "Programs that ask PipeWire for cameras see SegCam; the others need v4l2loopback."
PREVIEW_NOTE = "Writing a preview instead of a virtual camera."
PREVIEW = Path("segcam-preview.mp4")
PREVIEW_S = 20.0
"""A preview that nobody asked to be longer: enough to judge by, and no disk ever fills."""


def make_live_source(spec: str, size: Size | None, rate_hz: Fraction | None) -> Source:
    """The source that ``--camera`` names.

    Args:
        spec: A webcam's index, path or part of its name, a clip's path, "demo", "pattern", "auto"
            (a webcam, else the demo), or "first" (the first webcam).
        size: (H, W); None: 1280x720 for cameras, a clip's own.
        rate_hz: Frames per second; None: 30 for cameras, a clip's own.

    Raises:
        CameraNotFound: Nothing answers to ``spec``.
        UsageError: More than one camera does.
    """
    wanted = size or DEFAULT_SIZE, rate_hz or DEFAULT_RATE_HZ
    if spec == "demo" or (spec == "auto" and not list_cameras()):
        return Demo(*wanted)
    if spec == "pattern":
        return Pattern(*wanted)
    webcam = None if spec in ("auto", "first") else spec
    if webcam is not None and _is_clip(webcam):
        return Clip(Path(webcam).expanduser(), live=True, size=size, rate_hz=rate_hz)
    find(webcam)
    return Camera(webcam, *wanted)


def expected_info(spec: str, size: Size | None, rate_hz: Fraction | None) -> SourceInfo:
    """What a camera that another program holds will deliver, more or less, when it is free.

    Arguments as for `make_live_source`.
    """
    size, rate_hz = size or DEFAULT_SIZE, rate_hz or DEFAULT_RATE_HZ
    return SourceInfo("webcam" if spec == "first" else spec, size, rate_hz, live=True)


def make_file_source(
    path: Path,
    still: bool,
    size: Size | None = None,
    rate_hz: Fraction | None = None,
    duration_s: float | None = None,
) -> Pictures | Clip:
    """The source for a clip, a picture or a folder of pictures, every frame once.

    Args:
        path: What to read.
        still: Each picture stands for itself.
        size: (H, W) to scale to, None for their own.
        rate_hz: Frames per second, None for the clip's own and 30 for pictures.
        duration_s: Stop after that much, None for all.

    Raises:
        MediaError: There is nothing of the kind at ``path``.
    """
    if not is_picture(path):
        return Clip(path, size=size, rate_hz=rate_hz, duration_s=duration_s)
    files = picture_files(path)
    rate_hz = rate_hz or DEFAULT_RATE_HZ
    if duration_s is not None:
        files = files[: max(1, round(duration_s * rate_hz))]
    return Pictures(files, still, size, rate_hz)


def make_compositor(
    chosen: settings.Background, size: Size = DEFAULT_SIZE, live: bool = True
) -> Compositor:
    """The compositor for a background.

    Args:
        chosen: What replaces the room.
        size: (H, W) of the frames to begin with.
        live: Whether they come from a camera: then a picture or video is read beside, and may
            fail later without harm.

    Raises:
        MediaError: The background's picture or video cannot be read.
    """

    def video(rewind: Rewind) -> Compositor:
        return RoomHidden(
            background.Video(rewind, size) if live else background.VideoInStep(rewind)
        )

    match chosen:
        case settings.NoEffect():
            return RoomShown()
        case settings.Blur(strength):
            return RoomHidden(background.Blurred(strength))
        case settings.Color(rgb):
            return RoomHidden(background.Color(rgb_to_yuv(rgb)))
        case settings.Picture(path):
            return video(lambda size: FittedPicture(path, size))
        case settings.Video(path):
            return video(lambda size: _rewind(path, size))


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the picture goes.

    Attributes:
        sink: Not yet open.
        note: What this is, what is missing for something better and how to get it; or "".
        duration_s: How long to run unless told otherwise; None for ever.
    """

    sink: Sink
    note: str = ""
    duration_s: float | None = None


def make_destination(spec: str) -> Destination:
    """The sink that ``--output`` names, or several with commas between them.

    "auto" is a v4l2loopback device, else a PipeWire camera, else a preview file.

    Raises:
        DeviceMissing: There is no such device.
        UsageError: ``spec`` is no output.
    """
    if "," in spec:
        return Destination(_make_several(list(dict.fromkeys(spec.split(",")))))
    if spec != "auto":
        if spec.startswith("/") and sys.platform == "linux":
            from segcam.sink.loopback import check_loopback

            check_loopback(spec)  # report a wrong output before a model is loaded
        return Destination(make_sink(spec))
    if sys.platform != "linux":
        return Destination(make_sink("pyvirtualcam"))
    from segcam.sink.loopback import find_loopback

    try:
        return Destination(make_sink(find_loopback()))
    except DeviceMissing as error:
        if pipewire_runs():
            return Destination(make_sink("pipewire"), f"{PIPEWIRE_NOTE} {error}")
        return Destination(FileSink(PREVIEW), f"{PREVIEW_NOTE} {error}", PREVIEW_S)


def _make_several(specs: list[str]) -> Sink:
    """All of them at once. Here "auto" never is a preview, and the device may come later."""
    sinks = [make_auto(specs) if spec == "auto" else make_sink(spec) for spec in specs]
    return Several(sinks) if len(sinks) > 1 else sinks[0]


def make_auto(beside: list[str]) -> Sink:
    """The best camera, or one that may come later; ``beside`` are the other outputs."""
    if sys.platform != "linux":
        return make_sink("pyvirtualcam")
    from segcam.sink.loopback import find_loopback
    from segcam.sink.v4l2 import V4l2Sink

    try:
        return make_sink(find_loopback())
    except SinkError as error:
        if isinstance(error, DeviceMissing) and "pipewire" not in beside and pipewire_runs():
            return make_sink("pipewire")
        return V4l2Sink(placeholder=draw_placeholder(DEFAULT_SIZE, "Camera is off"))


def make_sink(spec: str) -> Sink:
    """The sink of that name; raises UsageError where there is none."""
    placeholder = draw_placeholder(DEFAULT_SIZE, "Camera is off")
    if spec == "null":
        return NullSink()
    if spec.startswith("file:") and spec != "file:":
        return FileSink(Path(spec.removeprefix("file:")).expanduser())
    if spec == "pipewire":
        return PipeWireSink(placeholder)
    if spec == "pyvirtualcam":
        from segcam.sink.virtualcam import VirtualCamSink

        return VirtualCamSink(placeholder=placeholder)
    if spec.startswith("/") and sys.platform == "linux":
        from segcam.sink.v4l2 import V4l2Sink

        return V4l2Sink(spec, placeholder)
    raise settings.not_an_output(spec)


def _is_clip(spec: str) -> bool:
    path = Path(spec).expanduser()
    named_so = path.suffix.lower() in settings.CLIP_SUFFIXES
    # A pipe or a folder is no camera either, and a clip's error says what it is.
    exists = path.is_file() or ("/" in spec and path.exists())
    return (exists or named_so) and not path.is_char_device()


def _rewind(path: Path, size: Size) -> Clip:
    video = Clip(path, size=size)
    video.open()
    return video
