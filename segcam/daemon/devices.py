"""Another camera or output, or the same in another size, while the rest goes on."""

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
"""The settings that this is about."""


def change_devices(
    assembled: Assembled,
    before: Settings,
    after: Settings,
    *,
    make_output: Callable[[str], Destination],
    wrap: Callable[[Sink], Sink],
    tell: Tell,
) -> None:
    """Restart what has to be, and nothing else; or leave all as it was.

    The camera that programs see stays: meanwhile it shows the placeholder. It is opened anew where
    its own size, rate or kind changes.

    Args:
        assembled: What runs; gets the new destination.
        before: What was asked for.
        after: What is asked for now.
        make_output: Finds where pictures go.
        wrap: As `assemble` has it.
        tell: Told what takes its time.

    Raises:
        SegCamError: Something cannot be had, and all is as it was.
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
    """Send to ``destination``, in the size of ``sized``, where that is given."""
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
    """Whether something keeps what it gets: opened again it would start anew."""
    sinks = (output.sink for output in destination.sink.outputs(True))
    return any(sink.keeps for sink in sinks)


def _readable(settings: Settings) -> Source:
    """The source for these settings; a clip was opened once, since a broken one stays so."""

    def look() -> Source:
        from segcam.source.clip import Clip

        source = make_source(settings)
        if isinstance(source, Clip):
            source.open()
            source.close()
        return source

    return beside(look, READ_S, settings.camera)


def _recording(destination: Destination) -> DaemonBusy:
    """A file that is opened again loses what it holds."""
    return DaemonBusy(
        f"SegCam records into {destination.sink.name}",
        "Another size, rate or output would start the file anew",
        "Stop it, and start it again: segcam stop",
    )
