"""``segcam run``: a camera in, a camera out."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

import click

from segcam.cli import messages, options
from segcam.cli.fetch import tell_refused
from segcam.cli.help import Command
from segcam.cli.interrupts import Interrupts
from segcam.cli.screen import Spinner, print_counters, print_json, say
from segcam.errors import OutputUnwritable

if TYPE_CHECKING:
    from segcam.daemon.engine import Engine
    from segcam.pipeline.stats import Stats
    from segcam.settings import Settings


@click.command(cls=Command)
@options.with_settings(options.LIVE)
@options.run_name
@click.option("--replace", is_flag=True, help="Stop a SegCam that is running and take its place.")
@click.option(
    "--service",
    is_flag=True,
    help="Run as a service: if there is no way to offer a camera yet, wait for one.",
)
@options.duration
@options.verbose
def run(
    given: options.Given,
    *,
    name: str,
    replace: bool,
    service: bool,
    duration: float | None,
    verbose: bool,
) -> None:
    """Hide the room behind the person and offer the result as a camera."""
    from segcam.daemon import main as daemon
    from segcam.daemon.engine import Engine
    from segcam.daemon.keeper import keeper_of

    if verbose:
        logging.getLogger().setLevel(logging.INFO)
    keeper = keeper_of(name, given)
    settings = keeper.settings
    serves = service or bool(name) or _offers_camera(settings.output)
    with Interrupts(hangup=False) as interrupts, Spinner("Starting") as waiting:
        engine = Engine(
            settings,
            name=name,
            lasting=service,
            previews=serves,
            tell=waiting.tell,
        )

        def started(engine: Engine) -> None:
            interrupts.insist()
            waiting.stop()
            engine.assembled.pipeline.finish.on_finishing = interrupts.tell
            _announce(engine, settings, _limit(engine, duration))
            messages.leave_deleted_file()

        def ticked(stats: Stats) -> None:
            interrupts.insist()
            if verbose:
                print_counters(stats)

        try:
            daemon.run(
                engine,
                keeper,
                serves=serves,
                replaces=replace,
                duration_s=partial(_limit, duration=duration),
                on_start=started,
                on_tick=ticked,
                on_end=interrupts.hold,
            )
        except KeyboardInterrupt:
            say("Stopped.")
    _sum_up(engine, settings.output, verbose)


def _offers_camera(output: str) -> bool:
    """Whether other programs may find SegCam; with "auto" that is not known yet."""
    return any(part != "null" and not part.startswith("file:") for part in output.split(","))


def _limit(engine: Engine, duration: float | None) -> float | None:
    """Seconds to run; None: without end."""
    return duration if duration is not None else engine.assembled.destination.duration_s


def _announce(engine: Engine, settings: Settings, duration_s: float | None) -> None:
    from segcam.daemon.report import preparing

    pipeline, destination = engine.assembled.pipeline, engine.assembled.destination
    info, segmenter = pipeline.source_info, pipeline.segmenter
    assert info is not None
    tell_refused(engine.assembled.networks)
    if settings.camera == "auto" and info.name == "demo":
        say("There is no webcam that you may open, so the built-in demo is used.")
    if destination.note:
        say(destination.note)
    height, width = info.size
    backend = segmenter.backend.name if segmenter is not None else "no model yet"
    say(
        f"{info.name} {width}x{height} at {float(info.rate_hz):g} Hz -> {backend} -> "
        f"{settings.background} -> {destination.sink.name}"
    )
    for note in preparing(engine):
        say(f"{note}.")
    if pipeline.trouble is not None:
        say(str(pipeline.trouble))
    say(f"Running for {duration_s:g} s." if duration_s is not None else "Press Ctrl-C to stop.")
    if not pipeline.demand.wanted:
        say("The camera stays off until a program watches.")


def _sum_up(engine: Engine, output: str, verbose: bool) -> None:
    """Tell what was sent.

    Raises:
        OutputUnwritable: Nothing was, so a file that the user expects is missing.
    """
    pipeline, destination = engine.pipeline, engine.destination
    if pipeline is None or destination is None:  # it was stopped before the start
        return
    totals = pipeline.stats.snapshot()
    if not totals["sent"] and ("file:" in output or destination.duration_s is not None):
        raise OutputUnwritable(
            f"Nothing was recorded to {destination.sink.name}",
            "SegCam ended before the camera's first picture",
            "Let it run longer",
        )
    say(
        f"Sent {totals['sent']} frames to {destination.sink.name} in {totals['elapsed_s']:.1f} s, "
        f"{totals['cpu_ms_per_frame']:.1f} ms of processor time each."
    )
    if verbose:
        print_json(totals)
