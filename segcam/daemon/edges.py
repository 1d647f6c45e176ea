"""Finds the refiner that the settings ask for, if another one is in use."""

from __future__ import annotations

from segcam.pipeline.pipeline import Pipeline
from segcam.refine.base import Refiner
from segcam.settings import Settings, parse_background, replaces_room


def other_refiner(pipeline: Pipeline, settings: Settings) -> Refiner | None:
    """The refiner for these settings, None if the current one draws the same edges."""
    from segcam.pipeline.networks import make_refiner

    segmenter = pipeline.segmenter
    if segmenter is None:  # it is being loaded
        return None
    refiner = make_refiner(
        settings.edges,
        segmenter.model,
        segmenter.backend.name,
        settings.threads,
        replaced=replaces_room(parse_background(settings.background)),
        isolate=settings.isolate,
    )
    return refiner if refiner.edges != pipeline.edges else None
