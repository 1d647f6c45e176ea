"""``segcam render`` and ``segcam matte``: files in, files out, through the very same stages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segcam.cli import options
from segcam.cli.fetch import load_networks
from segcam.cli.interrupts import Interrupts
from segcam.cli.screen import print_json, progress, say
from segcam.errors import SegCamError

if TYPE_CHECKING:
    from segcam.pipeline.pipeline import Pipeline
    from segcam.pipeline.stats import Stats
    from segcam.sink.base import Sink

Output = Annotated[
    Path,
    typer.Argument(metavar="OUTPUT", show_default=False, help="A video file, or a folder of PNGs."),
]
Folder = Annotated[
    Path,
    typer.Argument(metavar="OUTPUT_DIR", show_default=False, help="Folder for the mattes."),
]


@options.with_settings(
    ("backend", "background", "edges", "model", "size", "fps", "mirror", "threads")
)
def render(
    given: options.Given,
    source: options.Input,
    output: Output,
    *,
    duration: options.Duration = None,
    still: options.Still = False,
    verbose: options.Verbose = False,
) -> None:
    """Hide the room in a clip or pictures: every frame kept, the sound too."""
    from segcam.pipeline import assemble, results
    from segcam.pipeline.networks import make_pipeline
    from segcam.settings import parse_background, parse_rate, parse_size, replaces_room

    settings = options.complete(given)
    behind, rate_hz = parse_background(settings.background), parse_rate(settings.fps)
    compositor = assemble.make_compositor(behind, live=False)
    frames = assemble.make_file_source(
        source,
        still,
        size=parse_size(settings.size),
        rate_hz=rate_hz,
        duration_s=duration,
    )
    sink = results.make_file_sink(output, frames, source, until_s=duration, background=behind)
    networks = load_networks(
        settings.model,
        settings.backend,
        settings.edges,
        settings.threads,
        replaced=replaces_room(behind),
        isolate="devices",
    )
    one_size, mirror = results.is_video(output), settings.mirror
    pipeline = make_pipeline(frames, networks, compositor, sink, mirror=mirror, fit=one_size)
    _run(pipeline, "Rendering", sink, verbose)


@options.with_settings(("edges", "model", "backend", "threads"))
def matte(
    given: options.Given,
    source: options.Input,
    output: Folder,
    *,
    still: options.Still = False,
) -> None:
    """Write the matte of every frame as an 8-bit PNG of its own size, exactly as a call uses it.

    By default the matte used for replaced backgrounds; --edges fast gives the one used for blur.
    """
    from segcam.composite.compositor import MatteShown
    from segcam.pipeline import assemble, results
    from segcam.pipeline.networks import make_pipeline

    frames = assemble.make_file_source(source, still)
    sink = results.make_matte_sink(output, frames)
    settings = options.complete(given)
    networks = load_networks(
        settings.model, settings.backend, settings.edges, settings.threads, isolate="devices"
    )
    pipeline = make_pipeline(frames, networks, MatteShown(), sink, fit=False)
    _run(pipeline, "Mattes", sink)


def _run(pipeline: Pipeline, what: str, sink: Sink, verbose: bool = False) -> None:
    from segcam.sink.rendering import Rendering

    try:
        _work(pipeline, what, sink)
    except SegCamError:
        kept = sink.keep() if isinstance(sink, Rendering) else None
        if kept is not None:
            say(f"What was made until then is in {kept}.")
        raise
    if isinstance(sink, Rendering):
        sink.publish()
    say(f"Frames written to {sink.name}: {pipeline.stats.sent}.")
    if verbose:
        print_json(pipeline.stats.snapshot())


def _work(pipeline: Pipeline, what: str, sink: Sink) -> None:
    """Send all frames. Ctrl-C before the last one cancels it all, later it does not disturb."""
    with Interrupts() as interrupts, progress() as bar:
        pipeline.finish.on_finishing = interrupts.tell
        with pipeline as info:
            task = bar.add_task(what, total=info.frames)

            def ticked(stats: Stats) -> None:
                interrupts.insist()
                bar.update(task, completed=stats.sent)

            try:
                pipeline.wait(on_tick=ticked, tick_s=0.1)
            except KeyboardInterrupt:
                sink.abandon()
                raise
            interrupts.hold()
            sent = pipeline.stats.sent
            bar.update(task, completed=sent, total=sent)
