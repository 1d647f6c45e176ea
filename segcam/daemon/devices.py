"""Changes camera, output, size or rate while everything else keeps running."""

from __future__ import annotations

from collections.abc import Callable

from segcam.daemon.beside import READ_S, beside
from segcam.errors import DaemonBusy, SegCamError
from segcam.pipeline.assemble import Assembled, Tell, make_source, picture_of
from segcam.pipeline.overwriting import check_outputs
from segcam.pipeline.sinks import Destination
from segcam.pipeline.target import Target
from segcam.settings import Settings
from segcam.sink.base import Sink
from segcam.source.base import Source

DEVICES = ("camera", "size", "fps", "output")
"""The settings that this module changes."""


def change_devices(
    assembled: Assembled,
    before: Settings,
    after: Settings,
    *,
    make_output: Callable[[str], Destination],
    wrap: Callable[[Sink], Sink],
    tell: Tell,
) -> None:
    """Restart only the parts that must be; after an error, everything is as it was.

    The camera that programs see stays and shows the placeholder meanwhile. It is opened again only
    if its own size, rate or kind changes.

    Args:
        assembled: The running pipeline; gets the new destination.
        before: The old settings.
        after: The new settings.
        make_output: Finds the destination.
        wrap: As in `assemble`.
        tell: Called with a message before a slow step.

    Raises:
        SegCamError: Something is not available; nothing has changed.
    """

    def differ(*names: str) -> bool:
        return any(getattr(before, name) != getattr(after, name) for name in names)

    check_outputs(after)
    pipeline, destination = assembled.pipeline, assembled.destination
    if differ("output", "size", "fps") and records(destination):
        raise _recording(destination)
    if differ("output"):
        destination = make_output(after.output)
    if differ("camera", "size", "fps"):
        tell("Opening the camera")
        pipeline.change_source(_readable(after))
    try:
        _aim(assembled, destination, after if differ("size", "fps") else None, wrap)
    except SegCamError:
        if differ("camera", "size", "fps"):
            pipeline.change_source(make_source(before))
        raise
    assembled.destination = destination


def _aim(
    assembled: Assembled,
    destination: Destination,
    sized: Settings | None,
    wrap: Callable[[Sink], Sink],
) -> None:
    """Send to ``destination``, in the size of ``sized``, if given."""
    pipeline = assembled.pipeline
    target, info = pipeline.target, pipeline.source_info
    assert target is not None
    assert info is not None
    is_same = destination is assembled.destination
    sink = target.sink if is_same else wrap(destination.sink)
    size, rate_hz = picture_of(sized, info) if sized else (target.size, target.rate_hz)
    if (sink, size, rate_hz) != (target.sink, target.size, target.rate_hz):
        pipeline.change_target(Target(sink, size, rate_hz))


def records(destination: Destination) -> bool:
    """Whether an output is a recording: opening it again would start it over."""
    sinks = (output.sink for output in destination.sink.outputs(True))
    return any(sink.keeps for sink in sinks)


def _readable(settings: Settings) -> Source:
    """The source for these settings. A clip is opened once as a test, since it may be broken."""

    def look() -> Source:
        from segcam.source.clip import Clip

        source = make_source(settings)
        if isinstance(source, Clip):
            source.open()
            source.close()
        return source

    return beside(look, READ_S, settings.camera)


def _recording(destination: Destination) -> DaemonBusy:
    """Opening a file again would delete its content."""
    return DaemonBusy(
        f"SegCam is recording to {destination.sink.name}",
        "A new size, rate or output would start the file from the beginning",
        "Stop the recording first: segcam stop",
    )
