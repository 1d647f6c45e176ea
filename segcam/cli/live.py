"""``segcam run``: a camera in, a camera out."""

from __future__ import annotations

import logging
from fractions import Fraction
from typing import TYPE_CHECKING

from segcam.cli import options
from segcam.cli.fetch import load_networks
from segcam.cli.screen import print_counters, print_json, say

if TYPE_CHECKING:
    from segcam.pipeline.assemble import Destination
    from segcam.source.base import SourceInfo


def run(
    *,
    camera: options.Camera = None,
    backend: options.Backend = "auto",
    background: options.Background = "blur",
    edges: options.Edges = "auto",
    model: options.Model = "auto",
    size: options.Size = None,
    fps: options.Fps = None,
    output: options.Output = "auto",
    mirror: options.Mirror = False,
    always_on: options.AlwaysOn = False,
    linger: options.Linger = 5.0,
    duration: options.Duration = None,
    threads: options.Threads = 1,
    isolate: options.Isolate = "auto",
    verbose: options.Verbose = False,
) -> None:
    """Hide the room behind the person before the camera, and offer the result as a camera."""
    from segcam.daemon.engine import Engine
    from segcam.daemon.main import attend
    from segcam.pipeline import assemble
    from segcam.pipeline.demand import Demand
    from segcam.pipeline.networks import make_pipeline
    from segcam.pipeline.pipeline import ignore
    from segcam.settings import Choices, parse_background, parse_size, replaces_room

    if verbose:
        logging.getLogger().setLevel(logging.INFO)
    behind = parse_background(background)
    compositor = assemble.make_compositor(behind)
    rate_hz = Fraction(fps).limit_denominator(1001) if fps else None
    wanted = camera, parse_size(size) if size else None, rate_hz
    source = assemble.make_live_source(*wanted)
    destination = assemble.make_destination(output)
    networks = load_networks(
        model, backend, edges, threads, replaced=replaces_room(behind), isolate=isolate
    )
    pipeline = make_pipeline(
        source,
        networks,
        compositor,
        destination.sink,
        mirror=mirror,
        demand=Demand(linger, always_on),
        expected=assemble.expected_info(*wanted),
    )
    try:
        with pipeline as info:
            if camera == "auto" and info.name == "demo":
                say("There is no webcam that you may open: the built-in demo stands in for it.")
            limit_s = duration if duration is not None else destination.duration_s
            _announce(info, networks.backend, background, destination, limit_s)
            if not pipeline.demand.wanted:
                say("The camera is off until a program watches.")
            choices = Choices(background, model, backend, edges, mirror)
            sink = destination.sink
            with attend(Engine(pipeline, info, sink, choices, threads=threads, isolate=isolate)):
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
