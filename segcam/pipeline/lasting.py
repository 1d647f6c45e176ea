"""Outputs of a service: it starts before the desktop, and what is missing then comes later."""

from __future__ import annotations

import sys
from collections.abc import Callable

from segcam.errors import SinkError
from segcam.pipeline.assemble import (
    PIPEWIRE_NOTE,
    Destination,
    make_auto,
    make_destination,
    make_sink,
)
from segcam.sink.absent import AbsentCamera
from segcam.sink.pipewire import PipeWireSink, pipewire_runs
from segcam.sink.several import Several
from segcam.v4l2.nodes import OWN_LABEL


def output_maker(service: bool, name: str) -> Callable[[str], Destination]:
    """What finds where pictures go.

    Args:
        service: Whether what is missing now may come later.
        name: Of a second SegCam: programs list its camera under it, where the system lets us.
    """

    def make(spec: str) -> Destination:
        destination = (make_lasting_destination if service else make_destination)(spec)
        for output in destination.sink.outputs(True):
            if name and isinstance(output.sink, PipeWireSink):
                output.sink.camera_name = f"{OWN_LABEL} {name}"
        return destination

    return make


def make_lasting_destination(spec: str) -> Destination:
    """As `make_destination`, for a service: what is missing now may come later.

    Raises:
        UsageError: ``spec`` is no output.
    """
    if spec == "auto":
        return _make_lasting_auto()
    sinks = [make_auto([spec]) if each == "auto" else make_sink(each) for each in spec.split(",")]
    if not any(sink.is_camera for sink in sinks):
        return make_destination(spec)
    return Destination(Several([*sinks, AbsentCamera()]))


def _make_lasting_auto() -> Destination:
    if sys.platform != "linux":
        return Destination(Several([make_sink("pyvirtualcam"), AbsentCamera()]))
    from segcam.sink.loopback import find_loopback

    note = ""
    try:
        find_loopback()
    except SinkError as error:
        note = f"{PIPEWIRE_NOTE} {error}" if pipewire_runs() else str(error)
    return Destination(Several([make_auto([]), AbsentCamera()]), note)
