"""``segcam render`` and ``segcam matte``: process files with the stages of a call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from segcam.cli import options
from segcam.cli.fetch import tell_refused
from segcam.cli.help import Command
from segcam.cli.interrupts import Interrupts
from segcam.cli.screen import print_json, progress, say
from segcam.errors import SegCamError
from segcam.text import visible

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from segcam.pipeline.assemble import Assembled, Tell
    from segcam.pipeline.stats import Stats


@click.command(cls=Command)
@options.with_settings(
    ("backend", "background", "edges", "model", "size", "fps", "mirror", "threads")
)
@options.source
@click.argument(
    "output", type=options.a_path(), metavar="OUTPUT", help="A video file, or a folder for PNGs."
)
@options.duration
@options.still
@options.verbose
def render(
    given: options.Given,
    *,
    source: Path,
    output: Path,
    duration: float | None,
    still: bool,
    verbose: bool,
) -> None:
    """Hide the room in a clip or in pictures; every frame and the sound are kept."""
    from segcam.pipeline.results import assemble_render

    settings = options.complete(given)
    _run(
        lambda tell: assemble_render(
            settings, source, output, tell, still=still, duration_s=duration
        ),
        "Rendering",
        verbose,
    )


@click.command(cls=Command)
@options.with_settings(("edges", "model", "backend", "threads"))
@options.source
@click.argument(
    "output", type=options.a_path(), metavar="OUTPUT_DIR", help="Folder for the mattes."
)
@options.still
def matte(given: options.Given, source: Path, output: Path, still: bool) -> None:
    """Write the matte of every frame as an 8-bit PNG of the frame's size, as a call uses it.

    By default this is the matte for replaced backgrounds; --edges fast gives the one for blur.
    """
    from segcam.pipeline.results import assemble_mattes

    settings = options.complete(given)
    _run(lambda tell: assemble_mattes(settings, source, output, tell, still), "Mattes")


def _run(make: Callable[[Tell], Assembled], what: str, verbose: bool = False) -> None:
    from segcam.sink.rendering import Rendering

    with progress() as bar, Interrupts() as interrupts:
        task = bar.add_task(what, total=None)
        assembled = make(lambda text: bar.update(task, description=visible(text)))
        sink, stats = assembled.destination.sink, assembled.pipeline.stats
        try:
            _work(assembled, bar, task, what, interrupts)
        except SegCamError:
            interrupts.hold()
            kept = sink.keep() if isinstance(sink, Rendering) else None
            if kept is not None:
                say(f"The part that was finished is in {kept}.")
            raise
        if isinstance(sink, Rendering):
            sink.publish()
    say(f"Frames written to {sink.name}: {stats.sent}.")
    if verbose:
        print_json(stats.snapshot())


def _work(
    assembled: Assembled, bar: Progress, task: TaskID, what: str, interrupts: Interrupts
) -> None:
    """Send all frames. Ctrl-C before the last one cancels; later it is ignored."""
    pipeline = assembled.pipeline
    pipeline.finish.on_finishing = interrupts.tell
    with pipeline as info:
        tell_refused(assembled.networks)
        bar.update(task, description=what, total=info.frames)

        def ticked(stats: Stats) -> None:
            interrupts.insist()
            bar.update(task, completed=stats.sent)

        try:
            pipeline.wait(on_tick=ticked, tick_s=0.1)
        except KeyboardInterrupt:
            assembled.destination.sink.abandon()
            raise
        interrupts.hold()
        sent = pipeline.stats.sent
        bar.update(task, completed=sent, total=sent)
