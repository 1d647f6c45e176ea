"""Builds a pipeline from `Settings`, for cameras and files."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from segcam.composite.background import Missing
from segcam.composite.compositor import Compositor, RoomHidden
from segcam.errors import SegCamError
from segcam.frame import Frame
from segcam.pipeline import compositors, sources
from segcam.pipeline.demand import Demand
from segcam.pipeline.overwriting import check_outputs
from segcam.pipeline.pipeline import Pipeline, ignore
from segcam.pipeline.relay import about_to_end
from segcam.pipeline.sinks import Destination, make_destination
from segcam.pipeline.starting import Loaded
from segcam.refine.refiner import MatteRefiner
from segcam.settings import Settings, parse_background, parse_rate, parse_size
from segcam.sink.base import Sink
from segcam.size import Size
from segcam.source.base import Source, SourceInfo
from segcam.source.late import LateSource

if TYPE_CHECKING:
    from segcam.pipeline.networks import Isolate, Networks

log = logging.getLogger(__name__)

Tell = Callable[[str], object]
"""Called with a message for the user before a slow step."""


@dataclass(slots=True, weakref_slot=True)
class Assembled:
    """A pipeline that has not been started, and its parts.

    Attributes:
        pipeline: Made of the other parts.
        destination: Where its pictures go.
        networks: None until they have been found.
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
    lasting: bool = False,
) -> Assembled:
    """The pipeline for these settings. It looks for camera and model when it is started.

    Args:
        settings: What the user chose.
        tell: Called with a message before a slow step. From any thread.
        source: Where frames come from, if not from a camera.
        destination: Where pictures go, if not where the settings say.
        compositor: Makes the pictures, if not the background of the settings.
        wrap: Makes the sink that the pipeline uses from the destination's sink.
        on_capture: See `Pipeline`.
        isolate: See `make_backend`; None: as the settings say.
        fit: See `Pipeline`.
        lasting: For a service: keeps retrying whatever is missing at the start.

    Raises:
        SegCamError: Something in the settings is not available.
    """
    check_outputs(settings)
    compositor = compositor or _make_first(settings, lasting)
    destination = destination or make_destination(settings.output, lasting=lasting)

    def load() -> Loaded:
        from segcam.pipeline.networks import load_networks

        networks = load_networks(settings, told, isolate)
        if (result := weak_assembled()) is not None:
            result.networks = networks
        told("Loading the model")
        return networks.segmenters, networks.refiner

    def told(text: str) -> None:
        running = weak_pipeline()
        if running is None or running.stopped:  # ends a download
            raise about_to_end()
        tell(text)

    pipeline = Pipeline(
        source or LateSource(lambda: make_source(settings)),
        refiner=MatteRefiner(),
        compositor=compositor,
        sink=wrap(destination.sink),
        mirror=settings.mirror,
        fit=fit,
        on_capture=on_capture,
        demand=Demand(settings.linger, settings.always_on),
        expected=expected_info(settings) if source is None else None,
        load=load,
        lasting=lasting,
    )
    assembled = Assembled(pipeline, destination)
    # The pipeline keeps `load`; strong references back to it would keep its frames' memory until
    # garbage collection.
    weak_pipeline, weak_assembled = weakref.ref(pipeline), weakref.ref(assembled)
    return assembled


def make_compositor(settings: Settings, size: Size | None = None, live: bool = True) -> Compositor:
    """The compositor; see `compositors.make_compositor`. None: as the settings say."""
    size = size or parse_size(settings.size) or sources.DEFAULT_SIZE
    return compositors.make_compositor(parse_background(settings.background), size, live)


def _make_first(settings: Settings, lasting: bool) -> Compositor:
    """The first compositor; for a service, one that reports what is missing."""
    try:
        return make_compositor(settings)
    except SegCamError as error:
        if not lasting:
            raise
        log.warning("the room is blurred instead: %s", error)
        return RoomHidden(Missing(error))


def make_source(settings: Settings) -> Source:
    """The camera, or its substitute; see `sources.make_live_source`."""
    return sources.make_live_source(
        settings.camera, parse_size(settings.size), parse_rate(settings.fps)
    )


def expected_info(settings: Settings) -> SourceInfo:
    """Size and rate for viewers: as requested, else what the camera will probably deliver.

    See `sources.expected_info`.
    """
    asked = parse_size(settings.size), parse_rate(settings.fps)
    found = sources.expected_info(settings.camera, *asked)
    size, rate_hz = picture_of(settings, found)
    return replace(found, size=size, rate_hz=rate_hz)


def picture_of(settings: Settings, found: SourceInfo) -> tuple[Size, Fraction]:
    """Size and rate of the output: as requested, else the source's."""
    size, rate_hz = parse_size(settings.size), parse_rate(settings.fps)
    return size or found.size, rate_hz or found.rate_hz
