"""``segcam render`` and ``segcam matte``: files in, files out, through the very same stages."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segcam.cli import options
from segcam.cli.fetch import load_networks
from segcam.cli.screen import print_json, progress, say

if TYPE_CHECKING:
    from segcam.pipeline.pipeline import Pipeline
    from segcam.sink.base import Sink

Output = Annotated[
    Path,
    typer.Argument(metavar="OUTPUT", show_default=False, help="A video file, or a folder of PNGs."),
]
Folder = Annotated[
    Path,
    typer.Argument(metavar="OUTPUT_DIR", show_default=False, help="Folder for the mattes."),
]


def render(
    source: options.Input,
    output: Output,
    *,
    backend: options.Backend = "auto",
    background: options.Background = "blur",
    edges: options.Edges = "auto",
    model: options.Model = "auto",
    size: options.Size = None,
    fps: options.Fps = None,
    duration: options.Duration = None,
    mirror: options.Mirror = False,
    still: options.Still = False,
    threads: options.Threads = 1,
    verbose: options.Verbose = False,
) -> None:
    """Hide the room in a clip or pictures: every frame kept, the sound too."""
    from segcam.pipeline import assemble
    from segcam.pipeline.networks import make_pipeline
    from segcam.settings import parse_background, parse_size, replaces_room

    behind = parse_background(background)
    compositor = assemble.make_compositor(behind)
    frames = assemble.make_file_source(
        source,
        still,
        size=parse_size(size) if size else None,
        rate_hz=Fraction(fps).limit_denominator(1001) if fps else None,
        duration_s=duration,
    )
    sink = assemble.make_file_sink(output, frames, source, sound=fps is None, until_s=duration)
    networks = load_networks(
        model, backend, edges, threads, replaced=replaces_room(behind), isolate="devices"
    )
    one_size = assemble.is_video(output)
    pipeline = make_pipeline(frames, networks, compositor, sink, mirror=mirror, fit=one_size)
    _run(pipeline, "Rendering", sink, verbose)


def matte(
    source: options.Input,
    output: Folder,
    *,
    still: options.Still = False,
    edges: options.Edges = "auto",
    model: options.Model = "auto",
    backend: options.Backend = "auto",
    threads: options.Threads = 1,
) -> None:
    """Write the matte of every frame as an 8-bit PNG of its own size, exactly as a call uses it.

    By default the matte used for replaced backgrounds; --edges fast gives the one used for blur.
    """
    from segcam.composite.compositor import MatteShown
    from segcam.pipeline import assemble
    from segcam.pipeline.networks import make_pipeline

    frames = assemble.make_file_source(source, still)
    sink = assemble.make_matte_sink(output, frames)
    networks = load_networks(model, backend, edges, threads, isolate="devices")
    pipeline = make_pipeline(frames, networks, MatteShown(), sink, fit=False)
    _run(pipeline, "Mattes", sink)


def _run(pipeline: Pipeline, what: str, sink: Sink, verbose: bool = False) -> None:
    from segcam.sink.file import FileSink

    with progress() as bar, pipeline as info:
        task = bar.add_task(what, total=info.frames)
        try:
            pipeline.wait(on_tick=lambda stats: bar.update(task, completed=stats.sent), tick_s=0.1)
        except KeyboardInterrupt:
            if isinstance(sink, FileSink):
                sink.abandon()
            raise
        sent = pipeline.stats.sent
        bar.update(task, completed=sent, total=sent)
    say(f"Frames written to {sink.name}: {sent}.")
    if verbose:
        print_json(pipeline.stats.snapshot())
