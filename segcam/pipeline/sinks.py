"""Builds sinks. Each is imported only if it is chosen: FFmpeg alone takes 0.15 s."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from segcam import settings
from segcam.composite.placeholder import draw_placeholder
from segcam.errors import DeviceMissing, SinkError
from segcam.frame import Frame
from segcam.pipeline.sources import DEFAULT_SIZE
from segcam.sink.absent import AbsentCamera
from segcam.sink.base import Sink
from segcam.sink.null import NullSink
from segcam.sink.pipewire import PipeWireSink, pipewire_runs
from segcam.sink.several import Several
from segcam.v4l2.nodes import OWN_LABEL

PIPEWIRE_NOTE = "Programs that use PipeWire cameras see SegCam; other programs need v4l2loopback."
PREVIEW_NOTE = "SegCam writes a preview file, since there is no virtual camera."
PREVIEW = Path("segcam-preview.mp4")
PREVIEW_S = 20.0
"""Length of a preview by default: enough to judge the picture, and it never fills the disk."""

Make = Callable[[str], Sink]
"""`make_sink` with a given camera name."""


@dataclass(frozen=True, slots=True)
class Destination:
    """The output of a run.

    Attributes:
        sink: Not yet open.
        note: What this output is, and what a better one would need; or "".
        duration_s: How long to run by default; None: without end.
    """

    sink: Sink
    note: str = ""
    duration_s: float | None = None


def make_destination(
    spec: str, *, lasting: bool = False, camera_name: str = OWN_LABEL
) -> Destination:
    """The sink that ``--output`` names, or several with commas between them.

    "auto" is a v4l2loopback device, else a PipeWire camera, else a preview file; next to other
    outputs it is never a preview.

    Args:
        spec: What the user chose.
        lasting: For a service, which starts before the desktop: a missing output may appear later.
        camera_name: Name of the camera in programs, if the system allows to set it.

    Raises:
        DeviceMissing: There is no such device.
        UsageError: ``spec`` is not an output.
    """
    make = partial(make_sink, camera_name=camera_name)
    specs = list(dict.fromkeys(spec.split(",")))
    if not lasting and len(specs) == 1:
        return _make_now(specs[0], make)
    found = [
        _make_auto(make, specs) if each == "auto" else Destination(make(each)) for each in specs
    ]
    sinks = [each.sink for each in found]
    if lasting and any(sink.is_camera for sink in sinks):
        sinks.append(AbsentCamera())
    note = found[0].note if spec == "auto" else ""
    return Destination(Several(sinks) if len(sinks) > 1 else sinks[0], note)


def _make_now(spec: str, make: Make) -> Destination:
    """A single output, which must be available now."""
    if spec != "auto" or sys.platform != "linux":
        _check_device(spec)
        return Destination(make("pyvirtualcam" if spec == "auto" else spec))
    from segcam.sink.loopback import find_loopback

    try:
        return Destination(make(find_loopback()))
    except DeviceMissing as error:
        if pipewire_runs():
            return Destination(make("pipewire"), f"{PIPEWIRE_NOTE} {error}")
        return Destination(_make_file(PREVIEW), f"{PREVIEW_NOTE} {error}", PREVIEW_S)


def _make_auto(make: Make, beside: list[str]) -> Destination:
    """The best camera, or one that may appear later; ``beside`` are all outputs."""
    if sys.platform != "linux":
        return Destination(make("pyvirtualcam"))
    from segcam.sink.loopback import find_loopback
    from segcam.sink.v4l2 import V4l2Sink

    try:
        return Destination(make(find_loopback()))
    except SinkError as error:
        is_missing = isinstance(error, DeviceMissing)
        if is_missing and "pipewire" not in beside and pipewire_runs():
            return Destination(make("pipewire"), f"{PIPEWIRE_NOTE} {error}")
        return Destination(V4l2Sink(placeholder=_placeholder()), str(error))


def make_sink(spec: str, camera_name: str = OWN_LABEL) -> Sink:
    """The sink of that name; arguments as for `make_destination`.

    Raises:
        UsageError: There is none.
    """
    if spec == "null":
        return NullSink()
    if spec.startswith("file:") and spec != "file:":
        return _make_file(Path(spec.removeprefix("file:")).expanduser())
    if spec == "pipewire":
        return PipeWireSink(_placeholder(), camera_name)
    if spec == "pyvirtualcam":
        from segcam.sink.virtualcam import VirtualCamSink

        return VirtualCamSink(placeholder=_placeholder())
    if spec.startswith("/") and sys.platform == "linux":
        from segcam.sink.v4l2 import V4l2Sink

        return V4l2Sink(spec, _placeholder())
    raise settings.not_an_output(spec)


def _make_file(path: Path) -> Sink:
    from segcam.sink.file import FileSink

    return FileSink(path)


def _placeholder() -> Frame:
    """The picture that a camera shows while SegCam hangs."""
    return draw_placeholder(DEFAULT_SIZE, "Camera is off")


def _check_device(spec: str) -> None:
    """Report a wrong device before anything is opened."""
    if spec.startswith("/") and sys.platform == "linux":
        from segcam.sink.loopback import check_loopback

        check_loopback(spec)
