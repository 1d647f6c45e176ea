"""``segcam render`` and ``segcam matte``: process files with the stages of a call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segcam.cli import options
from segcam.cli.fetch import tell_refused
from segcam.cli.interrupts import Interrupts
from segcam.cli.screen import print_json, progress, say
from segcam.errors import SegCamError
from segcam.text import visible

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from segcam.pipeline.assemble import Assembled, Tell
    from segcam.pipeline.stats import Stats

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
    from segcam.pipeline.results import assemble_render

    settings = options.complete(given)
    _run(
        lambda tell: assemble_render(
            settings, source, output, tell, still=still, duration_s=duration
        ),
        "Rendering",
        verbose,
    )


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
    from segcam.pipeline.results import assemble_mattes

    settings = options.complete(given)
    _run(lambda tell: assemble_mattes(settings, source, output, tell, still), "Mattes")


def _run(make: Callable[[Tell], Assembled], what: str, verbose: bool = False) -> None:
    from segcam.sink.rendering import Rendering

    with progress() as bar:
        task = bar.add_task(what, total=None)
        assembled = make(lambda text: bar.update(task, description=visible(text)))
        sink, stats = assembled.destination.sink, assembled.pipeline.stats
        try:
            _work(assembled, bar, task, what)
        except SegCamError:
            kept = sink.keep() if isinstance(sink, Rendering) else None
            if kept is not None:
                say(f"What was made until then is in {kept}.")
            raise
        if isinstance(sink, Rendering):
            sink.publish()
    say(f"Frames written to {sink.name}: {stats.sent}.")
    if verbose:
        print_json(stats.snapshot())


def _work(assembled: Assembled, bar: Progress, task: TaskID, what: str) -> None:
    """Send all frames. Ctrl-C before the last one cancels; later it is ignored."""
    pipeline = assembled.pipeline
    with Interrupts() as interrupts:
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
