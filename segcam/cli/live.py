"""``segcam run``: a camera in, a camera out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from segcam.cli import options
from segcam.cli.fetch import load_networks
from segcam.cli.screen import print_counters, print_json, say

if TYPE_CHECKING:
    from segcam.pipeline.assemble import Destination
    from segcam.source.base import SourceInfo


@options.with_settings(options.LIVE)
def run(
    given: options.Given,
    *,
    duration: options.Duration = None,
    verbose: options.Verbose = False,
) -> None:
    """Hide the room behind the person before the camera, and offer the result as a camera."""
    from segcam.daemon.engine import Engine
    from segcam.daemon.main import attend
    from segcam.pipeline import assemble
    from segcam.pipeline.demand import Demand
    from segcam.pipeline.networks import make_pipeline
    from segcam.pipeline.pipeline import ignore
    from segcam.settings import parse_background, parse_rate, parse_size, replaces_room

    if verbose:
        logging.getLogger().setLevel(logging.INFO)
    settings = options.complete(given)
    behind = parse_background(settings.background)
    wanted = settings.camera, parse_size(settings.size), parse_rate(settings.fps)
    compositor = assemble.make_compositor(behind, wanted[1] or assemble.DEFAULT_SIZE)
    source = assemble.make_live_source(*wanted)
    destination = assemble.make_destination(settings.output)
    networks = load_networks(
        settings.model,
        settings.backend,
        settings.edges,
        settings.threads,
        replaced=replaces_room(behind),
        isolate=settings.isolate,
    )
    pipeline = make_pipeline(
        source,
        networks,
        compositor,
        destination.sink,
        mirror=settings.mirror,
        demand=Demand(settings.linger, settings.always_on),
        expected=assemble.expected_info(*wanted),
    )
    try:
        with pipeline as info:
            if settings.camera == "auto" and info.name == "demo":
                say("There is no webcam that you may open: the built-in demo stands in for it.")
            limit_s = duration if duration is not None else destination.duration_s
            _announce(info, networks.backend, settings.background, destination, limit_s)
            if not pipeline.demand.wanted:
                say("The camera is off until a program watches.")
            engine = Engine(
                pipeline,
                info,
                destination.sink,
                settings,
                threads=settings.threads,
                isolate=settings.isolate,
            )
            with attend(engine):
                pipeline.wait(limit_s, print_counters if verbose else ignore)
    except KeyboardInterrupt:
        say("Stopped.")
    totals = pipeline.stats.snapshot()
    say(
        f"Sent {totals['sent']} frames to {destination.sink.name} in {totals['elapsed_s']:.1f} s, "
        f"{totals['cpu_ms_per_frame']:.1f} ms of processor time each."
    )
    if verbose:
        print_json(totals)


def _announce(
    info: SourceInfo,
    backend: str,
    background: str,
    destination: Destination,
    duration_s: float | None,
) -> None:
    height, width = info.size
    if destination.note:
        say(destination.note)
    say(
        f"{info.name} {width}x{height} at {float(info.rate_hz):g} Hz -> {backend} -> "
        f"{background} -> {destination.sink.name}"
    )
    say(f"Running for {duration_s:g} s." if duration_s is not None else "Ctrl-C stops.")
