"""Opens everything that runs: one function, from `Settings` to a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from segcam.composite.compositor import Compositor
from segcam.frame import Frame
from segcam.pipeline import assemble as parts
from segcam.pipeline.assemble import Destination
from segcam.pipeline.demand import Demand
from segcam.pipeline.networks import Isolate, Networks, load_networks
from segcam.pipeline.pipeline import Loaded, Pipeline, ignore
from segcam.pipeline.results import check_outputs
from segcam.refine.refiner import MatteRefiner
from segcam.settings import Settings, parse_background, parse_rate, parse_size
from segcam.sink.base import Sink
from segcam.size import Size
from segcam.source.base import Source, SourceInfo
from segcam.source.camera import Camera

Tell = Callable[[str], object]
"""Told, in words for people, what takes its time."""


@dataclass(slots=True)
class Assembled:
    """A pipeline, not started, and what it is made of.

    Attributes:
        pipeline: Of these parts.
        destination: Where its pictures go.
        networks: Known once the pipeline was started.
    """

    pipeline: Pipeline
    destination: Destination
    networks: Networks | None = None


def assemble(
    settings: Settings,
    tell: Tell = ignore,
    *,
    source: Source | None = None,
    destination: Destination | None = None,
    compositor: Compositor | None = None,
    wrap: Callable[[Sink], Sink] = lambda sink: sink,
    on_capture: Callable[[Frame], object] = ignore,
    isolate: Isolate | None = None,
    fit: bool = True,
) -> Assembled:
    """The pipeline for these settings. Models are fetched, chosen and loaded when it is started.

    Args:
        settings: What the user chose.
        tell: Told what takes its time.
        source: Where frames come from, where it is no camera.
        destination: Where pictures go, where it is not what the settings say.
        compositor: Makes them, where it is no background.
        wrap: What the pipeline sends to, instead of the destination's sink itself.
        on_capture: See `Pipeline`.
        isolate: See `make_backend`; the settings', unless told otherwise.
        fit: See `Pipeline`.

    Raises:
        SegCamError: What was chosen cannot be had.
    """
    check_outputs(settings)
    compositor = compositor or make_compositor(settings)
    source = source or make_source(settings)
    destination = destination or parts.make_destination(settings.output)

    def load() -> Loaded:
        networks = assembled.networks = load_networks(settings, tell, isolate)
        tell("Loading the model")
        return networks.segmenters, networks.refiner

    pipeline = Pipeline(
        source,
        refiner=MatteRefiner(),
        compositor=compositor,
        sink=wrap(destination.sink),
        mirror=settings.mirror,
        fit=fit,
        on_capture=on_capture,
        demand=Demand(settings.linger, settings.always_on),
        expected=expected_info(settings) if isinstance(source, Camera) else None,
        load=load,
    )
    assembled = Assembled(pipeline, destination)
    return assembled


def make_compositor(settings: Settings, size: Size | None = None) -> Compositor:
    """What draws the pictures; see `assemble.make_compositor`. None: what the settings say."""
    size = size or parse_size(settings.size) or parts.DEFAULT_SIZE
    return parts.make_compositor(parse_background(settings.background), size)


def make_source(settings: Settings) -> Source:
    """The camera, or what stands in for it; see `assemble.make_live_source`."""
    return parts.make_live_source(
        settings.camera, parse_size(settings.size), parse_rate(settings.fps)
    )


def expected_info(settings: Settings) -> SourceInfo:
    """What a camera will deliver, more or less; see `assemble.expected_info`."""
    return parts.expected_info(settings.camera, parse_size(settings.size), parse_rate(settings.fps))


def picture_of(settings: Settings, found: SourceInfo) -> tuple[Size, Fraction]:
    """Size and rate of what is sent: as asked for, else as the source has it."""
    size, rate_hz = parse_size(settings.size), parse_rate(settings.fps)
    return size or found.size, rate_hz or found.rate_hz
